import type { Account } from '../account/account';
import type { KeyRing } from './key-ring';
import { type Authenticity, createMacs } from './mac';

/**
 * A MAC over the whole account, including fields of newer versions. Someone who can write to the database but has no
 * key cannot create or change an account, or move anything between two.
 */
export function createAccountMacs(ring: KeyRing) {
  const macs = createMacs(ring, 'account');
  const contentOf = (account: Account) => ({ ...account, mac: undefined });

  return {
    sign: (account: Account): Account => ({ ...account, mac: macs.of(contentOf(account)) }),
    check: (account: Account): Authenticity => macs.check(account.mac, contentOf(account)),
    /** Of an account that is `genuine`, or whose key is unknown. */
    keyIdOf: ({ mac = '' }: Account): string => macs.keyIdOf(mac),
  };
}

export type AccountMacs = ReturnType<typeof createAccountMacs>;
