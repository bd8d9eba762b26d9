import type { UserId } from '../../lib/account/account';
import type { Recovery } from '../../lib/account/recovery';
import { changeRequest } from '../../lib/recovery/change';
import type { Act, Who } from '../../lib/recovery/transitions';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  halfLogin,
  type BrowserAgent,
} from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import { codesApp, type CodesApp, newest } from '../support/codes-app';
import type { TestUser } from '../support/host-app';
import { letIn, lostAccess, objectUrl, requestId, ticketUrl } from '../support/let-in';
import { signing } from '../support/signing';
import { coreScope, settingsWith } from '../core/core-scope';
import { settings } from '../recovery/a-request';

const annsId = 'id-ann' as UserId;

interface Cast extends CodesApp {
  /** Signed in by her old app. */
  readonly ann: BrowserAgent;
  readonly oldSecret: string;
  readonly oldCodes: readonly string[];
  readonly url: string;
}

/** ann has an app, and whoever says to be her was approved and has waited. */
async function cast(given: Parameters<typeof codesApp>[0] = {}): Promise<Cast> {
  const people = new Map<string, TestUser>();
  const host = codesApp({
    lostAccess,
    users: {
      id: ({ id }) => id,
      name: ({ name }) => name,
      byId: (id) => people.get(id),
      checkPassword: (_user, password) => password === 'right',
      contacts: () => [
        { channel: 'email', address: 'ann@example.com', since: new Date(0) },
        { channel: 'sms', address: '+420603123456', since: new Date(0) },
      ],
    },
    ...given,
  });
  for (const user of host.users.values()) people.set(user.id, user);
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const { secret, backupCodes } = await enrolTotp(ann, host.clock.now());
  host.clock.move(31 * seconds);
  await letIn(host.options.accounts, 'id-ann', host.clock.now());
  return { ...host, ann, oldSecret: secret, oldCodes: backupCodes, url: ticketUrl('id-ann') };
}

async function entered(host: Cast): Promise<BrowserAgent> {
  const agent = browser(host.app);
  await agent.post(host.url, { password: 'right' }).expect(200, { status: 'enrol', url: '/2fa/enrol' });
  return agent;
}

/** Sets up an app, up to where only a backup code is missing. */
async function proven({ clock }: Cast, agent: BrowserAgent): Promise<{ secret: string; codes: string[] }> {
  const { body } = await agent.get('/2fa/security/totp').expect(200);
  const code = codeAt(body.secret, clock.now());
  const confirmed = await agent.post('/2fa/security/totp', { code }).expect(201);
  return { secret: body.secret, codes: confirmed.body.backupCodes };
}

async function openedRequest({ options }: Cast): Promise<Recovery> {
  const [request] = (await signing(options.accounts).load(annsId))?.recoveries ?? [];
  if (!request) throw new Error('there is no request');
  return request;
}

const acknowledge = (agent: BrowserAgent, code = '') =>
  agent.post('/2fa/security/backup-codes/acknowledge', { code });

/** A step that somebody else takes. */
async function step({ options, clock }: Cast, act: Act, by: Who): Promise<void> {
  const scope = coreScope({ settings: settingsWith({ recovery: settings }) });
  const accounts = signing(options.accounts);
  const done = await changeRequest({ ...scope, accounts, now: clock.now }, annsId, requestId, { act, by });
  if (!done.ok) throw new Error(done.code);
}

const reviewer = { as: 'reviewer', id: 'id-eve' as UserId } as const;

