import { newBackupCodes, useBackupCode } from '../../lib/account/backup-codes';
import type { Account, FactorType } from '../../lib/account/account';
import { waysOf } from '../../lib/core/offer';
import { describe as describeAccount, loadAccount } from '../../lib/core/status';
import { statusOf } from '../../lib/core/status-of';
import { aFactor, anAccount, noon, sealed } from '../account/an-account';
import { ada, aLogin, coreScope, enrol } from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const some = coreScope();
const everyChannel = {
  settings: some.settings,
  kinds: some.kinds,
  delivery: { ...some.delivery, isOn: () => true },
};
const ways = (account: Account) => waysOf(everyChannel, aLogin(some), account);
const ofType = (type: FactorType, id: string) => ({
  ...aFactor(id),
  type: type as 'totp',
  ...(type === 'webauthn' && { rpId: some.settings.keys?.party.id }),
});

describe('the status of a user', () => {
  it('is that nothing is on where nothing was ever stored, and storing nothing by asking', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    expect(await statusOf(scope, ada)).toEqual({
      enabled: false,
      types: [],
      factors: [],
      backupCodes: null,
      newBrowserCovered: false,
      recoveredAt: null,
      holdUntil: null,
      request: null,
    });
    expect(await loadAccount(scope, ada)).toMatchObject({ userId: ada, epoch: 0 });
    expect(accounts.saves).toBe(0);
  });

  it('shows factors and counts, and no secret, digest or token', async () => {
    const scope = coreScope();
    const { secret, codes, factorId, tokens } = await enrol(scope);
    const status = await statusOf(scope, ada);
    expect(status).toMatchObject({
      enabled: true,
      types: ['totp'],
      factors: [
        { id: factorId, type: 'totp', label: 'Phone', hint: null, createdAt: scope.now(), lastUsedAt: null },
      ],
      backupCodes: { left: 10, total: 10, createdAt: scope.now() },
    });
    const text = JSON.stringify(status);
    for (const hidden of [secret.toString('hex'), ...codes, ...tokens, '"1.'])
      expect(text).not.toContain(hidden);
    expect(Object.keys(status.factors[0] ?? {})).toEqual([
      'id',
      'type',
      'label',
      'hint',
      'createdAt',
      'lastUsedAt',
      'preferred',
      'key',
    ]);
  });

  it('says which factor is preferred', () => {
    const [phone, tablet] = [aFactor('phone'), aFactor('tablet')];
    const { factors } = describeAccount(some, anAccount([phone, tablet], { preferred: tablet.id }));
    expect(factors.map(({ preferred }) => preferred)).toEqual([false, true]);
  });
});

describe('the ways to prove it', () => {
  const all = (['otp-email', 'totp', 'webauthn', 'otp-sms', 'totp'] as const).map((type, at) =>
    ofType(type, `${at}`),
  );

  it('come by strength, each once, a backup code last', () => {
    expect(ways(anAccount(all))).toEqual(['webauthn', 'totp', 'otp-sms', 'otp-email', 'backup-code']);
  });

  it('begin with the preferred one', () => {
    const account = anAccount(all, { preferred: all[3]?.id ?? null });
    expect(ways(account)).toEqual(['otp-sms', 'webauthn', 'totp', 'otp-email', 'backup-code']);
  });

  it('have no backup code where none is left, or none was made', () => {
    const one = anAccount(all, { backupCodes: newBackupCodes([sealed('1')], noon) });
    expect(ways(one)).toContain('backup-code');
    expect(ways(useBackupCode(one, 0, noon))).not.toContain('backup-code');
    expect(ways(anAccount(all, { backupCodes: null }))).not.toContain('backup-code');
  });
});
