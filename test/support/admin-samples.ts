import { refuse } from '../../lib/errors';
import type {
  AdminAuditView,
  AdminRequestsView,
  AdminRequestView,
  AdminUsersView,
  AdminUserView,
} from '../../lib/pages/views';
import type { UserId } from '../../lib/account/account';
import type { RequestView } from '../../lib/admin/request-view';

const HOUR = 3_600_000;
const NOVEMBER = Date.UTC(2026, 10, 24, 14, 20);
const here = '/admin/2fa';
const ann = 'user-4711' as UserId;
const rita = 'rita' as UserId;
const common = { here, notice: null, confirmUrl: null, wrong: null } as const;
const names = { rita: 'rita@example.com' };
const oneGood = { ...common, nextUrl: null, firstUrl: null } as const;

const user = { lastUsedAt: NOVEMBER, url: `${here}/users/user-4711` } as const;
export const adminUsers: AdminUsersView = {
  ...oneGood,
  current: 'users',
  query: 'an',
  resetUrl: `${here}/users/reset?query=an`,
  users: [
    { ...user, id: ann, name: 'anna@example.com', enabled: true, types: ['totp', 'webauthn'] },
    {
      ...user,
      id: 'user-2' as UserId,
      name: 'ivan@example.com',
      enabled: false,
      types: [],
      lastUsedAt: null,
    },
    {
      ...user,
      id: 'user-3' as UserId,
      name: 'a-rather-long-name-of-somebody-who-has-one@subdomain.example.com',
      enabled: true,
      types: ['otp-email'],
    },
  ],
  count: null,
  mayReset: true,
  results: [],
  nextUrl: `${here}/users?after=user-3`,
};

export const adminUsersRefused: AdminUsersView = {
  ...adminUsers,
  confirmUrl: '/2fa/confirm?to=%2Fadmin%2F2fa%2Fusers',
  wrong: {
    form: 'reset',
    error: { code: 'admin_reason', field: 'reason' },
    typed: { reason: 'too short' },
    ids: [],
  },
};

export const adminUsersReset: AdminUsersView = {
  ...adminUsers,
  results: [
    { name: 'anna@example.com', reference: 'RA-BCDFGHJKMN', why: null },
    { name: 'ivan@example.com', reference: null, why: 'admin_open' },
  ],
};

export const adminWithout: AdminUsersView = {
  ...adminUsers,
  current: 'without',
  query: '',
  users: adminUsers.users.filter(({ enabled }) => !enabled),
  count: 1,
  mayReset: false,
  firstUrl: `${here}/users/without`,
};

const mayBe = (kind: 'password' | 'mail', id: string) =>
  ({ id, kind, at: NOVEMBER, counts: 1, proven: true, verdict: null, note: null, judgedBy: null }) as const;

const request: RequestView = {
  reference: 'RA-BCDFGHJKMN',
  user: { id: ann, name: 'anna@example.com' },
  state: 'in_review',
  route: 'long',
  startedAt: NOVEMBER,
  lost: ['totp', 'backup-code'],
  contact: { channel: 'email', address: 'n•••@e•••.org', onFile: false },
  evidence: {
    sum: 2,
    needed: 3,
    kinds: ['password', 'mail'],
    missing: ['points'],
    items: [
      mayBe('password', 'one'),
      mayBe('mail', 'two'),
      {
        id: 'three',
        kind: 'invoice',
        at: NOVEMBER,
        counts: 0,
        proven: false,
        verdict: 'unclear',
        note: 'The sum is right, the number is not.',
        judgedBy: rita,
      },
      {
        id: 'four',
        kind: 'identity',
        at: NOVEMBER,
        counts: 0,
        proven: false,
        verdict: null,
        note: null,
        judgedBy: null,
      },
    ],
  },
  flags: ['new_contact', 'reach_changed', 'unknown_browser', 'same_address'],
  reply: { because: 'readable', text: 'The lower half is dark.\nThe number must be seen.' },
  begunBy: null,
  assignedTo: rita,
  recommendedBy: null,
  approvedBy: null,
  earliestAt: null,
  dueAt: NOVEMBER + 72 * HOUR,
  steps: [
    { at: NOVEMBER, state: 'started' },
    { at: NOVEMBER + HOUR, state: 'contact_confirmed' },
    { at: NOVEMBER + 2 * HOUR, state: 'in_review' },
  ],
};

