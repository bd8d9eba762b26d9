import * as admin from './admin-samples';
import { createCatalogue } from '../../lib/pages/catalogue';
import { qrSvg } from '../../lib/pages/qr';
import { contentIn } from '../../lib/recovery/form';
import type {
  ActivityEntryView,
  ActivityView,
  BackupCodesView,
  BrandView,
  BrowsersView,
  ChooseView,
  EnrolCodeView,
  EnrolKeyView,
  EnrolTotpView,
  FactorPageView,
  FactorView,
  KeyView,
  LoginsView,
  OwnerAccessView,
  VouchersView,
  LoginView,
  LostCancelView,
  LostDoors,
  LostRequestView,
  LostStatusView,
  LostView,
  MessageView,
  RequestBanner,
  SecurityView,
  SentView,
  StepView,
  TicketView,
  TypeView,
  ViewName,
  WaitingView,
  Views,
} from '../../lib/pages/views';

/** A page in one of its states, with made-up data. */
export type Sample = {
  [V in ViewName]: {
    readonly view: V;
    readonly data: Views[V];
    readonly signedIn: boolean;
    /** Somebody asks for access to the account of whoever is signed in. */
    readonly request?: RequestBanner;
  };
}[ViewName];

/** An app without branding. */
export const noBrand: BrandView = {
  logoUrl: null,
  stylesheetUrl: null,
  accountUrl: null,
  signOutUrl: null,
  header: null,
  theme: null,
};

export const otpauthUrl =
  'otpauth://totp/WebAdmin:anna%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=WebAdmin';

/** What an operator decides about the form for lost access, with all that it may have. */
export const lostForm = {
  operator: ['Žluťoučký kůň, s. r. o.', 'Příčná 1', '110 00 Praha 1'],
  sendTo: 'access@example.com',
  certification: true,
  customerNumber: true,
  birthDate: true,
  keepDays: 30,
} as const;

export const prefill = {
  reference: 'RA-BCDFGHJKMN',
  checkCode: '7K2M9Q',
  account: 'a•••@example.com',
  // As long as tokens are, which is what makes the code dense.
  statusUrl: `https://admin.example.com/2fa/lost/requests/${'0123456789abcdefghijklmnop'.repeat(5)}`,
  date: '24 November 2026',
};

const HOUR = 3_600_000;
const MARCH = Date.UTC(2026, 2, 3, 9, 30);
const NOVEMBER = Date.UTC(2026, 10, 24, 14, 20);

const codes = [
  '7K2M-9QXR-4TNW-H3VB',
  'X4HN-Q9VB-7SMP-C2KD',
  'B6MK-T2PD-H9CX-4RWN',
  'D2XW-7RHB-P6QM-3NKV',
  'V8QN-3KJF-C2XB-6TMW',
  'P8DZ-W5CF-2JRK-M6GT',
  '3FRT-8WJX-N5ZQ-V7GH',
  '9GVQ-5ZNS-K3FT-X8JM',
  'H5TC-M4GZ-9WVX-R7PD',
  'R7ZP-4DHG-X5NT-9QKC',
];

const totp: StepView = {
  mode: 'sign-in',
  isTooWeak: false,
  type: 'totp',
  field: 'code',
  hint: null,
  keys: null,
  asksCapable: false,
  remember: null,
  sending: null,
  user: 'a•••@example.com',
  entry: 'WebAdmin',
  to: '/billing?month=3',
  action: '/2fa/totp',
  hereUrl: '/2fa/totp?to=%2Fbilling',
  error: null,
  serverTime: null,
  chooseUrl: '/2fa/choose?to=%2Fbilling',
  shut: null,
  cancelUrl: '/2fa/cancel',
};
const remember = { days: 30, ticked: false };
const lost: LostView = {
  next: { href: '/login', text: 'lost.sign_in' },
  liveCodeUrl: null,
  codesFile: 'webadmin-backup-codes-….txt',
  files: [
    { paper: 'a4', url: '/2fa/lost/form.pdf?paper=a4' },
    { paper: 'letter', url: '/2fa/lost/form.pdf?paper=letter' },
  ],
  pageUrl: '/2fa/lost/form.html',
  sendTo: lostForm.sendTo,
  waits: { short: 3, long: 7 },
  doors: null,
};
const doors: LostDoors = {
  user: null,
  byName: true,
  identifier: '',
  error: null,
  blockUrl: '/2fa/lost/block',
  startUrl: '/2fa/lost/requests',
};
const lostRequest: LostRequestView = {
  user: null,
  identifier: '',
  error: null,
  waits: lost.waits,
  types: (['webauthn', 'totp', 'otp-sms', 'otp-email', 'backup-code'] as const).map((type) => ({
    type,
    isLost: type === 'totp',
  })),
  reaches: 'both',
  address: '',
  said: '',
  action: '/2fa/lost/requests',
  backUrl: '/2fa/lost',
};
const allKinds = [
  'mail',
  'phone',
  'browser',
  'invoice',
  'voucher',
  'letter',
  'identity',
  'video',
  'certified',
  'esign',
] as const;
const lostStatus: LostStatusView = {
  reference: 'RA-BCDFGHJKMN',
  checkCode: '7K2M9Q',
  state: 'awaiting_evidence',
  reply: null,
  steps: (['started', 'contact_confirmed', 'awaiting_evidence'] as const).map((state, hour) => ({
    at: NOVEMBER + hour * HOUR,
    state,
  })),
  earliestAt: null,
  longer: null,
  lapsesAt: NOVEMBER + 30 * 24 * HOUR,
  contact: 'a•••@e•••.com',
  sum: 2,
  needed: 3,
  least: 2,
  missing: [{ what: 'points' }, { what: 'kinds' }],
  given: [
    { kind: 'password', times: 1, counts: true },
    { kind: 'mail', times: 1, counts: true },
    { kind: 'identity', times: 2, counts: false },
  ],
  offers: allKinds.map((kind) => ({
    kind,
    points: kind === 'letter' ? 2 : 1,
    isGiven: kind === 'identity',
  })),
  sent: null,
  added: null,
  mostBytes: 5_000_000,
  typed: { facts: {}, voucher: '' },
  canWithdraw: true,
  url: '/2fa/lost/requests/0123456789abcdefghijkl',
  files: lost.files,
  pageUrl: lost.pageUrl,
  sendTo: lostForm.sendTo,
  error: null,
};
const lostStarted: LostStatusView = {
  ...lostStatus,
  state: 'started',
  steps: lostStatus.steps.slice(0, 1),
  given: [],
  offers: [],
};
const lostCancel: LostCancelView = {
  reference: lostStatus.reference,
  state: 'approved_waiting',
  startedAt: NOVEMBER,
  earliestAt: NOVEMBER + 72 * HOUR,
  canStop: true,
  action: '/2fa/lost/cancel/0123456789abcdefghijkl',
  signInUrl: '/login',
};
const noWay: ChooseView = {
  mode: 'sign-in',
  user: totp.user,
  ways: [],
  to: '/',
  shut: null,
  stopped: false,
  liveCodeUrl: null,
  cancelUrl: '/2fa/cancel',
};
const backup: StepView = {
  ...totp,
  type: 'backup-code',
  field: 'backup-code',
  entry: null,
  action: '/2fa/backup-code',
};

