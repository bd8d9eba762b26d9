import type { UserId } from '../../lib/account/account';
import { browser, codeAt, errorCode, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { cookiesOf, factorIds, formToken, listen, rawServer, submit, withAnn, type Cast } from './cast';

const ours = 'http://localhost:3000';
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const stored = async (cast: Cast) => JSON.stringify(await cast.options.accounts.load('id-ann' as UserId));

/** Every request that changes something, with a complete login. */
const changing = (id: string): readonly (readonly [method: 'post' | 'patch' | 'delete', path: string])[] => [
  ['post', '/2fa/totp'],
  ['post', '/2fa/backup-code'],
  ['post', '/2fa/cancel'],
  ['post', '/2fa/security/totp'],
  ['post', '/2fa/security/totp/begin'],
  ['post', '/2fa/security/totp/cancel'],
  ['post', '/2fa/security/backup-codes'],
  ['post', '/2fa/security/backup-codes/acknowledge'],
  ['post', '/2fa/security/backup-codes/download'],
  ['post', '/2fa/security/backup-codes/cancel'],
  ['post', '/2fa/security/sign-out-everywhere'],
  ['post', `/2fa/security/factors/${id}/rename`],
  ['post', `/2fa/security/factors/${id}/prefer`],
  ['post', `/2fa/security/factors/${id}/remove`],
  ['patch', `/2fa/security/factors/${id}`],
  ['delete', `/2fa/security/factors/${id}`],
];

const foreign: Readonly<Record<string, Record<string, string>>> = {
  'another site': { Origin: 'https://evil.example' },
  'another port': { Origin: 'http://localhost:3001' },
  'another scheme': { Origin: 'https://localhost:3000' },
  'a longer name': { Origin: 'http://localhost:3000.evil.example' },
  'no page at all': { Origin: 'null' },
  'nowhere that is told': {},
  'another site, by the browser’s word': { Origin: ours, 'Sec-Fetch-Site': 'cross-site' },
  'another host of the site': { Origin: ours, 'Sec-Fetch-Site': 'same-site' },
  'the address bar': { Origin: ours, 'Sec-Fetch-Site': 'none' },
  'a browser that says nonsense': { Origin: ours, 'Sec-Fetch-Site': 'same-origin, same-origin' },
};

describe('Forged requests', () => {
  it.each(Object.keys(foreign))(
    'ASVS 3.5.1: nothing is changed, counted or used up by a request from %s',
    async (name) => {
      const cast = await withAnn();
      const [id = ''] = await factorIds(cast.ann);
      await cast.ann.get('/2fa/security/totp').expect(200);
      const token = formToken((await cast.ann.page('/2fa/security')).text);
      const before = await stored(cast);
      const heard = listen(cast.twoFactor);
      for (const [method, path] of changing(id)) {
        const asked = () => cast.ann.agent[method](path).set(foreign[name] ?? {});
        const answers = [
          await asked().set('Accept', 'application/json').send({ code: cast.code(), label: 'Forged' }),
          await asked().type('form').set('Accept', 'text/html').send({ code: cast.code(), label: 'Forged' }),
        ];
        for (const answer of answers) expect([path, answer.status]).toEqual([path, 403]);
        expect(errorCode(answers[0] as never)).toBe('bad_origin');
      }
      expect(await stored(cast)).toBe(before);
      expect(heard).toEqual([]);
      await cast.ann.get('/me').expect(200);
      // The code is still good, no try is gone, and the token alone helps only a page without an origin.
      const withToken = await cast.ann.agent
        .post('/2fa/totp')
        .type('form')
        .set({ Accept: 'text/html', ...foreign[name] })
        .send({ code: cast.code(), form_token: token });
      expect(withToken.status).toBe(name === 'no page at all' ? 303 : 403);
    },
  );

  it('ASVS 3.5.1, check 50: a form carries the token of its session: none, another’s and an old one are refused', async () => {
    const cast = await withAnn();
    const [id = ''] = await factorIds(cast.ann);
    const old = formToken((await cast.ann.page('/2fa/security')).text);
    expect(old).toMatch(/^[\w-]{43}$/);
    const half = await halfLogin(cast);
    const halfs = formToken((await half.page('/2fa')).text);
    await cast.ann.post('/2fa/totp', { code: cast.code() }).expect(200);
    const before = await stored(cast);
    for (const token of ['', 'x', old, halfs, `${old}=`, 'a'.repeat(43), 'a'.repeat(5000), '\u0000']) {
      for (const path of ['/2fa/backup-code', '/2fa/cancel', `/2fa/security/factors/${id}/remove`]) {
        const fields = { form_token: token, code: cast.backupCodes[0] ?? '' };
        expect((await cast.ann.form(path, fields)).status).toBe(403);
      }
    }
    const twice = await cast.ann.agent
      .post(`/2fa/security/factors/${id}/remove`)
      .type('form')
      .set({ Origin: ours, Accept: 'text/html' })
      .send(`form_token=${old}&form_token=${halfs}`);
    expect(twice.status).toBe(403);
    expect(await stored(cast)).toBe(before);
  });

  it('ASVS 3.5.3, check 50: no GET or HEAD changes anything', async () => {
    const cast = await withAnn();
    const [id = ''] = await factorIds(cast.ann);
    const before = await stored(cast);
    const heard = listen(cast.twoFactor);
    for (const [, path] of changing(id)) {
      for (const method of ['get', 'head'] as const) {
        const { status } = await cast.ann.agent[method](`${path}?code=${cast.code()}&label=x`).set(
          'Accept',
          '*/*',
        );
        expect([path, status >= 500]).toEqual([path, false]);
      }
    }
    expect(await stored(cast)).toBe(before);
    expect(heard).toEqual([]);
    await cast.ann.get('/me').expect(200);
  });

  it.each(['h3js/h3 #875', 'ralscha/extdirectspring #150', 'nstfkc/gemi #448'])(
    '%s: what a plain form of another site can send is no JSON here',
    async () => {
      const cast = await withAnn();
      const half = browser(cast.app);
      const cookie = cookiesOf(await half.signIn('ann').expect(401));
      const { send } = await rawServer(cast.app);
      const json = JSON.stringify({ code: cast.code() });
      const post = (headers: Record<string, string>, body: string) =>
        send('/2fa/totp', { method: 'POST', headers: { cookie, ...headers }, body });
      for (const origin of [{}, { origin: 'https://evil.example' }, { origin: ours }]) {
        for (const [type, body] of [
          ['text/plain', json],
          ['text/plain', `${json.slice(0, -1)},"x":"=`],
          ['text/plain; application/json', json],
          ['application/x-www-form-urlencoded', `code=${cast.code()}`],
          [
            'multipart/form-data; boundary=x',
            `--x\r\nContent-Disposition: form-data; name="code"\r\n\r\n1\r\n--x--`,
          ],
          ['application/jsonp', json],
          [undefined, json],
        ] as const) {
          const { status } = await post({ ...origin, ...(type && { 'content-type': type }) }, body);
          expect([type, [400, 403, 415].includes(status)]).toEqual([type, true]);
        }
      }
      // Nor is a field that comes twice a code.
      const token = formToken((await half.page('/2fa')).text);
      const twice = `form_token=${token}&code=${cast.code()}&code=${cast.code()}`;
      const type = { 'content-type': 'application/x-www-form-urlencoded', origin: ours };
      expect((await post({ ...type, accept: 'text/html' }, twice)).status).toBe(422);
      expect((await post({ ...type, accept: 'application/json' }, twice)).status).toBe(400);
      // Nothing was counted, and the code was not used.
      expect((await half.post('/2fa/totp', { code: cast.wrong() })).body.error.triesLeft).toBe(4);
      await half.post('/2fa/totp', { code: cast.code() }).expect(200);
    },
  );

  it('ASVS 3.5.1: someone who has signed out, or clicked twice, is told that the step is over, and gets no cookie', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const token = formToken((await half.page('/2fa')).text);
    await half.signOut();
    for (const path of ['/2fa/totp', '/2fa/backup-code', '/2fa/cancel', '/2fa/security/totp']) {
      const answer = await half.form(path, { form_token: token, code: cast.code(), to: '//evil.example' });
      expect(answer.status).toBe(401);
      const isOfStep = !path.startsWith('/2fa/security');
      expect(answer.text).toContain(isOfStep ? 'This step is already done' : 'You were signed out');
      expect(answer.text).not.toContain('evil.example');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });
});

describe('The origin of the app', () => {
  it.each([
    ['paperclipai/paperclip PR #10240', 'https://X.org/', 'https://x.org'],
    ['supabase/supabase PR #44718', 'https://x.org:443', 'https://x.org'],
    ['nextcloud/twofactor_webauthn #47', 'https://x.org/app', 'https://x.org'],
    ['MasterKale/SimpleWebAuthn #615', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['paperclipai/paperclip PR #10240', 'https://účet.example', 'https://xn--et-qka0f.example'],
  ])(
    '%s: the origin that is configured is the one that browsers send, written as %s',
    async (_id, written, sent) => {
      const host = hostApp({ origin: written });
      await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
      const agent = browser(host.app, sent);
      await agent.signIn('ann').expect(401);
      await agent.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
    },
  );

  it.each([
    'x.org',
    'ftp://x.org',
    'http://x.org',
    'https://',
    'https://a:b@x.org',
    'https://x.org/?a=1',
    '',
    'null',
  ])('MasterKale/SimpleWebAuthn #615: what cannot work is refused at start, with the cure: %s', (written) => {
    expect(() => hostApp({ origin: written })).toThrow(
      expect.objectContaining({ code: 'bad_option', help: expect.stringContaining('https://') }),
    );
  });
});

/** Every kind of answer of ours: page, JSON, download, redirect, error. */
async function everyAnswer(
  cast: Cast,
): Promise<readonly { name: string; headers: Record<string, string> }[]> {
  const half = await halfLogin(cast);
  const [id = ''] = await factorIds(cast.ann);
  const names = [
    '/2fa',
    '/2fa/choose',
    '/2fa/confirm',
    '/2fa/totp',
    '/2fa/backup-code',
    '/2fa/nothing',
    '/2fa/security',
    '/2fa/security/totp',
    '/2fa/security/backup-codes',
    `/2fa/security/factors/${id}`,
    '/2fa/security/factors/x',
  ];
  const answers: { name: string; headers: Record<string, string> }[] = [];
  const add = (name: string, { headers }: { headers: Record<string, string> }) =>
    answers.push({ name, headers });
  for (const path of names) {
    for (const agent of [half, cast.ann]) {
      add(`page ${path}`, await agent.page(path));
      add(`JSON ${path}`, await agent.get(path));
      add(`HEAD ${path}`, await agent.agent.head(path).set('Accept', 'text/html'));
    }
  }
  await cast.ann.post('/2fa/security/backup-codes').expect(201);
  const pages = '/2fa/security/backup-codes';
  add('download', await submit(cast.ann, pages, `${pages}/download`));
  add('422', await submit(half, '/2fa', '/2fa/totp', { code: cast.wrong() }));
  add('401', await half.post('/2fa/totp', { code: cast.wrong() }));
  add('400', await half.post('/2fa/totp', { code: '' }));
  add('403', await cast.ann.agent.post('/2fa/totp').send({ code: '1' }));
  add('over', await (await halfLogin(cast)).form('/2fa/totp', { form_token: 'x' }));
  cast.clock.move(6 * minutes);
  add('step up', await cast.ann.page('/2fa/security/totp'));
  add('step up in JSON', await cast.ann.get('/2fa/security/totp'));
  add('cancel', await submit(half, '/2fa', '/2fa/cancel'));
  return answers;
}

describe('Headers', () => {
  it('ASVS 3.4, check 52: every answer of ours, page, JSON, file, redirect and error, carries the security headers', async () => {
    for (const { name, headers } of await everyAnswer(await withAnn())) {
      expect([name, headers['cache-control'], headers['x-content-type-options']]).toEqual([
        name,
        'no-store',
        'nosniff',
      ]);
      expect([name, headers['content-security-policy']]).toEqual([
        name,
        expect.stringMatching(/default-src 'self'.*frame-ancestors 'none'/),
      ]);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:/);
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('same-origin');
    }
  });

  it('ASVS 3.4: our pages have nothing inline that the policy would have to allow', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    for (const [agent, path] of [
      [half, '/2fa'],
      [half, '/2fa/choose'],
      [cast.ann, '/2fa/security'],
      [cast.ann, '/2fa/security/totp'],
    ] as [BrowserAgent, string][]) {
      const { text } = await agent.page(path).expect(200);
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|javascript:/i);
    }
  });

  it('ASVS 14.2.1, check 29: no code, secret or token appears in a URL', async () => {
    const cast = await withAnn();
    const half = await halfLogin(cast);
    const seen: string[] = [];
    for (const path of ['/2fa?to=%2Fbilling', '/2fa/choose', '/2fa/backup-code']) {
      seen.push(
        ...[...(await half.page(path)).text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(
          ([, url = '']) => url,
        ),
      );
    }
    const passed = await submit(half, '/2fa', '/2fa/totp', { code: cast.code() });
    seen.push(passed.headers.location ?? '');
    await cast.ann.post('/2fa/security/backup-codes').expect(201);
    for (const path of ['/2fa/security', '/2fa/security/backup-codes', '/2fa/security/totp']) {
      seen.push(
        ...[...(await cast.ann.page(path)).text.matchAll(/(?:href|action|src)="([^"]*)"/g)].map(
          ([, url = '']) => url,
        ),
      );
    }
    const own = seen.filter((url) => !url.startsWith('otpauth:'));
    expect(own.length).toBeGreaterThan(15);
    for (const url of own) {
      expect(url).toMatch(/^(\/|#main)/);
      expect(url).not.toMatch(/token|secret|code=|sid|connect/);
    }
    cast.clock.move(1 * seconds);
  });

  it('ASVS 16.5.1: whatever is sent, no answer is a server error and none shows a stack', async () => {
    const cast = await withAnn();
    const cookie = cookiesOf(await browser(cast.app).signIn('ann').expect(401));
    const { send } = await rawServer(cast.app);
    const bodies = [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"code":{"$gt":""}}',
      'code=%',
      'code[]=1',
      '\u0000',
      'x'.repeat(40_000),
    ];
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/xml',
      'x',
    ];
    const requests = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) =>
      types.flatMap((type) => bodies.map((body) => ({ method, type, body }))),
    );
    for (const { method, type, body } of requests) {
      const headers = { cookie, origin: ours, 'content-type': type, accept: 'application/json' };
      for (const path of ['/2fa/totp', '/2fa/security/factors/%00']) {
        const { status, text } = await send(path, { method, headers, body });
        expect([method, type, body.slice(0, 20), status < 500]).toEqual([
          method,
          type,
          body.slice(0, 20),
          true,
        ]);
        // What the app's own parser refuses before us is the app's answer.
        const isOurs = text.startsWith('{"error"');
        expect(isOurs && / at .*\.(js|ts):\d+/.test(text)).toBe(false);
      }
    }
  });
});
