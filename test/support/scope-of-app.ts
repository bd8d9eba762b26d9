import { AuthenticAccounts } from '../../lib/core/authentic-accounts';
import { createAccountMacs } from '../../lib/crypto/account-mac';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { resolveOptions } from '../../lib/options/resolve';
import { coreScope, type CoreScope } from '../core/core-scope';
import { testKey, type HostApp } from './host-app';

/** What the core works with on the accounts of an app, without a request: as its staff, or a script. */
export function scopeOfApp({ options, clock }: HostApp): CoreScope {
  const accounts = new AuthenticAccounts(
    options.accounts,
    createAccountMacs(createKeyRing([testKey])),
    () => undefined,
  );
  const { settings } = resolveOptions(options);
  return coreScope({ accounts, pending: options.pending, clock, keys: [testKey], settings });
}
