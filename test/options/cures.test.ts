import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { Passport } from 'passport';
import {
  fileEvidence,
  memoryAccounts,
  memoryActivity,
  memoryAudit,
  memoryEvidence,
  memoryPending,
  memorySender,
  secondFactor,
  SecondFactorError,
} from '../../lib';
import { mongoAccounts, mongoActivity, mongoAudit } from '../../lib/mongo';
import type { OptionPath } from '../../lib/options/paths';
import { resolveTick } from '../../lib/options/tick';
import { redisPending } from '../../lib/redis';
import { sendgridSender } from '../../lib/sendgrid';
import { smtpSender } from '../../lib/smtp';
import { vonageSender } from '../../lib/vonage';

type Given = Readonly<Record<string, unknown>>;

const nothing = (): null => null;
const right = () => ({
  passport: new Passport(),
  appName: 'Test App',
  origin: 'https://app.example.com',
  keys: ['11'.repeat(32)],
  users: { id: nothing, name: nothing },
  accounts: memoryAccounts(),
  pending: memoryPending(),
});
/** Wrong on purpose, so without their types. */
const build = (given: Given) =>
  secondFactor<object>({ ...right(), email: { send: nothing }, ...given } as never);
const redis = new Redis({ lazyConnect: true });
const calls: Readonly<Record<string, (given: never) => unknown>> = {
  protect: (given) => build({}).protect(given),
  requireProof: (given) => build({}).requireProof(given),
  tick: (given) => resolveTick(given),
  memoryAccounts: (given) => memoryAccounts(given),
  memoryPending: (given) => memoryPending(given),
  memoryEvidence: (given) => memoryEvidence(given),
  fileEvidence: (given) => fileEvidence(given),
  memoryActivity: (given) => memoryActivity(given),
  mongoAccounts: (given) => mongoAccounts(mongoose.connection, given),
  mongoActivity: (given) => mongoActivity(mongoose.connection, given),
  memoryAudit: (given) => memoryAudit(given),
  mongoAudit: (given) => mongoAudit(mongoose.connection, given),
  redisPending: (given) => redisPending(redis, given),
  memorySender: (given) => memorySender(given),
  sendgridSender: (given) => sendgridSender(given),
  smtpSender: (given) => smtpSender(given),
  vonageSender: (given) => vonageSender(given),
};
const lostForm = { operator: ['WebAdmin Ltd'], sendTo: 'access@example.com' };
/** What has to be there before the option at hand is looked at. */
const beside: Readonly<Record<string, object>> = {
  users: right().users,
  sms: { send: nothing },
  email: { send: nothing },
  lostAccess: { form: lostForm },
  'lostAccess.form': lostForm,
  'lostAccess.evidence': { store: memoryEvidence() },
  fileEvidence: { directory: tmpdir(), keys: ['11'.repeat(32)] },
  csrf: { field: '_csrf', token: nothing },
  sendgridSender: { apiKey: 'SG.x', from: 'no-reply@example.com' },
  smtpSender: { url: 'smtp://127.0.0.1', from: 'no-reply@example.com' },
  vonageSender: { apiKey: 'x', apiSecret: 'y', from: 'WebAdmin' },
};

const noText = [null, '', ' ', 5, Number.NaN, true, {}, [], nothing];
const noObject = [null, '', 'x', 5, Number.NaN, true, [], ['x'], nothing];
const noFunction = [null, '', 'x', 5, Number.NaN, true, {}, []];
const noList = [null, '', 'x', 5, Number.NaN, true, {}, nothing, [undefined], [''], [5]];
const noNumber = [null, '', '1', Number.NaN, Infinity, -1, true, {}, [], nothing];
const noSpan = [null, '', '1', '5 m', Number.NaN, Infinity, -1, 0, true, {}, [], nothing];
const noFlag = [null, '', 'true', 1, Number.NaN, {}, [], nothing];
const noStore = [undefined, null, '', 'memory', 5, true, {}, [], nothing];
const noOptions = [null, '', 'x', 5, Number.NaN, true, [], nothing];

