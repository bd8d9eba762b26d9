import express from 'express';
import session from 'express-session';
import type { Response } from 'supertest';
import { memoryAccounts, memoryPending, type Accounts } from '../../lib';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  type BrowserAgent,
  halfLogin,
} from '../support/browser-agent';
import { days, hours, minutes, seconds } from '../support/clock';
import { hostApp, origin } from '../support/host-app';
import { addKey, enrolKey, localKey, proveKey } from '../support/keys';
import {
  addApp,
  cookiesOf,
  factorIds,
  formToken,
  rawServer,
  submit,
  withAnn,
  wrongCode,
  type Cast,
} from '../advisories/cast';

const told = (response: Response) => [response.status, errorCode(response)];
const idOf = (response: Response): string => /connect\.sid=[^;]+/.exec(cookiesOf(response))?.[0] ?? '';
const guess = (agent: BrowserAgent, cast: Cast) => agent.post('/2fa/totp', { code: cast.wrong() });

async function fiveWrong(cast: Cast): Promise<BrowserAgent> {
  const agent = await halfLogin(cast);
  for (let nth = 0; nth < 5; nth += 1) await guess(agent, cast).expect(401);
  return agent;
}

const patch = ({ agent }: BrowserAgent, path: string, body: object) =>
  agent.patch(path).set({ Accept: 'application/json', Origin: origin }).send(body);

/** ann in each state a session can be in. */
const states: Readonly<Record<string, (cast: Cast) => Promise<BrowserAgent>>> = {
  'signed out': async (cast) => browser(cast.app),
  'half signed in': (cast) => halfLogin(cast),
  'half signed in too long ago': async (cast) => {
    const agent = await halfLogin(cast);
    cast.clock.move(11 * minutes);
    return agent;
  },
  'out of tries': fiveWrong,
  'signed in': async (cast) => cast.ann,
  'signed in a while ago': async (cast) => {
    cast.clock.move(6 * minutes);
    return cast.ann;
  },
  'signed in without a factor': async (cast) => {
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    return bob;
  },
};

const gets = [
  '/2fa',
  '/2fa/choose',
  '/2fa/confirm',
  '/2fa/totp',
  '/2fa/backup-code',
  '/2fa/otp-sms',
  '/2fa/otp-email',
  '/2fa/webauthn',
  '/2fa/add-passkey',
  '/2fa/backup-code-used',
  '/2fa/request-ended',
  '/2fa/nothing',
  '/2fa/security',
  '/2fa/security/otp-sms',
  '/2fa/security/otp-email',
  '/2fa/security/totp',
  '/2fa/security/webauthn',
  '/2fa/security/backup-codes',
  '/2fa/security/factors/x',
  '/2fa/security/factors/x/remove',
  '/2fa/security/sign-out-everywhere',
  '/2fa/security/nothing',
];
const posts = [
  '/2fa/totp',
  '/2fa/backup-code',
  '/2fa/otp-sms',
  '/2fa/otp-sms/send',
  '/2fa/otp-email/send',
  '/2fa/webauthn',
  '/2fa/webauthn/options',
  '/2fa/nothing',
  '/2fa/security/otp-sms/send',
  '/2fa/security/otp-email',
  '/2fa/security/otp-email/cancel',
  '/2fa/security/totp',
  '/2fa/security/totp/begin',
  '/2fa/security/totp/cancel',
  '/2fa/security/webauthn',
  '/2fa/security/webauthn/options',
  '/2fa/security/webauthn/cancel',
  '/2fa/security/backup-codes',
  '/2fa/security/backup-codes/acknowledge',
  '/2fa/security/backup-codes/download',
  '/2fa/security/backup-codes/cancel',
  '/2fa/security/factors/x/rename',
  '/2fa/security/factors/x/remove',
  '/2fa/security/sign-out-everywhere',
  '/2fa/cancel',
];

