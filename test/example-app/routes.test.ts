import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { DEMO_PASSWORD, DEMO_USERS, seedsOf } from '../../example-app/demo-users';
import { codeAt } from '../support/browser-agent';
import { openWebAdmin, signInWithCode, visit, type RunningWebAdmin, type Visitor } from './web-admin';

let webAdmin: RunningWebAdmin;
let visitor: Visitor;
beforeEach(async () => {
  webAdmin = await openWebAdmin();
  visitor = visit(webAdmin);
});
afterEach(() => webAdmin.close());

describe('the pages of the example app', () => {
  it('are open to everyone at the start', async () => {
    const page = await visitor.getPage('/').expect(200);
    for (const { username } of DEMO_USERS) expect(page.text).toContain(username);
  });

  it('have a menu under the user name, with sign out as a form', async () => {
    await visitor.signIn('demo').expect(200);
    const { text } = await visitor.getPage('/account').expect(200);
    expect(text).toMatch(/<summary>.*demo.*<\/summary>/);
    expect(text).toContain('<a href="/2fa/security">Security and login</a>');
    expect(text).toContain('<form method="post" action="/logout">');
    expect(text).toContain('Two-factor authentication is off');
  });

  it('have those of the staff in the menu of the staff', async () => {
    const entry = '<a href="/admin/2fa"';
    const auditor = visit(webAdmin);
    await auditor.signIn('demo-auditor').expect(401);
    const seed = seedsOf(DEMO_USERS).find(({ username }) => username === 'demo-auditor')?.seed ?? '';
    await auditor.json('/2fa/totp', { code: codeAt(seed, Date.now()) }).expect(200);
    await visitor.signIn('demo').expect(200);
    expect((await auditor.getPage('/account').expect(200)).text).toContain(entry);
    expect((await visitor.getPage('/account').expect(200)).text).not.toContain(entry);
    expect((await auditor.getPage('/admin/2fa/users')).text).toContain(`${entry} aria-current="page"`);
  });

  it('lead whoever has lost access to what helps, also whoever has no password', async () => {
    const lost = '<a href="/2fa/lost">';
    const [form = '', beside = ''] = (await visitor.getPage('/login').expect(200)).text.split('</form>');
    expect([form.includes(lost), beside.includes(lost)]).toEqual([false, true]);
    expect((await visitor.getPage('/2fa/lost').expect(200)).text).toContain('<h1');
    await visitor.signIn('demo-totp').expect(401);
    expect((await visitor.getPage('/2fa/totp').expect(200)).text).toContain(lost);
    expect((await visitor.getPage('/2fa/lost').expect(200)).text).toContain('<h1');
  });

  it('check 59: all say that somebody asks for access, to its owner who is signed in and can stop it there', async () => {
    await signInWithCode(visitor);
    const thief = visit(webAdmin);
    await thief.signIn('demo-totp').expect(401);
    const contact = { channel: 'email', address: 'thief@example.com' };
    const { body } = await thief.json('/2fa/lost/requests', { lost: ['totp'], contact }).expect(202);
    const stop = '<form method="post" action="/2fa/security/lost-access/cancel">';
    for (const path of ['/', '/account', '/billing', '/outbox', '/2fa/security/logins'])
      expect((await visitor.getPage(path).expect(200)).text).toContain(body.reference);
    expect((await visitor.getPage('/').expect(200)).text).toContain(stop);
    expect((await visitor.getPage('/nothing').expect(404)).text).toContain(stop);
    expect((await visit(webAdmin).getPage('/').expect(200)).text).not.toContain(stop);

    await visitor.form('/2fa/security/lost-access/cancel').expect(303);
    expect((await visitor.getPage('/').expect(200)).text).not.toContain(stop);
    const { body: after } = await thief.getJson(body.statusUrl).expect(200);
    expect(after.state).toBe('cancelled_by_owner');
  });

  it.each(['/account', '/billing'])('ask to sign in first at %s', async (path) => {
    const page = await visitor.getPage(path).expect(303);
    expect(page.headers.location).toBe(`/login?to=${encodeURIComponent(path)}`);
    const { body } = await visitor.getJson(path).expect(401);
    expect(body).toEqual({ error: { code: 'sign_in_required', message: 'Sign in first.' } });
    await visitor.agent.head(path).set('Accept', 'text/html').expect(303);
  });

  it('answer JSON at /api whatever is asked for', async () => {
    const { body } = await visitor.getPage('/api/me').expect(401);
    expect(body.error.code).toBe('sign_in_required');
  });

  it('say what they do not know, in the form that was asked for', async () => {
    const page = await visitor.getPage('/nothing').expect(404);
    expect(page.text).toContain('Page not found');
    const { body } = await visitor.getJson('/nothing').expect(404);
    expect(body.error.code).toBe('not_found');
    await visitor.getJson('/logout').expect(404);
    await visitor.json('/account').expect(404);
  });

  it('carry the headers that keep other sites out, also when they fail', async () => {
    for (const path of ['/', '/login', '/webadmin.css', '/nothing']) {
      const { headers } = await visitor.getPage(path);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect((await visitor.getPage('/login')).headers['cache-control']).toBe('no-store');
  });

  it('hold nothing inline that such a policy would stop', async () => {
    await visitor.signIn('demo').expect(200);
    for (const path of ['/', '/login', '/account', '/billing', '/outbox', '/nothing']) {
      const { text } = await visitor.getPage(path);
      expect(text).not.toMatch(/<script(?! src)|<style|\sstyle=|\son\w+=/);
    }
  });
});

describe('what the example app cannot read', () => {
  const post = (type: string, body: string) =>
    request(webAdmin.app)
      .post('/login')
      .set('Content-Type', type)
      .set('Accept', 'application/json')
      .send(body);

  it.each([
    ['application/json', '{"username":'],
    ['application/json', '"text"'],
    ['application/json; charset=nonsense', '{}'],
    ['application/json', `{"username":"${'x'.repeat(40_000)}"}`],
    ['application/x-www-form-urlencoded', 'a=1&'.repeat(2_000)],
    ['application/x-www-form-urlencoded; charset=nonsense', 'a=1'],
    ['text/plain', 'username=demo'],
  ])('is malformed: %s', async (type, body) => {
    const { body: answer } = await post(type, body).expect(400);
    expect(answer.error.code).toBe('malformed');
  });

  it('shows people a page and no stack', async () => {
    const page = await request(webAdmin.app)
      .post('/login')
      .type('form')
      .set('Accept', 'text/html')
      .send('a=1&'.repeat(2_000))
      .expect(400);
    expect(page.text).toContain('<h1>');
    expect(page.text).not.toContain('node_modules');
  });

  it('is no cause for a 500: odd paths and headers', async () => {
    for (const path of [
      '/%',
      '/%E0%A4%A',
      '//',
      '//evil.com/',
      '/..%2f..%2fetc/passwd',
      '/account%2f',
      '/.env',
    ]) {
      const { status } = await request(webAdmin.app).get(path).set('Accept', 'text/html;q=nonsense,*');
      expect([path, status < 500]).toEqual([path, true]);
    }
  });
});

describe('what is no path', () => {
  it.each(['*', '*/2fa'])('is not found, and nothing is logged: GET %s', async (target) => {
    const logged = jest.spyOn(console, 'error').mockReturnValue();
    const server = createServer(webAdmin.app);
    await once(server.listen(0), 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ port, path: target }), 'response')) as [IncomingMessage];
    expect(answer.resume().statusCode).toBe(404);
    expect(logged).not.toHaveBeenCalled();
    logged.mockRestore();
    server.close();
  });
});

