import { importFactor } from '../../lib/core/import-factor';
import { describe as statusIn, loadAccount } from '../../lib/core/status';
import { verify } from '../../lib/core/verify';
import { toBase32 } from '../../lib/crypto/base32';
import { createBudgetIds } from '../../lib/crypto/digest';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createDelivery } from '../../lib/delivery/delivery';
import { codeFactors, openAddress } from '../../lib/factors/one-time-code';
import { createCatalogue } from '../../lib/pages/catalogue';
import { resolveDelivery } from '../../lib/options/delivery';
import { seconds } from '../support/clock';
import type { UserId } from '../../lib/account/account';
import { ada, codeOf, coreScope, enrol, key, okOf, shownBy, type CoreScope } from './core-scope';
import { UnreliableAccounts } from './unreliable-accounts';

const bob = 'bob' as UserId;
const seed = (byte: number, length = 20) => toBase32(Buffer.alloc(length, byte));
const totp = (secret: string, label = 'Old phone') => ({ type: 'totp', secret, label }) as const;
const phone = (address: string, label = 'Phone') => ({ type: 'otp-sms', address, label }) as const;
const mailbox = (address: string, label = 'Mail') => ({ type: 'otp-email', address, label }) as const;

/** Both channels are on; what is sent goes nowhere. */
function sendingScope(accounts = new UnreliableAccounts()): CoreScope {
  const send = () => Promise.resolve();
  const given = { sms: { send, defaultRegion: 'CZ' }, email: { send } };
  const options = resolveDelivery(given, 'Test App', 'app.example');
  const delivery = createDelivery(options, createCatalogue(), createBudgetIds(createKeyRing([key])));
  return coreScope({ accounts, delivery });
}