describe('Which answer', () => {
  it.each(Object.keys(states))('is never a redirect for JSON, and always JSON: %s', async (state) => {
    const cast = await withAnn();
    const agent = (await states[state]?.(cast)) ?? cast.ann;
    const answers: [string, Response][] = [];
    for (const path of [...gets, '/billing']) answers.push([path, await agent.get(path)]);
    for (const path of posts) answers.push([path, await agent.post(path, { code: '1' })]);
    for (const [path, { status, headers }] of answers) {
      expect([path, status < 300 || status >= 400, status < 500]).toEqual([path, true, true]);
      const isFile = path.endsWith('/download') && status === 200;
      expect([path, headers['content-type']]).toEqual([
        path,
        isFile ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
      ]);
      expect(headers.location).toBeUndefined();
    }
  });

  it('is JSON for a JSON body, whatever Accept says, and for the Accept that prefers it', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const send = (accept: string) =>
      half.agent.post('/2fa/totp').set({ Accept: accept, Origin: origin }).send({ code: 'letters' });
    for (const accept of ['text/html', '*/*', 'image/png', '']) {
      expect(told(await send(accept))).toEqual([400, 'malformed']);
    }
    for (const [accept, isJson] of [
      ['application/json', true],
      ['application/json, text/html;q=0.9', true],
      ['text/html, application/json;q=0.9', false],
      ['text/html,application/xhtml+xml,*/*;q=0.8', false],
      ['application/json;q=0.5, text/html;q=0.4', true],
      ['application/json;q=0', false],
      ['*/*', false],
      ['nonsense', false],
    ] as const) {
      const { headers } = await half.agent.get('/2fa').set('Accept', accept);
      expect([accept, String(headers['content-type']).startsWith('application/json')]).toEqual([
        accept,
        isJson,
      ]);
      expect(headers.vary).toContain('Accept');
    }
  });

  it('sends a navigation to the step page, refuses a JSON read, and lets the rest pass as anonymous', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const html = 'text/html,application/xhtml+xml';
    const ask = (method: 'get' | 'head', headers: Record<string, string>) =>
      half.agent[method]('/me?month=3').set(headers);
    for (const method of ['get', 'head'] as const) {
      for (const headers of [
        { Accept: html },
        { Accept: '*/*', 'Sec-Fetch-Dest': 'document' },
        { Accept: html, 'Sec-Fetch-Dest': 'document' },
      ]) {
        const turned = await ask(method, headers);
        const to = method === 'get' ? '?to=%2Fme%3Fmonth%3D3' : '';
        expect([turned.status, turned.headers.location]).toEqual([303, `/2fa${to}`]);
      }
      expect((await ask(method, { Accept: 'application/json' })).status).toBe(401);
      for (const headers of [
        { Accept: '*/*' },
        { Accept: html, 'Sec-Fetch-Dest': 'iframe' },
        { Accept: 'image/avif,*/*', 'Sec-Fetch-Dest': 'image' },
        { Accept: html, 'Sec-Fetch-Dest': 'empty' },
      ]) {
        expect((await ask(method, headers)).status).toBe(200);
      }
    }
    const { body } = await ask('get', { Accept: 'application/json' }).expect(401);
    expect(body.error).toMatchObject({ code: 'second_factor_required', url: '/2fa?to=%2Fme%3Fmonth%3D3' });
    expect((await ask('get', { Accept: '*/*' })).body.user).toBeNull();
    // A second try at the login form works.
    await half.post('/login', { username: 'bob', password: 'right' }).expect(200);
  });

  it('is 303 for a form that succeeds, and its page again with 422 for one that fails', async () => {
    const cast = await withAnn();
    const [id = ''] = await factorIds(cast.ann);
    const half = await halfLogin(cast);
    const wrong = await submit(half, '/2fa', '/2fa/totp', { code: cast.wrong() });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('id="code-problem"');
    expect(wrong.text).toMatch(/<title>Error: /);
    const right = await submit(half, '/2fa', '/2fa/totp', { code: cast.code(), to: '/billing' });
    expect([right.status, right.headers.location]).toEqual([303, '/billing']);

    const send = (action: string, fields = {}) => submit(cast.ann, '/2fa/security', action, fields);
    const base = `/2fa/security/factors/${id}`;
    for (const [action, fields, location] of [
      [`${base}/rename`, { label: 'Phone' }, '/2fa/security'],
      [`${base}/prefer`, {}, '/2fa/security'],
      ['/2fa/security/totp/cancel', {}, '/2fa/security'],
      ['/2fa/security/backup-codes', {}, '/2fa/security/backup-codes'],
      ['/2fa/security/backup-codes/cancel', {}, '/2fa/security'],
      ['/2fa/security/sign-out-everywhere', {}, '/2fa/security'],
    ] as const) {
      const { status, headers } = await send(action, fields);
      expect([action, status, headers.location]).toEqual([action, 303, location]);
    }
    for (const [action, fields] of [
      [`${base}/rename`, { label: '' }],
      ['/2fa/security/backup-codes/acknowledge', { code: 'x' }],
    ] as const) {
      await send('/2fa/security/backup-codes');
      const { status, text } = await send(action, fields);
      expect([action, status]).toEqual([action, 422]);
      expect(text).toContain('aria-invalid="true"');
    }
    await cast.ann.get('/2fa/security/totp').expect(200);
    expect((await send('/2fa/security/totp', { code: '1' })).status).toBe(422);
    expect((await send('/2fa/security/totp', { code: cast.wrong() })).status).toBe(422);
    const removed = await send(`${base}/remove`);
    expect([removed.status, removed.headers.location]).toEqual([303, '/2fa/security']);
  });
});