const sent: SentView = {
  hint: '•••••••89',
  expiresAt: NOVEMBER + 300_000,
  resendAt: NOVEMBER + 30_000,
  resendIn: 30_000,
  reference: null,
};
const arrived: SentView = { ...sent, resendIn: 0 };
const mailed: SentView = { ...sent, hint: 'a•••@e•••.com', reference: 'BKMTRWXZ' };
const ticketSent: TicketView['code'] = {
  type: 'otp-sms',
  sent,
  sendUrl: '/2fa/lost/ticket/abc/send',
};
const ticketPage: TicketView = {
  action: '/2fa/lost/ticket/abc',
  reference: lostStatus.reference,
  until: NOVEMBER + 24 * HOUR,
  password: true,
  code: { ...ticketSent, sent: null },
  error: null,
};
const waits: WaitingView = {
  mode: 'sign-in',
  type: 'link',
  user: totp.user,
  channel: 'email',
  sentTo: ['a•••@e•••.com', 'a•••@m•••.example'],
  isOver: false,
  sent: { ...sent, expiresAt: NOVEMBER + 900_000 },
  sendUrl: '/2fa/browser/send',
  hereUrl: '/2fa?to=%2Fbilling',
  chooseUrl: null,
  to: totp.to,
  cancelUrl: totp.cancelUrl,
  error: null,
};
const toMobile = { id: 'f4', label: 'Mobile', hint: '•••••••89' };
const toWork = {
  id: 'f5',
  label: 'A work phone with quite a long name that somebody gave to it',
  hint: '•••••••12',
};
const sms = (now: SentView | null, more: Partial<StepView> = {}): StepView => ({
  ...totp,
  type: 'otp-sms',
  entry: null,
  action: '/2fa/otp-sms',
  sending: { destinations: [toMobile], sendUrl: '/2fa/otp-sms/send', sent: now },
  ...more,
});
const email = (now: SentView | null): StepView => ({
  ...totp,
  type: 'otp-email',
  entry: null,
  action: '/2fa/otp-email',
  sending: {
    destinations: [{ id: 'f6', label: 'E-mail', hint: 'a•••@e•••.com' }],
    sendUrl: '/2fa/otp-email/send',
    sent: now,
  },
});
const twoPhones = (now: SentView | null) => ({
  sending: { destinations: [toMobile, toWork], sendUrl: '/2fa/otp-sms/send', sent: now },
});

const enrolPhone: EnrolCodeView = {
  type: 'otp-sms',
  address: '',
  sent: null,
  sentTo: null,
  meant: null,
  sendUrl: '/2fa/security/otp-sms/send',
  action: '/2fa/security/otp-sms',
  cancelUrl: '/2fa/security/otp-sms/cancel',
  first: true,
  error: null,
};
const phoneSent: EnrolCodeView = { ...enrolPhone, address: '+420603123489', sent, sentTo: '+420603123489' };
const enrolMailbox: EnrolCodeView = {
  ...enrolPhone,
  type: 'otp-email',
  sendUrl: '/2fa/security/otp-email/send',
  action: '/2fa/security/otp-email',
  cancelUrl: '/2fa/security/otp-email/cancel',
  first: false,
};
const longMailbox = 'anna.with-a-very-long-name.that-goes-on@a-long-name-of-a-site.example.com';
const mailboxSent: EnrolCodeView = {
  ...enrolMailbox,
  address: longMailbox,
  sent: mailed,
  sentTo: longMailbox,
};

const enrol: EnrolTotpView = {
  qr: '',
  secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
  otpauthUrl,
  issuer: 'WebAdmin',
  account: 'anna@example.com',
  existing: [],
  naming: null,
  action: '/2fa/security/totp',
  cancelUrl: '/2fa/security/totp/cancel',
  first: true,
  error: null,
};

const anotherApp: EnrolTotpView = {
  ...enrol,
  account: 'anna@example.com (3)',
  existing: ['anna@example.com', 'anna@example.com (2)'],
  naming: { beginUrl: '/2fa/security/totp/begin', typed: '' },
  first: false,
};

const toSave: BackupCodesView = {
  codes,
  account: 'anna@example.com',
  site: 'https://admin.example.com',
  createdAt: NOVEMBER,
  first: true,
  regains: false,
  type: 'totp',
  acknowledgeUrl: '/2fa/security/backup-codes/acknowledge',
  downloadUrl: '/2fa/security/backup-codes/download',
  cancelUrl: '/2fa/security/totp/cancel',
  inForce: null,
  renewUrl: '/2fa/security/backup-codes',
  error: null,
};
const imported = { left: 8, total: 8, createdAt: NOVEMBER, imported: true } as const;
const inForce = (left: number) => ({ left, total: 10, createdAt: MARCH });

// The factor types of later have no brand of id to give: a page shows an id only inside an address.
const factor = (id: string, label: string, more: Partial<FactorView> = {}): FactorView => ({
  id,
  type: 'totp',
  label,
  hint: null,
  createdAt: MARCH,
  lastUsedAt: NOVEMBER,
  preferred: false,
  key: null,
  ...more,
});
const phone = factor('f1', "Anna's phone", { preferred: true });
const spare = factor('f2', 'A spare phone with quite a long name that somebody once gave to it', {
  lastUsedAt: null,
});
const aKey = (id: string, label: string, more: Partial<KeyView> = {}) =>
  factor(id, label, {
    type: 'webauthn',
    key: { place: 'portable', synced: false, madeFor: null, ...more },
  });