describe('the link to set up a new way to sign in', () => {
  it('I8: shows what has to go with it, as often as it is opened, and gives its address to nobody', async () => {
    const host = await cast();
    const agent = browser(host.app);
    for (let times = 0; times < 3; times += 1) {
      const { headers, body } = await agent.get(host.url).expect(200);
      expect(body).toMatchObject({ status: 'ready', password: true, code: true });
      expect(headers['referrer-policy']).toBe('no-referrer');
    }
    await agent.agent.head(host.url).expect(200);
    expect((await agent.page(host.url).expect(200)).text).toContain('type="password"');
    await entered(host);
  });

  it('CVE-2026-37982, I8: takes the password, once', async () => {
    const host = await cast();
    await entered(host);
    const again = await browser(host.app).post(host.url, { password: 'right' }).expect(404);
    expect(again.body.error).toMatchObject({ code: 'not_found' });
    await browser(host.app).get(host.url).expect(404);
  });

  it('takes a code to another channel than its own', async () => {
    const host = await cast();
    const agent = browser(host.app);
    const sentAt = host.clock.now();
    const { body } = await agent.post(`${host.url}/send`).expect(200);
    expect(body).toEqual({
      sentTo: expect.stringContaining('56'),
      expiresAt: new Date(sentAt + 10 * minutes).toISOString(),
      resendAt: new Date(sentAt + 30 * seconds).toISOString(),
    });
    expect((await agent.page(host.url)).text).toContain('name="code"');
    await agent
      .post(host.url, { code: newest(host.sms) })
      .expect(200, { status: 'enrol', url: '/2fa/enrol' });
  });

  it('I1: is not enough by itself, and what is malformed costs no try', async () => {
    const host = await cast();
    const agent = browser(host.app);
    const bare = await agent.post(host.url).expect(422);
    expect(bare.body.error).toMatchObject({ code: 'not_yet', missing: ['the password, or a code'] });
    expect(errorCode(await agent.post(host.url, { code: '12' }).expect(400))).toBe('malformed');
    expect(errorCode(await agent.post(host.url, { password: { $ne: 1 } }).expect(400))).toBe('malformed');
    const wrong = await agent.post(host.url, { password: 'wrong' }).expect(401);
    expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
  });

  it('dies with the fifth wrong password, however many come at once', async () => {
    const host = await cast();
    const agent = browser(host.app);
    const all = await Promise.all(
      Array.from({ length: 8 }, () => agent.post(host.url, { password: 'wrong' })),
    );
    const left = all.map(({ body }) => body.error.triesLeft as number | undefined);
    expect(left.filter((one) => one !== undefined).toSorted((one, other) => one - other)).toEqual([
      0, 1, 2, 3, 4,
    ]);
    await agent.post(host.url, { password: 'right' }).expect(404);
  });

  it('shows a wrong password beside its field', async () => {
    const host = await cast();
    const agent = browser(host.app);
    const { text } = await agent.form(host.url, { password: 'wrong' }).expect(422);
    expect(text).toContain('That password isn&#39;t right.');
    const { headers } = await agent.form(host.url, { password: 'right' }).expect(303);
    expect(headers.location).toBe('/2fa/enrol');
  });

  it.each([
    ['a day later', async (host: Cast) => host.clock.move(24 * hours)],
    ['once the owner has stopped the request', (host: Cast) => step(host, 'cancel', { as: 'owner' })],
  ])('I2: leads nowhere %s', async (_when, happen) => {
    const host = await cast();
    await happen(host);
    await browser(host.app).get(host.url).expect(404);
    await browser(host.app).post(host.url, { password: 'right' }).expect(404);
    await browser(host.app).post(`${host.url}/send`).expect(404);
  });

  it('opens nothing for another site, or with another token', async () => {
    const host = await cast();
    const agent = browser(host.app);
    const foreign = agent.agent
      .post(host.url)
      .set('Origin', 'https://evil.example')
      .send({ password: 'right' });
    expect(errorCode(await foreign)).toBe('bad_origin');
    await agent.post(ticketUrl('id-ann', 'another'), { password: 'right' }).expect(404);
    await agent.post(ticketUrl('id-bob'), { password: 'right' }).expect(404);
    await agent.post('/2fa/lost/ticket/abc', { password: 'right' }).expect(404);
  });

  it('says so, and uses nothing up but a try, while the app cannot check passwords', async () => {
    const users = {
      id: ({ id }: TestUser) => id,
      name: ({ name }: TestUser) => name,
      byId: () => ({ id: 'id-ann', name: 'ann' }),
      checkPassword: () => Promise.reject(new Error('down')),
    };
    const host = await cast({ users });
    const refused = await browser(host.app).post(host.url, { password: 'right' }).expect(503);
    expect(refused.body.error).toMatchObject({ code: 'unavailable' });
    await browser(host.app).get(host.url).expect(200);
  });

  it.each<[string, Partial<NonNullable<Parameters<typeof cast>[0]>['users']>, string]>([
    ['who has forgotten the password', { checkPassword: () => false }, 'they can give you a new password'],
    ['whose password nobody can check', {}, 'The link alone is not enough'],
  ])('is no dead end for somebody without a second address %s', async (_who, more, words) => {
    const users = { id: ({ id }: TestUser) => id, name: ({ name }: TestUser) => name };
    const host = await cast({ users: { ...users, byId: () => ({ id: 'id-ann', name: 'ann' }), ...more } });
    const { text } = await browser(host.app).page(host.url).expect(200);
    expect(text).toContain(words);
    expect(text).toContain((await openedRequest(host)).reference);
    expect(text).not.toContain('name="code"');
  });

  it('asks for a code alone where the app has no password to check', async () => {
    const host = await cast({
      users: {
        id: ({ id }) => id,
        name: ({ name }) => name,
        contacts: () => [{ channel: 'sms', address: '+420603123456', since: new Date(0) }],
      },
    });
    const agent = browser(host.app);
    expect((await agent.get(host.url)).body).toMatchObject({ password: false, code: true });
    expect((await agent.post(host.url, { password: 'right' }).expect(422)).body.error.code).toBe('not_yet');
    await agent.post(`${host.url}/send`).expect(200);
    await agent.post(host.url, { code: newest(host.sms) }).expect(200);
    expect((await agent.get('/2fa/security/totp').expect(200)).body.otpauthUrl).toContain('id-ann');
  });
});