export const adminRequests: AdminRequestsView = {
  ...oneGood,
  current: 'requests',
  requests: [
    { ...request, url: `${here}/requests/RA-BCDFGHJKMN` },
    {
      ...request,
      reference: 'RA-NPQRSTUVWX',
      state: 'approved_waiting',
      flags: [],
      route: 'short',
      assignedTo: null,
      url: `${here}/requests/RA-NPQRSTUVWX`,
    },
  ],
  state: null,
  states: ['started', 'in_review', 'on_hold'],
  names,
  typed: { reference: '', check: '' },
  nextUrl: `${here}/requests?after=1`,
};

export const adminForm: AdminRequestsView = {
  ...adminRequests,
  requests: [],
  nextUrl: null,
  typed: { reference: 'RA-BCDFGHJKMN', check: '7K2M9Q' },
  wrong: { form: 'form', error: { code: 'admin_check', field: 'check' }, typed: { reason: '' }, ids: [] },
};

const notYet = refuse('not_yet', { missing: ['points'] });
export const adminRequest: AdminRequestView = {
  ...common,
  current: null,
  url: `${here}/requests/RA-BCDFGHJKMN`,
  userUrl: `${here}/users/user-4711`,
  browser: 'Firefox on Linux',
  browsers: ['Firefox on Linux', 'Safari on iPhone'],
  verbs: ['assign', 'more-info', 'hold', 'reject', 'cancel'],
  names,
  becauses: {
    'more-info': ['invoice', 'readable', 'disagrees'],
    reject: ['not_enough', 'no_match', 'other_reason'],
  },
  isRecommendedByReader: false,
  details: {
    ok: true,
    request,
    said: {
      text: 'My phone is at the bottom of a lake.\nThe codes were on it as well.',
      lost: request.lost,
      contact: 'n•••@e•••.org',
      browser: { browser: 'Firefox', system: 'Linux' },
      address: '192.0.2.1',
      language: 'en',
    },
    known: {
      types: ['totp'],
      masked: true,
      numbers: ['•••••••89'],
      mails: ['a•••@e•••.com'],
      browsers: [],
      language: 'cs',
      reachChangedAt: NOVEMBER,
      passwordResetAt: null,
    },
    matches: { lost: 'match', contact: 'no_match', browser: 'match', language: 'no_match' },
    papers: {
      three: { facts: { number: '2026-0001', sum: '1 210 Kč' } },
      four: { file: { type: 'image/jpeg', bytes: 300_000 } },
    },
    notices: [
      { at: NOVEMBER, of: 'started', channel: 'email', hint: 'a•••@e•••.com' },
      { at: NOVEMBER, of: 'more_info', channel: 'email', hint: 'n•••@e•••.org', answers: true },
      { at: NOVEMBER + 72 * HOUR, of: 'reminded', channel: 'sms', hint: '•••••••89', givenUp: true },
    ],
    waiting: [{ at: NOVEMBER, to: 1, tries: 3, answers: false }],
    asks: ['invoice', 'readable', 'disagrees'],
    verbs: {
      assign: null,
      'more-info': null,
      hold: null,
      reject: null,
      recommend: notYet,
      approve: notYet,
      cancel: null,
      evidence: null,
    },
  },
};

export const adminRequestRefused: AdminRequestView = {
  ...adminRequest,
  verbs: ['assign', 'more-info', 'hold', 'reject', 'recommend', 'approve', 'cancel'],
  notice: { code: 'admin_judged', label: null },
  confirmUrl: '/2fa/confirm?to=%2F',
  wrong: {
    form: 'approve',
    error: { code: 'account_name', field: 'accountName' },
    typed: { reason: 'All of it matches.' },
    ids: [],
  },
  details: {
    ...adminRequest.details,
    request: { ...request, reply: null, recommendedBy: rita, earliestAt: NOVEMBER + 72 * HOUR },
    known: { ...adminRequest.details.known, masked: false, numbers: [] },
    notices: [],
    waiting: [],
    verbs: { ...adminRequest.details.verbs, recommend: null, approve: null },
  },
};

export const adminRequestUntold: AdminRequestView = {
  ...adminRequest,
  wrong: {
    form: 'reject',
    error: { code: 'admin_because', field: 'because' },
    typed: { reason: 'Nothing fits.' },
    ids: [],
  },
};

