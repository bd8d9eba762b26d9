import type { Account, Told } from '../account/account';
import type { EventName, PlannedEvent } from '../events';

type EventOf<Name extends EventName> = Extract<PlannedEvent, { readonly name: Name }>;

/** How the user is told of one kind of event. */
interface Rule<Name extends EventName> {
  /** How often in an hour, so that nobody can flood a mailbox; the last of them says so. */
  readonly most: number;
  /** What else happens in the same save and needs no words of its own. */
  readonly covers?: readonly EventName[];
  /** What is said of it, besides its name. `account`: as it is after it. */
  facts(event: EventOf<Name>, account: Account): Omit<Told, 'name'>;
}

/** The user is not told; webhooks can be. */
const FOR_WEBHOOKS = 'for webhooks';

/** More often than anyone needs, and still bearable for any mailbox. */
const OFTEN = 5;

const plain = { most: OFTEN, facts: () => ({}) };

const factor = { most: OFTEN, facts: ({ type, label }: Factor) => ({ type, label }) };
type Factor = EventOf<'factor.added' | 'factor.removed' | 'factor.restored'>;

/**
 * What the user is told of, the most important first. What belongs to one save is one notice. null: neither users nor
 * webhooks are told, as it belongs to no saved change, or would lead to another one of itself. An event without a line
 * here does not compile.
 */
const rules = {
  'change.objected': { ...plain, covers: ['logins.ended'] },
  // Each step of it must reach the owner, who can stop it; requests are few.
  'recovery.changed': {
    most: 50,
    covers: ['factor.added', 'backup-codes.made', 'logins.ended'],
    facts: ({ reference, state, until }) => ({ reference, state, ...(until !== undefined && { until }) }),
  },
  'recovery.reminded': { most: OFTEN, facts: ({ reference, until }) => ({ reference, until }) },
  'recovery.vouched': { most: OFTEN, facts: ({ reference }) => ({ reference }) },
  'recovery.rules-changed': { most: OFTEN, facts: ({ until }) => (until === undefined ? {} : { until }) },
  'account.blocked': { ...plain, covers: ['logins.ended'] },
  'staff.acted': { most: 20, facts: ({ action }) => ({ action }) },
  'two-factor.disabled': { ...plain, covers: ['factor.removed'] },
  'two-factor.enabled': {
    most: OFTEN,
    covers: ['factor.added', 'backup-codes.made'],
    facts: (_event, { factors: [first] }) => (first ? { type: first.type, label: first.label } : {}),
  },
  'contacts.changed': plain,
  'login.blocked': { most: OFTEN, facts: ({ type }) => ({ type }) },
  'factor.removed': factor,
  'factor.added': factor,
  'factor.restored': factor,
  'changes.released': plain,
  'backup-codes.made': plain,
  'backup-code.used': { most: OFTEN, facts: ({ left }) => ({ left }) },
  'browser.copied': plain,
  'browser.remembered': plain,
  'browser.new': plain,
  'logins.ended': plain,
  'tries.used-up': { most: 1, covers: ['proof.refused'], facts: ({ lane }) => ({ lane }) },
  // People who mistype a code should not get a mail each time.
  'proof.refused': { most: 1, facts: ({ type }) => ({ type }) },

  'login.owed': null,
  // The link says it.
  'login.waiting': null,
  'login.completed': null,
  'login.confirmed': null,
  // Nobody wants a mail each time. That the browser is remembered has been told.
  'login.remembered': null,
  'login.exempt': null,
  'login.ended': null,
  'proof.accepted': FOR_WEBHOOKS,
  // It was right, and is already used: nothing was given away.
  'proof.replayed': null,
  'key.suspicious': FOR_WEBHOOKS,
  'factor.renamed': FOR_WEBHOOKS,
  'browser.forgotten': FOR_WEBHOOKS,
  'code.sent': null,
  'code.failed': null,
  'sends.refused': null,
  'sends.unused': null,
  'account.forgotten': null,
  'account.tampered': null,
  'activity.dropped': null,
  'contacts.failed': null,
  'notice.sent': null,
  'notice.failed': null,
  'notice.dropped': null,
} as const satisfies { readonly [Name in EventName]: Rule<Name> | typeof FOR_WEBHOOKS | null };

/** What a user can be told of. */
export type NoticeName = {
  [Name in EventName]: (typeof rules)[Name] extends object ? Name : never;
}[EventName];

const order = Object.keys(rules) as EventName[];

const ruleOf = (name: EventName): Rule<EventName> | null => {
  const rule = rules[name];
  return rule === null || rule === FOR_WEBHOOKS ? null : rule;
};

export const isNotice = (name: string): name is NoticeName =>
  Object.hasOwn(rules, name) && ruleOf(name as EventName) !== null;

/** What a webhook can be told of: the events of saved changes. */
export const webhookEvents: readonly EventName[] = order.filter((name) => rules[name] !== null);

/** What is to be told of these events, the most important first. */
export function toldOf(events: readonly PlannedEvent[], account: Account): Told[] {
  const covered = new Set(events.flatMap(({ name }) => ruleOf(name)?.covers ?? []));
  return events
    .filter(({ name }) => isNotice(name) && !covered.has(name))
    .toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
    .map((event) => ({ ...ruleOf(event.name)?.facts(event as never, account), name: event.name }));
}

/** How often an hour a user is told of this. */
export const mostOf = (name: string): number => (isNotice(name) ? (ruleOf(name)?.most ?? 0) : 0);