const weak = factor('f5', 'Old phone', { weak: true });
const key = aKey('f3', 'Desk key');
const passkey = aKey('f7', 'A passkey of a laptop with quite a long name that somebody gave to it', {
  place: 'device',
  synced: true,
});
const ofOneDevice = aKey('f8', 'Windows Hello', { place: 'device' });
const madeElsewhere = aKey('f9', 'Old key', { madeFor: 'admin.old-name-of-a-company.example.com' });
const mobile = factor('f4', 'Mobile', { type: 'otp-sms', hint: '•••••••89' });
const mailbox = factor('f6', 'E-mail', { type: 'otp-email', hint: 'a•••@e•••.com' });

const type = (name: TypeView['type'], more: Partial<TypeView> = {}): TypeView => ({
  type: name,
  available: false,
  factors: [],
  enrolUrl: `/2fa/security/${name}`,
  isOnPhone: name === 'totp' || name === 'otp-sms',
  canAdd: true,
  full: null,
  unfinished: false,
  ...more,
});
const others = [type('webauthn'), type('otp-sms'), type('otp-email')];

const off: SecurityView = {
  user: 'anna@example.com',
  enabled: false,
  types: [type('totp', { available: true }), ...others],
  backupCodes: null,
  backupCodesUrl: '/2fa/security/backup-codes',
  replaceUrl: null,
  unfinishedUrl: null,
  notice: null,
  factorUrl: '/2fa/security/factors',
  signOutEverywhereUrl: '/2fa/security/sign-out-everywhere',
  held: null,
  suspended: [],
  browsers: { count: 0, url: '/2fa/security/browsers' },
  logins: { count: 1, url: '/2fa/security/logins' },
  activity: null,
  ownerAccessUrl: null,
  vouchersUrl: null,
  signal: null,
};
const on: SecurityView = {
  ...off,
  enabled: true,
  types: [type('totp', { available: true, factors: [phone] }), ...others],
  backupCodes: inForce(8),
  browsers: { ...off.browsers, count: 2 },
  logins: { ...off.logins, count: 3 },
  activity: { url: '/2fa/security/activity', lastChange: NOVEMBER, now: NOVEMBER + 49 * HOUR },
  ownerAccessUrl: '/2fa/security/lost-access',
  vouchersUrl: '/2fa/security/vouchers',
};

const banner: RequestBanner = {
  reference: 'RA-ABCDEFGHJK',
  startedAt: NOVEMBER,
  earliestAt: NOVEMBER + 72 * HOUR,
  stopUrl: '/2fa/security/lost-access/cancel',
};
const ownerAccess: OwnerAccessView = {
  rules: { never: false, wait: 0, needs: [] },
  kinds: ['password', 'mail', 'phone', 'letter', 'identity', 'video'],
  waits: [7, 14, 30].map((days) => days * 24 * HOUR),
  url: '/2fa/security/lost-access',
  notice: null,
  error: null,
};
const vouchers: VouchersView = {
  requests: [
    {
      reference: 'RA-ABCDEFGHJK',
      user: 'anna@example.com',
      startedAt: NOVEMBER,
      url: '/2fa/security/vouchers/RA-ABCDEFGHJK',
    },
  ],
  error: { code: 'account_name', field: 'accountName', reference: 'RA-ABCDEFGHJK' },
  typed: 'ana@example.com',
  notice: null,
};

const here = {
  id: 'b1',
  name: 'Firefox on Windows',
  firstAt: MARCH,
  lastAt: NOVEMBER,
  isThis: true,
  rememberedUntil: null,
  forgetUrl: '/2fa/security/browsers/b1/forget',
};
const browsersPage: BrowsersView = {
  browsers: [
    here,
    { ...here, id: 'b2', name: 'Samsung Internet on Android', isThis: false, rememberedUntil: NOVEMBER },
    { ...here, id: 'b3', name: 'Unknown browser', isThis: false, lastAt: MARCH },
  ],
  forgetAllUrl: '/2fa/security/browsers/forget',
  notice: null,
};

const loginHere: LoginView = {
  id: 'l1',
  name: 'Firefox on Windows',
  address: '192.0.2.44',
  since: MARCH,
  lastAt: NOVEMBER,
  isThis: true,
  proofs: ['totp', 'backup-code'],
  without: null,
  endUrl: '/2fa/security/logins/l1/end',
};
const loginsPage: LoginsView = {
  logins: [
    loginHere,
    {
      ...loginHere,
      id: 'l2',
      name: 'Samsung Internet on Android',
      address: '2001:db8:1234:5678::/64',
      isThis: false,
      proofs: [],
      without: 'remembered',
    },
    { ...loginHere, id: 'l3', name: 'Unknown browser', address: null, isThis: false, proofs: ['webauthn'] },
  ],
  only: false,
  backUrl: '/2fa/security',
  endOthersUrl: '/2fa/security/logins/end-others',
  notice: null,
};

let happened = 0;
const entry = (
  name: ActivityEntryView['name'],
  hoursAgo: number,
  more: Partial<ActivityEntryView> = {},
): ActivityEntryView => ({
  id: `entry-${(happened += 1)}`,
  at: NOVEMBER - hoursAgo * HOUR,
  name,
  result: 'ok',
  type: null,
  label: null,
  browser: 'Firefox on Linux',
  address: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
  ...more,
});
const activityKinds = (chosen: string | null): ActivityView['kinds'] =>
  (['webauthn', 'totp', 'otp-sms', 'otp-email', 'backup-code'] as const).map((one) => ({
    type: one,
    isChosen: one === chosen,
  }));
const activity: ActivityView = {
  entries: [
    entry('login.completed', 0.1, { type: 'webauthn', label: 'Desk key' }),
    entry('proof.refused', 0.2, { type: 'webauthn', result: 'refused' }),
    entry('proof.refused', 0.3, { type: 'totp', result: 'refused', browser: 'Unknown browser' }),
    entry('login.owed', 0.4),
    entry('recovery.changed', 24, { label: 'Request for access: evidence given, being checked' }),
    entry('recovery.changed', 24.5, { label: 'Request for access opened' }),
    entry('factor.renamed', 25, { type: 'otp-sms', label: toWork.label, address: '203.0.113.7' }),
    entry('code.failed', 26, { type: 'otp-email', label: 'E-mail', result: 'failed' }),
    entry('factor.added', 200, { type: 'totp', label: '<b>=1+1', browser: null, address: null }),
  ],
  kinds: activityKinds(null),
  action: '/2fa/security/activity',
  olderUrl: '/2fa/security/activity?before=entry-7',
  newestUrl: null,
  csvUrl: '/2fa/security/activity.csv',
  jsonUrl: '/2fa/security/activity.json',
  days: 90,
  signOutEverywhereUrl: '/2fa/security/sign-out-everywhere',
  backUrl: '/2fa/security',
};