describe('the login of somebody who is let in again', () => {
  it('gets a session id of its own and leaves whoever was signed in there behind', async () => {
    const host = await cast();
    const agent = browser(host.app);
    await agent.signIn('bob').expect(200);
    const before = Object.keys((host.sessions as unknown as { sessions: object }).sessions);
    await agent.post(host.url, { password: 'right' }).expect(200);
    const after = Object.keys((host.sessions as unknown as { sessions: object }).sessions);
    expect(after.filter((id) => !before.includes(id))).toHaveLength(1);
    const stored = JSON.stringify((host.sessions as unknown as { sessions: object }).sessions);
    expect(stored).not.toContain('id-bob');
  });

  it('check 60: is nobody for the app, which is asked for nothing but the way out', async () => {
    const host = await cast();
    const agent = await entered(host);
    for (const path of ['/me', '/billing', '/nothing', '/2fa', '/2fa/choose', '/2fa/confirm']) {
      const { body } = await agent.get(path).expect(403);
      expect(body.error).toMatchObject({ code: 'enrol_first', url: '/2fa/enrol' });
      expect((await agent.page(path).expect(303)).headers.location).toBe('/2fa/enrol');
    }
    for (const path of [
      '/login',
      '/2fa/totp',
      '/2fa/security/sign-out-everywhere',
      '/2fa/security/backup-codes',
    ])
      expect(errorCode(await agent.post(path, { username: 'ann', password: 'right' }).expect(403))).toBe(
        'enrol_first',
      );
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({
      enabled: true,
      types: ['totp'],
      recoveredAt: null,
    });
    await agent.post('/logout').expect(200, { out: true });
    expect(errorCode(await agent.get('/2fa/security/totp').expect(401))).toBe('sign_in_required');
  });

  it.each([
    'security/logins',
    'security/browsers',
    'security/activity',
    'security/factors/x',
    'security/lost-access',
    'security/vouchers',
    'add-passkey',
    'backup-code-used',
    'request-ended',
    'security/passkeys',
    'backup-code',
    'webauthn/options',
    'otp-sms/send',
    'browser/send',
    'security/hold/lift',
    'security/factors/x/restore',
    'security/factors/x/remove',
    'security/logins/end-others',
    'live-code',
  ])('has no business at %s', async (path) => {
    const host = (shared ??= await cast());
    const agent = (enrolling ??= await entered(host));
    for (const asked of [
      agent.get(`/2fa/${path}`),
      agent.post(`/2fa/${path}`),
      agent.agent.delete(`/2fa/${path}`).set('Accept', 'application/json').set('Origin', host.options.origin),
    ])
      expect(errorCode(await asked)).toBe('enrol_first');
  });
  let shared: Cast | undefined;
  let enrolling: BrowserAgent | undefined;

  it('chooses among what the app has, and sees nothing of what was there before', async () => {
    const host = await cast();
    const agent = await entered(host);
    const { body } = await agent.get('/2fa/enrol').expect(200);
    expect(body).toMatchObject({ status: 'enrol', types: ['totp', 'webauthn', 'otp-sms', 'otp-email'] });
    const page = await agent.page('/2fa/security/totp').expect(200);
    expect(page.text).not.toContain('Your app may already have');
    const codes = await agent.get('/2fa/security/backup-codes').expect(200);
    expect(codes.body).toEqual({ left: 0, total: 0, createdAt: null, pending: null });
  });

  it('Tolgee PR #3601, I6, check 60: replaces everything at once when the new codes are kept, and signs in nobody', async () => {
    const host = await cast();
    const events: string[] = [];
    for (const name of [
      'factor.added',
      'backup-codes.made',
      'logins.ended',
      'recovery.changed',
      'two-factor.enabled',
      'login.ended',
    ] as const)
      host.twoFactor.on(name, () => events.push(name));
    const agent = await entered(host);
    const { secret, codes } = await proven(host, agent);

    // Until then the old way works, and so do the logins.
    await host.ann.get('/me').expect(200);
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ recoveredAt: null });

    const done = await acknowledge(agent, codes[2]).expect(200);
    expect(done.body).toEqual({ status: 'completed', url: '/login' });
    expect(events).toEqual(['factor.added', 'backup-codes.made', 'logins.ended', 'recovery.changed']);
    expect((await agent.get('/me').expect(200)).body).toMatchObject({
      user: null,
      twoFactor: { status: 'none' },
    });
    expect((await host.ann.get('/me').expect(200)).body.user).toBeNull();

    const now = host.clock.now();
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({
      types: ['totp'],
      backupCodes: { left: 10, total: 10 },
      recoveredAt: now,
      holdUntil: now + 72 * hours,
    });
    const account = await signing(host.options.accounts).load(annsId);
    expect(account).toMatchObject({ factors: [{ type: 'totp' }], preferred: null });
    expect(account?.recoveries?.[0]).toMatchObject({
      state: 'completed',
      ticket: { usedBy: expect.any(String) },
    });
    expect(account?.objections).toHaveLength(1);

    host.clock.move(31 * seconds);
    const half = await halfLogin(host);
    const withOld = await half.post('/2fa/totp', { code: codeAt(host.oldSecret, host.clock.now()) });
    expect(errorCode(withOld)).toBe('wrong_code');
    expect(errorCode(await half.post('/2fa/backup-code', { code: host.oldCodes[0] }))).toBe('wrong_code');
    await half.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
  });

  it('shows the end as a page', async () => {
    const host = await cast();
    const agent = browser(host.app);
    await agent.form(host.url, { password: 'right' }).expect(303);
    expect((await agent.page('/2fa/enrol').expect(200)).text).toContain('href="/2fa/security/otp-sms"');
    const { codes } = await proven(host, agent);
    expect((await agent.page('/2fa/enrol').expect(303)).headers.location).toBe('/2fa/security/backup-codes');
    const page = await agent.page('/2fa/security/backup-codes').expect(200);
    const token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const file = await agent.form('/2fa/security/backup-codes/download', { form_token: token }).expect(200);
    expect(file.text).toContain(codes[0]);
    const done = await agent
      .form('/2fa/security/backup-codes/acknowledge', { form_token: token, code: codes[0] ?? '' })
      .expect(200);
    expect(done.text).toContain('You have access again');
    expect(done.text).toContain('href="/login"');
  });

  it('can begin anew with something else', async () => {
    const host = await cast();
    const agent = await entered(host);
    await proven(host, agent);
    await agent.post('/2fa/security/backup-codes/cancel').expect(200, { status: 'cancelled' });
    await agent.post('/2fa/security/otp-sms/send', { address: '+420604999888' }).expect(200);
    const sms = await agent.post('/2fa/security/otp-sms', { code: newest(host.sms) }).expect(201);
    await acknowledge(agent, sms.body.backupCodes[9]).expect(200);
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ types: ['otp-sms'] });
  });

  it('is not held up by an objection', async () => {
    const host = await cast();
    const accounts = signing(host.options.accounts);
    const account = await accounts.load(annsId);
    if (!account) throw new Error('there is no account');
    const hold = { until: host.clock.now() + 20 * hours, changedAt: host.clock.now() };
    const suspended = account.factors;
    await accounts.save({ ...account, rev: 'held' as never, hold, suspended, factors: [] }, account.rev);
    const agent = await entered(host);
    const { codes } = await proven(host, agent);
    await acknowledge(agent, codes[0]).expect(200);
    const after = await accounts.load(annsId);
    expect(after).toMatchObject({ factors: [{ type: 'totp' }], hold });
    expect(after?.suspended).toBeUndefined();
  });

  it('lasts an hour', async () => {
    const host = await cast();
    const agent = await entered(host);
    host.clock.move(59 * minutes);
    await agent.get('/2fa/enrol').expect(200);
    host.clock.move(1 * minutes);
    expect(errorCode(await agent.get('/2fa/enrol').expect(401))).toBe('sign_in_required');
  });

  it('is given up at the same place as any half login', async () => {
    const host = await cast();
    const agent = await entered(host);
    await agent.post('/2fa/cancel').expect(200, { status: 'cancelled', url: '/login' });
    await agent.get('/me').expect(200);
    await agent.get('/2fa/enrol').expect(401);
  });

  it.each<[string, (host: Cast) => unknown]>([
    ['the owner stops it', (host) => step(host, 'cancel', { as: 'owner' })],
    ['the requester withdraws it', (host) => step(host, 'withdraw', { as: 'requester' })],
    ['it is put on hold', (host) => step(host, 'hold', reviewer)],
    ['it is rejected', (host) => step(host, 'reject', reviewer)],
    ['everyone is signed out', (host) => host.twoFactor.signOutEverywhere('id-ann')],
    ['the user is forgotten', (host) => host.twoFactor.forget('id-ann')],
    [
      'the owner signs in as before',
      async (host) => {
        const half = await halfLogin(host);
        await half.post('/2fa/totp', { code: codeAt(host.oldSecret, host.clock.now()) }).expect(200);
      },
    ],
    [
      'another link takes the place of its own',
      async ({ options, clock }) => {
        const accounts = signing(options.accounts);
        const account = await accounts.load(annsId);
        const [request] = account?.recoveries ?? [];
        if (!account || !request) throw new Error('there is no request');
        const ticket = { id: 'another', until: clock.now() + hours, made: 2, tries: 0 };
        await accounts.save(
          { ...account, rev: 'other' as never, recoveries: [{ ...request, ticket }] },
          account.rev,
        );
      },
    ],
  ])('check 59: is over when %s, and completes nothing', async (_what, happen) => {
    const host = await cast();
    const agent = await entered(host);
    const { codes } = await proven(host, agent);
    host.clock.move(30 * seconds);
    await happen(host);
    expect(errorCode(await acknowledge(agent, codes[0]).expect(401))).toBe('sign_in_required');
    await agent.get('/me').expect(200);
    expect((await host.twoFactor.statusOf('id-ann')).recoveredAt).toBeNull();
  });

  it('can still be objected to, which leaves nobody in', async () => {
    const host = await cast();
    const agent = await entered(host);
    const { secret, codes } = await proven(host, agent);
    await acknowledge(agent, codes[0]).expect(200);
    const [objection] = (await signing(host.options.accounts).load(annsId))?.objections ?? [];
    const url = objectUrl('id-ann', objection?.id ?? '');
    const page = await browser(host.app).page(url).expect(200);
    expect(page.text).toContain('Access to your account was given again');
    expect(page.text).toContain('Authenticator app');
    const { body } = await browser(host.app).post(url).expect(200);
    expect(body).toMatchObject({ status: 'objected', suspended: ['Authenticator app'] });
    host.clock.move(31 * seconds);
    const half = await halfLogin(host);
    const code = codeAt(secret, host.clock.now());
    expect((await half.post('/2fa/totp', { code })).status).toBe(404);
  });

  it('stays over for whoever has its cookie', async () => {
    const host = await cast();
    const agent = await entered(host);
    const { codes } = await proven(host, agent);
    await acknowledge(agent, codes[0]).expect(200);
    await acknowledge(agent, codes[0]).expect(401);
  });
});