describe('Errors', () => {
  it('malformed is 400, names the field, and costs no try', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    for (const code of [undefined, '', 'abcdef', '1'.repeat(65), { a: 1 }, ['123456'], 123456, null, true]) {
      for (const type of ['totp', 'backup-code']) {
        const { status, body } = await half.post(`/2fa/${type}`, { code });
        expect([status, body.error.code, body.error.field]).toEqual([400, 'malformed', 'code']);
        expect(typeof body.error.message).toBe('string');
      }
    }
    expect((await guess(half, cast)).body.error.triesLeft).toBe(4);
  });

  it('malformed it is too when we read the body ourselves and it cannot be read', async () => {
    const cast = await withAnn();
    const bare = express();
    bare.use(session({ secret: 'test', resave: false, saveUninitialized: false, store: cast.sessions }));
    bare.use(cast.passport.session());
    bare.use(cast.twoFactor.protect());
    const cookie = idOf(await browser(cast.app).signIn('ann').expect(401));
    const { send } = await rawServer(bare);
    const post = (type: string, body: string) =>
      send('/2fa/totp', {
        method: 'POST',
        headers: { cookie, origin, accept: 'application/json', 'content-type': type },
        body,
      });
    for (const [type, body] of [
      ['application/json', '{'],
      ['application/json', '{"code":"123456"'],
      ['application/json', `{"code":"${'1'.repeat(40_000)}"}`],
      ['application/json; charset=klingon', '{}'],
      ['application/x-www-form-urlencoded', 'a=1&'.repeat(10_000)],
    ] as const) {
      const { status, text, headers } = await post(type, body);
      expect([type, status]).toEqual([type, 400]);
      expect(JSON.parse(text).error).toMatchObject({ code: 'malformed', field: 'body' });
      expect(text).not.toContain('at ');
      expect(headers['cache-control']).toBe('no-store');
    }
    const fine = await post('application/json', JSON.stringify({ code: cast.code() }));
    expect([fine.status, JSON.parse(fine.text).status]).toEqual([200, 'passed']);
  });

  it('second_factor_required answers the login itself, and a JSON read while it is owed', async () => {
    const cast = await withAnn();
    const agent = browser(cast.app);
    const login = await agent.post('/login?to=/billing', { username: 'ann', password: 'right' });
    expect(told(login)).toEqual([401, 'second_factor_required']);
    expect(login.body.error.url).toBe('/2fa?to=%2Fbilling');
    expect(told(await agent.get('/me'))).toEqual([401, 'second_factor_required']);
    expect(told(await agent.get('/2fa/security'))).toEqual([401, 'second_factor_required']);
    const form = await browser(cast.app).form('/login', {
      username: 'ann',
      password: 'right',
      to: '/billing',
    });
    expect([form.status, form.headers.location]).toEqual([303, '/2fa?to=%2Fbilling']);
  });

  it('sign_in_required is the answer without a session and after cancel, even for unknown paths', async () => {
    const cast = await withAnn();
    const stranger = browser(cast.app);
    const cancelled = await halfLogin(cast);
    const answer = await cancelled.post('/2fa/cancel?to=/billing').expect(200);
    expect(answer.body).toEqual({ status: 'cancelled', url: '/login?to=%2Fbilling' });
    for (const agent of [stranger, cancelled]) {
      for (const path of gets)
        expect([path, ...told(await agent.get(path))]).toEqual([path, 401, 'sign_in_required']);
      for (const path of posts) {
        expect([path, ...told(await agent.post(path, { code: cast.code() }))]).toEqual([
          path,
          401,
          'sign_in_required',
        ]);
      }
    }
  });

  it.each(['half signed in too long ago', 'out of tries'])(
    'half_login_ended is said for an hour, whatever comes next: %s',
    async (state) => {
      const cast = await withAnn();
      const agent = (await states[state]?.(cast)) ?? cast.ann;
      for (const wait of [0, 20 * minutes, 25 * minutes]) {
        cast.clock.move(wait);
        for (const path of gets) {
          const { body, status } = await agent.get(path);
          expect([path, status, body.error.code]).toEqual([path, 401, 'half_login_ended']);
          expect(body.error).not.toHaveProperty('triesLeft');
        }
        for (const path of posts.filter((one) => one !== '/2fa/cancel')) {
          for (const code of [cast.code(), cast.backupCodes[0], 'x', 7]) {
            const { body, status } = await agent.post(path, { code });
            expect([path, code, status, body.error.code]).toEqual([path, code, 401, 'half_login_ended']);
            expect(body.error).not.toHaveProperty('triesLeft');
          }
        }
      }
      cast.clock.move(30 * minutes);
      expect(told(await agent.get('/2fa'))).toEqual([401, 'sign_in_required']);
      // Nothing was used up by it.
      const again = await halfLogin(cast);
      await again.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    },
  );

  it('half_login_ended ends with cancel, and with signing in again', async () => {
    const cast = await withAnn();
    const over = await fiveWrong(cast);
    await over.post('/2fa/cancel').expect(200);
    expect(told(await over.get('/2fa'))).toEqual([401, 'sign_in_required']);
    const again = await fiveWrong(cast);
    await again.signIn('ann').expect(401);
    expect((await again.get('/2fa').expect(200)).body.status).toBe('owed');
  });

  it('wrong_code counts down what the half login has left, or the lane if that is less', async () => {
    const cast = await withAnn();
    const first = await halfLogin(cast);
    const counted: unknown[] = [];
    for (let nth = 0; nth < 3; nth += 1) counted.push((await guess(first, cast)).body.error.triesLeft);
    const second = await halfLogin(cast);
    for (let nth = 0; nth < 4; nth += 1) counted.push((await guess(second, cast)).body.error.triesLeft);
    const third = await halfLogin(cast);
    for (let nth = 0; nth < 3; nth += 1) counted.push((await guess(third, cast)).body.error.triesLeft);
    // Ten in the lane, seven of them gone: the third half login has three, not five.
    expect(counted).toEqual([4, 3, 2, 4, 3, 2, 1, 2, 1, 0]);
    expect(told(await guess(third, cast))).toEqual([429, 'locked']);
    await third.post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
  });

  it('an empty lane does not end the half login: its page says until when, and a backup code still works', async () => {
    const cast = await withAnn();
    await fiveWrong(cast);
    const first = await halfLogin(cast);
    for (let nth = 0; nth < 3; nth += 1) await guess(first, cast);
    const second = await halfLogin(cast);
    await guess(second, cast);
    const last = await submit(second, '/2fa', '/2fa/totp', { code: cast.wrong() });
    expect(last.status).toBe(422);
    expect(last.text).not.toContain('This sign-in has ended');
    expect((await submit(second, '/2fa', '/2fa/totp', { code: cast.wrong() })).status).toBe(429);
    const passed = await submit(second, '/2fa/backup-code', '/2fa/backup-code', {
      code: cast.backupCodes[0] ?? '',
    });
    expect(passed.status).toBe(303);
  });

  it('code_used costs no try and writes nothing; clock_off costs one', async () => {
    const cast = await withAnn();
    await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() }).expect(200);
    const half = await halfLogin(cast);
    const before = await cast.options.accounts.load('id-ann' as never);
    expect(told(await half.post('/2fa/totp', { code: cast.code() }))).toEqual([401, 'code_used']);
    cast.clock.move(90 * seconds);
    expect(told(await half.post('/2fa/totp', { code: cast.code(-3) }))).toEqual([401, 'code_used']);
    expect(await cast.options.accounts.load('id-ann' as never)).toBe(before);
    const slow = await half.post('/2fa/totp', { code: cast.code(-2) });
    expect(slow.body.error).toMatchObject({ code: 'clock_off', triesLeft: 4 });
    const fast = await half.post('/2fa/totp', { code: cast.code(2) });
    expect(fast.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 3 });
  });

  it('locked is 429, with the same whole seconds in the body and in Retry-After', async () => {
    const cast = await withAnn();
    await fiveWrong(cast);
    await fiveWrong(cast);
    const answers = [await guess(await halfLogin(cast), cast)];
    for (let nth = 0; nth < 5; nth += 1) await guess(cast.ann, cast).expect(401);
    answers.push(await cast.ann.post('/2fa/totp', { code: cast.code() }));
    for (const answer of answers) {
      expect(told(answer)).toEqual([429, 'locked']);
      expect(answer.body.error.retryAfter).toBeGreaterThan(0);
      expect(Number.isInteger(answer.body.error.retryAfter)).toBe(true);
      expect(answer.headers['retry-after']).toBe(String(answer.body.error.retryAfter));
    }
  });

  it('codes_closed is 403 and names the ways that are left', async () => {
    const cast = await withAnn();
    await fiveWrong(cast);
    await fiveWrong(cast);
    for (let day = 0; day < 90; day += 1) {
      cast.clock.move(1 * days);
      await guess(await halfLogin(cast), cast).expect(401);
    }
    cast.clock.move(1 * days);
    const answer = await (await halfLogin(cast)).post('/2fa/totp', { code: cast.code() });
    expect(told(answer)).toEqual([403, 'codes_closed']);
    expect(answer.body.error.ways).toEqual(['backup-code']);
  });

  it('step_up_required is 403 with where to go; 401 with a challenge for a bearer', async () => {
    const cast = await withAnn();
    cast.clock.move(6 * minutes);
    const answer = await cast.ann.get('/billing?x=1');
    expect(told(answer)).toEqual([403, 'step_up_required']);
    expect(answer.body.error.url).toBe('/2fa/confirm?to=%2Fbilling%3Fx%3D1');
    const bearer = await cast.ann.get('/billing').set('Authorization', 'Bearer abc');
    expect(told(bearer)).toEqual([401, 'step_up_required']);
    expect(bearer.headers['www-authenticate']).toContain('insufficient_user_authentication');
    expect((await cast.ann.page('/billing').expect(303)).headers.location).toBe('/2fa/confirm?to=%2Fbilling');
  });

  it('bad_origin and bad_form_token are 403', async () => {
    const cast = await withAnn();
    const foreign = await cast.ann
      .post('/2fa/totp', { code: cast.code() })
      .set('Origin', 'https://evil.example');
    expect(told(foreign)).toEqual([403, 'bad_origin']);
    const form = await cast.ann.agent
      .post('/2fa/totp')
      .type('form')
      .set({ Accept: 'application/json', Origin: origin })
      .send({ code: cast.code() });
    expect(told(form)).toEqual([403, 'bad_form_token']);
    expect((await cast.ann.form('/2fa/totp', { code: cast.code() })).status).toBe(403);
  });

  it('not_found is 404: unknown paths, other people’s ids, and types that the user does not have', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    for (const agent of [half, cast.ann]) {
      expect(told(await agent.get('/2fa/nothing'))).toEqual([404, 'not_found']);
      expect(told(await agent.post('/2fa/nothing'))).toEqual([404, 'not_found']);
    }
    expect(told(await cast.ann.get('/2fa/security/factors/unknown'))).toEqual([404, 'not_found']);
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    expect(told(await bob.post('/2fa/totp', { code: '123456' }))).toEqual([404, 'not_found']);
    expect(told(await bob.get('/2fa/totp'))).toEqual([404, 'not_found']);
    await cast.twoFactor.importFactor('id-cyd', { type: 'totp', secret: cast.secret, label: 'App' });
    const cyd = await halfLogin(cast, 'cyd');
    expect(told(await cyd.post('/2fa/backup-code', { code: cast.backupCodes[0] }))).toEqual([
      404,
      'not_found',
    ]);
    for (const type of ['otp-sms', 'otp-email', 'webauthn']) {
      expect(told(await cyd.post(`/2fa/${type}`, { code: '123456' }))).toEqual([404, 'not_found']);
    }
  });

  it('conflict, duplicate and last_factor are 409', async () => {
    const cast = await withAnn({ keepFactors: 1 });
    const { ann } = cast;
    expect(told(await ann.post('/2fa/security/totp', { code: '123456' }))).toEqual([409, 'conflict']);
    expect(
      told(await ann.post('/2fa/security/backup-codes/acknowledge', { code: cast.backupCodes[0] })),
    ).toEqual([409, 'conflict']);
    const [id = ''] = await factorIds(ann);
    await ann.post(`/2fa/security/factors/${id}/rename`, { label: 'Phone' }).expect(200);
    await ann.get('/2fa/security/totp').expect(200);
    const again = await ann.post('/2fa/security/totp', { code: '123456', label: 'pHone' });
    expect(told(again)).toEqual([409, 'duplicate']);
    expect(again.body.error.field).toBe('label');
    expect(told(await ann.post(`/2fa/security/factors/${id}/remove`))).toEqual([409, 'last_factor']);
    expect((await ann.get('/2fa/security')).body.enabled).toBe(true);
  });

  it('limit_reached is the answer to a fourth app, in JSON, page and panel in the same words', async () => {
    const cast = await withAnn();
    await addApp(cast.ann, cast.clock.now(), 'Two');
    await addApp(cast.ann, cast.clock.now(), 'Three');
    const json = await cast.ann.get('/2fa/security/totp');
    const message = '3 of 3; remove one to add another.';
    expect(told(json)).toEqual([409, 'limit_reached']);
    expect(json.body.error).toMatchObject({ url: '/2fa/security', message });
    const begun = await cast.ann.post('/2fa/security/totp/begin', { label: 'Four' });
    expect([told(begun), begun.body.error.message]).toEqual([[409, 'limit_reached'], message]);
    const page = await cast.ann.page('/2fa/security/totp').expect(409);
    expect(page.text).toContain(message);
    expect(page.text).toContain('href="/2fa/security"');
    expect((await cast.ann.page('/2fa/security')).text).toContain(message);
  });

  it('unavailable and busy are 503 with Retry-After, and sign nobody out', async () => {
    let mode: 'fine' | 'down' | 'lost' = 'fine';
    const inner = memoryAccounts();
    const accounts: Accounts = {
      load: (userId) => (mode === 'down' ? Promise.reject(new Error('down')) : inner.load(userId)),
      save: (account, over) => (mode === 'lost' ? Promise.resolve(false) : inner.save(account, over)),
      findByHandle: (handle) => inner.findByHandle(handle),
      remove: (userId) => inner.remove(userId),
      all: () => inner.all(),
    };
    const cast = await withAnn({ accounts, deadline: '20s' });
    const half = await halfLogin(cast);
    const token = formToken((await half.page('/2fa').expect(200)).text);
    mode = 'down';
    const down = [
      await half.post('/2fa/totp', { code: cast.code() }),
      await half.get('/2fa'),
      await cast.ann.get('/2fa/security'),
      await browser(cast.app).signIn('ann'),
    ];
    for (const answer of down) {
      expect(told(answer)).toEqual([503, 'unavailable']);
      expect(answer.body.error.retryAfter).toBeGreaterThan(0);
      expect(answer.headers['retry-after']).toBe(String(answer.body.error.retryAfter));
      expect(answer.text).not.toContain('down');
    }
    const page = await half.form('/2fa/totp', { form_token: token, code: cast.code() });
    expect(page.status).toBe(503);
    mode = 'lost';
    const busy = await half.post('/2fa/totp', { code: cast.code() });
    expect(told(busy)).toEqual([503, 'busy']);
    expect(busy.headers['retry-after']).toBe(String(busy.body.error.retryAfter));
    mode = 'fine';
    await cast.ann.get('/me').expect(200);
    await half.post('/2fa/totp', { code: cast.code() }).expect(200);
  });

  it('every error has a code and a message for people, and nothing else but what the contract names', async () => {
    const cast = await withAnn();
    const allowed = ['code', 'message', 'url', 'triesLeft', 'retryAfter', 'field', 'ways'];
    for (const state of Object.keys(states)) {
      const agent = (await states[state]?.(cast)) ?? cast.ann;
      for (const path of [...gets, ...posts.filter((one) => one !== '/2fa/cancel')]) {
        const { body, status } = posts.includes(path)
          ? await agent.post(path, { code: 'x' })
          : await agent.get(path);
        if (status < 400) continue;
        expect(Object.keys(body)).toEqual(['error']);
        expect(Object.keys(body.error).filter((name) => !allowed.includes(name))).toEqual([]);
        expect([path, body.error.message.length > 5, /error\.|message\./.test(body.error.message)]).toEqual([
          path,
          true,
          false,
        ]);
      }
    }
  });
});

