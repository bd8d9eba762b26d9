import { memoryAudit, type UserId } from '../../lib';
import { blankAccount } from '../../lib/account/account';
import { addRecord } from '../../lib/audit/chain';
import { pseudonymOf } from '../../lib/crypto/digest';
import { anAct } from '../audit/records';
import { seconds } from '../support/clock';
import { hostApp, testKey } from '../support/host-app';
import { signing } from '../support/signing';

const ann = 'id-ann' as UserId;
const newKey = '22'.repeat(32);

/** An app with an audit, one of whose processes died after something was done to ann. */
async function somethingDone() {
  const audit = memoryAudit();
  const host = hostApp({ audit });
  const { accounts } = host.options;
  const account = addRecord(blankAccount(ann), anAct(), host.clock.now());
  const dueAt = host.clock.now() + 30 * seconds;
  await signing(accounts).save({ ...account, dueAt }, null);
  const inAudit = () => audit.list(pseudonymOf(ann));
  return { host, audit, accounts, inAudit };
}

describe('An app with an audit', () => {
  it('brings what was left to it with tick, and says how much', async () => {
    const { host, inAudit } = await somethingDone();
    expect(await host.twoFactor.tick()).toMatchObject({ audit: 0 });
    host.clock.move(31 * seconds);
    expect(await host.twoFactor.tick()).toMatchObject({ audit: 1, more: false });
    expect(await host.twoFactor.tick()).toMatchObject({ audit: 0 });
    expect((await inAudit()).records).toMatchObject([{ seq: 1, target: { id: ann } }]);
  });

  it('forgets a user, and keeps the records under a pseudonym', async () => {
    const { host, accounts, inAudit } = await somethingDone();
    await host.twoFactor.forget(ann);
    expect(await accounts.load(ann)).toBeNull();
    const { records, ends } = await inAudit();
    expect(records.map(({ action }) => action)).toEqual(['factor.suspended', 'account.forgotten']);
    expect(ends).toMatchObject([{ seq: 2, hash: records[1]?.hash }]);
    expect(JSON.stringify({ records, ends })).not.toContain(ann);
  });

  it('counts what an old key signed there, until it is signed again', async () => {
    const { host, audit, accounts } = await somethingDone();
    await host.twoFactor.forget(ann);
    const { twoFactor } = hostApp({ audit, accounts, keys: [newKey, testKey] });
    expect((await twoFactor.keys.usage()).map((one) => one.accounts)).toEqual([0, 1]);
    expect(await twoFactor.keys.reseal()).toBe(1);
    expect((await twoFactor.keys.usage()).map((one) => one.accounts)).toEqual([1, 0]);
  });
});