describe('after access was given again', () => {
  async function again(): Promise<{ host: Cast; agent: BrowserAgent }> {
    const host = await cast();
    const enrolling = await entered(host);
    await enrolling.post('/2fa/security/otp-sms/send', { address: '+420604999888' }).expect(200);
    const { body } = await enrolling.post('/2fa/security/otp-sms', { code: newest(host.sms) }).expect(201);
    await acknowledge(enrolling, body.backupCodes[0]).expect(200);
    host.clock.move(2 * minutes);
    const agent = await halfLogin(host);
    await agent.post('/2fa/backup-code', { code: body.backupCodes[1] }).expect(200);
    return { host, agent };
  }

  it('addresses stay as they are for 72 hours, and everything else can be changed', async () => {
    const { host, agent } = await again();
    const account = await signing(host.options.accounts).load(annsId);
    const phone = account?.factors[0]?.id ?? '';
    const adding = await agent
      .post('/2fa/security/otp-email/send', { address: 'x@mail.example' })
      .expect(403);
    expect(adding.body.error).toMatchObject({ code: 'changes_held', retryAfter: expect.any(Number) });
    const removing = await agent.post(`/2fa/security/factors/${phone}/remove`).expect(403);
    expect(errorCode(removing)).toBe('changes_held');
    await agent.page('/2fa/security/otp-sms').expect(403);
    const { body } = await agent.get('/2fa/security/totp').expect(200);
    await agent.post('/2fa/security/totp', { code: codeAt(body.secret, host.clock.now()) }).expect(201);

    host.clock.move(72 * hours);
    const later = await halfLogin(host);
    host.clock.move(31 * seconds);
    await later.post('/2fa/totp', { code: codeAt(body.secret, host.clock.now()) }).expect(200);
    await later.post('/2fa/security/otp-email/send', { address: 'x@mail.example' }).expect(200);
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ holdUntil: null });
  });

  it('a phone that was suspended is not restored before that either', async () => {
    const { host, agent } = await again();
    const { body } = await agent.get('/2fa/security/totp').expect(200);
    await agent.post('/2fa/security/totp', { code: codeAt(body.secret, host.clock.now()) }).expect(201);
    const accounts = signing(host.options.accounts);
    const account = await accounts.load(annsId);
    if (!account) throw new Error('there is no account');
    const [phone, app] = account.factors;
    const split = { factors: app ? [app] : [], suspended: phone ? [phone] : [] };
    await accounts.save({ ...account, ...split, rev: 'suspended' as never }, account.rev);

    const restore = `/2fa/security/factors/${phone?.id}/restore`;
    const early = await agent.post(restore).expect(403);
    expect(early.body.error).toMatchObject({ code: 'changes_held', retryAfter: expect.any(Number) });

    host.clock.move(72 * hours);
    const later = await halfLogin(host);
    await later.post('/2fa/totp', { code: codeAt(body.secret, host.clock.now()) }).expect(200);
    await later.post(restore).expect(200, { status: 'factor_restored' });
  });
});
