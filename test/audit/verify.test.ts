import fc from 'fast-check';
import { blankAccount, type UserId } from '../../lib/account/account';
import type { AuditRecord } from '../../lib/account/audit';
import { pseudonymOf } from '../../lib/crypto/digest';
import type { AuditStore } from '../../lib/stores/audit';
import { runs } from '../account/an-account';
import { override } from '../support/override';
import { findingsIn, type Head } from '../../lib/audit/findings';
import { aProcess, LEASE, putBack, recordsIn, tamper, toldOf, world } from './cast';
import { ada, after, anAct, recordsOf } from './records';

const bob = 'bob' as UserId;

/** Five things were done to ada, and brought to the store. */
async function fiveDone() {
  const here = world();
  const { act, tick, office } = aProcess(here);
  await office.close();
  for (let nth = 1; nth <= 5; nth += 1) await act({ action: `act ${nth}` });
  here.clock.move(LEASE);
  await tick();
  return here;
}

type Records = readonly AuditRecord[];
const changed = (records: Records, seq: number, change: (record: AuditRecord) => object): Records =>
  records.map((record) => (record.seq === seq ? { ...record, ...change(record) } : record));
const without = (records: Records, ...seqs: readonly number[]): Records =>
  records.filter(({ seq }) => !seqs.includes(seq));
/** Another record in this place, right by itself: made by the code that makes them. */
const forged = (records: Records, seq: number): Records => {
  const [before] = records.filter((record) => record.seq === seq - 1);
  const trail = { seq: seq - 1, hash: before?.hash ?? null, unsent: [] };
  const [record] =
    after({ ...blankAccount(ada), audit: trail }, [anAct({ action: 'forged' })]).audit?.unsent ?? [];
  return record ? [...records, record] : records;
};

describe('A chain', () => {
  it('is whole as it was made, in the store, in the account or in both', async () => {
    const here = await fiveDone();
    const { act, findings, office } = aProcess(here);
    expect(await findings()).toEqual([]);
    await office.close();
    await act();
    expect(await findings()).toEqual([]);
  });

  it.each<[string, (records: Records) => Records, string[]]>([
    ['a changed record', (all) => changed(all, 3, () => ({ reason: 'none' })), ['3 changed']],
    ['a changed hash', (all) => changed(all, 3, () => ({ hash: 'x' })), ['3 changed']],
    [
      'a changed name',
      (all) => changed(all, 3, ({ target }) => ({ target: { ...target, id: 'eve' } })),
      ['3 changed'],
    ],
    ['a changed last one', (all) => changed(all, 5, () => ({ actor: 'process' })), ['5 changed']],
    ['a removed record', (all) => without(all, 3), ['3 missing']],
    ['the first one removed', (all) => without(all, 1), ['1 missing']],
    ['the last one removed', (all) => without(all, 5), ['5 missing']],
    ['the last two removed', (all) => without(all, 4, 5), ['4 missing', '5 missing']],
    ['all of them removed', () => [], [1, 2, 3, 4, 5].map((seq) => `${seq} missing`)],
    [
      'two that changed places',
      (all) => all.map((one) => ({ ...one, seq: [1, 2, 4, 3, 5][one.seq - 1] ?? 0 })),
      ['3 changed', '4 changed'],
    ],
    ['one put in the place of another', (all) => forged(without(all, 3), 3), ['3 changed']],
    ['one put beside another', (all) => forged(all, 3), ['3 extra']],
    ['one added at the end', (all) => forged(all, 6), ['6 ahead']],
    ['one of another user', (all) => [...all, ...recordsOf(1, bob)], ['1 extra']],
    [
      'one that is there twice',
      (all) => [...all, ...all.slice(2, 3).map((one) => ({ ...one }))],
      ['3 extra'],
    ],
    ['one that is none', (all) => [...all, {} as AuditRecord], ['extra']],
  ])('is found to have %s', async (_what, change, findings) => {
    const here = await fiveDone();
    const spoilt = tamper(here, ({ records }) => ({ records: change(records) }));
    expect(await aProcess(spoilt).findings()).toEqual(findings);
  });

  it('whose account was put back to an older state is found by the records that are ahead of it', async () => {
    const here = await fiveDone();
    const older = await here.stored.load(ada);
    const { act, findings } = aProcess(here);
    await act();
    await here.audit.append((await here.stored.load(ada))?.audit?.unsent ?? []);
    if (older) await putBack(here, older);
    expect(await findings()).toEqual(['6 ahead']);
  });

  it('whose account is not as it was saved, or gone, is found by that', async () => {
    const here = await fiveDone();
    const { findings } = aProcess(here);
    const account = await here.stored.load(ada);
    if (!account?.audit) throw new Error('there is one');
    const [first] = await recordsIn(here);
    // Only the account is changed: its chain ends where whoever did it would like.
    const shorter = { ...account, audit: { seq: 1, hash: first?.hash ?? null, unsent: [] } };
    await putBack(here, shorter);
    expect(await findings()).toEqual(['account']);
    await here.stored.remove(ada);
    expect(await findings()).toEqual(['no_end']);
    expect(await aProcess({ ...here, keys: ['22'.repeat(32)] }).findings()).toEqual(['no_end']);
    await here.stored.save(account, null);
    expect(await aProcess({ ...here, keys: ['22'.repeat(32)] }).findings()).toEqual(['unknown_key']);
  });

  it('is not called broken because something is done, or brought, while it is read', async () => {
    const here = world();
    const { act, tick, office } = aProcess(here);
    await office.close();
    await act();
    let reads = 0;
    const audit = override<AuditStore>(here.audit, {
      list: async (of) => {
        const chain = await here.audit.list(of);
        reads += 1;
        if (reads === 1) {
          here.clock.move(LEASE);
          await tick();
        }
        if (reads === 2) await act();
        return chain;
      },
    });
    expect(await aProcess({ ...here, audit }).findings()).toEqual([]);
    expect(reads).toBe(3);
  });

  it('of an account that never stops changing is not judged', async () => {
    const here = world();
    const { act } = aProcess(here);
    const audit = override<AuditStore>(here.audit, {
      list: async (of) => {
        await act();
        return here.audit.list(of);
      },
    });
    await expect(aProcess({ ...here, audit }).findings()).rejects.toMatchObject({ code: 'busy' });
  });
});