const factorPage: FactorPageView = {
  factor: phone,
  only: null,
  renameUrl: '/2fa/security/factors/f1/rename',
  preferUrl: '/2fa/security/factors/f1/prefer',
  removeUrl: '/2fa/security/factors/f1/remove',
  backUrl: '/2fa/security',
  remaining: [],
  last: true,
  kept: false,
  enrolUrl: '/2fa/security/totp',
  label: phone.label,
  error: null,
};

const message: MessageView = { code: 'locked', next: null, until: null, ways: [] };
const backupWay = { type: 'backup-code', labels: [], hints: [], left: 8, href: '/2fa/backup-code' } as const;
const totpWay = { type: 'totp', labels: [phone.label, spare.label], hints: [], href: '/2fa/totp' } as const;
const smsWay = {
  type: 'otp-sms',
  labels: [toMobile.label, toWork.label],
  hints: [toMobile.hint, toWork.hint],
  href: '/2fa/otp-sms',
} as const;
const emailWay = {
  type: 'otp-email',
  labels: ['E-mail'],
  hints: ['a•••@e•••.com'],
  href: '/2fa/otp-email',
} as const;
const keyPage = { ...factorPage, last: false, enrolUrl: '/2fa/security/webauthn', remaining: [phone.label] };
const keyWay = { type: 'webauthn', labels: [key.label], hints: [], href: '/2fa/webauthn' } as const;

const keyStep: StepView = {
  ...totp,
  type: 'webauthn',
  entry: null,
  action: '/2fa/webauthn',
  field: null,
  keys: { optionsUrl: '/2fa/webauthn/options', factors: [key, passkey], otherWays: [totpWay, backupWay] },
};
const enrolKey: EnrolKeyView = {
  optionsUrl: '/2fa/security/webauthn/options',
  action: '/2fa/security/webauthn',
  cancelUrl: '/2fa/security/webauthn/cancel',
  added: [],
  passkeys: false,
  first: true,
  error: null,
};
const anotherKey: EnrolKeyView = { ...enrolKey, added: [key, passkey], passkeys: true, first: false };

const code = (name: string, more: object = {}) => ({ code: name, field: 'code', ...more });
const messagePage = (name: string, more: Partial<MessageView> = {}, signedIn = false): Sample => ({
  view: 'message',
  data: { ...message, code: name, ...more },
  signedIn,
});
const next = (text: 'continue' | 'sign-in' | 'back' | 'confirm' | 'retry') => ({
  next: { href: '/2fa', text },
});

/** Which of these are the first state of their view. */
export const firstStates = (samples: Readonly<Record<string, Sample>>): ((name: string) => boolean) => {
  const names = Object.keys(samples);
  const firsts = new Set(
    names.filter((name) => name === names.find((one) => samples[one]?.view === samples[name]?.view)),
  );
  return (name) => firsts.has(name);
};

