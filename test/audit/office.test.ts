import { blankAccount, type UserId } from '../../lib/account/account';
import { memoryAudit } from '../../lib/stores/memory-audit';
import type { AuditStore } from '../../lib/stores/audit';
import { override } from '../support/override';
import { until } from '../support/within';
import { aProcess, LEASE, recordsIn, tamper, toldOf, unsentOf, world } from './cast';
import { ada } from './records';

const isBrought = (where: ReturnType<typeof world>, many: number) =>
  until(2_000, 'records to be brought', async () => {
    const [stored, unsent] = await Promise.all([recordsIn(where), unsentOf(where)]);
    return stored.length === many && unsent.length === 0;
  });

/** A store that is down until it is told not to be. */
function failing() {
  const audit = memoryAudit();
  const state = { isDown: true };
  const store = override<AuditStore>(audit, {
    append: async (records) => {
      if (state.isDown) throw new Error('down');
      await audit.append(records);
    },
  });
  return { store, state, audit };
}

describe('A record', () => {
  it('is in the store right after the save, and waits no more', async () => {
    const here = world();
    const { act } = aProcess(here);
    await act();
    await act({ actor: 'requester' });
    await isBrought(here, 2);
    expect((await recordsIn(here)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await here.stored.load(ada)).toMatchObject({ audit: { seq: 2, unsent: [] } });
    expect((await here.stored.load(ada))?.dueAt).toBeUndefined();
  });

  it('is not lost while the store is down: tick brings it once it is due, in any process', async () => {
    const { store, state, audit } = failing();
    const here = world({ audit });
    await aProcess(here, store).act();
    state.isDown = false;
    const { tick } = aProcess(here);
    expect(await tick()).toEqual({ done: 0, more: false });
    here.clock.move(LEASE);
    expect(await tick()).toEqual({ done: 1, more: false });
    expect(await tick()).toEqual({ done: 0, more: false });
    expect(await recordsIn(here)).toHaveLength(1);
    expect(await unsentOf(here)).toEqual([]);
  });

  it('is brought by another process where the one that saved it has died', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    await dying.act();
    expect(await recordsIn(here)).toEqual([]);
    here.clock.move(LEASE);
    expect((await aProcess(here).tick()).done).toBe(1);
    await isBrought(here, 1);
  });

  it('is stored once where a process died after it was stored and before that was noted', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    await dying.act();
    await here.audit.append(await unsentOf(here));
    here.clock.move(LEASE);
    expect((await aProcess(here).tick()).done).toBe(1);
    await isBrought(here, 1);
  });

  it('is stored once by two ticks at once', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    for (let times = 0; times < 5; times += 1) await dying.act();
    here.clock.move(LEASE);
    await Promise.all([aProcess(here).tick(), aProcess(here).tick()]);
    await isBrought(here, 5);
    expect(await aProcess(here).findings()).toEqual([]);
  });

  it('is not lost if it is made while others are on the way', async () => {
    const here = world();
    const store = override<AuditStore>(here.audit, {
      append: async (records) => {
        if (records.length === 1) await dying.act({ action: 'meanwhile' });
        await here.audit.append(records);
      },
    });
    const dying = aProcess(here);
    await dying.office.close();
    await dying.act();
    here.clock.move(LEASE);
    expect((await aProcess(here, store).tick()).done).toBe(1);
    expect((await unsentOf(here)).map(({ action }) => action)).toEqual(['meanwhile']);
    here.clock.move(LEASE);
    await aProcess(here).tick();
    await isBrought(here, 2);
  });

  it('of one account that cannot be read holds up no other', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    await dying.act();
    await dying.act({}, 'bob' as UserId);
    here.clock.move(LEASE);
    const account = await here.stored.load(ada);
    if (account) await here.stored.save({ ...account, epoch: 7, rev: account.rev }, account.rev);
    expect((await aProcess(here).tick()).done).toBe(1);
  });

  it('is not kept where there is no store, but the end of the chain is', async () => {
    const here = world();
    const { act, tick, office } = aProcess(here, null);
    await act();
    await act();
    expect((await here.stored.load(ada))?.audit).toMatchObject({
      seq: 2,
      hash: expect.any(String),
      unsent: [],
    });
    here.clock.move(LEASE);
    expect(await tick()).toEqual({ done: 0, more: false });
    expect(await office.list(ada)).toEqual([]);
  });

  it('that waited when the option was left out once is still brought later', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    await dying.act();
    await aProcess(here, null).act();
    expect(await unsentOf(here)).toHaveLength(1);
    here.clock.move(LEASE);
    expect((await aProcess(here).tick()).done).toBe(1);
    expect(await aProcess(here).findings()).toEqual([]);
  });

  it('is expected only from when on there is a store', async () => {
    const here = world();
    for (const store of [here.audit, null, null, here.audit, here.audit]) {
      const { act, tick, office } = aProcess(here, store);
      await office.close();
      await act();
      here.clock.move(LEASE);
      await tick();
    }
    const { findings, forget } = aProcess(here);
    expect((await recordsIn(here)).map(({ seq }) => seq)).toEqual([1, 4, 5]);
    expect(await findings()).toEqual([]);
    const without = (gone: number) =>
      tamper(here, ({ records }) => ({ records: records.filter(({ seq }) => seq !== gone) }));
    expect(await aProcess(without(4)).findings()).toEqual(['4 missing']);
    const changed = tamper(here, ({ records }) => ({ records: records.map((one) => ({ ...one, at: 0 })) }));
    expect(await aProcess(changed).findings()).toEqual(['1 changed', '4 changed', '5 changed']);
    await forget();
    expect(await findings()).toEqual([]);
    const lower = tamper(here, ({ ends }) => ({ ends: ends.map((end) => ({ ...end, notKept: 5 })) }));
    expect(await aProcess(lower).findings()).toContain('6 end');
  });

  it('of an account that is nobody’s is not kept', async () => {
    const here = world();
    const { scope, act } = aProcess(here);
    await scope.accounts.save({ ...blankAccount(ada), shadowUntil: here.clock.now() + LEASE }, null);
    await act({ actor: 'requester' });
    expect((await here.stored.load(ada))?.audit).toMatchObject({ seq: 1, unsent: [] });
    expect((await aProcess(here).all()).map(toldOf)).toEqual([[]]);
    await here.stored.remove(ada);
    expect(await aProcess(here).all()).toEqual([]);
  });

  it('is listed wherever it is: in the store, or still in the account', async () => {
    const here = world();
    const { act, office } = aProcess(here);
    await act({ action: 'first' });
    await isBrought(here, 1);
    await office.close();
    await act({ action: 'second' });
    expect((await office.list(ada)).map(({ action }) => action)).toEqual(['first', 'second']);
  });

  it('is left for the next tick where the limit is reached', async () => {
    const here = world();
    const dying = aProcess(here);
    await dying.office.close();
    for (const user of ['ann', 'bob', 'cyd'] as UserId[]) await dying.act({}, user);
    here.clock.move(LEASE);
    const { office } = aProcess(here);
    expect(await office.task({ limit: 2, isOver: () => false })).toEqual({ done: 2, more: true });
    expect(await office.task({ limit: 2, isOver: () => false })).toEqual({ done: 1, more: false });
  });
});