describe('Whatever is done to the records of a chain', () => {
  const whole = recordsOf(6);
  const head: Head = { seq: 6, hash: whole.at(-1)?.hash ?? '' };

  const place = fc.integer({ min: 0, max: 5 });
  const value = fc.oneof(fc.string(), fc.integer(), fc.constantFrom(null, undefined, true), fc.object());
  const field = fc.constantFrom(
    'seq',
    'at',
    'actor',
    'target',
    'action',
    'reason',
    'request',
    'previous',
    'hash',
  );
  type Step = (records: Records) => Records;
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.tuple(place, field, value).map(
      ([at, name, to]): Step =>
        (all) =>
          all.map((one, nth) => (nth === at ? { ...one, [name]: to } : one)),
    ),
    place.map(
      (at): Step =>
        (all) =>
          all.filter((_, nth) => nth !== at),
    ),
    fc.tuple(place, place).map(
      ([from, to]): Step =>
        (all) =>
          all.map((one, nth) => (nth === from ? { ...one, seq: to + 1 } : one)),
    ),
    fc.tuple(place, place).map(
      ([one, other]): Step =>
        (all) =>
          all.map(
            (record, nth) =>
              ({ ...(nth === one ? all[other] : nth === other ? all[one] : record) }) as AuditRecord,
          ),
    ),
    place.map(
      (at): Step =>
        (all) =>
          forged(all, at + 2),
    ),
  );

  it('it is whole if and only if it has the records that were made', () => {
    const named = (records: Records) =>
      JSON.stringify(
        records.toSorted((one, other) => (one.hash < other.hash ? -1 : 1)),
        (_name, it: unknown) => it ?? null,
      );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
        const records = steps.reduce((all, one) => one(all), whole);
        const isSame = named(records) === named(whole);
        expect(findingsIn(records, [head]).length === 0).toBe(isSame);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('Everyone’s chains', () => {
  it('are verified: of accounts, of forgotten users, and of records that belong to neither', async () => {
    const here = world();
    const { act, forget, all, scope } = aProcess(here);
    await act();
    await act({}, bob);
    await forget(bob);
    await scope.accounts.save(blankAccount('cyd' as UserId), null);
    await here.audit.append(recordsOf(2, 'dan' as UserId));
    await here.audit.append(recordsOf(1, 'cyd' as UserId));
    const found = (await all()).map((one) => [one.userId, one.records, toldOf(one)]);
    expect(found).toHaveLength(4);
    expect(found).toEqual(
      expect.arrayContaining([
        [ada, 1, []],
        [null, 2, []],
        ['cyd', 1, ['no_end']],
        ['dan', 2, ['no_end']],
      ]),
    );
  });

  it('are not called broken because of an account that is made while they are read', async () => {
    const here = world();
    const { act } = aProcess(here);
    const audit = override<AuditStore>(here.audit, {
      chains: async function* () {
        await act();
        await here.audit.append((await here.stored.load(ada))?.audit?.unsent ?? []);
        yield* here.audit.chains();
      },
    });
    const { all } = aProcess({ ...here, audit });
    expect((await all()).map((one) => [one.of, toldOf(one)])).toEqual([[pseudonymOf(ada), []]]);
  });
});