describe('The step', () => {
  it('says who owes it, what would do, and until when', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const [id] = await factorIds(cast.ann);
    for (const path of ['/2fa', '/2fa/choose']) {
      expect((await half.get(path).expect(200)).body).toMatchObject({
        status: 'owed',
        user: 'a•••@example.com',
        factors: [{ type: 'totp', id, label: 'Authenticator app', hint: null }],
        preferred: 'totp',
        expiresAt: new Date(cast.clock.now() + 10 * minutes).toISOString(),
      });
    }
    expect((await cast.ann.get('/2fa?to=/billing').expect(200)).body).toEqual({
      status: 'passed',
      url: '/billing',
    });
    expect((await cast.ann.page('/2fa?to=/billing').expect(303)).headers.location).toBe('/billing');
    const confirm = await cast.ann.get('/2fa/confirm?to=/billing').expect(200);
    expect(confirm.body).toMatchObject({ status: 'confirm', preferred: 'totp', factors: [{ id }] });
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    expect((await bob.get('/2fa').expect(200)).body).toEqual({ status: 'passed', url: '/' });
  });

  it.each(['query', 'body'])(
    'passes with where it leads (`to` in the %s), a new id, and the old one dead',
    async (at) => {
      const cast = await withAnn();
      const agent = browser(cast.app);
      const before = idOf(await agent.signIn('ann').expect(401));
      const passed = await agent
        .post(at === 'query' ? '/2fa/totp?to=/billing%3Fx%3D1' : '/2fa/totp', {
          code: cast.code(),
          ...(at === 'body' && { to: '/billing?x=1' }),
        })
        .expect(200);
      expect(passed.body).toEqual({ status: 'passed', url: '/billing?x=1' });
      const after = idOf(passed);
      expect(after).not.toBe('');
      expect(after).not.toBe(before);
      const { send } = await rawServer(cast.app);
      const old = await send('/2fa', { headers: { cookie: before, accept: 'application/json' } });
      expect(JSON.parse(old.text).error.code).toBe('sign_in_required');
      await agent.get('/billing').expect(200);
    },
  );

  it('says after a backup code how many are left, and only then', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const answer = await half
      .post('/2fa/backup-code', { code: cast.backupCodes[0], remember: true })
      .expect(200);
    expect(answer.body).toEqual({ status: 'passed', url: '/', backupCodesLeft: 9 });
    const again = await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect(again.body).not.toHaveProperty('backupCodesLeft');
  });

  it('serves "confirm it’s you" by the same posts, under a new id', async () => {
    const cast = await withAnn();
    cast.clock.move(6 * minutes);
    const confirmed = await cast.ann.post('/2fa/totp?to=/billing', { code: cast.code() }).expect(200);
    expect(confirmed.body).toEqual({ status: 'passed', url: '/billing' });
    expect(idOf(confirmed)).not.toBe('');
    await cast.ann.get('/billing').expect(200);
  });
});