/** For each option there is: what it can't be. A new option without a line here does not compile. */
const wrong: Readonly<Record<OptionPath, readonly unknown[]>> = {
  passport: noStore,
  appName: [undefined, ...noText],
  origin: [undefined, ...noText, 'app.example.com'],
  keys: [undefined, null, '', '11'.repeat(32), 5, Number.NaN, true, {}, [], nothing],
  users: [undefined, ...noObject],
  'users.id': [undefined, ...noFunction],
  'users.name': [undefined, ...noFunction],
  'users.reauthenticate': noFunction,
  'users.passwordResetChannel': [...noFunction, 'email'],
  'users.contacts': [...noFunction, 'ann@example.com'],
  'users.byId': noFunction,
  'users.byIdentifier': noFunction,
  'users.checkPassword': noFunction,
  'users.peers': noFunction,
  'users.isStaff': noFunction,
  'users.find': noFunction,
  'users.timeZone': [...noFunction, 'Europe/Prague'],
  accounts: noStore,
  pending: noStore,
  activity: [null, '', 'memory', 5, true, {}, [], nothing],
  audit: [null, '', 'memory', 5, true, {}, [], nothing],
  path: noText,
  loginUrl: [...noText, 'https://app.example.com/login'],
  helpUrl: noText,
  home: [...noFunction, '/dashboard'],
  owed: [...noText, true],
  tokenStrategies: [...noList, 'jwt'],
  accept: noFunction,
  onSignedIn: noFunction,
  keepFactors: noNumber,
  halfLogin: noSpan,
  newBrowser: [null, '', 'yes', 5, true, {}, [], nothing],
  loginLife: noSpan,
  rememberBrowser: noSpan.filter((one) => one !== undefined),
  fresh: noSpan,
  deadline: noSpan,
  totp: noObject,
  'totp.window': [...noNumber, 2],
  'totp.apps': [...noNumber, 0],
  webauthn: noObject,
  'webauthn.origins': noList,
  'webauthn.rpId': noText,
  'webauthn.topOrigins': noList,
  'webauthn.userVerification': noText,
  'webauthn.keys': noNumber,
  'webauthn.signCount': noObject,
  'webauthn.signCount.deviceBound': noText,
  'webauthn.signCount.synced': noText,
  'webauthn.deviceBoundOnly': noFlag,
  'webauthn.attestation': noObject,
  'webauthn.attestation.roots': noList,
  'webauthn.attestation.allow': noList,
  'webauthn.attestation.deny': noList,
  passkeys: noFlag,
  sms: noObject,
  'sms.send': [undefined, ...noFunction],
  'sms.regions': [...noList, [], ['cz']],
  'sms.defaultRegion': [...noText, 'cz'],
  'sms.notices': noFlag,
  email: noObject,
  'email.send': [undefined, ...noFunction],
  'email.codes': noFlag,
  'email.notices': noFlag,
  sends: noObject,
  'sends.limits': noObject,
  'sends.limits.user': [...noObject, {}],
  'sends.limits.address': noObject,
  'sends.limits.unproven': noObject,
  'sends.limits.ip': noObject,
  'sends.limits.prefix': noObject,
  'sends.limits.country': noObject,
  'sends.limits.app': [...noObject, { sends: '100', per: '1d' }, { sends: 100, per: 'day' }],
  'sends.timeout': noSpan,
  'sends.leastUsed': [...noNumber, 2],
  'sends.beforeSend': noFunction,
  webhooks: [null, '', 'x', 5, Number.NaN, true, {}, nothing, [undefined], [{}], [{ url: 'x' }]],
  locale: [...noFunction, 'cs'],
  locales: noObject,
  views: [null, '', 5, Number.NaN, true, {}, [], nothing, '/nowhere/at/all'],
  brand: noObject,
  'brand.logo': [...noText, 'logo.svg', '//cdn.example.com/logo.svg', 'data:image/svg+xml,x'],
  'brand.css': [null, '', 5, true, {}, nothing],
  'brand.stylesheet': [...noText, 'brand.css', 'https://cdn.example.com/brand.css'],
  'brand.accountUrl': [...noText, 'https://app.example.com/account'],
  'brand.signOutUrl': noText,
  'brand.header': [...noFunction, '<header>'],
  'brand.theme': [...noFunction, 'dark'],
  backupCodes: noObject,
  'backupCodes.verify': [undefined, ...noFunction],
  lostAccess: [...noObject, {}],
  'lostAccess.requests': [null, '', 'x', 5, Number.NaN, true, [], ['x'], nothing],
  'lostAccess.requests.approvers': [...noText, 'three'],
  'lostAccess.requests.wait': [...noSpan, '23h', '31d'],
  'lostAccess.requests.longWait': [...noSpan, '23h', '61d'],
  'lostAccess.requests.points': [...noObject, { video: -1 }, { video: 1.5 }, { selfie: 1 }],
  'lostAccess.requests.needed': [...noNumber, 1, 13],
  'lostAccess.requests.kinds': [...noNumber, 1, 6],
  'lostAccess.requests.hold': [...noSpan, '31d'],
  'lostAccess.requests.liveCode': [...noText, 'on'],
  'lostAccess.form': [undefined, ...noObject, {}],
  'lostAccess.form.operator': [
    undefined,
    ...noList,
    [],
    [' '],
    ['a\nb'],
    ['x'.repeat(101)],
    Array(7).fill('x'),
  ],
  'lostAccess.form.sendTo': [undefined, ...noText, 'x'.repeat(201), 'a\nb'],
  'lostAccess.form.certification': noFlag,
  'lostAccess.form.customerNumber': noFlag,
  'lostAccess.form.birthDate': noFlag,
  'lostAccess.form.keepDays': [...noNumber, 0, 366],
  'lostAccess.evidence': [...noObject, {}],
  'lostAccess.evidence.store': noStore,
  'lostAccess.evidence.maxBytes': [...noNumber, 9_999, 50_000_001],
  'lostAccess.evidence.maxFiles': [...noNumber, 0, 21],
  'lostAccess.evidence.keepDays': [...noNumber, 0, 31, 366],
  csrf: noObject,
  'csrf.field': [undefined, null, '', 5, true, {}, [], nothing],
  'csrf.token': [undefined, ...noFunction],
  now: noFunction,
  protect: [...noOptions, '/logout'],
  'protect.signOut': [...noText, ['/logout']],
  'protect.allow': [...noList, '/help'],
  'protect.logins': [...noList, ['/']],
  requireProof: [...noOptions, '5m'],
  'requireProof.within': [undefined, ...noSpan],
  'requireProof.types': [undefined, ...noList, [], 'totp', ['TOTP'], ['sms']],
  'requireProof.phishingResistant': [undefined, ...noFlag],
  'requireProof.userVerified': [undefined, ...noFlag],
  tick: noOptions,
  'tick.limit': [...noNumber, 0, 0.5, 10_001],
  'tick.deadline': [...noSpan, 500, '2h'],
  'tick.finish': noFlag,
  memoryAccounts: noOptions,
  'memoryAccounts.acceptLoss': noFlag,
  memoryPending: noOptions,
  'memoryPending.acceptLoss': noFlag,
  'memoryPending.now': noFunction,
  'memoryPending.loginLife': noNumber,
  mongoAccounts: noOptions,
  'mongoAccounts.collection': [null, '', 5, {}, []],
  memoryActivity: noOptions,
  'memoryActivity.acceptLoss': noFlag,
  'memoryActivity.keep': [...noSpan, '1h'],
  'memoryActivity.now': noFunction,
  memoryEvidence: noOptions,
  'memoryEvidence.acceptLoss': noFlag,
  fileEvidence: [undefined, ...noOptions],
  'fileEvidence.directory': [undefined, ...noText, 'evidence', '/dev/null/evidence'],
  'fileEvidence.keys': [undefined, null, '', '11'.repeat(32), 5, true, {}, [], nothing],
  mongoActivity: noOptions,
  'mongoActivity.collection': [null, '', 5, {}, []],
  'mongoActivity.keep': [...noSpan, '1h'],
  memoryAudit: noOptions,
  'memoryAudit.acceptLoss': noFlag,
  mongoAudit: noOptions,
  'mongoAudit.collection': [null, '', 5, {}, []],
  redisPending: noOptions,
  'redisPending.prefix': [null, '', 5, {}, []],
  'redisPending.loginLife': [...noNumber, '30d'],
  memorySender: noOptions,
  'memorySender.keep': noNumber,
  'memorySender.now': noFunction,
  sendgridSender: [undefined, ...noOptions],
  'sendgridSender.apiKey': [undefined, ...noText, 'x'],
  'sendgridSender.from': [undefined, ...noText, 'WebAdmin'],
  'sendgridSender.timeout': noSpan,
  'sendgridSender.baseUrl': [...noText, 'http://api.example.com'],
  smtpSender: [undefined, ...noOptions],
  'smtpSender.url': [undefined, ...noText, 'mail.example.com'],
  'smtpSender.from': [undefined, ...noText, 'WebAdmin'],
  'smtpSender.timeout': noSpan,
  'smtpSender.tls': [...noText, true],
  'smtpSender.ca': [...noText, '/etc/ssl/ca.pem'],
  vonageSender: [undefined, ...noOptions],
  'vonageSender.apiKey': [undefined, ...noText],
  'vonageSender.apiSecret': [undefined, ...noText],
  'vonageSender.from': [undefined, null, '', {}, [], 'much too long a name'],
  'vonageSender.timeout': noSpan,
  'vonageSender.baseUrl': [...noText, 'http://api.example.com'],
};

