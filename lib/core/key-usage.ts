import type { Account } from '../account/account';
import type { ChainEnd } from '../account/audit';
import type { AccountMacs } from '../crypto/account-mac';
import type { ChainEnds } from '../crypto/chain-ends';
import type { KeyRing } from '../crypto/key-ring';
import type { Seal } from '../crypto/seal';
import type { AuthenticAccounts, Inspected } from './authentic-accounts';
import { sealedIn } from './reseal';
import type { Kinds, Scope } from './scope';
import { unchanged, update } from './update';

/** By key id, in the order of the ring: how many accounts hold something this key signed or sealed. */
export type KeyUsage = readonly { readonly keyId: string; readonly accounts: number }[];

/** What it takes to tell which keys an account needs. */
export interface KeyIds {
  readonly ring: KeyRing;
  readonly seal: Seal;
  readonly macs: AccountMacs;
  readonly kinds: Kinds;
  readonly ends: ChainEnds;
}

/**
 * Walks through all accounts, so run it rarely. A key that is not in the ring is counted too, after the others;
 * accounts that are not as they were saved are counted last, as `unreadable`. Each end of a chain in the audit, which is
 * all that there is of a user who was forgotten, counts as one account.
 */
export async function countKeyUsage(
  accounts: AuthenticAccounts,
  chainEnds: AsyncIterable<ChainEnd>,
  keys: KeyIds,
): Promise<KeyUsage> {
  const counts = new Map(keys.ring.all.map((key) => [key.id, 0]));
  let unreadable = 0;
  const count = (ids: Iterable<string>): void => {
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  };
  for await (const inspected of accounts.inspect()) {
    if (inspected.authenticity === 'changed') unreadable += 1;
    else count(keyIdsIn(inspected, keys));
  }
  for await (const end of chainEnds) {
    if (keys.ends.check(end) === 'changed') unreadable += 1;
    else count([keys.ends.keyIdOf(end)]);
  }
  const usage = [...counts].map(([keyId, times]) => ({ keyId, accounts: times }));
  return unreadable === 0 ? usage : [...usage, { keyId: 'unreadable', accounts: unreadable }];
}

/** If the MAC of an account can't be checked, only the key that made it is known. */
const keyIdsIn = ({ account, authenticity }: Inspected, keys: KeyIds): ReadonlySet<string> =>
  authenticity === 'genuine' ? keyIdsOf(account, keys) : new Set([keys.macs.keyIdOf(account)]);

const keyIdsOf = (account: Account, { kinds, seal, macs }: KeyIds): ReadonlySet<string> =>
  new Set([macs.keyIdOf(account), ...sealedIn(kinds, account).map((sealed) => seal.keyIdOf(sealed))]);

/**
 * Signs and seals again, with the first key, whatever an older one had, so that the old key can be removed. What users
 * do meanwhile is kept: each account is changed as by any other writer.
 *
 * @returns how many accounts were saved again
 */
export async function resealAll(
  newScope: () => Scope,
  accounts: AuthenticAccounts,
  keys: KeyIds,
): Promise<number> {
  const { ring } = keys;
  const isOld = (account: Account): boolean => {
    const ids = [...keyIdsOf(account, keys)];
    // What a lost key sealed stays as it is and does not hold up the rest.
    return ids.some((id) => id !== ring.first.id) && ids.every((id) => ring.find(id));
  };
  let resealed = 0;
  for await (const walked of accounts.all()) {
    if (!isOld(walked)) continue;
    const outcome = await update<boolean>(newScope(), walked.userId, (account) =>
      isOld(account) ? { account, outcome: true } : unchanged(false),
    );
    if (outcome) resealed += 1;
  }
  return resealed;
}
