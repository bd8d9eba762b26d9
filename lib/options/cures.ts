import type { SendLimits } from '../delivery/budgets';
import type { MemorySenderOptions } from '../delivery/senders/memory';
import type { SendgridSenderOptions } from '../delivery/senders/sendgrid';
import type { SmtpSenderOptions } from '../delivery/senders/smtp';
import type { VonageSenderOptions } from '../delivery/senders/vonage';
import type { SecondFactorOptions, WebauthnOptions } from './options';
import type { GateOptions } from '../session/gate';
import type { ProofRequirement } from '../session/require-proof';
import type { AcceptLoss } from '../stores/accept-loss';
import type { MemoryPendingOptions } from '../stores/memory-pending';
import type { MongoAccountsOptions } from '../stores/mongo-accounts';
import type { RedisPendingOptions } from '../stores/redis-pending';

type Options = SecondFactorOptions<unknown>;
type Parts<Name extends keyof Options> = Exclude<Options[Name], undefined | false>;
type Within<Name extends string, Of> = `${Name}.${keyof Of & string}`;

/** The options of `secondFactor()`, and of what is within them. */
type Own =
  | keyof Options
  | Within<'users', Options['users']>
  | Within<'totp', Parts<'totp'>>
  | Within<'webauthn', WebauthnOptions>
  | Within<'webauthn.signCount', NonNullable<WebauthnOptions['signCount']>>
  | Within<'webauthn.attestation', NonNullable<WebauthnOptions['attestation']>>
  | Within<'sms', Parts<'sms'>>
  | Within<'email', Parts<'email'>>
  | Within<'sends', Parts<'sends'>>
  | Within<'sends.limits', SendLimits>
  | Within<'csrf', Parts<'csrf'>>;

/** What else takes options, by the name of the function, and its options. */
interface Calls {
  protect: GateOptions;
  requireProof: ProofRequirement;
  memoryAccounts: AcceptLoss;
  memoryPending: MemoryPendingOptions;
  mongoAccounts: MongoAccountsOptions;
  redisPending: RedisPendingOptions;
  memorySender: MemorySenderOptions;
  sendgridSender: SendgridSenderOptions;
  smtpSender: SmtpSenderOptions;
  vonageSender: VonageSenderOptions;
}
type OfCalls = { [Name in keyof Calls]: Name | Within<Name, Calls[Name]> }[keyof Calls];

/** Every option that there is anywhere, as errors name it. */
export type OptionPath = Own | OfCalls;

const mailFrom = "from: 'WebAdmin <no-reply@example.com>'";
const limit = (name: string, sends: number, per: string) =>
  `sends: { limits: { ${name}: { sends: ${sends}, per: '${per}' } } }`;

