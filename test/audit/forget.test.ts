import { blankAccount, type UserId } from '../../lib/account/account';
import { pseudonymOf } from '../../lib/crypto/digest';
import { memoryAudit } from '../../lib/stores/memory-audit';
import type { AuditStore } from '../../lib/stores/audit';
import { override } from '../support/override';
import { aProcess, LEASE, recordsIn, tamper, toldOf, world } from './cast';
import { ada, admin } from './records';

const [oldKey, newKey] = ['11'.repeat(32), '22'.repeat(32)] as const;
const bob = 'bob' as UserId;

describe('When a user is forgotten', () => {
  it('their records stay, under a pseudonym, with that as the last', async () => {
    const here = world();
    const { act, forget } = aProcess(here);
    await act();
    await act();
    await forget();
    expect(await here.stored.load(ada)).toBeNull();
    const records = await recordsIn(here);
    expect(records.map(({ action }) => action)).toEqual([
      'factor.suspended',
      'factor.suspended',
      'account.forgotten',
    ]);
    expect(records.map(({ target }) => target)).toEqual(records.map(() => ({ pseudonym: pseudonymOf(ada) })));
    expect(JSON.stringify(records)).not.toContain('"ada"');
  });

  it('records that nobody had brought yet are brought first', async () => {
    const here = world();
    const { act, forget, office, findings } = aProcess(here);
    await office.close();
    await act();
    await forget();
    expect(await recordsIn(here)).toHaveLength(2);
    expect(await findings()).toEqual([]);
  });

  it('their name goes from what they did to others', async () => {
    const here = world();
    const { act, forget, findings, tick } = aProcess(here);
    await act({ actor: { user: admin } });
    await act({ actor: { user: admin } }, bob);
    here.clock.move(LEASE);
    await tick();
    await forget(bob);
    await forget(admin);
    for (const user of [ada, bob])
      expect((await recordsIn(here, user))[0]?.actor).toEqual({ pseudonym: pseudonymOf(admin) });
    expect([...(await findings()), ...(await findings(bob))]).toEqual([]);
  });

  it('nothing stays of somebody to whom nothing was done', async () => {
    const here = world();
    const { scope, forget } = aProcess(here);
    await scope.accounts.save(blankAccount(bob), null);
    await forget(bob);
    await forget('nobody' as UserId);
    expect(await here.audit.list(pseudonymOf(bob))).toEqual({ records: [], ends: [] });
  });

  it('and the audit store is down, nothing is forgotten, and it can be done again', async () => {
    const audit = memoryAudit();
    const here = world({ audit });
    const down = override<AuditStore>(audit, {
      end: () => Promise.reject(new Error('down')),
    });
    const failing = aProcess(here, down);
    await failing.act();
    await expect(failing.forget()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await here.stored.load(ada)).not.toBeNull();
    // Meanwhile nothing is added that would be lost.
    await expect(failing.act()).rejects.toMatchObject({ code: 'conflict' });
    const { forget, all } = aProcess(here);
    await forget();
    expect(await recordsIn(here)).toHaveLength(2);
    expect((await all()).map(toldOf)).toEqual([[]]);
  });

  it('and the process dies just before the account goes, the chain is whole before and after the next try', async () => {
    const here = world();
    const { act, office, forget, all } = aProcess(here);
    await act();
    await office.forget(ada);
    expect((await all()).map(toldOf)).toEqual([[]]);
    await forget();
    expect((await all()).map(toldOf)).toEqual([[]]);
  });

  it('and the account is not as it was saved, it goes, and the chain is said to have no end', async () => {
    const here = world();
    const { act, forget, findings } = aProcess(here);
    await act();
    await here.audit.append((await here.stored.load(ada))?.audit?.unsent ?? []);
    const account = await here.stored.load(ada);
    if (account) await here.stored.save({ ...account, epoch: 7 }, account.rev);
    await forget();
    expect(await here.stored.load(ada)).toBeNull();
    expect(await findings()).toEqual(['no_end']);
  });

  it('and comes back under the same id, both chains are verified', async () => {
    const here = world();
    const { act, forget, findings } = aProcess(here);
    for (const reason of ['one', 'two']) await act({ reason });
    await forget();
    here.clock.move(1);
    for (const reason of ['three', 'four', 'five', 'six']) await act({ reason });
    expect(await findings()).toEqual([]);
    await forget();
    expect(await findings()).toEqual([]);
    const { records } = await here.audit.list(pseudonymOf(ada));
    expect(records).toHaveLength(8);
    for (const record of records) {
      const without = tamper(here, (chain) => ({
        records: chain.records.filter((one) => one.hash !== record.hash),
      }));
      expect(await aProcess(without).findings()).not.toEqual([]);
    }
  });
});

describe('The end of the chain of a forgotten user', () => {
  const forgotten = async (keys: readonly string[] = [oldKey]) => {
    const here = world({ keys });
    const { act, forget } = aProcess(here);
    await act();
    await forget();
    return here;
  };

  it('is found to be removed, with some of the records or with none', async () => {
    const here = await forgotten();
    expect(await aProcess(tamper(here, () => ({ ends: [] }))).findings()).toEqual(['no_end']);
    expect(await aProcess(tamper(here, () => ({ records: [] }))).findings()).toEqual([
      '1 missing',
      '2 missing',
    ]);
    const cut = tamper(here, ({ records }) => ({ records: records.slice(0, 1) }));
    expect(await aProcess(cut).findings()).toEqual(['2 missing']);
  });

  it('cannot be made without a key, nor moved from another user', async () => {
    const here = await forgotten();
    const shorter = tamper(here, ({ ends, records }) => ({
      records: records.slice(0, 1),
      ends: ends.map((end) => ({ ...end, seq: 1, hash: records[0]?.hash ?? '' })),
    }));
    expect(await aProcess(shorter).findings()).toEqual(['1 end']);
    const { act, forget } = aProcess(here);
    await act({}, bob);
    await forget(bob);
    const ofBob = await here.audit.list(pseudonymOf(bob));
    expect(await aProcess(tamper(here, () => ofBob)).findings()).toContain('2 end');
  });

  it('is signed again with a new key, so that the old one can be removed', async () => {
    const here = await forgotten();
    const onlyNew = aProcess({ ...here, keys: [newKey] });
    expect(await onlyNew.findings()).toEqual(['2 unknown_key']);
    const both = aProcess({ ...here, keys: [newKey, oldKey] });
    expect(await both.findings()).toEqual([]);
    expect(await both.office.reseal()).toBe(1);
    expect(await both.office.reseal()).toBe(0);
    expect(await onlyNew.findings()).toEqual([]);
  });
});