/** `a.b.c` as `{ a: { b: { c: value } } }`, beside what has to be there. */
function under(names: readonly string[], value: unknown, at = ''): unknown {
  const [name, ...rest] = names;
  if (name === undefined) return value;
  const path = at === '' ? name : `${at}.${name}`;
  return { ...beside[at], [name]: under(rest, value, path) };
}

function give(option: string, value: unknown): void {
  const [first = '', ...rest] = option.split('.');
  const call = calls[first];
  if (call) call(under(rest, value, first) as never);
  else build(under(option.split('.'), value) as Given);
}

function refusal(run: () => unknown): SecondFactorError {
  try {
    run();
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('A wrong option', () => {
  const rows = Object.entries(wrong).flatMap(([option, values]) =>
    values.map((value) => [option, value] as const),
  );

  it.each(rows)('%s: %p is told by its name, with the cure of that option', (option, value) => {
    const { code, message, help } = refusal(() => give(option, value));
    expect(code).toBe('bad_option');
    expect(message).toContain(option);
    // The cure shows the option itself; that of a neighbour would not.
    expect(help).toContain(option.split('.').at(-1));
    expect(help).not.toContain('as its type says');
  });

  it.each(rows.filter(([, value]) => value === undefined))('%s that is not set says so', (option) => {
    expect(refusal(() => give(option, undefined)).message).toMatch(/ undefined\.$| got no options\.$/);
  });

  it.each<[what: string, run: () => unknown, message: string, help: string]>([
    [
      'a variable that is not set',
      () => build({ keys: [process.env.NOT_SET] }),
      'keys[0] is undefined.',
      'The environment variable it comes from, such as TWO_FACTOR_KEY, is probably not set: set it where the app runs, and read it before this. Make a key with `openssl rand -hex 32`, and keep it with your other secrets.',
    ],
    [
      'the key outside a list',
      () => build({ keys: '11'.repeat(32) }),
      'keys is not a list.',
      'Give keys: [secret]. Make a key with `openssl rand -hex 32`',
    ],
    [
      'passkeys without users.byId',
      () => build({ passkeys: true }),
      'users.byId is missing.',
      'Give users: { byId: (id) => findUser(id), … }, the user of this id, which is given as text, or null.',
    ],
    [
      'passkeys with a users.byId that is none, which may not be left out',
      () => build({ passkeys: true, users: { ...right().users, byId: null } }),
      'users.byId is not a function.',
      'Give users: { byId: (id) => findUser(id), … }, the user of this id, which is given as text, or null.',
    ],
    [
      'http on a host that is not this machine',
      () => build({ origin: 'http://admin.example.com' }),
      'origin begins with http, not https.',
      "Give origin: 'https://admin.example.com'",
    ],
    [
      'protect() that was not called',
      () => build({}).protect({ headers: {} } as never),
      'protect() was given a request.',
      "Call it where it is mounted: protect({ signOut: '/logout' }).",
    ],
    [
      'passkeySignIn() that was not called',
      () => build({}).passkeySignIn.call(undefined, ...([{ headers: {} }] as unknown as [])),
      'passkeySignIn() was given a request.',
      'Call it where it is mounted: passkeySignIn().',
    ],
    [
      'a sender of e-mail for text messages',
      () => build({ sms: { send: sendgridSender({ apiKey: 'SG.x', from: 'no-reply@example.com' }) } }),
      'sms.send is a sender of e-mail.',
      'Give sms: { send: vonageSender({ … }) }, or a function of your own',
    ],
    [
      'a connection that was not awaited',
      () => mongoAccounts(Promise.resolve(mongoose) as never),
      'mongoAccounts() got a promise, not a connection.',
      'Await mongoose.connect(url) first. Give mongoAccounts(mongoose.connection)',
    ],
    [
      'a number that the environment gave as text',
      () => build({ keepFactors: '1' }),
      'keepFactors is not a number.',
      'Give keepFactors as a whole number from 0 to 10. Environment variables are strings: convert it with Number(…).',
    ],
    [
      'a number made of a variable that is not set',
      () => build({ deadline: Number(process.env.NOT_SET) }),
      'deadline is NaN.',
      'Check that the environment variable it comes from is set where the app runs, and read before this.',
    ],
    [
      'the field of the user',
      () => build({ users: { id: 'id', name: 'email' } }),
      'users.id is not a function.',
      'id: (user) => user.id',
    ],
    [
      'the stores the wrong way round',
      () => build({ accounts: memoryPending() }),
      'accounts.load is missing.',
      'accounts: mongoAccounts(',
    ],
    [
      'the path of sign-out alone',
      () => calls.protect?.('/logout' as never),
      'protect() got options that are not an object.',
      "protect({ signOut: '/logout' })",
    ],
    [
      'the age alone',
      () => calls.requireProof?.('5m' as never),
      'requireProof() got options that are not an object.',
      "requireProof({ within: '5m' })",
    ],
    [
      'a misspelt option of a gate',
      () => calls.requireProof?.({ withn: '5m' } as never),
      'There is no option requireProof.withn.',
      'Did you mean requireProof.within?',
    ],
    [
      'no connection',
      () => mongoAccounts(undefined as never),
      'mongoAccounts() got undefined for a connection.',
      'mongoAccounts(mongoose.connection)',
    ],
    [
      'Mongoose itself',
      () => mongoAccounts(mongoose as never),
      'mongoAccounts() got no connection of Mongoose.',
      'mongoAccounts(mongoose.connection)',
    ],
    [
      'no client',
      () => redisPending(undefined as never),
      'redisPending() got undefined for a client.',
      'redisPending(new Redis(url))',
    ],
    [
      'the URL of Redis',
      () => redisPending('redis://127.0.0.1' as never),
      'redisPending() got no client of ioredis.',
      'redisPending(new Redis(url))',
    ],
    [
      'a client of another package',
      () => redisPending({ options: {}, get: nothing, getEx: nothing } as never),
      'redisPending() got no client of ioredis.',
      'a client of ioredis',
    ],
    [
      'an event that there is not',
      () => build({}).on('login.complete' as never, nothing),
      'There is no event login.complete.',
      'Did you mean login.completed?',
    ],
    [
      'a listener that is none',
      () => build({}).on('login.owed', undefined as never),
      "on('login.owed') got no function.",
      "on('login.owed', (event) =>",
    ],
  ])('%s', (_what, run, message, help) => {
    const error = refusal(run);
    expect(error.message).toBe(message);
    expect(error.help).toContain(help);
  });
});

describe('What a function is given', () => {
  const user = { id: 'ann' };
  const twoFactor = build({ users: { id: ({ id }: { id: unknown }) => id, name: nothing } });

  it.each<[call: string, (id: unknown) => Promise<unknown>]>([
    ['signOutEverywhere', (id) => twoFactor.signOutEverywhere(id)],
    ['notePasswordReset', (id) => twoFactor.notePasswordReset(id, 'email')],
    ['forget', (id) => twoFactor.forget(id)],
    ['statusOf', (id) => twoFactor.statusOf(id)],
    ['verify', (id) => twoFactor.verify(id, 'totp', { code: '000000' })],
    ['importFactor', (id) => twoFactor.importFactor(id, { type: 'totp', secret: 'x', label: 'x' })],
  ])('%s rejects what is no id, and names itself', async (call, ask) => {
    await expect(ask(undefined)).rejects.toMatchObject({
      code: 'bad_option',
      message: `${call}() was given undefined as the id.`,
    });
    for (const given of [null, '', user, Number.NaN])
      await expect(ask(given)).rejects.toMatchObject({
        message: `${call}() was given no usable id.`,
        help: expect.stringContaining('the id, not the user'),
      });
  });

  it.each([{ sessionID: 'x' }, 'x', { expect: {} }, { except: 'x' }, null])(
    'signOutEverywhere rejects %j in the place of { except: req }: it would end that login too',
    async (given) => {
      await expect(twoFactor.signOutEverywhere('ann', given as never)).rejects.toMatchObject({
        code: 'bad_option',
        message: expect.stringContaining('signOutEverywhere'),
        help: expect.stringContaining('except'),
      });
    },
  );

  it('isOwedBy rejects no user, and importFactor no factor', async () => {
    for (const given of [undefined, null]) {
      await expect(twoFactor.isOwedBy(given as never)).rejects.toMatchObject({ code: 'bad_option' });
      await expect(twoFactor.importFactor('ann', given as never)).rejects.toMatchObject({
        code: 'bad_option',
      });
    }
  });

  it('verify takes a body that is not there for no code', async () => {
    for (const given of [undefined, null, 'x', []])
      expect(await twoFactor.verify('ann', 'totp', given as never)).toMatchObject({ code: 'malformed' });
  });
});
