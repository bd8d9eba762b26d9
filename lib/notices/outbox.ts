import type { OutboxItem, Recipient, UserId } from '../account/account';
import { withCalls, withOutbox } from '../account/outbox';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import type { NotSent } from '../delivery/hand-over';
import type { Message } from '../delivery/message';
import type { PlannedEvent } from '../events';
import { openContact, readContact } from './contacts';
import { noticeMail, noticeSms, type NoticeLink, type Speech } from './notice-text';
import { withNoted } from './noted';
import { droppedEvent, mayObject } from './plan';
import { type Counts, nextTry, nothing, takeOf } from './tries';
import { droppedCall } from './webhooks';

/** Takes what is due of one user, so that nobody else tries it meanwhile; what is too old is given up. */
export const takeDue = (scope: Scope, userId: UserId) =>
  update(scope, userId, (account, now) => {
    const notices = takeOf(account.outbox, now);
    const calls = takeOf(account.calls, now);
    const outcome = {
      notices: { taken: notices.taken, dropped: notices.old.length },
      calls: { taken: calls.taken, dropped: calls.old.length },
    };
    if ([notices, calls].every(({ taken, old }) => taken.length + old.length === 0))
      return unchanged(outcome);
    const noted = notices.old.reduce(
      (so, item) => withNoted(scope, so, item, item.to, { at: now, givenUp: true }),
      account,
    );
    return {
      account: withCalls(withOutbox(noted, notices.kept), calls.kept),
      outcome,
      events: [
        ...notices.old.map((item) => droppedEvent(item, 'failed')),
        ...calls.old.map((call) => droppedCall(call, 'failed')),
      ],
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
  scope: Scope,
  speech: Speech,
  userId: UserId,
  item: OutboxItem,
  to: Recipient,
  signal: AbortSignal,
): Promise<NotSent | null> {
  const read = readContact(userId, to, scope);
  if (!read.ok) return { kind: 'rejected', retryAfter: null };
  const { id } = item;
  const link = linkOf(speech, userId, item, to);
  const { channel, address } = read.address;
  const message: Message =
    channel === 'sms'
      ? { channel, id, to: address, text: noticeSms(speech, item, link) }
      : { channel, id, to: address, ...noticeMail(speech, item, link) };
  return scope.delivery.pass(message, signal);
}

/** The one link of a notice, which only ever stops something; or the answer to whoever asks for access. */
function linkOf(speech: Speech, userId: UserId, item: OutboxItem, to: Recipient): NoticeLink | null {
  const { request, answers, ticket } = item;
  if (request !== undefined && answers)
    return ticket === undefined
      ? { leadsTo: 'status', url: speech.linkUrl('status', userId, request) }
      : { leadsTo: 'ticket', url: speech.linkUrl('ticket', userId, `${request} ${ticket}`) };
  if (request !== undefined) return { leadsTo: 'cancel', url: speech.linkUrl('cancel', userId, request) };
  const isOpen = mayObject(to, item.at) && item.told[0]?.name !== 'change.objected';
  return isOpen ? { leadsTo: 'object', url: speech.linkUrl('object', userId, item.id) } : null;
}

/**
 * Whoever got it is not sent it again, even by a process that took it after the lease of this one had ended. When it is
 * tried next is only for the last one that took it to say.
 */
const settle = (
  scope: Scope,
  userId: UserId,
  taken: OutboxItem,
  results: readonly Result[],
): Promise<Counts> =>
  update<Counts>(scope, userId, (account, now) => {
    const items = account.outbox ?? [];
    const item = items.find((one) => one.id === taken.id);
    const events: PlannedEvent[] = results.map(({ to: { channel }, failed }) =>
      failed === null
        ? { name: 'notice.sent', notice: nameOf(taken), channel }
        : { name: 'notice.failed', notice: nameOf(taken), channel, kind: failed.kind },
    );
    // Somebody else has sent it too, and was done first.
    if (!item) return unchanged(nothing, events);
    const got = results.filter(({ failed }) => failed === null).map(({ to }) => to);
    // By the address itself: sealing it again with another key changes the text.
    const addressOf = (one: Recipient): string => openContact(userId, one, scope.seal);
    const reached = new Set(got.map(addressOf));
    const to = item.to.filter((one) => !reached.has(addressOf(one)));
    const others = items.filter((one) => one !== item);
    const sentTo = item.to.filter((one) => reached.has(addressOf(one)));
    const noted = withNoted(scope, account, item, sentTo, { at: now, givenUp: false });
    if (to.length === 0) {
      const outcome = { ...nothing, sent: got.length };
      return { account: withOutbox(noted, others), outcome, events };
    }
    const isOurs = item.tries === taken.tries;
    const reasons = results.map(({ failed }) => failed);
    const next = isOurs ? nextTry(item, reasons, now) : item.dueAt;
    if (next === null)
      return {
        account: withOutbox(withNoted(scope, noted, item, to, { at: now, givenUp: true }), others),
        outcome: { sent: got.length, retried: 0, dropped: 1 },
        events: [...events, droppedEvent(item, 'failed')],
      };
    return {
      account: withOutbox(noted, [...others, { ...item, to, dueAt: next }]),
      outcome: { sent: got.length, retried: 1, dropped: 0 },
      events,
    };
  });

const nameOf = ({ told }: OutboxItem): string => told[0]?.name ?? '';
