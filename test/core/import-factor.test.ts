import { importFactor } from '../../lib/core/import-factor';
import { loadAccount } from '../../lib/core/status';
import { toBase32 } from '../../lib/crypto/base32';
import { seconds } from '../support/clock';
import { ada, codeOf, coreScope, enrol, okOf } from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const seed = (byte: number, length = 20) => toBase32(Buffer.alloc(length, byte));
const totp = (secret: string, label = 'Old phone') => ({ type: 'totp', secret, label }) as const;

describe('a factor from another system', () => {
  it('switches two-factor on at once, without codes', async () => {
    const scope = coreScope();
    const { factorId } = okOf(await importFactor(scope, ada, totp(seed(1))));
    const account = await loadAccount(scope, ada);
    expect(account).toMatchObject({
      epoch: scope.now(),
      factors: [{ id: factorId, label: 'Old phone', usedUpTo: 0, lastUsedAt: null }],
      backupCodes: null,
    });
    expect(scope.told.map(({ name, rev }) => [name, rev])).toEqual([
      ['factor.added', account.rev],
      ['two-factor.enabled', account.rev],
    ]);
    expect(JSON.stringify(account)).not.toContain(seed(1));
  });

  it('ends no login where two-factor was on already', async () => {
    const scope = coreScope();
    await enrol(scope);
    const { epoch } = await loadAccount(scope, ada);
    scope.clock.move(30 * seconds);
    scope.told.length = 0;
    okOf(await importFactor(scope, ada, totp(seed(1))));
    expect((await loadAccount(scope, ada)).epoch).toBe(epoch);
    expect(scope.told.map(({ name }) => name)).toEqual(['factor.added']);
  });

  it('comes once: a second import of the seed changes nothing, in whatever spelling', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    okOf(await importFactor(scope, ada, totp(seed(1))));
    const spelled = seed(1)
      .toLowerCase()
      .replace(/(.{4})/g, '$1 ');
    const again = await importFactor(scope, ada, totp(spelled, 'Another name'));
    expect(again).toEqual({ ok: false, code: 'duplicate', field: 'secret' });
    expect(accounts.saves).toBe(1);
  });

  it('comes once of ten at once', async () => {
    const scope = coreScope();
    const results = await Promise.all(
      Array.from({ length: 10 }, async (_, at) =>
        codeOf(await importFactor(scope, ada, totp(seed(1), `App ${at}`))),
      ),
    );
    expect(results.filter((code) => code === 'ok')).toHaveLength(1);
    expect((await loadAccount(scope, ada)).factors).toHaveLength(1);
  });

  it('is refused over the number a user may have, and with a name that is taken', async () => {
    const scope = coreScope();
    okOf(await importFactor(scope, ada, totp(seed(1), 'One')));
    expect(await importFactor(scope, ada, totp(seed(2), 'ONE'))).toMatchObject({
      code: 'duplicate',
      field: 'label',
    });
    okOf(await importFactor(scope, ada, totp(seed(2), 'Two')));
    okOf(await importFactor(scope, ada, totp(seed(3), 'Three')));
    expect(codeOf(await importFactor(scope, ada, totp(seed(4), 'Four')))).toBe('conflict');
  });

  it.each<[string, unknown, string]>([
    ['under 16 bytes', totp(seed(1, 15)), 'secret'],
    ['over 64 bytes', totp(seed(1, 65)), 'secret'],
    ['that is no base32', totp('not base32!'), 'secret'],
    ['that is no text', { type: 'totp', secret: Buffer.alloc(20), label: 'x' }, 'secret'],
    ['without a name', { type: 'totp', secret: seed(1) }, 'label'],
    ['of another type', { type: 'sms', secret: seed(1), label: 'x' }, 'type'],
  ])('is refused: a seed %s', async (_name, factor, field) => {
    const scope = coreScope();
    const refused = await importFactor(scope, ada, factor as never);
    expect(refused).toMatchObject({ ok: false, code: 'malformed', field });
    expect(JSON.stringify(refused)).not.toContain('AEAQ');
    expect(await scope.accounts.load(ada)).toBeNull();
  });
});
