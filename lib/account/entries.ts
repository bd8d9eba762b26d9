import { fold } from './factors';
import type { Account } from './account';

/**
 * Authenticator apps tell their entries apart by issuer and account alone, and many put a second one of the same name in
 * the place of the first. So each app of a user has an entry of its own: the first the bare account, the next
 * `account (2)`, or the name its owner gave it before it was scanned.
 */
export const entriesOf = ({ factors }: Account): string[] =>
  factors.flatMap((factor) => (factor.type === 'totp' ? [factor.entry ?? ''] : []));

export const isEntryTaken = (account: Account, entry: string): boolean =>
  entriesOf(account).some((one) => fold(one) === fold(entry));

/** Empty for the first, else the lowest number that is free. */
export function freeEntry(account: Account): string {
  const numbered = ['', ...entriesOf(account).map((_, position) => String(position + 2))];
  return numbered.find((entry) => !isEntryTaken(account, entry)) ?? '';
}
