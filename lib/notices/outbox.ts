import type { OutboxItem, Recipient, UserId } from '../account/account';
import { withOutbox } from '../account/outbox';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import type { NotSent } from '../delivery/hand-over';
import type { Message } from '../delivery/message';
import type { PlannedEvent } from '../events';
import { DAY, openContact } from './contacts';
import { noticeMail, noticeSms, type Speech } from './notice-text';
import { droppedEvent, LEASE, mayObject } from './plan';

/** How long it is tried. */
const GIVEN_UP = 3 * DAY;
const MINUTE = 60_000;
/** How long after each try the next one comes; the last goes on. */
const WAITS = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE);

/** What one run did. */
export interface Counts {
  readonly sent: number;
  /** Not accepted, and tried again later. */
  readonly retried: number;
  /** Given up. */
  readonly dropped: number;
}

export const nothing: Counts = { sent: 0, retried: 0, dropped: 0 };
export const sum = (one: Counts, other: Counts): Counts => ({
  sent: one.sent + other.sent,
  retried: one.retried + other.retried,
  dropped: one.dropped + other.dropped,
});

/** Takes what is due of one user, so that nobody else tries it meanwhile; what is too old is given up. */
export const takeDue = (
  scope: Scope,
  userId: UserId,
): Promise<{ readonly taken: readonly OutboxItem[]; readonly dropped: number }> =>
  update(scope, userId, (account, now) => {
    const items = account.outbox ?? [];
    const due = items.filter(({ dueAt }) => dueAt <= now);
    if (due.length === 0) return unchanged({ taken: [], dropped: 0 });
    const old = due.filter(({ at }) => now - at >= GIVEN_UP);
    const taken = due
      .filter((item) => !old.includes(item))
      .map((item) => ({ ...item, tries: item.tries + 1, dueAt: now + LEASE }));
    const rest = items.filter((item) => !due.includes(item));
    return {
      account: withOutbox(account, [...rest, ...taken]),
      outcome: { taken, dropped: old.length },
      events: old.map((item) => droppedEvent(item, 'failed')),
    };
  });

/** Sends a notice that this process has taken, to everyone who has not got it yet, and notes in the account who has. */
export async function send(
  scope: Scope,
  speech: Speech,
  userId: UserId,
  item: OutboxItem,
  signal: AbortSignal,
): Promise<Counts> {
  const results = await Promise.all(
    item.to.map(async (to) => ({ to, failed: await sendTo(scope, speech, userId, item, to, signal) })),
  );
  return settle(scope, userId, item, results);
}

interface Result {
  readonly to: Recipient;
  readonly failed: NotSent | null;
}

async function sendTo(
  { seal, delivery }: Scope,
  speech: Speech,
  userId: UserId,
  item: OutboxItem,
  to: Recipient,
  signal: AbortSignal,
): Promise<NotSent | null> {
  const read = delivery.read(`otp-${to.channel}`, openContact(userId, to, seal));
  if (!read.ok) return { kind: 'rejected', retryAfter: null };
  const { id } = item;
  const isOpen = mayObject(to, item.at) && item.told[0]?.name !== 'change.objected';
  const objectUrl = isOpen ? speech.objectUrl(userId, id) : null;
  const { channel, address } = read.address;
  const message: Message =
    channel === 'sms'
      ? { channel, id, to: address, text: noticeSms(speech, item) }
      : { channel, id, to: address, ...noticeMail(speech, item, objectUrl) };
  return delivery.pass(message, signal);
}

/**
 * Whoever got it is not sent it again, even by a process that took it after the lease of this one had ended. When it is
 * tried next is only for the last one that took it to say.
 */
const settle = (
  scope: Scope,
  userId: UserId,
  { id, tries }: OutboxItem,
  results: readonly Result[],
): Promise<Counts> =>
  update<Counts>(scope, userId, (account, now) => {
    const items = account.outbox ?? [];
    const item = items.find((one) => one.id === id);
    if (!item) return unchanged(nothing);
    const got = results.filter(({ failed }) => failed === null).map(({ to }) => to);
    const failures = results.filter(({ failed }) => failed !== null);
    // By the address itself: sealing it again with another key changes the text.
    const addressOf = (one: Recipient): string => openContact(userId, one, scope.seal);
    const reached = new Set(got.map(addressOf));
    const to = item.to.filter((one) => !reached.has(addressOf(one)));
    const events: PlannedEvent[] = results.map(({ to: { channel }, failed }) =>
      failed === null
        ? { name: 'notice.sent', notice: nameOf(item), channel }
        : { name: 'notice.failed', notice: nameOf(item), channel, kind: failed.kind },
    );
    const others = items.filter((one) => one !== item);
    if (to.length === 0) {
      const outcome = { ...nothing, sent: got.length };
      return { account: withOutbox(account, others), outcome, events };
    }
    const isOurs = item.tries === tries;
    const next = isOurs ? nextTry(item, failures, now) : item.dueAt;
    if (next - item.at >= GIVEN_UP)
      return {
        account: withOutbox(account, others),
        outcome: { sent: got.length, retried: 0, dropped: 1 },
        events: [...events, droppedEvent(item, 'failed')],
      };
    return {
      account: withOutbox(account, [...others, { ...item, to, dueAt: next }]),
      outcome: { sent: got.length, retried: 1, dropped: 0 },
      events,
    };
  });

function nextTry({ tries }: OutboxItem, failures: readonly Result[], now: number): number {
  const asked = Math.max(0, ...failures.map(({ failed }) => failed?.retryAfter ?? 0)) * 1000;
  return now + Math.max(asked, WAITS[Math.min(tries, WAITS.length) - 1] ?? MINUTE);
}

const nameOf = ({ told }: OutboxItem): string => told[0]?.name ?? '';

/** Whether there is time to try it before somebody else may. */
export const isStillTaken = ({ dueAt }: OutboxItem, now: number): boolean => now < dueAt - LEASE / 2;
