/** What a rule can check about an option. Bounds of time spans are in ms. */
export type Rule =
  | 'function'
  | 'flag'
  | 'path'
  | 'text'
  | 'object'
  /** An object whose options have rows of their own. */
  | 'group'
  /** A function that takes options, which have rows of their own. */
  | 'call'
  | { readonly whole: readonly [least: number, most: number] }
  | { readonly span: readonly [least: number, most: number] }
  | { readonly oneOf: readonly string[] }
  | { readonly listOf: string }
  /** Checked where it is used, as no rule can express it. */
  | null;

export interface Row {
  /** How to give it, as an error says it after the word "Give". */
  readonly give: string;
  readonly rule: Rule;
  /** The default. Obvious for flags; functions and groups have none. */
  readonly fallback?: unknown;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const own = null;
const whole = (least: number, most: number) => ({ whole: [least, most] }) as const;
const span = (least: number, most: number) => ({ span: [least, most] }) as const;
const listOf = (what: string) => ({ listOf: what }) as const;
const oneOf = <Value extends string>(...values: readonly Value[]) => ({ oneOf: values }) as const;
const signCountRules = ['reject', 'flag', 'ignore'] as const;

/** How long activity is kept. */
const kept = span(DAY, 3650 * DAY);

const mailFrom = "from: 'WebAdmin <no-reply@example.com>'";
const ofThisSite =
  'a path, or an address at the same origin: the Content-Security-Policy of our pages lets nothing load from elsewhere';
const lostForm =
  "lostAccess: { form: { operator: ['WebAdmin Ltd', '1 High Street, London'], sendTo: 'access@example.com' } } (docs/lost-access.md)";
const evidence =
  "lostAccess: { evidence: { store: fileEvidence({ directory: '/var/lib/webadmin/evidence', keys: [secret] }) }, … }, or a store of your own (docs/lost-access.md)";
const evidenceFolder =
  "fileEvidence({ directory: '/var/lib/webadmin/evidence', keys: [secret] }), a folder for nothing else";
const limit = (name: string, sends: number, per: string) =>
  `sends: { limits: { ${name}: { sends: ${sends}, per: '${per}' } } }`;

/**
 * Every option by its path: those of `secondFactor()`, and those of other functions under the function's name. What an
 * option is for is documented on its type, and from there in the README (`test/docs/options-table.ts`). An option
 * without a row does not compile (`./paths`).
 */
export const table = {
  passport: { give: 'passport: the object whose use() and authenticate() your app calls', rule: own },
  appName: {
    give: "appName: 'WebAdmin', the name of your site: at most 64 characters, without line breaks",
    rule: own,
  },
  origin: {
    give: "origin: 'https://admin.example.com', what people see in the address bar, as text and with its path if the app lives below one; http works for localhost only, as browsers give keys and secure cookies to https",
    rule: own,
  },
  keys: {
    give: 'keys: [secret], each 32 random bytes in hex, as `openssl rand -hex 32` makes them, kept with your other secrets',
    rule: own,
  },
  users: { give: 'users: { id: (user) => user.id, name: (user) => user.email }', rule: own },
  'users.id': {
    give: 'users: { id: (user) => user.id, … }, the id that never changes, as text or a number',
    rule: own,
  },
  'users.name': {
    give: 'users: { name: (user) => user.email, … }, what people know themselves by',
    rule: own,
  },
  'users.reauthenticate': { give: 'users: { reauthenticate: (user, req) => true, … }', rule: 'function' },
  'users.passwordResetChannel': {
    give: "users: { passwordResetChannel: (user, req) => 'email', … }",
    rule: 'function',
  },
  'users.contacts': {
    give: "users: { contacts: (user) => [{ channel: 'email', address: user.email }], … }",
    rule: 'function',
  },
  'users.byId': {
    give: 'users: { byId: (id) => findUser(id), … }, the user of this id, which is given as text, or null',
    rule: 'function',
  },
  'users.byIdentifier': {
    give: 'users: { byIdentifier: (text) => findByNameOrMail(text), … }',
    rule: 'function',
  },
  'users.checkPassword': {
    give: 'users: { checkPassword: (user, password) => verify(user.hash, password), … }',
    rule: 'function',
  },
  'users.peers': { give: 'users: { peers: (user) => idsOfCustomer(user.customerId), … }', rule: 'function' },
  'users.isStaff': { give: 'users: { isStaff: (user) => user.isAdmin, … }', rule: 'function' },
  'users.find': {
    give: 'users: { find: (query, { after, limit }) => ({ users, next }), … }',
    rule: 'function',
  },
  'users.timeZone': { give: "users: { timeZone: (user, req) => 'Europe/Prague', … }", rule: 'function' },
  accounts: {
    give: 'accounts: mongoAccounts(mongoose.connection), memoryAccounts() for a trial, or a store of your own (docs/write-a-store.md)',
    rule: own,
  },
  pending: {
    give: 'pending: redisPending(redis), memoryPending() for a trial, or a store of your own (docs/write-a-store.md)',
    rule: own,
  },
  activity: {
    give: 'activity: mongoActivity(mongoose.connection), memoryActivity() for a trial, or a store of your own (docs/write-a-store.md)',
    rule: own,
  },
  audit: {
    give: 'audit: mongoAudit(mongoose.connection), memoryAudit() for a trial, or a store of your own (docs/write-a-store.md)',
    rule: own,
  },
  path: { give: "path: '/2fa'", rule: 'path', fallback: '/2fa' },
  loginUrl: { give: "loginUrl: '/login', the path of your own login page", rule: 'path', fallback: '/login' },
  helpUrl: { give: "helpUrl: '/help', the path of a help page of yours", rule: 'path' },
  home: { give: "home: (user, req) => '/dashboard'", rule: 'function' },
  owed: { give: "owed: 'callback'", rule: oneOf('answer', 'callback'), fallback: 'answer' },
  tokenStrategies: {
    give: "tokenStrategies: ['jwt'], the names they have in passport.use()",
    rule: listOf('strategy name'),
    fallback: [],
  },
  accept: { give: 'accept: (user, req) => ({ methods, at }), or false', rule: 'function' },
  onSignedIn: { give: 'onSignedIn: async (req, res, { user, proofs }) => { … }', rule: 'function' },
  keepFactors: { give: 'keepFactors: 1', rule: whole(0, 10), fallback: 0 },
  halfLogin: { give: "halfLogin: '10m'", rule: span(30 * SECOND, HOUR), fallback: '10m' },
  newBrowser: {
    give: "newBrowser: 'confirm'",
    rule: oneOf('confirm', 'notice', 'off'),
    fallback: 'notice',
  },
  loginLife: { give: "loginLife: '30d'", rule: span(MINUTE, 400 * DAY), fallback: '30d' },
  rememberBrowser: { give: "rememberBrowser: '30d', or false", rule: span(DAY, 400 * DAY) },
  fresh: { give: "fresh: '5m'", rule: span(10 * SECOND, HOUR), fallback: '5m' },
  deadline: { give: 'deadline: 2500', rule: span(10, MINUTE), fallback: 2500 },
  totp: { give: 'totp: { window: 1, apps: 3 }', rule: 'group' },
  'totp.window': { give: 'totp: { window: 1 }', rule: whole(0, 1), fallback: 1 },
  'totp.apps': { give: 'totp: { apps: 3 }', rule: whole(1, 10), fallback: 3 },
  webauthn: { give: "webauthn: { rpId: 'example.com' }, or false for no keys", rule: 'group' },
  'webauthn.origins': {
    give: "webauthn: { origins: ['https://www.example.com'] }; plain http works for localhost only",
    rule: listOf('string'),
    fallback: [],
  },
  'webauthn.rpId': { give: "webauthn: { rpId: 'example.com' }, without https://, port or path", rule: own },
  'webauthn.topOrigins': {
    give: "webauthn: { topOrigins: ['https://portal.example.com'] }",
    rule: listOf('string'),
    fallback: [],
  },
  'webauthn.userVerification': {
    give: "webauthn: { userVerification: 'required' }",
    rule: oneOf('preferred', 'required'),
    fallback: 'preferred',
  },
  'webauthn.keys': { give: 'webauthn: { keys: 10 }', rule: whole(1, 50), fallback: 10 },
  'webauthn.signCount': { give: "webauthn: { signCount: { synced: 'ignore' } }", rule: 'group' },
  'webauthn.signCount.deviceBound': {
    give: "webauthn: { signCount: { deviceBound: 'flag' } }",
    rule: oneOf(...signCountRules),
    fallback: 'reject',
  },
  'webauthn.signCount.synced': {
    give: "webauthn: { signCount: { synced: 'ignore' } }",
    rule: oneOf(...signCountRules),
    fallback: 'flag',
  },
  'webauthn.deviceBoundOnly': { give: 'webauthn: { deviceBoundOnly: true }', rule: 'flag', fallback: false },
  'webauthn.attestation': { give: 'webauthn: { attestation: { roots: [pem] } }', rule: 'group' },
  'webauthn.attestation.roots': {
    give: 'webauthn: { attestation: { roots: [pem] } }, certificates in PEM',
    rule: own,
  },
  'webauthn.attestation.allow': {
    give: "webauthn: { attestation: { allow: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
    rule: own,
  },
  'webauthn.attestation.deny': {
    give: "webauthn: { attestation: { deny: ['ee882879-721c-4913-9775-3dfcce97072a'] } }, AAGUIDs of models",
    rule: own,
  },
  passkeys: { give: 'passkeys: true', rule: 'flag', fallback: false },
  backupCodes: {
    give: 'backupCodes: { verify: (hash, code) => bcrypt.compare(code, hash) }',
    rule: 'group',
  },
  'backupCodes.verify': {
    give: 'backupCodes: { verify: (hash, code) => bcrypt.compare(code, hash) }, which tells whether the hash is of that code',
    rule: own,
  },
  sms: { give: "sms: { send: vonageSender({ … }), regions: ['CZ'] } (docs/send-codes.md)", rule: 'group' },
  'sms.send': {
    give: 'sms: { send: vonageSender({ … }) }, or a function of your own (docs/send-codes.md)',
    rule: own,
  },
  'sms.regions': {
    give: "sms: { regions: ['CZ', 'SK'], … }, ISO 3166 codes in capitals: 'GB', not 'UK'",
    rule: own,
  },
  'sms.defaultRegion': {
    give: "sms: { defaultRegion: 'CZ', … }, an ISO 3166 code in capitals: 'GB', not 'UK'",
    rule: own,
  },
  'sms.notices': { give: 'sms: { notices: true, … }', rule: 'flag', fallback: false },
  email: { give: 'email: { send: smtpSender({ … }) } (docs/send-codes.md)', rule: 'group' },
  'email.send': {
    give: 'email: { send: smtpSender({ … }) }, sendgridSender({ … }) or a function of your own (docs/send-codes.md)',
    rule: own,
  },
  'email.codes': { give: 'email: { codes: false, … }', rule: 'flag', fallback: true },
  'email.notices': { give: 'email: { notices: false, … }', rule: 'flag', fallback: true },
  sends: { give: limit('app', 5000, '1d'), rule: 'group' },
  'sends.limits': { give: limit('app', 5000, '1d'), rule: 'group' },
  'sends.limits.user': { give: limit('user', 5, '1h'), rule: own },
  'sends.limits.address': { give: limit('address', 5, '1h'), rule: own },
  'sends.limits.unproven': { give: limit('unproven', 10, '1d'), rule: own },
  'sends.limits.ip': { give: limit('ip', 20, '1h'), rule: own },
  'sends.limits.prefix': { give: limit('prefix', 50, '1h'), rule: own },
  'sends.limits.country': { give: limit('country', 200, '1h'), rule: own },
  'sends.limits.app': { give: limit('app', 5000, '1d'), rule: own },
  'sends.timeout': { give: "sends: { timeout: '10s' }", rule: span(100, MINUTE), fallback: '10s' },
  'sends.leastUsed': { give: 'sends: { leastUsed: 0.3 }, a share between 0 and 1', rule: own, fallback: 0.3 },
  'sends.beforeSend': { give: 'sends: { beforeSend: async (outgoing) => true }', rule: 'function' },
  webhooks: {
    give: "webhooks: [{ url: 'https://hooks.example.com/2fa', secret: 'whsec_…', events: ['two-factor.disabled'] }] (docs/notices.md#webhooks)",
    rule: own,
    fallback: [],
  },
  locale: { give: "locale: (req) => 'cs'", rule: 'function' },
  locales: { give: "locales: { fr: { 'step.title': '…' } } (docs/translate.md)", rule: 'object' },
  views: {
    give: "views: path.join(__dirname, 'two-factor-views'), the absolute path of a folder with the EJS files that replace ours",
    rule: own,
  },
  brand: {
    give: "brand: { logo: '/logo.svg', css: ':root { --accent: #7a2e8e }' } (docs/your-own-look.md)",
    rule: 'group',
  },
  'brand.logo': { give: `brand: { logo: '/logo.svg' }, ${ofThisSite}`, rule: own },
  'brand.css': { give: "brand: { css: ':root { --accent: #7a2e8e }' }, as text", rule: 'text' },
  'brand.stylesheet': { give: `brand: { stylesheet: '/brand.css' }, ${ofThisSite}`, rule: own },
  'brand.accountUrl': {
    give: "brand: { accountUrl: '/account' }, the path of your account page",
    rule: 'path',
  },
  'brand.signOutUrl': {
    give: "brand: { signOutUrl: '/logout' }, the path of a route that signs out by POST",
    rule: 'path',
  },
  'brand.header': { give: 'brand: { header: (req) => html }', rule: 'function' },
  'brand.theme': { give: "brand: { theme: (req) => 'dark' }", rule: 'function' },
  lostAccess: { give: lostForm, rule: 'group' },
  'lostAccess.form': { give: lostForm, rule: 'group' },
  'lostAccess.form.operator': {
    give: "lostAccess: { form: { operator: ['WebAdmin Ltd', '1 High Street, London'], … } }, your name and address: 1 to 6 lines of at most 100 characters",
    rule: own,
  },
  'lostAccess.form.sendTo': {
    give: "lostAccess: { form: { sendTo: 'access@example.com', … } }, at most 200 characters",
    rule: own,
  },
  'lostAccess.form.certification': {
    give: 'lostAccess: { form: { certification: true, … } }',
    rule: 'flag',
    fallback: false,
  },
  'lostAccess.form.customerNumber': {
    give: 'lostAccess: { form: { customerNumber: true, … } }',
    rule: 'flag',
    fallback: false,
  },
  'lostAccess.form.birthDate': {
    give: 'lostAccess: { form: { birthDate: true, … } }',
    rule: 'flag',
    fallback: false,
  },
  'lostAccess.form.keepDays': {
    give: 'lostAccess: { form: { keepDays: 30, … } }',
    rule: whole(1, 365),
    fallback: 30,
  },
  'lostAccess.requests': {
    give: "lostAccess: { requests: { approvers: 'two', wait: '72h' }, … }, or false",
    rule: own,
  },
  'lostAccess.requests.approvers': {
    give: "lostAccess: { requests: { approvers: 'two' }, … }",
    rule: oneOf('one', 'two'),
    fallback: 'two',
  },
  'lostAccess.requests.wait': {
    give: "lostAccess: { requests: { wait: '72h' }, … }, '24h' to '30d'",
    rule: span(DAY, 30 * DAY),
    fallback: '72h',
  },
  'lostAccess.requests.longWait': {
    give: "lostAccess: { requests: { longWait: '7d' }, … }, '24h' to '60d'",
    rule: span(DAY, 60 * DAY),
    fallback: '7d',
  },
  'lostAccess.requests.points': {
    give: 'lostAccess: { requests: { points: { video: 0, identity: 2 } }, … }, whole numbers from 0 to 12',
    rule: 'object',
  },
  'lostAccess.requests.needed': {
    give: 'lostAccess: { requests: { needed: 3 }, … }',
    rule: whole(2, 12),
    fallback: 3,
  },
  'lostAccess.requests.kinds': {
    give: 'lostAccess: { requests: { kinds: 2 }, … }',
    rule: whole(2, 5),
    fallback: 2,
  },
  'lostAccess.requests.hold': {
    give: "lostAccess: { requests: { hold: '72h' }, … }, up to '30d'",
    rule: span(SECOND, 30 * DAY),
    fallback: '72h',
  },
  'lostAccess.requests.liveCode': {
    give: "lostAccess: { requests: { liveCode: 'two-people' }, … }",
    rule: oneOf('off', 'two-people'),
    fallback: 'off',
  },
  'lostAccess.evidence': { give: evidence, rule: 'group' },
  'lostAccess.evidence.store': { give: evidence, rule: own },
  'lostAccess.evidence.maxBytes': {
    give: 'lostAccess: { evidence: { maxBytes: 5_000_000, … } }',
    rule: whole(10_000, 50_000_000),
    fallback: 5_000_000,
  },
  'lostAccess.evidence.maxFiles': {
    give: 'lostAccess: { evidence: { maxFiles: 4, … } }',
    rule: whole(1, 20),
    fallback: 4,
  },
  'lostAccess.evidence.keepDays': {
    give: 'lostAccess: { evidence: { keepDays: 30, … } }, at most as many as form.keepDays',
    rule: whole(1, 365),
  },
  csrf: { give: "csrf: { field: '_csrf', token: (req) => req.csrfToken() }", rule: 'group' },
  'csrf.field': { give: "csrf: { field: '_csrf', … }, the name that your check looks for", rule: own },
  'csrf.token': { give: 'csrf: { token: (req) => req.csrfToken(), … }', rule: own },
  now: { give: 'now: () => Date.now()', rule: 'function' },

  protect: { give: "protect({ signOut: '/logout' }), or nothing", rule: 'call' },
  'protect.signOut': {
    give: "protect({ signOut: '/logout' }), the path of your sign-out route",
    rule: 'path',
  },
  'protect.allow': { give: "protect({ allow: ['/help'] }), a list of paths", rule: own, fallback: [] },
  'protect.logins': {
    give: "protect({ logins: ['/auth', '/magic'] }), a list of paths",
    rule: own,
    fallback: [],
  },
  requireProof: { give: "requireProof({ within: '5m' }), or nothing", rule: 'call' },
  'requireProof.within': { give: "requireProof({ within: '5m' })", rule: own },
  'requireProof.types': { give: "requireProof({ types: ['totp', 'webauthn'] })", rule: own },
  'requireProof.phishingResistant': {
    give: 'requireProof({ phishingResistant: true })',
    rule: 'flag',
    fallback: false,
  },
  'requireProof.userVerified': {
    give: 'requireProof({ userVerified: true })',
    rule: 'flag',
    fallback: false,
  },
  tick: { give: "tick({ limit: 100, deadline: '30s' }), or nothing", rule: 'call' },
  'tick.limit': { give: 'tick({ limit: 100 })', rule: whole(1, 10_000), fallback: 100 },
  'tick.finish': { give: 'tick({ finish: true })', rule: 'flag', fallback: false },
  'tick.deadline': { give: "tick({ deadline: '30s' })", rule: span(SECOND, HOUR), fallback: '30s' },
  memoryAccounts: { give: 'memoryAccounts({ acceptLoss: true }), or nothing', rule: 'call' },
  'memoryAccounts.acceptLoss': {
    give: 'memoryAccounts({ acceptLoss: true })',
    rule: 'flag',
    fallback: false,
  },
  memoryPending: { give: 'memoryPending({ acceptLoss: true }), or nothing', rule: 'call' },
  'memoryPending.acceptLoss': { give: 'memoryPending({ acceptLoss: true })', rule: 'flag', fallback: false },
  'memoryPending.now': { give: 'memoryPending({ now: () => Date.now() })', rule: 'function' },
  'memoryPending.loginLife': {
    give: 'memoryPending({ loginLife: 2592000000 }), in ms',
    rule: own,
    fallback: 30 * DAY,
  },
  mongoAccounts: {
    give: "mongoAccounts(mongoose.connection), or with { collection: 'second_factor_accounts' }",
    rule: 'call',
  },
  'mongoAccounts.collection': {
    give: "mongoAccounts(mongoose.connection, { collection: 'second_factor_accounts' })",
    rule: 'text',
    fallback: 'second_factor_accounts',
  },
  memoryActivity: { give: 'memoryActivity({ acceptLoss: true }), or nothing', rule: 'call' },
  'memoryActivity.acceptLoss': {
    give: 'memoryActivity({ acceptLoss: true })',
    rule: 'flag',
    fallback: false,
  },
  'memoryActivity.keep': { give: "memoryActivity({ keep: '90d' })", rule: kept, fallback: '90d' },
  'memoryActivity.now': { give: 'memoryActivity({ now: () => Date.now() })', rule: 'function' },
  memoryEvidence: { give: 'memoryEvidence({ acceptLoss: true }), or nothing', rule: 'call' },
  'memoryEvidence.acceptLoss': {
    give: 'memoryEvidence({ acceptLoss: true })',
    rule: 'flag',
    fallback: false,
  },
  fileEvidence: { give: evidenceFolder, rule: 'call' },
  'fileEvidence.directory': { give: evidenceFolder, rule: own },
  'fileEvidence.keys': { give: evidenceFolder, rule: own },
  mongoActivity: { give: "mongoActivity(mongoose.connection), or with { keep: '90d' }", rule: 'call' },
  'mongoActivity.collection': {
    give: "mongoActivity(mongoose.connection, { collection: 'second_factor_activity' })",
    rule: 'text',
    fallback: 'second_factor_activity',
  },
  'mongoActivity.keep': {
    give: "mongoActivity(mongoose.connection, { keep: '90d' })",
    rule: kept,
    fallback: '90d',
  },
  memoryAudit: { give: 'memoryAudit({ acceptLoss: true }), or nothing', rule: 'call' },
  'memoryAudit.acceptLoss': { give: 'memoryAudit({ acceptLoss: true })', rule: 'flag', fallback: false },
  mongoAudit: {
    give: "mongoAudit(mongoose.connection), or with { collection: 'second_factor_audit' }",
    rule: 'call',
  },
  'mongoAudit.collection': {
    give: "mongoAudit(mongoose.connection, { collection: 'second_factor_audit' })",
    rule: 'text',
    fallback: 'second_factor_audit',
  },
  redisPending: {
    give: "redisPending(new Redis(url)), a client of ioredis (not of the package redis), or with { prefix: '2fa:' }",
    rule: 'call',
  },
  'redisPending.prefix': { give: "redisPending(redis, { prefix: '2fa:' })", rule: 'text', fallback: '2fa:' },
  'redisPending.loginLife': {
    give: 'redisPending(redis, { loginLife: 2592000000 }), in ms',
    rule: own,
    fallback: 30 * DAY,
  },
  memorySender: { give: 'memorySender({ keep: 100 }), or nothing', rule: 'call' },
  'memorySender.keep': { give: 'memorySender({ keep: 100 })', rule: whole(1, 100_000), fallback: 100 },
  'memorySender.now': { give: 'memorySender({ now: () => Date.now() })', rule: 'function' },
  sendgridSender: { give: `sendgridSender({ apiKey, ${mailFrom} })`, rule: 'call' },
  'sendgridSender.apiKey': {
    give: "sendgridSender({ apiKey: 'SG.…' }), created under Settings, API Keys",
    rule: own,
  },
  'sendgridSender.from': {
    give: `sendgridSender({ ${mailFrom} }), or the address alone, with its domain in ASCII`,
    rule: own,
  },
  'sendgridSender.timeout': {
    give: "sendgridSender({ timeout: '10s' })",
    rule: span(10, MINUTE),
    fallback: '10s',
  },
  'sendgridSender.baseUrl': {
    give: "sendgridSender({ baseUrl: 'https://api.eu.sendgrid.com' }); plain http works for localhost only",
    rule: own,
    fallback: 'https://api.sendgrid.com',
  },
  smtpSender: { give: `smtpSender({ url, ${mailFrom} })`, rule: 'call' },
  'smtpSender.url': {
    give: "smtpSender({ url: 'smtps://user:password@mail.example.com' }) (TLS, port 465) or 'smtp://…' (STARTTLS, port 587), user and password percent-encoded, and nothing after the port",
    rule: own,
  },
  'smtpSender.from': {
    give: `smtpSender({ ${mailFrom} }), or the address alone, with its domain in ASCII`,
    rule: own,
  },
  'smtpSender.timeout': { give: "smtpSender({ timeout: '10s' })", rule: span(10, MINUTE), fallback: '10s' },
  'smtpSender.tls': { give: "smtpSender({ tls: 'required' })", rule: oneOf('required', 'optional') },
  'smtpSender.ca': { give: 'smtpSender({ ca: pem }), a certificate in PEM', rule: own },
  vonageSender: { give: "vonageSender({ apiKey, apiSecret, from: 'WebAdmin' })", rule: 'call' },
  'vonageSender.apiKey': {
    give: 'vonageSender({ apiKey, apiSecret }), as shown in its dashboard',
    rule: own,
  },
  'vonageSender.apiSecret': {
    give: 'vonageSender({ apiKey, apiSecret }), as shown in its dashboard',
    rule: own,
  },
  'vonageSender.from': {
    give: "vonageSender({ from: 'WebAdmin' }), a number of yours or a name of at most 11 letters and digits",
    rule: own,
  },
  'vonageSender.timeout': {
    give: "vonageSender({ timeout: '10s' })",
    rule: span(10, MINUTE),
    fallback: '10s',
  },
  'vonageSender.baseUrl': {
    give: "vonageSender({ baseUrl: 'https://rest.nexmo.com' }); plain http works for localhost only",
    rule: own,
    fallback: 'https://rest.nexmo.com',
  },
} as const satisfies Readonly<Record<string, Row>>;

export type OptionName = keyof typeof table;

/** How to give an option. A nested one without a row falls back to the nearest option around it. */
export function cureOf(option: string): string {
  const row = rowOf(option);
  if (row !== undefined) return `Give ${row.give}.`;
  const end = Math.max(option.lastIndexOf('.'), option.lastIndexOf('['));
  return end > 0 ? cureOf(option.slice(0, end)) : `Give ${option} as its type says.`;
}

/** The names allowed inside an option or in a function's options; for '', in those of `secondFactor()`. */
export const namesWithin = (option: OptionName | ''): readonly string[] => names.get(option) ?? [];

/** The options with this rule. */
export const namesOf = (option: OptionName | '', rule: Rule): readonly string[] =>
  namesWithin(option).filter((name) => rowOf(option === '' ? name : `${option}.${name}`)?.rule === rule);

const rows: Readonly<Record<string, Row>> = table;
const rowOf = (option: string): Row | undefined => (Object.hasOwn(rows, option) ? rows[option] : undefined);

const names = new Map<string, string[]>();
for (const [path, { rule }] of Object.entries(rows)) {
  if (rule === 'call') continue;
  const end = path.lastIndexOf('.');
  const within = path.slice(0, Math.max(end, 0));
  names.set(within, [...(names.get(within) ?? []), path.slice(end + 1)]);
}