/** How each option is given, behind the word "Give". An option without a line here does not compile. */
const cures: Readonly<Record<OptionPath, string>> = {
  passport: 'passport: the object whose use() and authenticate() your app calls',
  appName: "appName: 'WebAdmin', the name of your site: at most 64 letters, without line breaks",
  origin:
    "origin: 'https://admin.example.com', what people see in the address bar, as text and with its path if the app lives below one; plain http works for localhost only",
  keys: 'keys: [secret], each 32 random bytes in hex, as `openssl rand -hex 32` makes them, kept where your other secrets are',
  users: 'users: { id: (user) => user.id, name: (user) => user.email }',
  'users.id': 'users: { id: (user) => user.id, … }, the id that never changes, as text or a number',
  'users.name': 'users: { name: (user) => user.email, … }, what people know themselves by',
  'users.reauthenticate': 'users: { reauthenticate: (user, req) => true, … }',
  'users.passwordResetChannel': "users: { passwordResetChannel: (user, req) => 'email', … }",
  'users.byId':
    'users: { byId: (id) => findUser(id), … }: who signs in by a passkey is known by the id alone, as text',
  accounts:
    'accounts: mongoAccounts(mongoose.connection), memoryAccounts() for a trial, or a store of your own (docs/write-a-store.md)',
  pending:
    'pending: redisPending(redis), memoryPending() for a trial, or a store of your own (docs/write-a-store.md)',
  path: "path: '/2fa'",
  loginUrl: "loginUrl: '/login', the path of your own login page",
  helpUrl: "helpUrl: '/help', the path of a page of yours",
  home: "home: (user, req) => '/dashboard'",
  owed: "owed: 'callback'",
  tokenStrategies: "tokenStrategies: ['jwt'], the names that passport.use() knows",
  accept: 'accept: (user, req) => ({ methods, at }), or false',
  onSignedIn: 'onSignedIn: async (req, res, { user, proofs }) => { … }',
  keepFactors: 'keepFactors: 1',
  halfLogin: "halfLogin: '10m'",
  loginLife: "loginLife: '30d'",
  fresh: "fresh: '5m'",
  deadline: 'deadline: 2500',
  totp: 'totp: { window: 1, apps: 3 }',
  'totp.window': 'totp: { window: 1 }',
  'totp.apps': 'totp: { apps: 3 }',
  webauthn: "webauthn: { rpId: 'example.com' }, or false for no keys",
  'webauthn.origins':
    "webauthn: { origins: ['https://www.example.com'] }; plain http works for localhost only",
  'webauthn.rpId': "webauthn: { rpId: 'example.com' }, without https://, port or path",
  'webauthn.topOrigins': "webauthn: { topOrigins: ['https://portal.example.com'] }",
  'webauthn.userVerification': "webauthn: { userVerification: 'required' }",
  'webauthn.keys': 'webauthn: { keys: 10 }',
  'webauthn.signCount': "webauthn: { signCount: { synced: 'ignore' } }",
  'webauthn.signCount.deviceBound': "webauthn: { signCount: { deviceBound: 'flag' } }",
  'webauthn.signCount.synced': "webauthn: { signCount: { synced: 'ignore' } }",
  'webauthn.deviceBoundOnly': 'webauthn: { deviceBoundOnly: true }',
  'webauthn.attestation': 'webauthn: { attestation: { roots: [pem] } }',
  'webauthn.attestation.roots': 'webauthn: { attestation: { roots: [pem] } }, certificates in PEM',
  'webauthn.attestation.allow':
    "webauthn: { attestation: { allow: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
  'webauthn.attestation.deny':
    "webauthn: { attestation: { deny: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
  passkeys: 'passkeys: true',
  sms: "sms: { send: vonageSender({ … }), regions: ['CZ'] } (docs/send-codes.md)",
  'sms.send': 'sms: { send: vonageSender({ … }) }, or a function of your own (docs/send-codes.md)',
  'sms.regions': "sms: { regions: ['CZ', 'SK'], … }, by ISO 3166, in capitals",
  'sms.defaultRegion': "sms: { defaultRegion: 'CZ', … }, by ISO 3166, in capitals",
  email: 'email: { send: smtpSender({ … }) } (docs/send-codes.md)',
  'email.send':
    'email: { send: smtpSender({ … }) }, sendgridSender({ … }) or a function of your own (docs/send-codes.md)',
  sends: limit('app', 5000, '1d'),
  'sends.limits': limit('app', 5000, '1d'),
  'sends.limits.user': limit('user', 5, '1h'),
  'sends.limits.address': limit('address', 5, '1h'),
  'sends.limits.unproven': limit('unproven', 10, '1d'),
  'sends.limits.ip': limit('ip', 20, '1h'),
  'sends.limits.prefix': limit('prefix', 50, '1h'),
  'sends.limits.country': limit('country', 200, '1h'),
  'sends.limits.app': limit('app', 5000, '1d'),
  'sends.timeout': "sends: { timeout: '10s' }",
  'sends.leastUsed': 'sends: { leastUsed: 0.3 }, a share between 0 and 1',
  'sends.beforeSend': 'sends: { beforeSend: async (leaving) => true }',
  locale: "locale: (req) => 'cs'",
  locales: "locales: { fr: { 'step.title': '…' } } (docs/translate.md)",
  views:
    "views: path.join(__dirname, 'two-factor-views'), the absolute path of a folder that holds the EJS files to replace",
  csrf: "csrf: { field: '_csrf', token: (req) => req.csrfToken() }",
  'csrf.field': "csrf: { field: '_csrf', … }, the name that your check looks for",
  'csrf.token': 'csrf: { token: (req) => req.csrfToken(), … }',
  now: 'now: () => Date.now()',

  protect: "protect({ signOut: '/logout' }), or nothing",
  'protect.signOut': "protect({ signOut: '/logout' }), the path of your sign-out route",
  'protect.allow': "protect({ allow: ['/help'] }), a list of paths",
  'protect.logins': "protect({ logins: ['/auth', '/magic'] }), a list of paths",
  requireProof: "requireProof({ within: '5m' }), or nothing",
  'requireProof.within': "requireProof({ within: '5m' })",
  'requireProof.types': "requireProof({ types: ['totp', 'webauthn'] })",
  'requireProof.phishingResistant': 'requireProof({ phishingResistant: true })',
  'requireProof.userVerified': 'requireProof({ userVerified: true })',
  memoryAccounts: 'memoryAccounts({ acceptLoss: true }), or nothing',
  'memoryAccounts.acceptLoss': 'memoryAccounts({ acceptLoss: true })',
  memoryPending: 'memoryPending({ acceptLoss: true }), or nothing',
  'memoryPending.acceptLoss': 'memoryPending({ acceptLoss: true })',
  'memoryPending.now': 'memoryPending({ now: () => Date.now() })',
  'memoryPending.loginLife': 'memoryPending({ loginLife: 2592000000 }), in ms',
  mongoAccounts: "mongoAccounts(mongoose.connection), or with { collection: 'second_factor_accounts' }",
  'mongoAccounts.collection': "mongoAccounts(mongoose.connection, { collection: 'second_factor_accounts' })",
  redisPending: "redisPending(new Redis(url)), a client of ioredis, or with { prefix: '2fa:' }",
  'redisPending.prefix': "redisPending(redis, { prefix: '2fa:' })",
  'redisPending.loginLife': 'redisPending(redis, { loginLife: 2592000000 }), in ms',
  memorySender: 'memorySender({ keep: 100 }), or nothing',
  'memorySender.keep': 'memorySender({ keep: 100 })',
  'memorySender.now': 'memorySender({ now: () => Date.now() })',
  sendgridSender: `sendgridSender({ apiKey, ${mailFrom} })`,
  'sendgridSender.apiKey': "sendgridSender({ apiKey: 'SG.…' }), made under Settings, API Keys",
  'sendgridSender.from': `sendgridSender({ ${mailFrom} }), or the address alone, with its domain in ASCII`,
  'sendgridSender.timeout': "sendgridSender({ timeout: '10s' })",
  'sendgridSender.baseUrl':
    "sendgridSender({ baseUrl: 'https://api.eu.sendgrid.com' }); plain http works for localhost only",
  smtpSender: `smtpSender({ url, ${mailFrom} })`,
  'smtpSender.url':
    "smtpSender({ url: 'smtps://user:password@mail.example.com' }) (TLS, port 465) or 'smtp://…' (STARTTLS, port 587), user and password percent-encoded, and nothing behind the port",
  'smtpSender.from': `smtpSender({ ${mailFrom} }), or the address alone, with its domain in ASCII`,
  'smtpSender.timeout': "smtpSender({ timeout: '10s' })",
  'smtpSender.tls': "smtpSender({ tls: 'required' })",
  'smtpSender.ca': 'smtpSender({ ca: pem }), a certificate in PEM',
  vonageSender: "vonageSender({ apiKey, apiSecret, from: 'WebAdmin' })",
  'vonageSender.apiKey': 'vonageSender({ apiKey, apiSecret }), as its dashboard shows them',
  'vonageSender.apiSecret': 'vonageSender({ apiKey, apiSecret }), as its dashboard shows them',
  'vonageSender.from':
    "vonageSender({ from: 'WebAdmin' }), a number of yours or a name of at most 11 letters and digits",
  'vonageSender.timeout': "vonageSender({ timeout: '10s' })",
  'vonageSender.baseUrl':
    "vonageSender({ baseUrl: 'https://rest.nexmo.com' }); plain http works for localhost only",
};

/** The cure for one option: how it is given. Of one within others, the nearest of those will do. */
export function cureOf(option: string): string {
  const all: Readonly<Record<string, string>> = cures;
  const cure = Object.hasOwn(all, option) ? all[option] : undefined;
  if (cure !== undefined) return `Give ${cure}.`;
  const end = Math.max(option.lastIndexOf('.'), option.lastIndexOf('['));
  return end > 0 ? cureOf(option.slice(0, end)) : `Give ${option} as its type says.`;
}
