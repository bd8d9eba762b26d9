import type { Account, OutboxItem, Recipient } from '../account/account';
import { isOpen, type Recovery, type RecoveryId, type RequestState } from '../account/recovery';
import { addObjectionable, joinObjectionable } from '../account/objections';
import { isCodeType } from '../account/factors';
import { addNotice } from '../account/outbox';
import type { AccountChange } from '../core/scope';
import type { Seal } from '../crypto/seal';
import { randomNoticeId } from '../crypto/random';
import type { Delivery } from '../delivery/delivery';
import { ENGLISH } from '../delivery/message-texts';
import type { PlannedEvent, RequestContext } from '../events';
import { DAY, everywhere, noteContacts, type Named, recipientsOf } from './contacts';
import { withinLimits } from './limit';
import { toldOf } from './rules';
import { LEASE } from './tries';

export interface Planned {
  readonly account: Account;
  readonly events: readonly PlannedEvent[];
  /** What is to be sent once it is saved. */
  readonly items: readonly OutboxItem[];
}

/** Who asked for the change, as far as it is known. */
export interface Asker {
  readonly from: RequestContext | null;
  readonly language: string | null;
  readonly timeZone: string | null;
  /** What the app names; null: it can't be asked. */
  readonly named: readonly Named[] | null;
}

/** Whether these events need anyone to look at the contacts of the user: there is something to tell, or a login. */
export const concerns = ({ account, events }: AccountChange): boolean =>
  isSignIn(events) || toldOf(events, account).length > 0;

const isSignIn = (events: readonly PlannedEvent[]): boolean =>
  events.some(({ name }) => name === 'proof.accepted');

/**
 * Adds to a change what its user is to be told of it, so that both are saved together. A notice is taken from the
 * start: whoever saves it tries it first.
 */
export function plan(
  change: AccountChange,
  asker: Asker,
  tools: { readonly seal: Seal; readonly delivery: Delivery },
): Planned {
  const planned = planNotice(change, asker, tools);
  const account = changesReach(planned.events)
    ? { ...planned.account, reachChangedAt: change.now }
    : planned.account;
  return withAnswer({ ...planned, account }, change.now);
}

function planNotice(
  { before, account: changed, events: given, now }: AccountChange,
  asker: Asker,
  tools: { readonly seal: Seal; readonly delivery: Delivery },
): Planned {
  // At a sign-in without news, only what the app names can have changed.
  const isDue = asker.named !== null || toldOf(given, changed).length > 0;
  const noted = isDue
    ? noteContacts({ before, account: changed }, asker.named, now, tools)
    : { account: changed, isChanged: false };
  const events: PlannedEvent[] = noted.isChanged ? [...given, { name: 'contacts.changed' }] : [...given];
  const spoken = isOwner(events) ? speaking(noted.account, asker.language, now) : noted.account;
  const told = toldOf(events, spoken);
  const limited = withinLimits(spoken, told, now);
  const to = isOfRequest(events)
    ? everywhere(limited.account, tools.delivery, isUrgent(events))
    : recipientsOf(limited.account, tools.delivery);
  if (limited.told.length === 0)
    return { account: joinObjectionable(spoken, { added: addedBy(events), told }, now), events, items: [] };
  if (to.length === 0) return { account: spoken, events, items: [] };

  const item: OutboxItem = {
    id: randomNoticeId(),
    at: now,
    told: limited.told,
    from: asker.from && { browser: asker.from.browser, address: asker.from.address },
    language: spoken.language ?? asker.language ?? ENGLISH,
    timeZone: asker.timeZone,
    ...requestIn(limited.account, events),
    to,
    tries: 1,
    dueAt: now + LEASE,
  };
  const { account, dropped } = addNotice(withObjection(limited.account, item, events), item);
  return {
    account,
    events: dropped ? [...events, droppedEvent(dropped, 'full')] : events,
    items: [item],
  };
}

/** Whether somebody else may be reached from now on than before: then access is not given again as soon. */
const changesReach = (events: readonly PlannedEvent[]): boolean => {
  const names = new Set(events.map(({ name }) => name));
  // The app's addresses may have been changed long before anybody looked, such as when access is asked for.
  if (names.has('contacts.changed')) return true;
  const isNew = names.has('two-factor.enabled') || names.has('recovery.changed');
  return (
    !isNew &&
    events.some(
      (event) => (event.name === 'factor.added' || event.name === 'factor.removed') && isCodeType(event.type),
    )
  );
};