export const adminRequestRecommended: AdminRequestView = {
  ...adminRequest,
  isRecommendedByReader: true,
  notice: { code: 'admin_handled', label: 'You have recommended it.' },
  details: {
    ...adminRequest.details,
    request: { ...request, recommendedBy: rita },
    verbs: { ...adminRequest.details.verbs, approve: refuse('not_yet', { missing: ['second_person'] }) },
  },
};

export const adminRequestToRead: AdminRequestView = {
  ...adminRequest,
  verbs: [],
  details: {
    ...adminRequest.details,
    verbs: { ...adminRequest.details.verbs, evidence: refuse('forbidden'), approve: refuse('forbidden') },
  },
};

export const adminUser: AdminUserView = {
  ...common,
  current: null,
  url: `${here}/users/user-4711`,
  user: {
    ok: true,
    id: ann,
    name: 'anna@example.com',
    isStaff: true,
    enabled: true,
    factors: [
      {
        id: 'f1',
        type: 'totp',
        label: 'Phone',
        hint: null,
        createdAt: NOVEMBER,
        lastUsedAt: NOVEMBER,
        preferred: false,
        key: null,
        suspended: false,
      },
      {
        id: 'f2',
        type: 'otp-sms',
        label: 'Old phone',
        hint: '•••••••89',
        createdAt: NOVEMBER,
        lastUsedAt: null,
        preferred: false,
        key: null,
        suspended: true,
      },
    ],
    backupCodes: { left: 8, total: 10, createdAt: NOVEMBER },
    lanes: {
      known: { left: 10, closed: false, nextAt: null },
      others: { left: 0, closed: true, nextAt: NOVEMBER },
    },
    browsers: [
      { id: 'b', name: 'Firefox on Linux', firstAt: NOVEMBER, lastAt: NOVEMBER, rememberedUntil: null },
    ],
    logins: [
      {
        id: 'l',
        name: 'Firefox on Linux',
        address: '192.0.2.1',
        since: NOVEMBER,
        lastAt: NOVEMBER,
        isThis: false,
        proofs: ['totp'],
        without: null,
      },
    ],
    contacts: [{ channel: 'email', address: 'a•••@e•••.com' }],
    requests: [request],
    liveCode: { id: 'c', by: rita, expiresAt: NOVEMBER, confirmed: false },
  },
  activity: [
    {
      id: 'e',
      at: NOVEMBER,
      name: 'login.completed',
      result: 'ok',
      type: 'totp',
      label: 'Phone',
      browser: 'Firefox on Linux',
      address: '192.0.2.1',
    },
  ],
  acts: ['live-code/confirm', 'suspend', 'unlock', 'end-logins', 'reset', 'live-code'],
  made: null,
  names,
  mayAudit: true,
};

export const adminUserRefused: AdminUserView = {
  ...adminUser,
  confirmUrl: '/2fa/confirm?to=%2F',
  wrong: {
    form: 'reset',
    error: { code: 'admin_reason', field: 'reason' },
    typed: { reason: 'short' },
    ids: [],
  },
};

export const adminUserMade: AdminUserView = {
  ...adminUser,
  made: { code: '7K2M-9QXR-4TNW', expiresAt: NOVEMBER, url: 'https://admin.example.com/2fa/live-code' },
};

export const adminUserBare: AdminUserView = {
  ...adminUser,
  notice: { code: 'admin_unlocked', label: null },
  acts: [],
  activity: [],
  user: {
    ...adminUser.user,
    isStaff: false,
    enabled: false,
    factors: [],
    backupCodes: null,
    browsers: [],
    logins: [],
    contacts: [],
    requests: [],
    liveCode: null,
  },
};

export const adminAudit: AdminAuditView = {
  ...common,
  current: null,
  name: 'anna@example.com',
  userUrl: `${here}/users/user-4711`,
  isKept: true,
  records: [
    {
      at: NOVEMBER,
      actor: 'The person asking',
      action: 'request.begin',
      reason: null,
      request: request.reference,
      hash: 'h1',
    },
    {
      at: NOVEMBER + HOUR,
      actor: 'rita@example.com',
      action: 'request.assign',
      reason: 'Called from the number on file.',
      request: request.reference,
      hash: 'h2',
    },
  ],
};
