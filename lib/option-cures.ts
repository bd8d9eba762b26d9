import type { optionNames } from './option-names';

type Name = (typeof optionNames)[number];

/** What each option may look like, for errors about it. */
const examples = {
  passport: 'passport: the object whose use() and authenticate() your app calls',
  appName: "appName: 'WebAdmin'",
  origin: "origin: 'https://admin.example.com'",
  keys: 'keys: [secret], each 32 random bytes in hex, as `openssl rand -hex 32` makes them',
  users: 'users: { id: (user) => user.id, name: (user) => user.email }',
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
  webauthn: "webauthn: { rpId: 'example.com' }, or false for no keys",
  passkeys: 'passkeys: true',
  sms: "sms: { send: vonageSender({ … }), regions: ['CZ'] } (docs/send-codes.md)",
  email: 'email: { send: smtpSender({ … }) } (docs/send-codes.md)',
  sends: "sends: { limits: { app: { sends: 5000, per: '1d' } } }",
  locale: "locale: (req) => 'cs'",
  locales: "locales: { fr: { 'step.title': '…' } } (docs/translate.md)",
  views: "views: path.join(__dirname, 'two-factor-views')",
  csrf: "csrf: { field: '_csrf', token: (req) => req.csrfToken() }",
  now: 'now: () => Date.now()',
} as const satisfies Readonly<Record<Name, string>>;

const inner: Readonly<Record<string, string>> = {
  'users.id': 'users: { id: (user) => user.id, … }, the id that never changes, as text or a number',
  'users.name': 'users: { name: (user) => user.email, … }, what people know themselves by',
  'users.reauthenticate': 'users: { reauthenticate: (user, req) => true, … }',
  'users.passwordResetChannel': "users: { passwordResetChannel: (user, req) => 'email', … }",
  'users.byId':
    'users: { byId: (id) => findUser(id), … }: who signs in by a passkey is known by the id alone, as text',
  'webauthn.origins': "webauthn: { origins: ['https://www.example.com'] }",
  'webauthn.topOrigins': "webauthn: { topOrigins: ['https://portal.example.com'] }",
  'webauthn.signCount': "webauthn: { signCount: { synced: 'ignore' } }",
  'webauthn.attestation': 'webauthn: { attestation: { roots: [pem] } }',
  'webauthn.attestation.roots': 'webauthn: { attestation: { roots: [pem] } }, certificates in PEM',
  'webauthn.attestation.allow':
    "webauthn: { attestation: { allow: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
  'webauthn.attestation.deny':
    "webauthn: { attestation: { deny: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
  'sms.send': 'sms: { send: vonageSender({ … }) }, or a function of your own (docs/send-codes.md)',
  'email.send':
    'email: { send: smtpSender({ … }) }, sendgridSender({ … }) or a function of your own (docs/send-codes.md)',
  'sends.beforeSend': 'sends: { beforeSend: async (leaving) => true }',
  'protect.allow': "protect({ allow: ['/help'] }), a list of paths",
  'protect.logins': "protect({ logins: ['/auth', '/magic'] }), a list of paths",
};

/** The cure for one option: how it is given. Of one within another, the other's will do. */
export function cureOf(option: string): string {
  const all: Readonly<Record<string, string>> = { ...examples, ...inner };
  const example = all[option] ?? all[option.slice(0, option.lastIndexOf('.'))];
  return example === undefined ? `Give ${option} as its type says.` : `Give ${example}.`;
}
