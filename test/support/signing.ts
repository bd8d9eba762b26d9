import type { Accounts } from '../../lib';
import { AuthenticAccounts, type Tampering } from '../../lib/core/authentic-accounts';
import { createAccountMacs } from '../../lib/crypto/account-mac';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { testKey } from './host-app';

/** A store as the library sees it, for tests that write or read accounts themselves. */
export const signing = (
  accounts: Accounts,
  keys: readonly string[] = [testKey],
  tell: (userId: string, reason: Tampering) => void = () => undefined,
): AuthenticAccounts => new AuthenticAccounts(accounts, createAccountMacs(createKeyRing(keys)), tell);
