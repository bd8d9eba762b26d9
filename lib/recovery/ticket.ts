import type { Channel, UserId } from '../account/terms';
import type { Sent } from '../core/dispatch-code';
import type { Scope } from '../core/scope';
import type { MailLanguage } from '../delivery/message-texts';
import { TOTP_DIGITS } from '../crypto/otp';
import { refuse, type Refusal } from '../errors';
import { readDigits } from '../factors/code-text';
import { openContact } from '../notices/contacts';
import { changeRequest } from './change';
import { checkRequestCode, sendRequestCode, sentRequestCode } from './codes';
import { findRequest, type Found } from './requests';
import type { Stepped } from './step';
import { missing, TICKET_TRIES } from './transitions';

/** What the link to set up new factors leads to: the request, and which of its links. */
export interface TicketOf {
  readonly userId: UserId;
  readonly requestId: string;
  readonly ticketId: string;
}

/** `LinkTarget.id` of such a link. */
export const readTicketId = (id: string): Omit<TicketOf, 'userId'> => {
  const [requestId = '', ticketId = ''] = id.split(' ');
  return { requestId, ticketId };
};

/** The request of a link that still works; null: it was used or replaced, is too old, or the request is over. */
export async function findTicket(
  scope: Scope,
  { userId, requestId, ticketId }: TicketOf,
): Promise<Found | null> {
  const found = await findRequest(scope, userId, requestId);
  return found && isLive(found, ticketId, scope.now()) ? found : null;
}

const isLive = ({ account, request: { state, ticket } }: Found, ticketId: string, now: number): boolean =>
  account.shadowUntil === undefined &&
  state === 'ready' &&
  ticket?.id === ticketId &&
  ticket.usedBy === undefined &&
  ticket.tries < TICKET_TRIES &&
  now < ticket.until;

/**
 * Where a code proves more than the link does: an address on file of another channel than the one that the link was sent
 * to; where that is not on file, any.
 */
async function secondAddress(scope: Scope, { account, request }: Found) {
  const { channel, onFile } = request.contact;
  const contact = openContact(account.userId, request.contact, scope.seal);
  const all = (await scope.notices.addressesOf(account)) ?? [];
  const others = all.filter((one) => one.channel !== channel || (!onFile && one.address !== contact));
  return others.find((one) => one.channel !== channel) ?? others[0] ?? null;
}

/** Sends the code that goes with a link. */
export async function sendTicketCode(
  scope: Scope,
  found: Found,
  ticketId: string,
  language: MailLanguage,
): Promise<Sent | Refusal> {
  const to = await secondAddress(scope, found);
  if (!to) return refuse('not_found');
  return sendRequestCode(
    scope,
    { userId: found.account.userId, id: ticketId, of: 'ticket' },
    // The link was mailed to whoever is let in.
    { to, isOnFile: true, isProven: true, language },
  );
}

/** How a code can go with a link, and the one that was sent; null: there is no second address. */
export async function ticketCode(
  scope: Scope,
  found: Found,
  ticketId: string,
): Promise<{ readonly channel: Channel; readonly sent: Sent | null } | null> {
  const to = await secondAddress(scope, found);
  if (!to) return null;
  const code = { userId: found.account.userId, id: ticketId, of: 'ticket' } as const;
  return { channel: to.channel, sent: await sentRequestCode(scope, code, to.hint) };
}

/** What goes with a link: whoever reads somebody's mail has only that. */
export interface TicketProof {
  readonly code?: unknown;
  /** Whether the password is right, as the app says; null: none was given, or the app can't say. */
  readonly password: (() => Promise<boolean>) | null;
}

/**
 * Uses a link, once, for one login. The try is counted in the account before it is judged, so that no number of parallel
 * ones, and no store that forgets, gives more than five.
 *
 * @param loginId of the login that it begins, which can do nothing but set up new factors
 */
export async function useTicket(
  scope: Scope,
  found: Found,
  ticketId: string,
  { code, password }: TicketProof,
  loginId: string,
): Promise<Stepped | Refusal> {
  if (password === null && code === undefined) return missing('proof');
  const typed = password ? null : readDigits(code, TOTP_DIGITS);
  if (typed?.ok === false) return typed;
  const { userId } = found.account;
  const by = { as: 'requester' } as const;
  const counted = await changeRequest(scope, userId, found.request.id, {
    act: 'try_ticket',
    by,
    prepare: (request, account, now) =>
      request.ticket && isLive({ account, request }, ticketId, now)
        ? { ...request, ticket: { ...request.ticket, tries: request.ticket.tries + 1 } }
        : refuse('not_found'),
  });
  if (!counted.ok) return counted;
  const isRight = password
    ? await password()
    : await checkRequestCode(scope, { userId, id: ticketId, of: 'ticket' }, code);
  if (isRight !== true && (isRight === false || !isRight.ok)) {
    const triesLeft = TICKET_TRIES - (counted.request.ticket?.tries ?? TICKET_TRIES);
    return isRight === false || isRight.code === 'wrong_code' ? refuse('wrong_code', { triesLeft }) : isRight;
  }
  return changeRequest(scope, userId, found.request.id, {
    act: 'use_ticket',
    by,
    prepare: (request, _account, now) =>
      request.ticket?.id === ticketId && request.ticket.usedBy === undefined && now < request.ticket.until
        ? { ...request, ticket: { ...request.ticket, usedBy: loginId } }
        : refuse('not_found'),
  });
}
