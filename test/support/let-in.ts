import type { UserId } from '../../lib/account/account';
import { type Recovery, type RecoveryId, withRequest } from '../../lib/account/recovery';
import { withDueAt } from '../../lib/account/outbox';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createLinks, type LinkPurpose } from '../../lib/crypto/links';
import { randomRev } from '../../lib/crypto/random';
import { createSeal } from '../../lib/crypto/seal';
import { sealContact } from '../../lib/notices/contacts';
import type { Accounts, SecondFactorOptions } from '../../lib';
import { aRequest, DAY, matching } from '../recovery/a-request';
import { testKey, type TestUser } from './host-app';
import { signing } from './signing';

export const requestId = 'request-of-ann' as RecoveryId;
export const ticketId = 'ticket-of-ann';

const sealOf = (key: string) => createSeal(createKeyRing([key]));

/** Lost access, as an operator switches it on. */
export const lostAccess: NonNullable<SecondFactorOptions<TestUser>['lostAccess']> = {
  form: { operator: ['Test Ltd', '1 High Street'], sendTo: 'access@example.com' },
  requests: {},
};

/** Puts a request that was approved and has waited into an account: its link can be used from now on, for a day. */
export async function letIn(
  store: Accounts,
  user: string,
  now: number,
  given: Partial<Recovery> = {},
  key = testKey,
): Promise<void> {
  const accounts = signing(store, [key]);
  const userId = user as UserId;
  const request = aRequest('ready', {
    id: requestId,
    startedAt: now - 4 * DAY,
    steps: [
      { at: now - 4 * DAY, state: 'started' },
      { at: now - 3 * DAY, state: 'approved_waiting' },
      { at: now, state: 'ready' },
    ],
    earliestAt: now,
    dueAt: now + 7 * DAY,
    evidence: matching('password', 'phone', 'voucher'),
    contact: {
      channel: 'email',
      address: sealContact(userId, 'ann@new.example', sealOf(key)),
      hint: 'a•••@n•••.example',
      onFile: false,
    },
    ticket: { id: ticketId, until: now + DAY, made: 1, tries: 0 },
    ...given,
  });
  // A notice that was just sent is noted there too.
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const account = await accounts.load(userId);
    if (!account) throw new Error(`${user} has no account`);
    const owner = withDueAt(withRequest(account, request), now);
    if (await accounts.save({ ...owner, rev: randomRev() }, account.rev)) return;
  }
  throw new Error('others kept saving the account');
}

/** The link that the request's contact is sent. */
export const ticketUrl = (user: string, ticket = ticketId, key = testKey): string =>
  `/2fa/lost/ticket/${linkTo('ticket', user, `${requestId} ${ticket}`, key)}`;

/** The link in what the owner is told. */
export const cancelUrl = (user: string, key = testKey): string =>
  `/2fa/lost/cancel/${linkTo('cancel', user, requestId, key)}`;

/** The link in the notice of a change. */
export const objectUrl = (user: string, id: string): string =>
  `/2fa/object/${linkTo('object', user, id, testKey)}`;

const linkTo = (leadsTo: LinkPurpose, user: string, id: string, key: string): string =>
  createLinks(sealOf(key)).make(leadsTo, { userId: user as UserId, id });
