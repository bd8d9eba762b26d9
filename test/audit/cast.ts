import type { Account, UserId } from '../../lib/account/account';
import type { Act } from '../../lib/audit/chain';
import { addRecord } from '../../lib/audit/chain';
import { createAudit } from '../../lib/audit/office';
import { verifyAll, verifyUser, type Verified } from '../../lib/audit/verify';
import { forget } from '../../lib/core/end-logins';
import type { Scope } from '../../lib/core/scope';
import { update } from '../../lib/core/update';
import { createChainEnds } from '../../lib/crypto/chain-ends';
import { pseudonymOf } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryAudit } from '../../lib/stores/memory-audit';
import type { AuditStore } from '../../lib/stores/audit';
import type { Accounts } from '../../lib/stores/contracts';
import { coreScope, key } from '../core/core-scope';
import { fakeClock, type FakeClock, seconds } from '../support/clock';
import { override } from '../support/override';
import { signing } from '../support/signing';
import { ada, anAct } from './records';

/** Longer than a record is left to the process that saved it. */
export const LEASE = 31 * seconds;

export interface World {
  readonly stored: Accounts;
  readonly audit: AuditStore;
  readonly clock: FakeClock;
  readonly keys: readonly string[];
}

export const world = (given: Partial<World> = {}): World => ({
  stored: memoryAccounts(),
  audit: memoryAudit(),
  clock: fakeClock(),
  keys: [key],
  ...given,
});

/** One process of an app, with the audit it brings records to. */
export function aProcess({ stored, audit, clock, keys }: World, store: AuditStore | null = audit) {
  const ring = createKeyRing(keys);
  const ends = createChainEnds(ring);
  const accounts = signing(stored, keys);
  const bare = coreScope({ accounts, clock, keys });
  const office = createAudit({
    store,
    accounts,
    ends,
    ring,
    now: clock.now,
    deadline: 1_000,
    newScope: (): Scope => scope,
  });
  const scope: Scope = { ...bare, notices: office.beside(bare.notices) };
  const parts = { accounts, audit, ends };
  return {
    office,
    scope,
    parts,
    /** Something is done to ada. */
    act: (given: Partial<Act> = {}, user = ada): Promise<void> =>
      update<void>(scope, user, (account, now) => ({
        account: addRecord(account, anAct(given), now),
        outcome: undefined,
      })),
    tick: () => office.task({ limit: 100, isOver: () => false }),
    /** As the app does when it deletes its own user. */
    forget: async (user = ada) => {
      await office.forget(user);
      await forget(scope, user);
    },
    /** Each problem with its place: `2 changed`. */
    findings: async (user = ada) => toldOf(await verifyUser(parts, user)),
    all: async () => {
      const all: Verified[] = [];
      for await (const one of verifyAll(parts)) all.push(one);
      return all;
    },
  };
}

export const toldOf = ({ findings }: Verified): string[] =>
  findings.map(({ seq, problem }) => (seq === null ? problem : `${seq} ${problem}`));

export const unsentOf = async ({ stored }: World, user = ada) =>
  (await stored.load(user))?.audit?.unsent ?? [];

export const recordsIn = async ({ audit }: World, user: UserId = ada) =>
  (await audit.list(pseudonymOf(user))).records;

/** Puts an older state of an account back, with the signature it had. */
export async function putBack({ stored }: World, older: Account): Promise<void> {
  const { rev } = (await stored.load(older.userId)) ?? { rev: null };
  await stored.save(older, rev);
}

/** What somebody does who can write to the database. */
export const tamper = (
  where: World,
  change: (
    chain: Awaited<ReturnType<AuditStore['list']>>,
  ) => Partial<Awaited<ReturnType<AuditStore['list']>>>,
): World => ({
  ...where,
  audit: override(where.audit, {
    list: async (of) => {
      const chain = await where.audit.list(of);
      return { ...chain, ...change(chain) };
    },
  }),
});