/** What whoever asks for access is told where they wanted to be answered: what they can do now, or how it ended. */
function withAnswer(planned: Planned, now: number): Planned {
  const { account, events, items } = planned;
  const event = events.find(({ name }) => name === 'recovery.changed');
  if (event?.name !== 'recovery.changed') return planned;
  const request = (account.recoveries ?? []).find(({ reference }) => reference === event.reference);
  if (!request || !isAnswered(request)) return planned;
  const { channel, address } = request.contact;
  const answer: OutboxItem = {
    id: randomNoticeId(),
    at: now,
    told: toldOf([event], account),
    from: null,
    language: request.language,
    timeZone: request.timeZone,
    request: request.id,
    answers: true,
    ...(request.reply && { reply: request.reply }),
    ...(request.ticket && event.state === 'ready' && { ticket: request.ticket.id }),
    to: [{ channel, address, since: request.startedAt, goneAt: null }],
    tries: 1,
    dueAt: now + LEASE,
  };
  const added = addNotice(account, answer);
  return {
    account: added.account,
    events: added.dropped ? [...events, droppedEvent(added.dropped, 'full')] : events,
    items: [...items, answer],
  };
}

/** Where somebody of the operator's began it, its first state is news: nobody who asks has seen a page of it. */
const isAnswered = ({ state, begunBy, steps }: Recovery): boolean =>
  ANSWERED.has(state) || (begunBy !== undefined && steps.length === 1);

const ANSWERED: ReadonlySet<RequestState> = new Set<RequestState>([
  'more_info',
  'approved_waiting',
  'ready',
  'rejected',
  'completed',
]);

/** A mailbox alone must not be able to keep a request from its owner: whoever reads it may be the one who asks. */
const isOfRequest = (events: readonly PlannedEvent[]): boolean =>
  events.some(({ name }) => name.startsWith('recovery.') || name === 'account.blocked');

/** What a text message is sent for: when it begins, when the wait begins and goes on, and when it is over. */
const isUrgent = (events: readonly PlannedEvent[]): boolean =>
  events.some(
    (event) =>
      event.name === 'recovery.reminded' || (event.name === 'recovery.changed' && URGENT.has(event.state)),
  );

const URGENT: ReadonlySet<RequestState> = new Set<RequestState>([
  'started',
  'approved_waiting',
  'ready',
  'completed',
]);

/** The request that a notice is about, if its reader can still stop it. */
function requestIn(
  { recoveries = [] }: Account,
  events: readonly PlannedEvent[],
): { readonly request?: RecoveryId } {
  const about = events.flatMap((event) =>
    event.name === 'recovery.changed' ||
    event.name === 'recovery.reminded' ||
    event.name === 'recovery.vouched'
      ? [event.reference]
      : [],
  );
  const request = recoveries.find((one) => about.includes(one.reference));
  return request && isOpen(request) ? { request: request.id } : {};
}

const addedBy = (events: readonly PlannedEvent[]) =>
  events.flatMap((event) => (event.name === 'factor.added' ? [event.factorId] : []));

/** An objection itself can't be objected to; nor can a change if no address may get the link. */
function withObjection(
  account: Account,
  { id, at, told, to, request }: OutboxItem,
  events: readonly PlannedEvent[],
): Account {
  const isObjection = events.some(({ name }) => name === 'change.objected');
  if (isObjection || request !== undefined || !to.some((one) => mayObject(one, at))) return account;
  const added = addedBy(events);
  const madeCodes = events.some(({ name }) => name === 'backup-codes.made');
  return addObjectionable(account, { id, at, told, added, madeCodes }, at);
}

/**
 * Someone who has just changed the address must not be able to stop the owner; text messages have no room for a link.
 */
export const mayObject = ({ channel, since, goneAt }: Recipient, at: number): boolean =>
  channel === 'email' && goneAt === null && at - since >= 7 * DAY;

export const droppedEvent = ({ told }: OutboxItem, reason: 'failed' | 'full'): PlannedEvent => ({
  name: 'notice.dropped',
  notice: told[0]?.name ?? '',
  reason,
});

const isOwner = (events: readonly PlannedEvent[]): boolean =>
  isSignIn(events) || events.some(({ name }) => name === 'two-factor.enabled');

/** An intruder must not choose the language of what the owner reads, so only a browser seen before changes it. */
function speaking(account: Account, language: string | null, now: number): Account {
  const isKnown = account.browsers.some(({ addedAt, lastSeenAt }) => lastSeenAt === now && addedAt < now);
  const isSettled = language === null || language === account.language;
  return isSettled || (account.language !== undefined && !isKnown) ? account : { ...account, language };
}