describe('Security keys', () => {
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const id = expect.stringMatching(/^[\w-]{22}$/);
  const bytes = (length: number): unknown =>
    expect.stringMatching(new RegExp(`^[\\w-]{${Math.ceil((length * 4) / 3)}}$`));

  async function annWithKey() {
    const host = hostApp();
    const ann = browser(host.app);
    await ann.signIn('ann').expect(200);
    const key = localKey();
    await enrolKey(ann, key);
    host.clock.move(1000);
    const half = browser(host.app);
    const before = idOf(await half.signIn('ann').expect(401));
    return { ...host, ann, key, half, before };
  }

  it('are asked for by the options themselves, for signing in and for "confirm it’s you"', async () => {
    const { ann, half, key } = await annWithKey();
    for (const agent of [half, ann]) {
      expect((await agent.post('/2fa/webauthn/options').expect(200)).body).toEqual({
        challenge: bytes(32),
        rpId: 'localhost',
        timeout: 5 * minutes,
        allowCredentials: [{ id: key.id, type: 'public-key', transports: ['usb', 'nfc'] }],
        userVerification: 'preferred',
      });
    }
  });

  it('pass with where it leads, a new id, and the old one dead; "confirm it’s you" as well', async () => {
    const { app, ann, half, before, key, clock } = await annWithKey();
    const { body: options } = await half.post('/2fa/webauthn/options').expect(200);
    const response = key.get(options.challenge);
    const passed = await half.post('/2fa/webauthn', { response, to: '/billing', remember: true }).expect(200);
    expect(passed.body).toEqual({ status: 'passed', url: '/billing' });
    expect([before, '']).not.toContain(idOf(passed));
    await half.get('/billing').expect(200);
    const { send } = await rawServer(app);
    const old = await send('/2fa', { headers: { cookie: before, accept: 'application/json' } });
    expect(JSON.parse(old.text).error.code).toBe('sign_in_required');

    clock.move(6 * minutes);
    expect(errorCode(await ann.get('/billing').expect(403))).toBe('step_up_required');
    const confirmed = await proveKey(ann, key);
    expect([confirmed.status, confirmed.body]).toEqual([200, { status: 'passed', url: '/' }]);
    await ann.get('/billing').expect(200);
  });

  it('are code_used for a challenge older than the last success, at no cost, and wrong_code counts down', async () => {
    const { app, half, key, clock } = await annWithKey();
    const { body: older } = await half.post('/2fa/webauthn/options').expect(200);
    clock.move(1000);
    const second = browser(app);
    await second.signIn('ann').expect(401);
    expect((await proveKey(second, key)).status).toBe(200);

    const late = await half.post('/2fa/webauthn', { response: key.get(older.challenge) });
    expect(told(late)).toEqual([401, 'code_used']);
    expect(late.body.error.triesLeft).toBeUndefined();
    const wrong = await proveKey(half, localKey());
    expect([...told(wrong), wrong.body.error.triesLeft]).toEqual([401, 'wrong_code', 4]);
    expect((await proveKey(half, key)).status).toBe(200);
  });

  it('are code_used for a challenge of more than five minutes ago as well', async () => {
    const { half, key, clock } = await annWithKey();
    const { body: options } = await half.post('/2fa/webauthn/options').expect(200);
    clock.move(5 * minutes);
    const late = await half.post('/2fa/webauthn', { response: key.get(options.challenge) });
    expect(told(late)).toEqual([401, 'code_used']);
    const wrong = await proveKey(half, localKey());
    expect([...told(wrong), wrong.body.error.triesLeft]).toEqual([401, 'wrong_code', 4]);
  });

  it('are malformed with the field, and never a server error, a byte order mark included', async () => {
    const { ann, half, key } = await annWithKey();
    for (const path of ['/2fa/webauthn', '/2fa/security/webauthn']) {
      const [agent, options] = path === '/2fa/webauthn' ? [half, path] : [ann, path];
      await agent.post(`${options}/options`).expect(200);
      for (const response of [undefined, 'letters', [], {}, { id: { $ne: '' } }]) {
        const { status, body } = await agent.post(path, { response });
        expect([path, status, body.error.code, body.error.field]).toEqual([
          path,
          400,
          'malformed',
          'response',
        ]);
      }
    }
    const mark = (honest: Buffer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), honest]);
    expect((await proveKey(half, key, { clientBytes: mark })).status).toBeLessThan(500);
    expect((await addKey(ann, localKey(), { clientBytes: mark })).status).toBeLessThan(500);
  });

  it('are added by the options themselves: 201, with backup codes the first time', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const { body: options } = await ann.post('/2fa/security/webauthn/options').expect(200);
    expect(options).toEqual({
      rp: { id: 'localhost', name: expect.any(String) },
      user: { id: bytes(64), name: 'ann@example.com', displayName: 'ann@example.com' },
      challenge: bytes(32),
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 5 * minutes,
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'discouraged',
        requireResidentKey: false,
        userVerification: 'preferred',
      },
      attestation: 'none',
      extensions: { credProps: true },
    });
    const key = localKey();
    const response = key.create(options.challenge);
    const { body: first } = await ann
      .post('/2fa/security/webauthn', { response, label: 'Desk key' })
      .expect(201);
    expect(first).toEqual({
      factor: { id, type: 'webauthn', label: 'Desk key', createdAt: time },
      backupCodes: expect.any(Array),
    });
    await ann.post('/2fa/security/backup-codes/acknowledge', { code: first.backupCodes[0] }).expect(200);

    const again = await addKey(ann, key);
    expect(told(again)).toEqual([409, 'duplicate']);
    clock.move(1000);
    const { body: second } = await addKey(ann, localKey());
    expect(second).toMatchObject({ factor: { id, type: 'webauthn', createdAt: time }, backupCodes: null });
    const { body } = await ann.get('/2fa/security').expect(200);
    expect(body.types[1]).toMatchObject({
      type: 'webauthn',
      available: true,
      factors: [
        { id, label: 'Desk key', hint: null, createdAt: time, lastUsedAt: null, preferred: false },
        { id: second.factor.id },
      ],
    });
  });

  it('are given up by cancel, and another set-up begins', async () => {
    const { app } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const { body: options } = await ann.post('/2fa/security/webauthn/options').expect(200);
    const given = await ann.post('/2fa/security/webauthn/cancel').expect(200);
    expect(given.body).toEqual({ status: 'cancelled' });
    const response = localKey().create(options.challenge);
    expect(told(await ann.post('/2fa/security/webauthn', { response }))).toEqual([409, 'conflict']);
    expect((await addKey(ann, localKey())).status).toBe(201);
  });

  it('ASVS 6.5.7: a fingerprint counts for nothing but with the key that asked for it', async () => {
    const { half, key } = await annWithKey();
    const verified = (signed: Buffer) =>
      Buffer.concat([signed.subarray(0, 32), Buffer.from([5]), signed.subarray(33)]);
    const claimed = await proveKey(half, key, { flags: 1, sentAuthData: verified });
    expect(told(claimed)).toEqual([401, 'wrong_code']);
    expect((await proveKey(half, key, { flags: 1 })).status).toBe(200);
    const { proofs } = (await half.get('/me').expect(200)).body.twoFactor;
    expect(proofs).toMatchObject([{ type: 'webauthn' }]);
    expect(proofs[0].userVerified).toBeUndefined();
  });

  it('are not_found for users who have none, and where they are switched off', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    expect(told(await half.post('/2fa/webauthn/options'))).toEqual([404, 'not_found']);
    const response = localKey().get('A'.repeat(43));
    expect(told(await half.post('/2fa/webauthn', { response }))).toEqual([404, 'not_found']);

    const off = hostApp({ webauthn: false });
    const ann = browser(off.app);
    await ann.signIn('ann').expect(200);
    expect(told(await ann.get('/2fa/security/webauthn'))).toEqual([404, 'not_found']);
    expect(told(await ann.post('/2fa/security/webauthn/options'))).toEqual([404, 'not_found']);
    expect((await ann.get('/2fa/security')).body.types[1].available).toBe(false);
  });
});