describe('a factor from another system', () => {
  it('switches two-factor on at once, without codes', async () => {
    const scope = coreScope();
    const { factorId } = okOf(await importFactor(scope, ada, totp(seed(1))));
    const account = await loadAccount(scope, ada);
    expect(account).toMatchObject({
      epoch: 0,
      factors: [{ id: factorId, label: 'Old phone', usedUpTo: 0, lastUsedAt: null }],
      backupCodes: null,
    });
    expect(scope.told.map(({ name, rev }) => [name, rev])).toEqual([
      ['factor.added', account.rev],
      ['two-factor.enabled', account.rev],
    ]);
    expect(JSON.stringify(account)).not.toContain(seed(1));
  });

  it('ends no login, be it the first factor or another', async () => {
    const scope = coreScope();
    await enrol(scope);
    const { epoch } = await loadAccount(scope, ada);
    scope.clock.move(30 * seconds);
    scope.told.length = 0;
    okOf(await importFactor(scope, ada, totp(seed(1))));
    expect((await loadAccount(scope, ada)).epoch).toBe(epoch);
    expect(scope.told.map(({ name }) => name)).toEqual(['factor.added']);
    okOf(await importFactor(scope, bob, totp(seed(1))));
    expect((await loadAccount(scope, bob)).epoch).toBe(0);
  });

  it('ends every login where the app says so, in the same save', async () => {
    const accounts = new UnreliableAccounts();
    const scope = coreScope({ accounts });
    okOf(await importFactor(scope, ada, totp(seed(1)), { signOut: true }));
    expect((await loadAccount(scope, ada)).epoch).toBe(scope.now());
    scope.clock.move(30 * seconds);
    okOf(await importFactor(scope, ada, totp(seed(2)), { signOut: true }));
    const { epoch } = await loadAccount(scope, ada);
    expect(epoch).toBe(scope.now());
    scope.clock.move(30 * seconds);
    expect(codeOf(await importFactor(scope, ada, totp(seed(2)), { signOut: true }))).toBe('duplicate');
    expect((await loadAccount(scope, ada)).epoch).toBe(epoch);
    expect(accounts.saves).toBe(2);
  });

  it('with under 128 bits works, and says that it is weak', async () => {
    const scope = coreScope();
    okOf(await importFactor(scope, ada, totp(seed(1, 10), 'otplib')));
    okOf(await importFactor(scope, ada, { type: 'totp', secret: Buffer.alloc(16, 2), label: 'Long' }));
    const account = await loadAccount(scope, ada);
    expect(statusIn(scope, account).factors).toMatchObject([
      { label: 'otplib', weak: true },
      { label: 'Long' },
    ]);
    expect(account.factors[1]).not.toHaveProperty('weak');
    const code = shownBy(scope, Buffer.alloc(10, 1));
    expect(codeOf(await verify(scope, { userId: ada, login: null, tokens: [] }, 'totp', { code }))).toBe(
      'ok',
    );
    expect((await loadAccount(scope, ada)).factors[0]).toHaveProperty('weak', true);
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

  it('is refused over the number a user may have, and numbered where its name is taken', async () => {
    const scope = coreScope();
    okOf(await importFactor(scope, ada, totp(seed(1), 'One')));
    okOf(await importFactor(scope, ada, totp(seed(2), 'ONE')));
    okOf(await importFactor(scope, ada, totp(seed(3), 'One')));
    const labels = (await loadAccount(scope, ada)).factors.map(({ label }) => label);
    expect(labels).toEqual(['One', 'ONE 2', 'One 3']);
    expect(codeOf(await importFactor(scope, ada, totp(seed(4), 'Four')))).toBe('limit_reached');
  });

  it.each<[string, unknown, string]>([
    ['under 10 bytes', totp(seed(1, 9)), 'secret'],
    ['over 64 bytes', totp(seed(1, 65)), 'secret'],
    ['that is no base32', totp('not base32!'), 'secret'],
    ['that is neither', { type: 'totp', secret: 42, label: 'x' }, 'secret'],
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

describe('a phone or a mailbox from another system', () => {
  it.each([
    [phone('603 123 456'), '+420603123456', '•••••••56'],
    [mailbox('Ada@MÜLLER.example'), 'Ada@xn--mller-kva.example', 'A•••@m•••.example'],
  ] as const)('is sealed, in its one form, with the hint of it: %j', async (given, address, hint) => {
    const scope = sendingScope();
    const { factorId } = okOf(await importFactor(scope, ada, given));
    const account = await loadAccount(scope, ada);
    expect(account).toMatchObject({
      epoch: 0,
      factors: [{ id: factorId, type: given.type, label: given.label, hint, usedUpTo: 0, lastUsedAt: null }],
      backupCodes: null,
    });
    const [factor] = codeFactors(account, given.type);
    expect(factor && openAddress(account, factor, scope.seal)).toBe(address);
    expect(JSON.stringify([account, scope.told])).not.toContain(address);
    expect(scope.told.map(({ name }) => name)).toEqual(['factor.added', 'two-factor.enabled']);
  });

  it('comes once, in whatever spelling', async () => {
    const accounts = new UnreliableAccounts();
    const scope = sendingScope(accounts);
    okOf(await importFactor(scope, ada, phone('+420 603 123 456')));
    okOf(await importFactor(scope, ada, mailbox('ada@example.com')));
    const duplicate = { ok: false, code: 'duplicate', field: 'address' };
    for (const spelling of ['603123456', '00420-603-123-456', ' +420603123456 '])
      expect(await importFactor(scope, ada, phone(spelling, 'Another'))).toEqual(duplicate);
    expect(await importFactor(scope, ada, mailbox('ADA@Example.COM', 'Another'))).toEqual(duplicate);
    expect(accounts.saves).toBe(2);
  });

  it('comes once of ten at once', async () => {
    const scope = sendingScope();
    const imports = Array.from({ length: 10 }, (_, at) =>
      importFactor(scope, ada, phone('603123456', `Phone ${at}`)),
    );
    expect((await Promise.all(imports)).filter(({ ok }) => ok)).toHaveLength(1);
    expect((await loadAccount(scope, ada)).factors).toHaveLength(1);
  });

  it('is refused over five of its type, and leaves the other types their room', async () => {
    const scope = sendingScope();
    for (let last = 1; last <= 5; last += 1)
      okOf(await importFactor(scope, ada, phone(`60312345${last}`, `Phone ${last}`)));
    expect(codeOf(await importFactor(scope, ada, phone('603123456', 'Phone 6')))).toBe('limit_reached');
    okOf(await importFactor(scope, ada, mailbox('ada@example.com')));
    okOf(await importFactor(scope, ada, totp(seed(1))));
  });

  it('is numbered where another of its type has the name', async () => {
    const scope = sendingScope();
    okOf(await importFactor(scope, ada, phone('603123456', 'Mine')));
    okOf(await importFactor(scope, ada, mailbox('ada@example.com', 'Mine')));
    okOf(await importFactor(scope, ada, phone('603123457', 'mine')));
    const labels = (await loadAccount(scope, ada)).factors.map(({ label }) => label);
    expect(labels).toEqual(['Mine', 'Mine', 'mine 2']);
  });

  it.each<[string, unknown, string, string | undefined]>([
    ['no number', phone('call me'), 'address', 'phone_letters'],
    ['no mail address', mailbox('ada'), 'address', 'email_form'],
    ['nothing', { type: 'otp-sms', label: 'x' }, 'address', 'phone_empty'],
    ['without a name', { type: 'otp-email', address: 'ada@example.com' }, 'label', 'label_empty'],
  ])('is refused: %s', async (_name, factor, field, reason) => {
    const scope = sendingScope();
    const refused = await importFactor(scope, ada, factor as never);
    expect(refused).toEqual({ ok: false, code: 'malformed', field, reason });
    expect(await scope.accounts.load(ada)).toBeNull();
  });

  it('is not taken where nobody could send it a code', async () => {
    const scope = coreScope();
    expect(codeOf(await importFactor(scope, ada, phone('+420603123456')))).toBe('not_found');
    expect(codeOf(await importFactor(scope, ada, mailbox('ada@example.com')))).toBe('not_found');
    expect(await scope.accounts.load(ada)).toBeNull();
  });
});
