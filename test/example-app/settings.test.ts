import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemoClock, memoryAhead } from '../../example-app/demo-clock';
import { memoryOutbox } from '../../example-app/outbox';
import { openSenders } from '../../example-app/senders';
import { readSettings } from '../../example-app/settings';

const KEY = '0123456789abcdef'.repeat(4);

describe('the settings of the example app', () => {
  it('need nothing of the environment', () => {
    expect(readSettings({})).toMatchObject({
      port: 3000,
      origin: 'http://localhost:3000',
      keyIsNew: true,
      mongoUri: undefined,
      redisUrl: undefined,
      trustProxy: false,
      production: false,
      newBrowser: 'confirm',
      evidenceDir: join(tmpdir(), 'webadmin-evidence'),
      acceptLoss: false,
      scryptCost: 15,
    });
    expect(readSettings({}).key).toMatch(/^[0-9a-f]{64}$/);
    expect(readSettings({}).key).not.toBe(readSettings({}).key);
  });

  it('take an empty variable for one that is not set', () => {
    const names = [
      'PORT',
      'ORIGIN',
      'TWO_FACTOR_KEY',
      'MONGODB_URI',
      'REDIS_URL',
      'TRUST_PROXY',
      'SCRYPT_COST',
      'NEW_BROWSER',
      'ACCEPT_LOSS',
      'VONAGE_API_KEY',
      'SENDGRID_API_KEY',
      'SMTP_URL',
    ];
    const empty = readSettings(Object.fromEntries(names.map((name) => [name, ''])));
    expect(empty).toMatchObject({ port: 3000, keyIsNew: true, mongoUri: undefined, redisUrl: undefined });
  });

  it('follow the port with the origin', () => {
    expect(readSettings({ PORT: '8080' }).origin).toBe('http://localhost:8080');
  });

  it('write the origin as browsers send it', () => {
    expect(readSettings({ ORIGIN: 'https://Admin.Example.com:443/' }).origin).toBe(
      'https://admin.example.com',
    );
  });

  it('give processes with one key one cookie secret, which is not the key', () => {
    const { cookieSecret } = readSettings({ TWO_FACTOR_KEY: KEY });
    expect(readSettings({ TWO_FACTOR_KEY: KEY }).cookieSecret).toBe(cookieSecret);
    expect(readSettings({ TWO_FACTOR_KEY: 'f'.repeat(64) }).cookieSecret).not.toBe(cookieSecret);
    expect(cookieSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(cookieSecret).not.toContain(KEY);
  });

  it('trust a proxy only with an https origin, or where they are told to', () => {
    expect(readSettings({ ORIGIN: 'https://admin.example.com' }).trustProxy).toBe(1);
    expect(readSettings({ TRUST_PROXY: '2' }).trustProxy).toBe(2);
    expect(readSettings({ TRUST_PROXY: 'loopback, 10.0.0.0/8' }).trustProxy).toBe('loopback, 10.0.0.0/8');
    expect(readSettings({ ORIGIN: 'https://admin.example.com', TRUST_PROXY: '0' }).trustProxy).toBe(0);
  });

  it('make hashes cheaper for tests only', () => {
    expect(readSettings({ NODE_ENV: 'test', SCRYPT_COST: '4' }).scryptCost).toBe(4);
    expect(readSettings({ SCRYPT_COST: '17' }).scryptCost).toBe(17);
    expect(() => readSettings({ SCRYPT_COST: '14' })).toThrow('SCRYPT_COST');
    expect(() => readSettings({ NODE_ENV: 'production', SCRYPT_COST: '4' })).toThrow('SCRYPT_COST');
  });

  it.each([
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['ORIGIN', 'admin.example.com'],
    ['ORIGIN', 'ftp://admin.example.com'],
    ['ORIGIN', 'https://admin.example.com/app'],
    ['ORIGIN', 'https://user@admin.example.com'],
    ['TWO_FACTOR_KEY', 'short'],
    ['TWO_FACTOR_KEY', `${KEY}00`],
    ['TWO_FACTOR_KEY', 'g'.repeat(64)],
    ['SCRYPT_COST', '21'],
    ['SCRYPT_COST', '15.5'],
    ['TRUST_PROXY', 'a proxy'],
    ['NEW_BROWSER', 'off'],
    ['ACCEPT_LOSS', 'yes'],
  ])('refuse %s=%s by its name, in one line', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name} .*$`));
  });

  it('do not repeat a key that is wrong', () => {
    expect(() => readSettings({ TWO_FACTOR_KEY: 'nearly-a-secret' })).not.toThrow('nearly-a-secret');
  });
});

const VONAGE = { VONAGE_API_KEY: 'abcd1234', VONAGE_API_SECRET: 'not-a-secret', SMS_FROM: 'WebAdmin' };
const MAIL_FROM = 'WebAdmin <no-reply@example.com>';
const SENDGRID = { SENDGRID_API_KEY: 'SG.key', MAIL_FROM };
const SMTP = { SMTP_URL: 'smtps://user:password@mail.example.com', MAIL_FROM };

// Vonage's client is made of ES modules, which Jest cannot load; its sender has tests of its own.
jest.mock('express-second-factor/vonage', () => ({ vonageSender: () => () => Promise.resolve() }));

const demoStores = () => ({ outbox: memoryOutbox(), clock: new DemoClock(memoryAhead()) });

const channelsOf = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
  const settings = readSettings(env);
  return Object.keys(await openSenders(settings, demoStores()));
};
const production = { NODE_ENV: 'production' };

describe('who delivers codes', () => {
  it.each<[NodeJS.ProcessEnv, string[]]>([
    [{}, []],
    [VONAGE, ['sms']],
    [SENDGRID, ['email']],
    [SMTP, ['email']],
    [{ ...VONAGE, ...SENDGRID, ...SMTP }, ['sms', 'email']],
  ])('in production are those that the environment names: %j', async (env, channels) => {
    expect(await channelsOf({ ...production, ...env })).toEqual(channels);
  });

  it('is the outbox everywhere else, whatever the environment names', async () => {
    const stores = demoStores();
    const { sms } = await openSenders(readSettings({ ...VONAGE, ...SENDGRID }), stores);
    await sms?.({ channel: 'sms', to: '+420777123456', text: 'One' }, new AbortController().signal);
    expect(await stores.outbox.list()).toHaveLength(1);
    expect(await channelsOf({})).toEqual(['sms', 'email']);
  });

  it.each([
    ['VONAGE_API_SECRET', { ...VONAGE, VONAGE_API_SECRET: '' }],
    ['SMS_FROM', { ...VONAGE, SMS_FROM: undefined }],
    ['MAIL_FROM', { SENDGRID_API_KEY: 'SG.key' }],
    ['MAIL_FROM', { SMTP_URL: SMTP.SMTP_URL }],
  ])('needs %s as well', (name, env) => {
    expect(() => readSettings(env)).toThrow(new RegExp(`^${name} must be set`));
  });
});
