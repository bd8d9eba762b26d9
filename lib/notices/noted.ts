import type { Account, OutboxItem, Recipient, Told } from '../account/account';
import type { NotedNotice, Recovery } from '../account/recovery';
import type { Scope } from '../core/scope';
import { readContact } from './contacts';

/** Of one request; more than its steps and addresses usually come to. */
const MOST = 40;

/**
 * The account with a note, for those who decide a request, that a notice of it was handed over to these recipients, or
 * given up.
 */
export function withNoted(
  scope: Pick<Scope, 'delivery' | 'seal'>,
  account: Account,
  item: OutboxItem,
  to: readonly Recipient[],
  { at, givenUp }: { readonly at: number; readonly givenUp: boolean },
): Account {
  const about = (account.recoveries ?? []).find((one) => isAbout(item, one));
  const of = about && whatOf(item.told, about);
  if (!about || !of || to.length === 0) return account;
  const noted = to.map((one): NotedNotice => ({
    at,
    of,
    channel: one.channel,
    hint: hintOf(scope, account, one),
    ...(item.answers && { answers: true }),
    ...(givenUp && { givenUp: true }),
  }));
  const request = { ...about, notices: [...(about.notices ?? []), ...noted].slice(-MOST) };
  return {
    ...account,
    recoveries: (account.recoveries ?? []).map((one) => (one === about ? request : one)),
  };
}

export const isAbout = ({ request, told }: OutboxItem, { id, reference }: Recovery): boolean =>
  request === id || told.some((one) => one.reference === reference);

function whatOf(told: readonly Told[], { reference }: Recovery): NotedNotice['of'] | undefined {
  const one = told.find((other) => other.reference === reference);
  if (one?.name === 'recovery.reminded') return 'reminded';
  return one?.name === 'recovery.vouched' ? 'vouched' : one?.state;
}

function hintOf(scope: Pick<Scope, 'delivery' | 'seal'>, { userId }: Account, to: Recipient): string {
  const read = readContact(userId, to, scope);
  return read.ok ? read.address.hint : '•••';
}
