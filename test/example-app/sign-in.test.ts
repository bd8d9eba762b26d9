import request from 'supertest';
import { DEMO_PASSWORD } from '../../example-app/demo-users';
import { openWebAdmin, signInWithCode, visit, type RunningWebAdmin, type Visitor } from './web-admin';

let webAdmin: RunningWebAdmin;
let visitor: Visitor;
beforeEach(async () => {
  webAdmin = await openWebAdmin();
  visitor = visit(webAdmin);
});
afterEach(() => webAdmin.close());

describe('signing in to the example app', () => {
  it('answers JSON with the user', async () => {
    const { body } = await visitor.signIn('demo').expect(200);
    expect(body).toEqual({ user: { username: 'demo' } });
    const me = await visitor.getJson('/api/me').expect(200);
    expect(me.body).toEqual({
      username: 'demo',
      email: 'demo@example.com',
      isAdmin: false,
      twoFactor: { enabled: false, amr: [] },
    });
  });

  it('works for a program that sends neither Origin nor Sec-Fetch-Site', async () => {
    const login = { username: 'demo', password: DEMO_PASSWORD };
    await request(webAdmin.app).post('/login').send(login).expect(200);
    await request(webAdmin.app).post('/login').type('form').send(login).expect(303);
  });

  it('takes the name in any case', async () => {
    await visitor.signIn(' Demo ').expect(200);
  });

  it('leads a form to where the user wanted to go', async () => {
    const turnedAway = await visitor.getPage('/account?tab=1').expect(303);
    expect(turnedAway.headers.location).toBe('/login?to=%2Faccount%3Ftab%3D1');
    const page = await visitor.getPage('/login?to=%2Faccount%3Ftab%3D1').expect(200);
    expect(page.text).toContain('<input type="hidden" name="to" value="/account?tab=1">');
    const login = { username: 'demo', password: DEMO_PASSWORD, to: '/account?tab=1' };
    const answer = await visitor.form('/login', login).expect(303);
    expect(answer.headers.location).toBe('/account?tab=1');
  });

  it('leads a form home when nothing was wanted, or another site', async () => {
    const login = { username: 'demo', password: DEMO_PASSWORD };
    const home = await visitor.form('/login', login).expect(303);
    expect(home.headers.location).toBe('/');
    const elsewhere = await visitor.form('/login', { ...login, to: '//evil.com' }).expect(303);
    expect(elsewhere.headers.location).toBe('/');
  });

  it('asks for the second factor where there is one, and keeps the way', async () => {
    const login = { username: 'demo-totp', password: DEMO_PASSWORD, to: '/billing' };
    const answer = await visitor.form('/login', login).expect(303);
    expect(answer.headers.location).toBe('/2fa?to=%2Fbilling');
    await visitor.agent.get('/api/me').expect(401);
  });

  it('is complete after password and code', async () => {
    await signInWithCode(visitor);
    const { body } = await visitor.getJson('/api/me').expect(200);
    expect(body).toMatchObject({ username: 'demo-totp', twoFactor: { enabled: true, amr: ['otp', 'mfa'] } });
    await visitor.getPage('/billing').expect(200);
  });

  it('says the same of a wrong password and of an unknown name', async () => {
    const wrong = await visitor.signIn('demo', 'wrong').expect(401);
    const unknown = await visitor.signIn('nobody', 'wrong').expect(401);
    expect(wrong.body).toEqual({
      error: { code: 'wrong_password', message: expect.any(String), field: 'password' },
    });
    expect(unknown.body).toEqual(wrong.body);
  });

  it('does the work of a hash for an unknown name too', async () => {
    const isRight = jest.spyOn(webAdmin.passwords, 'isRight');
    await visitor.signIn('nobody', 'wrong').expect(401);
    expect(isRight.mock.calls).toEqual([['wrong', undefined]]);
  });

  it('shows the form again after a wrong password, with the name and without the password', async () => {
    const login = { username: 'demo', password: 'sesame-1', to: '/billing' };
    const page = await visitor.form('/login', login).expect(422);
    expect(page.text).toContain('<title>Error: Sign in - WebAdmin</title>');
    expect(page.text).toContain('role="alert"');
    expect(page.text).toContain('value="demo"');
    expect(page.text).toContain('name="to" value="/billing"');
    expect(page.text).not.toContain('sesame-1');
  });

  it.each([
    [{}, 'username'],
    [{ username: 'demo' }, 'password'],
    [{ username: 'demo', password: '' }, 'password'],
    [{ username: ['demo'], password: DEMO_PASSWORD }, 'username'],
    [{ username: 'demo', password: { $ne: null } }, 'password'],
    [{ username: 'demo', password: 'x'.repeat(3_000) }, 'password'],
    [[], 'username'],
  ])('refuses %j as malformed and names the field', async (body, field) => {
    const { body: answer } = await visitor.json('/login', body).expect(400);
    expect(answer.error).toMatchObject({ code: 'malformed', field });
    if (!Array.isArray(body)) await visitor.form('/login', {}).expect(422);
  });

  it('escapes what was typed', async () => {
    const page = await visitor
      .form('/login', { username: '"><script>x</script>', password: 'x' })
      .expect(422);
    expect(page.text).not.toContain('<script>');
  });

  it('can be done again by whoever is signed in, and as somebody else', async () => {
    await visitor.signIn('demo').expect(200);
    expect((await visitor.getPage('/login').expect(200)).text).toContain('Sign in again');
    await visitor.signIn('demo').expect(200);
    await visitor.signIn('demo-key').expect(200);
    expect((await visitor.getJson('/api/me').expect(200)).body.username).toBe('demo-key');
  });

  it('keeps who is signed in when a second try has the wrong password', async () => {
    await visitor.signIn('demo').expect(200);
    await visitor.signIn('demo-key', 'wrong').expect(401);
    expect((await visitor.getJson('/api/me').expect(200)).body.username).toBe('demo');
  });

  it('gives a new session id, in a cookie that no script reads', async () => {
    const login = await visitor.signIn('demo').expect(200);
    const [cookie] = login.get('Set-Cookie') ?? [];
    expect(cookie).toMatch(/^webadmin\.sid=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
  });
});

describe('a login of a user without a second factor', () => {
  it('opens the billing page for five minutes, and again after signing in again', async () => {
    let now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now);
    const slow = await openWebAdmin();
    const patient = visit(slow);
    await patient.signIn('demo').expect(200);
    now += 5 * 60_000;
    await patient.getPage('/billing').expect(200);
    now += 1;
    const { body } = await patient.getJson('/billing').expect(401);
    expect(body.error.code).toBe('sign_in_required');
    await patient.getPage('/account').expect(200);
    await patient.signIn('demo').expect(200);
    await patient.getPage('/billing').expect(200);
    clock.mockRestore();
    await slow.close();
  });
});

describe('signing out of the example app', () => {
  it('redirects a form and answers JSON', async () => {
    await visitor.signIn('demo').expect(200);
    expect((await visitor.form('/logout').expect(303)).headers.location).toBe('/');
    await visitor.getJson('/api/me').expect(401);
    await visitor.signIn('demo').expect(200);
    await visitor.json('/logout').expect(200);
    await visitor.getJson('/api/me').expect(401);
  });

  it('works half signed in and not signed in at all', async () => {
    await visitor.json('/logout').expect(200);
    await visitor.signIn('demo-totp').expect(401);
    await visitor.json('/logout').expect(200);
    const { body } = await visitor.getJson('/api/me').expect(401);
    expect(body.error.code).toBe('sign_in_required');
  });
});