describe('Security and login', () => {
  it('is described as the contract says, without and with a factor', async () => {
    const cast = await withAnn();
    const bob = browser(cast.app);
    await bob.signIn('bob').expect(200);
    const empty = ['totp', 'webauthn', 'otp-sms', 'otp-email'].map((type) => ({
      type,
      available: type === 'totp' || type === 'webauthn',
      factors: [],
    }));
    expect((await bob.get('/2fa/security').expect(200)).body).toMatchObject({
      enabled: false,
      types: empty,
      backupCodes: null,
    });
    const { body } = await cast.ann.get('/2fa/security').expect(200);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(body).toMatchObject({ enabled: true, backupCodes: { left: 10, total: 10, createdAt: time } });
    expect(body.types[0]).toEqual({
      type: 'totp',
      available: true,
      factors: [
        {
          id: expect.stringMatching(/^[\w-]{22}$/),
          type: 'totp',
          label: 'Authenticator app',
          hint: null,
          createdAt: time,
          lastUsedAt: null,
          preferred: false,
        },
      ],
    });
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect((await cast.ann.get('/2fa/security')).body.types[0].factors[0].lastUsedAt).toEqual(time);
  });

  it('check 26: shows one and the same set-up over reload, wrong codes and a second tab, until it is confirmed', async () => {
    const { app, clock } = hostApp();
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    const { body: first } = await bob.get('/2fa/security/totp').expect(200);
    expect(Object.keys(first).toSorted()).toEqual(['otpauthUrl', 'secret']);
    const same = async () => expect((await bob.get('/2fa/security/totp').expect(200)).body).toEqual(first);
    await same();
    const wrong = await bob
      .post('/2fa/security/totp', { code: wrongCode(first.secret, clock.now()) })
      .expect(401);
    expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 9 });
    await bob.post('/2fa/security/totp', { code: 'x' }).expect(400);
    await same();
    const [one, two] = await Promise.all([bob.get('/2fa/security/totp'), bob.get('/2fa/security/totp')]);
    expect([one.body, two.body]).toEqual([first, first]);
    clock.move(4 * minutes);
    await same();
    const confirmed = await bob
      .post('/2fa/security/totp', { code: codeAt(first.secret, clock.now()), label: ' My  phone ' })
      .expect(201);
    expect(confirmed.body).toEqual({
      factor: { id: expect.any(String), type: 'totp', label: 'My phone', createdAt: expect.any(String) },
      backupCodes: expect.any(Array),
    });
    expect(confirmed.body.backupCodes).toHaveLength(10);
  });

  it('opening it twice at once begins one set-up', async () => {
    const { app } = hostApp();
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    const looks = await Promise.all([1, 2, 3, 4].map(() => bob.get('/2fa/security/totp')));
    expect(new Set(looks.map(({ text }) => text)).size).toBe(1);
  });

  it('check 26: starts over after cancel, after signing out, after an hour and after ten wrong codes', async () => {
    const { app, clock } = hostApp({ fresh: '1h' });
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    const shown = async (): Promise<string> => {
      const { body }: { body: { secret: string } } = await bob.get('/2fa/security/totp').expect(200);
      return body.secret;
    };
    const secrets = [await shown()];
    expect((await bob.post('/2fa/security/totp/cancel').expect(200)).body).toEqual({ status: 'cancelled' });
    secrets.push(await shown());
    await bob.signOut();
    await bob.signIn('bob').expect(200);
    secrets.push(await shown());
    clock.move(1 * hours + 1);
    await bob.signOut();
    await bob.signIn('bob').expect(200);
    secrets.push(await shown());
    clock.move(59 * minutes);
    secrets.push(await shown());
    const last = secrets.at(-1) ?? '';
    for (let nth = 0; nth < 10; nth += 1) {
      const { body } = await bob.post('/2fa/security/totp', { code: wrongCode(last, clock.now(), nth) });
      expect(body.error.triesLeft).toBe(9 - nth);
    }
    expect(told(await bob.post('/2fa/security/totp', { code: codeAt(last, clock.now()) }))).toEqual([
      409,
      'conflict',
    ]);
    secrets.push(await shown());
    expect(new Set(secrets).size).toBe(5);
    expect(secrets[3]).toBe(secrets[4]);
    expect((await bob.get('/2fa/security')).body.enabled).toBe(false);
  });

  it('says on the page that ten wrong codes are the end of a set-up', async () => {
    const { app, clock } = hostApp();
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    const { body: setup } = await bob.get('/2fa/security/totp').expect(200);
    const page = await bob.page('/2fa/security/totp').expect(200);
    const pages: Response[] = [];
    for (let nth = 0; nth < 10; nth += 1) {
      const code = wrongCode(setup.secret, clock.now(), nth);
      pages.push(await bob.form('/2fa/security/totp', { form_token: formToken(page.text), code }));
    }
    expect(pages.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 422));
    expect(pages[8]?.text).toContain('otpauth:');
    expect(pages[9]?.text).not.toContain('otpauth:');
    expect(pages[9]?.text).toContain('we stopped this set-up');
  });

  it('keeps a set-up for an hour and not longer', async () => {
    const { app, clock } = hostApp({
      users: { id: (user) => user.id, name: (user) => user.name, reauthenticate: () => true },
    });
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    const { body: first } = await bob.get('/2fa/security/totp').expect(200);
    clock.move(1 * hours - 1);
    expect((await bob.get('/2fa/security/totp').expect(200)).body).toEqual(first);
    clock.move(1);
    expect((await bob.get('/2fa/security/totp').expect(200)).body.secret).not.toBe(first.secret);
  });

  it('check 31, check 35: makes backup codes count by one of them, and switches two-factor on with it', async () => {
    const { app, clock } = hostApp();
    const bob = browser(app);
    await bob.signIn('bob').expect(200);
    expect((await bob.get('/2fa/security/backup-codes').expect(200)).body).toEqual({
      left: 0,
      total: 0,
      createdAt: null,
      pending: null,
    });
    const { body: setup } = await bob.get('/2fa/security/totp').expect(200);
    const { body } = await bob
      .post('/2fa/security/totp', { code: codeAt(setup.secret, clock.now()) })
      .expect(201);
    const codes: string[] = body.backupCodes;
    expect((await bob.get('/2fa/security/backup-codes').expect(200)).body.pending).toEqual(codes);
    expect((await bob.get('/2fa/security')).body.enabled).toBe(false);
    const acknowledge = (code: unknown) => bob.post('/2fa/security/backup-codes/acknowledge', { code });
    expect(told(await acknowledge('AAAA-AAAA-AAAA-AAAA'))).toEqual([401, 'wrong_code']);
    expect(told(await acknowledge(7))).toEqual([400, 'malformed']);
    // The last block of one shows as well that they were kept; the first one does not.
    const lastBlocks = codes.map((code) => code.slice(-4));
    const firstBlock = codes.map((code) => code.slice(0, 4)).find((block) => !lastBlocks.includes(block));
    expect(told(await acknowledge(firstBlock))).toEqual([401, 'wrong_code']);
    expect(told(await acknowledge(codes[2]?.slice(-3)))).toEqual([400, 'malformed']);
    expect((await bob.get('/2fa/security/backup-codes')).body.pending).toEqual(codes);
    const done = await acknowledge(codes[4]?.toLowerCase()).expect(200);
    expect(done.body).toMatchObject({ enabled: true, backupCodes: { left: 10, total: 10 } });
    expect((await bob.get('/2fa/security/backup-codes').expect(200)).body).toMatchObject({
      left: 10,
      total: 10,
      pending: null,
    });
    // It is not used up, and the login that switched it on has proven it.
    expect((await bob.get('/me')).body.twoFactor).toMatchObject({ status: 'passed', amr: ['otp', 'mfa'] });
    expect((await bob.get('/2fa/security')).body).toMatchObject({ enabled: true, backupCodes: { left: 10 } });
    const other = await halfLogin({ app }, 'bob');
    await other.post('/2fa/backup-code', { code: codes[4] }).expect(200);
  });

  it('check 35: makes a new set, which is the same until it is acknowledged or given up', async () => {
    const cast = await withAnn();
    const first = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    expect(first.body.backupCodes).toHaveLength(10);
    const again = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    expect(again.body).toEqual(first.body);
    await cast.ann.post('/2fa/security/backup-codes/cancel').expect(200);
    const third = await cast.ann.post('/2fa/security/backup-codes').expect(201);
    expect(third.body).not.toEqual(first.body);
    // The old set goes on working meanwhile.
    await (await halfLogin(cast)).post('/2fa/backup-code', { code: cast.backupCodes[0] }).expect(200);
    const ofOld = await cast.ann.post('/2fa/security/backup-codes/acknowledge', {
      code: cast.backupCodes[1],
    });
    expect(told(ofOld)).toEqual([401, 'wrong_code']);
    const lastBlock = String(third.body.backupCodes[9]).slice(-4);
    await cast.ann.post('/2fa/security/backup-codes/acknowledge', { code: lastBlock }).expect(200);
    // It signs nobody in.
    expect(told(await (await halfLogin(cast)).post('/2fa/backup-code', { code: lastBlock }))).toEqual([
      400,
      'malformed',
    ]);
  });

  it('adds a second app without backup codes', async () => {
    const cast = await withAnn();
    const { body: setup } = await cast.ann.get('/2fa/security/totp').expect(200);
    const code = codeAt(setup.secret, cast.clock.now());
    const { body } = await cast.ann.post('/2fa/security/totp', { code, label: 'Tablet' }).expect(201);
    expect(body).toMatchObject({ factor: { label: 'Tablet', type: 'totp' }, backupCodes: null });
    expect(await factorIds(cast.ann)).toHaveLength(2);
  });

  it('renames, prefers and removes, by POST, PATCH and DELETE alike', async () => {
    const cast = await withAnn();
    const tablet = await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const [one = '', two = ''] = await factorIds(cast.ann);
    const at = (id: string) => `/2fa/security/factors/${id}`;
    const renamed = await cast.ann.post(`${at(one)}/rename`, { label: 'Phone' }).expect(200);
    expect(renamed.body.factor).toMatchObject({ id: one, label: 'Phone' });
    expect((await cast.ann.post(`${at(two)}/prefer`).expect(200)).body.factor.preferred).toBe(true);
    expect((await patch(cast.ann, at(one), { preferred: true }).expect(200)).body.factor.preferred).toBe(
      true,
    );
    expect((await cast.ann.get(at(two))).body.factor.preferred).toBe(false);
    expect((await patch(cast.ann, at(one), { preferred: false }).expect(200)).body.factor.preferred).toBe(
      false,
    );
    expect((await patch(cast.ann, at(one), { label: 'Mobile' }).expect(200)).body.factor.label).toBe(
      'Mobile',
    );
    const both = await patch(cast.ann, at(two), { label: 'Slate', preferred: true }).expect(200);
    expect(both.body.factor).toMatchObject({ id: two, label: 'Slate', preferred: true });
    for (const [body, field] of [
      [{}, 'label'],
      [{ label: 7 }, 'label'],
      [{ label: '' }, 'label'],
      [{ preferred: 'yes' }, 'preferred'],
      [{ label: 'Fine', preferred: 1 }, 'preferred'],
    ] as const) {
      const refused = await patch(cast.ann, at(two), body);
      expect([...told(refused), refused.body.error.field]).toEqual([400, 'malformed', field]);
    }
    expect((await cast.ann.get(at(two))).body.factor.label).toBe('Slate');
    const taken = await patch(cast.ann, at(two), { label: 'MOBILE', preferred: false });
    expect([...told(taken), taken.body.error.field]).toEqual([409, 'duplicate', 'label']);
    expect((await cast.ann.get(at(two))).body.factor.preferred).toBe(true);

    const gone = await cast.ann.agent.delete(at(one)).set({ Accept: 'application/json', Origin: origin });
    expect(gone.body).toMatchObject({ enabled: true });
    expect(await factorIds(cast.ann)).toEqual([two]);
    cast.clock.move(minutes);
    await cast.ann.post('/2fa/totp', { code: codeAt(tablet, cast.clock.now()) }).expect(200);
    const off = await cast.ann.post(`${at(two)}/remove`).expect(200);
    expect(off.body).toMatchObject({ enabled: false, backupCodes: null });
    await browser(cast.app).signIn('ann').expect(200);
  });

  it('puts no sample in the format of a real code into any page or answer', async () => {
    const cast = await withAnn();
    const { ann } = cast;
    const half = await halfLogin(cast);
    const [id = ''] = await factorIds(ann);
    const texts: [string, string][] = [];
    for (const path of [...gets, `/2fa/security/factors/${id}`]) {
      for (const agent of [half, ann, browser(cast.app)]) {
        texts.push(
          [`page ${path}`, (await agent.page(path)).text],
          [`JSON ${path}`, (await agent.get(path)).text],
        );
      }
    }
    const wrong = await submit(half, '/2fa', '/2fa/totp', { code: '12' });
    texts.push(
      ['a wrong code', wrong.text],
      ['a refusal', (await half.post('/2fa/totp', { code: 'x' })).text],
    );
    for (const [where, text] of texts) {
      // Less what is a secret of the page itself, or an address of ours.
      const shown = text
        .replace(/<svg class="qr".*?<\/svg>/s, '')
        .replace(/(form_token" value|\?v|secret|key)=?"?[=>]?[\w-]+/g, '');
      expect([where, /\b[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}\b/.exec(shown)?.[0]]).toEqual([
        where,
        undefined,
      ]);
      expect([where, /(?<![\w#&;.-])\d{3} ?\d{3}(?![\w.-])/.exec(shown)?.[0]]).toEqual([where, undefined]);
    }
    expect(formToken((await half.page('/2fa')).text)).not.toBe('');
  });

  it('signs out everywhere else and stays signed in here', async () => {
    const cast = await withAnn();
    const other = await halfLogin(cast);
    await other.post('/2fa/totp', { code: cast.code() }).expect(200);
    await cast.ann.post('/2fa/security/sign-out-everywhere').expect(200);
    expect(told(await other.get('/2fa/security'))).toEqual([401, 'sign_in_required']);
    await cast.ann.get('/2fa/security').expect(200);
  });
});

it('all of it works the same with stores of your own', async () => {
  const { app, clock } = hostApp({ accounts: memoryAccounts(), pending: memoryPending() });
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  const { secret } = await enrolTotp(ann, clock.now());
  clock.move(30 * seconds);
  const half = await halfLogin({ app });
  await half.post('/2fa/totp', { code: codeAt(secret, clock.now()) }).expect(200);
});
