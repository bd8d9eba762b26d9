import type { Account } from '../account/account';
import type { KeyRing } from '../crypto/key-ring';
import type { Seal } from '../crypto/seal';
import type { Accounts } from '../stores/contracts';
import { sealedIn } from './reseal';
import type { Scope } from './scope';
import { update } from './update';

/** By key id, in the order of the ring: how many accounts hold something this key sealed. */
export type KeyUsage = readonly { readonly keyId: string; readonly accounts: number }[];

/** Walks all accounts: run it seldom. A key that is not in the ring is counted too, behind the others. */
export async function countKeyUsage(accounts: Accounts, ring: KeyRing, seal: Seal): Promise<KeyUsage> {
  const counts = new Map(ring.all.map((key) => [key.id, 0]));
  for await (const account of accounts.all()) {
    for (const id of new Set(sealedIn(account).map((sealed) => seal.keyIdOf(sealed)))) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return [...counts].map(([keyId, count]) => ({ keyId, accounts: count }));
}

/**
 * Has the first key seal whatever an older one had sealed, so that the old key can go. What users did
 * meanwhile is kept: each account is changed as by any other writer.
 *
 * @returns how many accounts were saved anew
 */
export async function resealAll(newScope: () => Scope, accounts: Accounts): Promise<number> {
  let resealed = 0;
  for await (const { userId } of accounts.all()) {
    const scope = newScope();
    const isOld = (account: Account) => sealedIn(account).some((sealed) => !scope.seal.isCurrent(sealed));
    const outcome = await update<boolean>(scope, userId, (account) =>
      isOld(account) ? { account: { ...account }, outcome: true } : { account, outcome: false },
    );
    if (outcome) resealed += 1;
  }
  return resealed;
}
