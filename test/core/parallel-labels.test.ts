import { confirmTotp, beginTotp } from '../../lib/core/enrol-totp';
import { loadAccount } from '../../lib/core/status';
import { minutes } from '../support/clock';
import { accessOf, ada, codeOf, coreScope, enrol, okOf, shownBy } from './core-scope';

/** Two logins that each set up one more app and confirm it at the same time. */
async function confirmTwo(label?: string) {
  const scope = coreScope();
  const { login } = await enrol(scope);
  scope.clock.move(minutes);
  const confirmations = await Promise.all(
    ['one', 'two'].map(async (loginId) => {
      const own = await accessOf(scope, { ...login, loginId });
      const { secret } = okOf(await beginTotp(scope, own));
      return () =>
        confirmTotp(scope, own, { code: shownBy(scope, secret), label, defaultLabel: 'Phone' }, []);
    }),
  );
  const results = await Promise.all(confirmations.map((confirm) => confirm()));
  const labels = (await loadAccount(scope, ada)).factors.map((factor) => factor.label);
  return { results: results.map(codeOf).toSorted(), told: results, labels };
}

describe('Two apps confirmed at once', () => {
  it('get names of their own where nobody gave one', async () => {
    const { results, labels, told } = await confirmTwo();
    expect(results).toEqual(['ok', 'ok']);
    expect(labels.toSorted()).toEqual(['Phone', 'Phone 2', 'Phone 3']);
    expect(told.map((one) => okOf(one).factor.label).toSorted()).toEqual(['Phone 2', 'Phone 3']);
  });

  it('do not get one name that both were given', async () => {
    const { results, labels } = await confirmTwo('Tablet');
    expect(results).toEqual(['duplicate', 'ok']);
    expect(labels).toEqual(['Phone', 'Tablet']);
  });
});