/** Every view in each of its states: empty, filled, wrong, locked. */
export async function viewSamples(): Promise<Readonly<Record<string, Sample>>> {
  const qr = await qrSvg(otpauthUrl, 'QR code to scan with your authenticator app');
  const { text } = createCatalogue();
  const form = { text, appName: 'WebAdmin', form: lostForm, waits: lost.waits };
  const printed = { paper: 'a4', backUrl: '/2fa/lost' } as const;
  const signedOut = { signedIn: false } as const;
  const signedIn = { signedIn: true } as const;
  return {
    step: { view: 'step', data: totp, ...signedOut },
    'step-without-entry': { view: 'step', data: { ...totp, entry: null, chooseUrl: null }, ...signedOut },
    'step-remember': { view: 'step', data: { ...totp, remember }, ...signedOut },
    'step-remember-wrong': {
      view: 'step',
      data: {
        ...totp,
        remember: { ...remember, ticked: true },
        error: code('wrong_code', { triesLeft: 3 }),
      },
      ...signedOut,
    },
    'key-remember': { view: 'step', data: { ...keyStep, remember }, ...signedOut },
    'step-wrong': {
      view: 'step',
      data: { ...totp, error: code('wrong_code', { triesLeft: 3 }) },
      ...signedOut,
    },
    'step-two-left': {
      view: 'step',
      data: { ...totp, error: code('wrong_code', { triesLeft: 2 }), serverTime: NOVEMBER },
      ...signedOut,
    },
    'step-locked': {
      view: 'step',
      data: { ...totp, error: { code: 'locked', field: null, until: NOVEMBER } },
      ...signedOut,
    },
    'step-too-weak': { view: 'step', data: { ...totp, mode: 'confirm', isTooWeak: true }, ...signedIn },
    'step-confirm': { view: 'step', data: { ...totp, mode: 'confirm' }, ...signedIn },
    'step-backup': { view: 'step', data: backup, ...signedOut },
    'step-backup-imported': { view: 'step', data: { ...backup, hint: 'imported' }, ...signedOut },
    'step-backup-used': { view: 'step', data: { ...backup, error: code('code_used') }, ...signedOut },
    'sms-unsent': { view: 'step', data: sms(null), ...signedOut },
    'sms-which': { view: 'step', data: sms(null, twoPhones(null)), ...signedOut },
    'sms-failed': {
      view: 'step',
      data: sms(null, { error: code('delivery_failed', { until: NOVEMBER }) }),
      ...signedOut,
    },
    sms: { view: 'step', data: sms(sent), ...signedOut },
    'sms-again': { view: 'step', data: sms(arrived, { mode: 'confirm' }), ...signedIn },
    'sms-two-phones': { view: 'step', data: sms(arrived, twoPhones(arrived)), ...signedOut },
    'sms-wrong': {
      view: 'step',
      data: sms(sent, { error: code('wrong_code', { triesLeft: 2 }) }),
      ...signedOut,
    },
    'sms-too-soon': {
      view: 'step',
      data: sms(sent, { error: code('resend_too_soon', { until: NOVEMBER + 60_000 }) }),
      ...signedOut,
    },
    'sms-too-many': {
      view: 'step',
      data: sms(arrived, { error: code('too_many_sends', { until: NOVEMBER }) }),
      ...signedOut,
    },
    'email-unsent': { view: 'step', data: email(null), ...signedOut },
    email: { view: 'step', data: email(mailed), ...signedOut },
    key: { view: 'step', data: keyStep, ...signedOut },
    'key-alone': {
      view: 'step',
      data: {
        ...keyStep,
        mode: 'confirm',
        keys: { optionsUrl: '/2fa/webauthn/options', factors: [key], otherWays: [] },
        chooseUrl: null,
      },
      ...signedIn,
    },
    'key-wrong': {
      view: 'step',
      data: { ...keyStep, error: { code: 'wrong_code', field: 'response', triesLeft: 2 } },
      ...signedOut,
    },
    lost: { view: 'lost', data: lost, ...signedOut },
    'lost-doors': { view: 'lost', data: { ...lost, doors }, ...signedOut },
    'lost-doors-half': {
      view: 'lost',
      data: { ...lost, liveCodeUrl: '/2fa/live-code', doors: { ...doors, user: totp.user } },
      ...signedOut,
    },
    'lost-doors-shut': { view: 'lost', data: { ...lost, doors: { ...doors, byName: false } }, ...signedOut },
    'lost-doors-wrong': {
      view: 'lost',
      data: { ...lost, doors: { ...doors, error: { code: 'identifier', field: 'identifier' } } },
      ...signedOut,
    },
    'lost-request': { view: 'lost-request', data: lostRequest, ...signedOut },
    'lost-request-half': {
      view: 'lost-request',
      data: { ...lostRequest, user: totp.user, reaches: 'email' },
      ...signedOut,
    },
    'lost-request-wrong': {
      view: 'lost-request',
      data: { ...lostRequest, error: { code: 'lost', field: 'lost' }, reaches: 'sms', said: 'In a lake.' },
      ...signedOut,
    },
    'lost-status': { view: 'lost-status', data: lostStatus, ...signedOut },
    'lost-status-started': { view: 'lost-status', data: lostStarted, ...signedOut },
    'lost-status-wrong': {
      view: 'lost-status',
      data: {
        ...lostStarted,
        sent: 'contact',
        error: { code: 'wrong_code', field: 'contact-code', triesLeft: 2 },
      },
      ...signedOut,
    },
    'lost-status-busy': {
      view: 'lost-status',
      data: { ...lostStatus, error: { code: 'uploads_busy', field: 'identity-file', until: NOVEMBER } },
      ...signedOut,
    },
    'lost-status-added': {
      view: 'lost-status',
      data: { ...lostStatus, state: 'in_review', added: { kind: 'identity', isGiven: true } },
      ...signedOut,
    },
    'lost-status-browser-unknown': {
      view: 'lost-status',
      data: { ...lostStatus, added: { kind: 'browser', isGiven: false } },
      ...signedOut,
    },
    'lost-status-mail': {
      view: 'lost-status',
      data: { ...lostStatus, sent: 'mail', error: { code: 'wrong_code', field: 'mail-code' } },
      ...signedOut,
    },
    'lost-status-facts': {
      view: 'lost-status',
      data: { ...lostStatus, error: { code: 'facts', field: 'invoice-facts' } },
      ...signedOut,
    },
    'lost-status-waiting': {
      view: 'lost-status',
      data: {
        ...lostStatus,
        state: 'approved_waiting',
        earliestAt: NOVEMBER + 168 * HOUR,
        longer: 'changed',
        lapsesAt: null,
        missing: [],
        offers: [],
      },
      ...signedOut,
    },
    'lost-status-ready': {
      view: 'lost-status',
      data: { ...lostStatus, state: 'ready', missing: [], offers: [] },
      ...signedOut,
    },
    'lost-status-over': {
      view: 'lost-status',
      data: {
        ...lostStatus,
        state: 'rejected',
        reply: { because: 'not_enough' },
        lapsesAt: null,
        canWithdraw: false,
      },
      ...signedOut,
    },
    'lost-status-asked': {
      view: 'lost-status',
      data: {
        ...lostStatus,
        state: 'more_info',
        reply: { because: 'readable', text: 'The lower half is dark.\nThe number must be seen.' },
      },
      ...signedOut,
    },
    'lost-cancel': { view: 'lost-cancel', data: lostCancel, ...signedOut },
    'lost-cancel-over': {
      view: 'lost-cancel',
      data: { ...lostCancel, state: 'completed', canStop: false },
      ...signedOut,
    },
    'lost-form': {
      view: 'lost-form',
      data: { ...printed, content: contentIn('en', { ...form, prefill: null }), qr: null },
      ...signedOut,
    },
    'lost-form-filled': {
      view: 'lost-form',
      data: {
        ...printed,
        content: contentIn('en', { ...form, prefill }),
        qr: await qrSvg(prefill.statusUrl, 'QR code'),
      },
      ...signedOut,
    },
    'enrol-key': { view: 'enrol-key', data: enrolKey, ...signedIn },
    'enrol-key-another': { view: 'enrol-key', data: anotherKey, ...signedIn },
    'enrol-key-there': {
      view: 'enrol-key',
      data: { ...anotherKey, error: { code: 'duplicate', field: 'response' } },
      ...signedIn,
    },
    'offer-key': {
      view: 'offer-key',
      data: { enrolUrl: '/2fa/security/webauthn', to: '/billing?month=3' },
      ...signedIn,
    },
    'code-used': {
      view: 'code-used',
      data: {
        left: 9,
        replaceUrl: '/2fa/security/totp',
        codesUrl: '/2fa/security/backup-codes',
        to: '/billing?month=3',
      },
      ...signedIn,
    },
    'security-code-used': {
      view: 'security',
      data: { ...on, backupCodes: inForce(9), replaceUrl: '/2fa/security/totp' },
      ...signedIn,
    },
    'codes-of-key': { view: 'backup-codes', data: { ...toSave, type: 'webauthn' }, ...signedIn },
    'security-keys': {
      view: 'security',
      data: {
        ...on,
        types: [
          type('totp', { available: true, factors: [phone] }),
          type('webauthn', { available: true, factors: [key, passkey, ofOneDevice, madeElsewhere] }),
          type('otp-sms'),
          type('otp-email'),
        ],
        signal: {
          rpId: 'localhost',
          userId: 'dXNlci1oYW5kbGU',
          name: 'anna@example.com',
          credentialIds: ['AQIDBA', 'BQYHCA'],
        },
      },
      ...signedIn,
    },
    'security-held': {
      view: 'security',
      data: {
        ...on,
        held: { until: NOVEMBER, liftUrl: '/2fa/security/hold/lift' },
        suspended: [{ id: 'f9', label: 'Work phone' }],
      },
      ...signedIn,
    },
    object: {
      view: 'object',
      data: {
        at: NOVEMBER,
        told: [{ name: 'factor.added', type: 'totp', label: 'Work phone' }],
        suspends: ['Work phone'],
        action: '/2fa/object/abc',
      },
      signedIn: false,
    },
    'object-removed': {
      view: 'object',
      data: {
        at: NOVEMBER,
        told: [{ name: 'factor.removed', type: 'totp', label: 'Work phone' }],
        suspends: [],
        action: '/2fa/object/abc',
      },
      signedIn: false,
    },
    objected: messagePage('objected', next('sign-in')),
    ticket: { view: 'ticket', data: ticketPage, ...signedOut },
    'ticket-wrong': {
      view: 'ticket',
      data: { ...ticketPage, error: code('wrong_code', { field: 'password', triesLeft: 2 }) },
      ...signedOut,
    },
    'ticket-sent': { view: 'ticket', data: { ...ticketPage, code: ticketSent }, ...signedOut },
    'ticket-code-wrong': {
      view: 'ticket',
      data: { ...ticketPage, password: false, code: ticketSent, error: code('wrong_code', { triesLeft: 4 }) },
      ...signedOut,
    },
    'ticket-code': { view: 'ticket', data: { ...ticketPage, password: false }, ...signedOut },
    'ticket-password': { view: 'ticket', data: { ...ticketPage, code: null }, ...signedOut },
    'ticket-none': { view: 'ticket', data: { ...ticketPage, password: false, code: null }, ...signedOut },
    'let-in': {
      view: 'let-in',
      data: {
        ways: (['totp', 'webauthn', 'otp-sms', 'otp-email'] as const).map((one) => ({
          type: one,
          labels: [],
          hints: [],
          href: `/2fa/security/${one}`,
        })),
        until: NOVEMBER,
        cancelUrl: '/2fa/cancel',
      },
      ...signedOut,
    },
    'ticket-gone': messagePage('not_found', { special: ['ticket_gone'], ...next('back') }),
    'access-again': messagePage('access_again', next('sign-in')),
    'object-access-again': {
      view: 'object',
      data: {
        at: NOVEMBER,
        told: [{ name: 'recovery.changed', reference: 'RA-ABCDEFGHJK', state: 'completed' }],
        suspends: ['Work phone'],
        action: '/2fa/object/abc',
      },
      signedIn: false,
    },
    browsers: { view: 'browsers', data: browsersPage, ...signedIn },
    'browsers-one': {
      view: 'browsers',
      data: {
        ...browsersPage,
        browsers: [here],
        notice: { code: 'browser_forgotten', label: 'Chrome on Android' },
      },
      ...signedIn,
    },
    'browsers-none': {
      view: 'browsers',
      data: { ...browsersPage, browsers: [], notice: { code: 'browsers_forgotten', label: null } },
      ...signedIn,
    },
    logins: { view: 'logins', data: loginsPage, ...signedIn },
    'logins-one': {
      view: 'logins',
      data: {
        ...loginsPage,
        logins: [{ ...loginHere, proofs: [], without: 'exempt' }],
        notice: { code: 'login_ended', label: 'Chrome on Android' },
      },
      ...signedIn,
    },
    'logins-end': {
      view: 'logins',
      data: {
        ...loginsPage,
        logins: [{ ...loginHere, isThis: false }],
        only: true,
        backUrl: '/2fa/security/logins',
      },
      ...signedIn,
    },
    'factor-remove': {
      view: 'factor',
      data: { ...factorPage, only: 'remove', last: false, remaining: [spare.label] },
      ...signedIn,
    },
    'factor-rename': { view: 'factor', data: { ...factorPage, only: 'rename', label: 'Desk' }, ...signedIn },
    'factor-prefer': {
      view: 'factor',
      data: { ...factorPage, factor: key, only: 'prefer', last: false },
      ...signedIn,
    },
    'factor-key': { view: 'factor', data: { ...keyPage, factor: key, label: key.label }, ...signedIn },
    'factor-key-elsewhere': {
      view: 'factor',
      data: { ...keyPage, factor: madeElsewhere, label: madeElsewhere.label },
      ...signedIn,
    },
    'enrol-phone': { view: 'enrol-code', data: enrolPhone, ...signedIn },
    'enrol-phone-wrong': {
      view: 'enrol-code',
      data: { ...enrolPhone, address: '603 123', error: { code: 'phone_country', field: 'address' } },
      ...signedIn,
    },
    'enrol-phone-sent': { view: 'enrol-code', data: phoneSent, ...signedIn },
    'enrol-phone-wrong-code': {
      view: 'enrol-code',
      data: { ...phoneSent, error: code('wrong_code', { triesLeft: 2 }) },
      ...signedIn,
    },
    'enrol-phone-given-up': {
      view: 'enrol-code',
      data: { ...phoneSent, error: code('address_given_up', { triesLeft: 4 }) },
      ...signedIn,
    },
    'enrol-phone-there': {
      view: 'enrol-code',
      data: {
        ...phoneSent,
        sent: arrived,
        address: '+420603123400',
        error: { code: 'duplicate', field: 'address' },
      },
      ...signedIn,
    },
    'enrol-mailbox': { view: 'enrol-code', data: enrolMailbox, ...signedIn },
    'enrol-mailbox-wrong': {
      view: 'enrol-code',
      data: { ...enrolMailbox, address: 'anna@', error: { code: 'email_form', field: 'address' } },
      ...signedIn,
    },
    'enrol-mailbox-sent': { view: 'enrol-code', data: mailboxSent, ...signedIn },
    'choose-many': {
      view: 'choose',
      data: {
        mode: 'sign-in',
        user: totp.user,
        ways: [keyWay, totpWay, smsWay, emailWay, backupWay],
        to: '/',
        shut: null,
        stopped: false,
        liveCodeUrl: '/2fa/live-code',
        cancelUrl: '/2fa/cancel',
      },
      ...signedOut,
    },
    'email-mistyped': {
      view: 'enrol-code',
      data: { ...mailboxSent, address: 'anna@gmial.com', sentTo: 'anna@gmial.com', meant: 'anna@gmail.com' },
      ...signedIn,
    },
    'security-mail-alone': {
      view: 'security',
      data: {
        ...on,
        types: [type('otp-email', { available: true, factors: [mailbox] })],
        backupCodes: inForce(0),
      },
      ...signedIn,
    },
    'codes-of-phone': { view: 'backup-codes', data: { ...toSave, type: 'otp-sms' }, ...signedIn },
    'security-messages': {
      view: 'security',
      data: {
        ...on,
        types: [
          type('totp', { available: true }),
          type('webauthn'),
          type('otp-sms', { available: true, factors: [mobile] }),
          type('otp-email', { available: true, factors: [mailbox] }),
        ],
        backupCodes: inForce(0),
      },
      ...signedIn,
    },
    'security-switched-off': {
      view: 'security',
      data: {
        ...on,
        types: [
          type('totp', { available: true, factors: [phone] }),
          type('webauthn'),
          type('otp-sms', { available: true }),
          type('otp-email', { factors: [mailbox], canAdd: false }),
        ],
        backupCodes: inForce(0),
      },
      ...signedIn,
    },
    'factor-phone': {
      view: 'factor',
      data: { ...factorPage, factor: mobile, label: mobile.label, last: false, remaining: [phone.label] },
      ...signedIn,
    },
    waiting: { view: 'waiting', data: waits, ...signedOut },
    'waiting-phone': {
      view: 'waiting',
      data: {
        ...waits,
        channel: 'sms',
        sentTo: ['•••••••89'],
        sent: { ...waits.sent, resendIn: 0 },
        chooseUrl: '/2fa/choose',
      },
      ...signedOut,
    },
    'waiting-failed': {
      view: 'waiting',
      data: { ...waits, error: { code: 'delivery_failed', field: null } },
      ...signedOut,
    },
    'waiting-nothing-sent': {
      view: 'waiting',
      data: { ...waits, sentTo: [], sent: { ...waits.sent, resendAt: NOVEMBER + 60_000, resendIn: 60_000 } },
      ...signedOut,
    },
    'waiting-nothing-can-be-sent': {
      view: 'waiting',
      data: { ...waits, sentTo: [], isOver: true, chooseUrl: '/2fa/choose' },
      ...signedOut,
    },
    'waiting-last': { view: 'waiting', data: { ...waits, isOver: true }, ...signedOut },
    choose: {
      view: 'choose',
      data: {
        mode: 'sign-in',
        user: totp.user,
        ways: [keyWay, totpWay, backupWay],
        to: '/',
        shut: null,
        stopped: false,
        liveCodeUrl: null,
        cancelUrl: '/2fa/cancel',
      },
      ...signedOut,
    },
    'choose-none': { view: 'choose', data: noWay, ...signedOut },
    'choose-stopped': { view: 'choose', data: { ...noWay, stopped: true }, ...signedOut },
    'choose-shut': {
      view: 'choose',
      data: { ...noWay, ways: [totpWay, backupWay], shut: { type: 'otp-email', text: null } },
      ...signedOut,
    },
    'choose-shut-none': {
      view: 'choose',
      data: { ...noWay, shut: { type: 'both', text: 'nothing' } },
      ...signedOut,
    },
    'step-backup-shut': {
      view: 'step',
      data: { ...backup, chooseUrl: null, shut: { type: 'otp-sms', text: 'backup-code' } },
      ...signedOut,
    },
    enrol: { view: 'enrol-totp', data: { ...enrol, qr }, ...signedIn },
    'enrol-wrong': {
      view: 'enrol-totp',
      data: { ...enrol, qr, first: false, error: code('clock_off') },
      ...signedIn,
    },
    'enrol-named': {
      view: 'enrol-totp',
      data: { ...anotherApp, qr, account: 'anna@example.com (Tablet)', existing: [] },
      ...signedIn,
    },
    'enrol-another': { view: 'enrol-totp', data: { ...anotherApp, qr }, ...signedIn },
    'enrol-entry-taken': {
      view: 'enrol-totp',
      data: {
        ...anotherApp,
        qr,
        naming: { beginUrl: '/2fa/security/totp/begin', typed: 'Tablet' },
        error: { code: 'duplicate', field: 'entry' },
      },
      ...signedIn,
    },
    codes: { view: 'backup-codes', data: toSave, ...signedIn },
    'codes-of-access': { view: 'backup-codes', data: { ...toSave, regains: true }, ...signedOut },
    'codes-wrong': { view: 'backup-codes', data: { ...toSave, error: code('wrong_code') }, ...signedIn },
    'codes-again': {
      view: 'backup-codes',
      data: { ...toSave, first: false, inForce: inForce(2) },
      ...signedIn,
    },
    'codes-in-force': {
      view: 'backup-codes',
      data: { ...toSave, codes: null, inForce: inForce(8) },
      ...signedIn,
    },
    'codes-imported': {
      view: 'backup-codes',
      data: { ...toSave, codes: null, inForce: imported },
      ...signedIn,
    },
    'security-imported': {
      view: 'security',
      data: {
        ...on,
        types: [type('totp', { available: true, factors: [weak] }), ...others],
        backupCodes: imported,
      },
      ...signedIn,
    },
    'factor-weak': { view: 'factor', data: { ...factorPage, factor: weak, label: weak.label }, ...signedIn },
    'codes-low': { view: 'backup-codes', data: { ...toSave, codes: null, inForce: inForce(3) }, ...signedIn },
    'codes-used-up': {
      view: 'backup-codes',
      data: { ...toSave, codes: null, inForce: inForce(0) },
      ...signedIn,
    },
    'codes-none': { view: 'backup-codes', data: { ...toSave, codes: null }, ...signedIn },
    activity: { view: 'activity', data: activity, ...signedIn },
    'activity-of-a-kind': {
      view: 'activity',
      data: {
        ...activity,
        entries: activity.entries.slice(0, 2),
        kinds: activityKinds('webauthn'),
        olderUrl: null,
        newestUrl: '/2fa/security/activity?type=webauthn',
        days: null,
      },
      ...signedIn,
    },
    'activity-none': { view: 'activity', data: { ...activity, entries: [], olderUrl: null }, ...signedIn },
    'activity-none-here': {
      view: 'activity',
      data: { ...activity, entries: [], olderUrl: null, kinds: activityKinds('otp-sms') },
      ...signedIn,
    },
    'security-unchanged': {
      view: 'security',
      data: { ...on, activity: { url: '/2fa/security/activity', lastChange: null, now: NOVEMBER } },
      ...signedIn,
    },
    'security-off': { view: 'security', data: off, ...signedIn },
    'security-unfinished': {
      view: 'security',
      data: { ...off, unfinishedUrl: '/2fa/security/totp' },
      ...signedIn,
    },
    security: { view: 'security', data: { ...on, notice: { code: 'enabled', label: null } }, ...signedIn },
    'security-request': { view: 'security', data: on, ...signedIn, request: banner },
    'request-ended': messagePage('request_ended', next('continue'), true),
    'confirm-request': {
      view: 'step',
      data: { ...totp, mode: 'confirm' },
      ...signedIn,
      request: { ...banner, earliestAt: null },
    },
    'owner-access': { view: 'owner-access', data: ownerAccess, ...signedIn },
    'owner-access-pending': {
      view: 'owner-access',
      data: {
        ...ownerAccess,
        rules: {
          never: true,
          wait: 14 * 24 * HOUR,
          needs: ['letter', 'identity'],
          pausedUntil: NOVEMBER,
          pending: { never: false, wait: 0, needs: [], at: NOVEMBER },
        },
        error: { code: 'malformed', field: 'wait' },
      },
      ...signedIn,
    },
    'live-code': { view: 'live-code', data: { url: '/2fa/live-code', error: null }, ...signedIn },
    'live-code-wrong': {
      view: 'live-code',
      data: { url: '/2fa/live-code', error: { code: 'wrong_code', field: 'code', triesLeft: 2 } },
      ...signedIn,
    },
    vouchers: { view: 'vouchers', data: vouchers, ...signedIn },
    'vouchers-none': { view: 'vouchers', data: { ...vouchers, requests: [], error: null }, ...signedIn },
    'security-no-way-in': { view: 'security', data: { ...on, backupCodes: inForce(0) }, ...signedIn },
    'security-full': {
      view: 'security',
      data: {
        ...on,
        types: [
          type('totp', { available: true, factors: [phone, spare], canAdd: false, full: 2 }),
          type('webauthn', { available: true, factors: [key] }),
          type('otp-sms', { available: true, factors: [mobile] }),
          type('otp-email', { available: true }),
        ],
        backupCodes: inForce(3),
      },
      ...signedIn,
    },
    'factor-last': { view: 'factor', data: factorPage, ...signedIn },
    factor: {
      view: 'factor',
      data: {
        ...factorPage,
        factor: spare,
        label: spare.label,
        last: false,
        remaining: [phone.label, 'Backup codes (8 left)'],
      },
      ...signedIn,
    },
    'factor-kept': { view: 'factor', data: { ...factorPage, kept: true }, ...signedIn },
    'factor-duplicate': {
      view: 'factor',
      data: { ...factorPage, label: spare.label, error: { code: 'duplicate', field: 'label' } },
      ...signedIn,
    },
    'admin-users': { view: 'admin-users', data: admin.adminUsers, ...signedIn },
    'admin-users-refused': { view: 'admin-users', data: admin.adminUsersRefused, ...signedIn },
    'admin-users-reset': { view: 'admin-users', data: admin.adminUsersReset, ...signedIn },
    'admin-users-none': { view: 'admin-users', data: { ...admin.adminUsers, users: [] }, ...signedIn },
    'admin-without': { view: 'admin-users', data: admin.adminWithout, ...signedIn },
    'admin-user': { view: 'admin-user', data: admin.adminUser, ...signedIn },
    'admin-user-refused': { view: 'admin-user', data: admin.adminUserRefused, ...signedIn },
    'admin-user-made': { view: 'admin-user', data: admin.adminUserMade, ...signedIn },
    'admin-user-bare': { view: 'admin-user', data: admin.adminUserBare, ...signedIn },
    'admin-requests': { view: 'admin-requests', data: admin.adminRequests, ...signedIn },
    'admin-requests-form': { view: 'admin-requests', data: admin.adminForm, ...signedIn },
    'admin-request': { view: 'admin-request', data: admin.adminRequest, ...signedIn },
    'admin-request-untold': { view: 'admin-request', data: admin.adminRequestUntold, ...signedIn },
    'admin-request-refused': { view: 'admin-request', data: admin.adminRequestRefused, ...signedIn },
    'admin-request-recommended': {
      view: 'admin-request',
      data: admin.adminRequestRecommended,
      ...signedIn,
    },
    'admin-request-to-read': { view: 'admin-request', data: admin.adminRequestToRead, ...signedIn },
    'admin-audit': { view: 'admin-audit', data: admin.adminAudit, ...signedIn },
    'admin-audit-none': { view: 'admin-audit', data: { ...admin.adminAudit, records: [] }, ...signedIn },
    locked: messagePage('locked', { until: NOVEMBER, ways: [keyWay, backupWay], ...next('back') }),
    'codes-closed': messagePage('codes_closed', { ways: [keyWay] }),
    expired: messagePage('expired', next('sign-in')),
    'sign-in-again': messagePage('reauthenticate', {
      next: { href: '/2fa/cancel?to=%2F2fa%2Fsecurity', text: 'sign-in', post: true },
    }),
    'set-up-closed': messagePage('setup_closed', {
      next: { href: '/2fa/cancel?to=%2F2fa%2Fsecurity%2Ftotp', text: 'sign-in', post: true },
    }),
    'begin-totp': messagePage(
      'begin_totp',
      { next: { href: '/2fa/security/totp/begin', text: 'continue', post: true } },
      true,
    ),
    ended: messagePage('half_login_ended', next('sign-in')),
    'link-ready': messagePage('link_ready', {
      next: { href: '/2fa/browser/t', text: 'finish', post: true },
    }),
    'other-browser': messagePage('other_browser', {
      next: { href: '/2fa/browser/t/block', text: 'block', post: true },
    }),
    'link-blocked': messagePage('link_blocked'),
    'link-used': messagePage('not_found', { special: ['link_used'], ...next('back') }),
    'new-browser': messagePage('new_browser', next('continue')),
    over: messagePage('over', next('continue')),
    leaving: messagePage('leaving', next('continue')),
    'sign-in-required': messagePage('sign_in_required', next('sign-in')),
    'not-found': messagePage('not_found', next('back'), true),
    'bad-form-token': messagePage('bad_form_token', next('retry'), true),
    'bad-origin': messagePage('bad_origin', next('back')),
    unavailable: messagePage('unavailable', next('retry')),
    busy: messagePage('busy', next('retry'), true),
    'step-up': messagePage('step_up_required', next('confirm'), true),
    'wrong-setup': messagePage('wrong_setup'),
    unknown: messagePage('never_heard_of'),
  };
}
