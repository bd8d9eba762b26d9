import type { Account, OutboxItem, Recipient } from '../account/account';
import { addObjectionable } from '../account/objections';
import { addNotice } from '../account/outbox';
import type { AccountChange } from '../core/scope';
import type { Seal } from '../crypto/seal';
import { randomNoticeId } from '../crypto/random';
import type { Delivery } from '../delivery/delivery';
import type { PlannedEvent, RequestContext } from '../events';
import { DAY, noteContacts, type Named, recipientsOf } from './contacts';
import { withinLimits } from './limit';
import { toldOf } from './rules';
import { LEASE } from './tries';

const ENGLISH = 'en';

export interface Planned {
  readonly account: Account;
  readonly events: readonly PlannedEvent[];
  /** What is to be sent once it is saved. */
  readonly item: OutboxItem | null;
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
  const limited = withinLimits(spoken, toldOf(events, spoken), now);
  const to = recipientsOf(limited.account, tools.delivery);
  if (limited.told.length === 0 || to.length === 0) return { account: spoken, events, item: null };

  const item: OutboxItem = {
    id: randomNoticeId(),
    at: now,
    told: limited.told,
    from: asker.from && { browser: asker.from.browser, address: asker.from.address },
    language: spoken.language ?? asker.language ?? ENGLISH,
    timeZone: asker.timeZone,
    to,
    tries: 1,
    dueAt: now + LEASE,
  };
  const { account, dropped } = addNotice(withObjection(limited.account, item, events), item);
  return {
    account,
    events: dropped ? [...events, droppedEvent(dropped, 'full')] : events,
    item,
  };
}

/** An objection itself can't be objected to; nor can a change if no address may get the link. */
function withObjection(
  account: Account,
  { id, at, told, to }: OutboxItem,
  events: readonly PlannedEvent[],
): Account {
  const isObjection = events.some(({ name }) => name === 'change.objected');
  if (isObjection || !to.some((one) => mayObject(one, at))) return account;
  const added = events.flatMap((event) => (event.name === 'factor.added' ? [event.factorId] : []));
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
