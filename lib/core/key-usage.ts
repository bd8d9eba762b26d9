import type { KeyRing } from '../crypto/key-ring';
import type { Seal } from '../crypto/seal';
import type { Accounts } from '../stores/contracts';
import { sealedIn } from './reseal';

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
