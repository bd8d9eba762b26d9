import { blankAccount, moveEpoch, type UserId } from '../../lib/account/account';
import { withDueAt } from '../../lib/account/outbox';
import { addRecord } from '../../lib/audit/chain';
import { type Verified, verifyAll } from '../../lib/audit/verify';
import { createChainEnds } from '../../lib/crypto/chain-ends';
import { pseudonymOf } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { randomRev } from '../../lib/crypto/random';
import { anAct } from '../audit/records';
import { seconds } from '../support/clock';
import { testKey } from '../support/host-app';
import { signing } from '../support/signing';
import { savesOver } from './broken';
import { expectRaced, expectViolation, type Race } from './race';
import type { World, WorldOptions } from './world/world';

const ann = 'id-ann' as UserId;
/** Longer than a record is left to the process that saved it. */
const LEASE = 31 * seconds;

/** Somebody does something to ann; says whether it was done. */
async function act(world: World, reason: string): Promise<boolean> {
  const accounts = signing(world.accounts);
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const account = await accounts.load(ann);
    if (account?.audit?.ended) return false;
    const changed = addRecord(
      account ?? moveEpoch(blankAccount(ann), world.clock.now()),
      anAct({ reason }),
      world.clock.now(),
    );
    if (
      await accounts.save(
        { ...withDueAt(changed, world.clock.now()), rev: randomRev() },
        account?.rev ?? null,
      )
    )
      return true;
  }
  return false;
}

const verify = async (world: World): Promise<readonly Verified[]> => {
  const all: Verified[] = [];
  const ends = createChainEnds(createKeyRing([testKey]));
  const parts = { accounts: signing(world.accounts), audit: world.audit, ends };
  for await (const one of verifyAll(parts)) all.push(one);
  return all;
};

/** Runs `tick` as a cron job does, until nothing waits. */
async function drain(world: World): Promise<number> {
  const unsent = async () => (await world.accounts.load(ann))?.audit?.unsent.length ?? 0;
  for (let time = 0; time < 5 && (await unsent()) > 0; time += 1) {
    world.clock.move(LEASE);
    await world.twoFactor.tick();
  }
  return unsent();
}

const reasons = async (world: World) =>
  (await world.audit.list(pseudonymOf(ann))).records.map(({ action, reason }) => reason ?? action);

/** One thing was done to ann by a process that died after it. */
const before = async (world: World): Promise<void> => {
  await act(world, 'first');
  world.clock.move(LEASE);
};

const isWhole = async (world: World) => (await verify(world)).every(({ findings }) => findings.length === 0);

const bringing = (given: WorldOptions): Race<void> => ({
  world: { audits: true, ...given },
  mostFaults: 1,
  before,
  operations: (_start, world) => ({
    one: () => world.twoFactor.tick(),
    other: () => world.twoFactor.tick(),
    act: () => act(world, 'second'),
  }),
  check: async (_end, _start, world) => {
    const wasWhole = await isWhole(world);
    const left = await drain(world);
    const { audit } = (await world.accounts.load(ann)) ?? {};
    const stored = await reasons(world);
    return [
      !wasWhole && 'the chain was not whole before all was brought',
      left > 0 && 'a record still waits',
      stored.join() !== ['first', 'second'].slice(0, audit?.seq).join() && `there are ${stored.join()}`,
      !(await isWhole(world)) && 'the chain is not whole',
    ];
  },
});

describe('A record of the audit', () => {
  it('is stored once, in its place, whoever brings it and whoever dies', () =>
    expectRaced('two ticks and one more act', bringing({})));

  it('would be lost by a store that saves over anything', () =>
    expectViolation('two ticks and one more act', bringing({ accounts: savesOver })));

  it('outlives its user, whoever dies while the user is forgotten', async () => {
    let isActed = false;
    await expectRaced('forgotten while something is done', {
      world: { audits: true },
      mostFaults: 1,
      before,
      operations: (_start, world) => {
        isActed = false;
        return {
          forget: () => world.twoFactor.forget(ann),
          tick: () => world.twoFactor.tick(),
          act: async () => {
            isActed = await act(world, 'second');
          },
        };
      },
      check: async (_end, _start, world) => {
        const wasWhole = await isWhole(world);
        // The app does again what did not succeed; what was done after it has begun a second chain.
        await world.twoFactor.forget(ann);
        const stored = await reasons(world);
        return [
          !wasWhole && 'the chain was not whole in between',
          (await world.accounts.load(ann)) !== null && 'the account is still there',
          !stored.includes('first') && 'the record is gone',
          isActed && !stored.includes('second') && 'what was done meanwhile is gone',
          !stored.includes('account.forgotten') && 'it does not say that the user was forgotten',
          !(await isWhole(world)) && 'the chain is not whole',
        ];
      },
    });
  });
});