describe('requests that another site makes', () => {
  const login = { username: 'demo', password: DEMO_PASSWORD };
  const headers = (given: Record<string, string>) =>
    request(webAdmin.app).post('/login').set(given).send(login);

  it.each([
    { Origin: 'https://evil.com' },
    { Origin: 'null' },
    { Origin: 'http://localhost:3000.evil.com' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost:3000' },
  ])('are refused: %j', async (given) => {
    const { body } = await headers(given).expect(403);
    expect(body.error.code).toBe('bad_origin');
  });

  it.each([
    { Origin: 'http://localhost:3000' },
    { 'Sec-Fetch-Site': 'same-origin' },
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://127.0.0.1:3000' },
    { 'Sec-Fetch-Site': 'none' },
  ])('are not those of %j', (given) => headers(given).expect(200));

  it('sign nobody out and change no password', async () => {
    await visitor.signIn('demo').expect(200);
    await visitor.agent.post('/logout').type('form').set('Origin', 'https://evil.com').expect(403);
    const change = { currentPassword: DEMO_PASSWORD, newPassword: 'taken over by somebody' };
    await visitor.agent.post('/account/password').set('Origin', 'https://evil.com').send(change).expect(403);
    await visitor.getJson('/api/me').expect(200);
    await visit(webAdmin).signIn('demo').expect(200);
  });
});

describe('the outbox of the example app', () => {
  it('shows what was "sent", the newest first', async () => {
    expect((await visitor.getJson('/outbox.json').expect(200)).body).toEqual([]);
    expect((await visitor.getPage('/outbox').expect(200)).text).toContain('Nothing yet');
    const { outbox } = webAdmin.stores;
    const at = new Date('2026-03-01T12:00:00Z');
    await outbox.add({
      at,
      channel: 'email',
      to: 'anna@example.com',
      subject: 'Hello',
      text: '<b>123456</b>',
    });
    await outbox.add({ at, channel: 'sms', to: '+420777123456', text: 'Code 654321' });
    expect((await visitor.getPage('/outbox.json').expect(200)).body).toEqual([
      { at: at.toISOString(), channel: 'sms', to: '+420777123456', text: 'Code 654321' },
      {
        at: at.toISOString(),
        channel: 'email',
        to: 'anna@example.com',
        subject: 'Hello',
        text: '<b>123456</b>',
      },
    ]);
    expect((await visitor.getPage('/outbox').expect(200)).text).toContain(
      '&lt;b&gt;<strong class="code">123456</strong>',
    );
  });
});

describe('the example app in production behind https', () => {
  let production: RunningWebAdmin;
  const SERVED = { NODE_ENV: 'production', ORIGIN: 'https://admin.example.com', SCRYPT_COST: '15' };
  beforeEach(async () => {
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    production = await openWebAdmin(SERVED);
  });
  afterEach(() => production.close());

  it('has no outbox and no list of passwords', async () => {
    await request(production.app).get('/outbox').expect(404);
    await request(production.app).get('/outbox.json').expect(404);
    const { text } = await request(production.app).get('/').expect(200);
    expect(text).not.toContain(DEMO_PASSWORD);
    expect(text).not.toContain('outbox');
  });

  it('has no user whose codes nobody could read, none who acts on others, and sends nothing', async () => {
    const { users, outbox } = production.stores;
    const found = await users.search('', { limit: DEMO_USERS.length });
    expect(found.map(({ username }) => username)).toEqual(['demo', 'demo-key', 'demo-peer', 'demo-totp']);
    for (const factor of DEMO_USERS.flatMap(({ factors }) => factors)) {
      if (factor.type === 'totp') continue;
      const imported = await production.twoFactor.importFactor('user-demo', factor);
      expect(imported).toEqual({ ok: false, code: 'not_found' });
    }
    expect(await outbox.list()).toEqual([]);
  });

  it('has a secure cookie, set only where its proxy says that the way is secure', async () => {
    const login = (scheme: string) =>
      request(production.app)
        .post('/login')
        .set('X-Forwarded-Proto', scheme)
        .send({ username: 'demo', password: DEMO_PASSWORD })
        .expect(200);
    const secure = await login('https');
    expect(secure.get('Set-Cookie')?.[0]).toContain('; HttpOnly; Secure; SameSite=Lax');
    expect(secure.headers['strict-transport-security']).toBe('max-age=31536000');
    expect((await login('http')).get('Set-Cookie')).toBeUndefined();
  });
});
