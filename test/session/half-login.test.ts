import type { Response } from 'supertest';
import { host, type Host } from '../hosts/host';
import { browser, type BrowserAgent, codeAt, enrolTotp, errorCode } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';
import { halfLoggedIn, loggedIn, userOf } from './people';
import { readSession, records } from './session-data';

const withLoginPage = () =>
  host({
    routes: ({ app }) => {
      app.get('/login', (_req, res) => {
        res.send('login form');
      });
    },
  });

/** Follows the page's way to sign in, which is a link or, to end what is left, a form. */
async function followToLogin(agent: BrowserAgent, { text }: Response): Promise<string> {
  const form =
    /<form method="post" action="([^"]+)"[^>]*>\s*<input[^>]*name="form_token" value="([^"]+)"/.exec(text);
  if (!form) return /class="button[^"]*" href="([^"]+)"/.exec(text)?.[1] ?? 'no way on';
  const [, action = '', token = ''] = form;
  const sent = await agent.form(action, { form_token: token }).expect(303);
  return sent.headers.location ?? 'no redirect';
}

/** The step page says that it is over; from there, and also straight away, one can sign in again. */
async function expectToSignInAgain(built: Host, agent: BrowserAgent, name: 'ann' | 'bob'): Promise<void> {
  const straight = await agent.page('/login').set('Sec-Fetch-Dest', 'document');
  expect([straight.status, straight.headers.location, straight.text]).toEqual([200, undefined, 'login form']);
  const over = await agent.page('/2fa?to=/billing').expect(401);
  expect(await followToLogin(agent, over)).toBe('/login?to=%2Fbilling');
  expect((await agent.page('/login?to=%2Fbilling').expect(200)).text).toBe('login form');
  if (name === 'bob') await agent.signIn('bob').expect(200);
  else {
    await agent.signIn('ann').expect(401);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  }
  expect(await userOf(agent)).toBe(`id-${name}`);
}

describe('A half login', () => {
  it('keeps the user out of the session, whoever reads it', async () => {
    const built = await host();
    const { sid } = await halfLoggedIn(built);
    const stored = await readSession(built.store, sid);
    expect(stored).toMatchObject({ passport: {}, secondFactor: 1 });
    expect(JSON.stringify(stored)).not.toContain('ann');
  });

  it('is good for ten minutes', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    built.clock.move(10 * minutes - 31 * seconds);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
  });

  it('says for an hour that it ran out of time, and then nothing any more', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    built.clock.move(10 * minutes);
    const code = built.code('ann');
    const spent = jest.fn();
    built.twoFactor.on('proof.accepted', spent);
    for (const path of ['/2fa', '/2fa/choose', '/2fa/totp', '/2fa/security', '/2fa/nowhere']) {
      expect(errorCode(await agent.get(path).expect(401))).toBe('half_login_ended');
    }
    expect(errorCode(await agent.post('/2fa/totp', { code }).expect(401))).toBe('half_login_ended');
    expect(spent).not.toHaveBeenCalled();
    expect((await agent.get('/me').expect(200)).body.user).toBeNull();

    built.clock.move(50 * minutes - 31 * seconds);
    expect(errorCode(await agent.get('/2fa').expect(401))).toBe('half_login_ended');
    built.clock.move(seconds);
    expect(errorCode(await agent.get('/2fa').expect(401))).toBe('sign_in_required');
  });

  it('is not made longer by what is asked during it', async () => {
    const built = await host();
    const { agent, sid } = await halfLoggedIn(built);
    for (let minute = 0; minute < 9; minute++) {
      built.clock.move(minutes);
      await agent.get('/2fa').expect(200);
      await agent.page('/2fa/choose').expect(200);
    }
    built.clock.move(minutes + 1);
    expect(errorCode(await agent.get('/2fa').expect(401))).toBe('half_login_ended');
    built.clock.move(50 * minutes);
    expect(await records(built).read(sid)).toBeNull();
  });

  it('that ran out of time leads to the login page and on from there', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    built.clock.move(10 * minutes + 1);
    await expectToSignInAgain(built, agent, 'ann');
  });

  it('that ran out of tries leads to the login page and on from there', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    for (let tries = 0; tries < 5; tries++) await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(errorCode(await agent.post('/2fa/totp', { code: built.code('ann') }).expect(401))).toBe(
      'half_login_ended',
    );
    await expectToSignInAgain(built, agent, 'ann');
  });

  it('that ran out of tries gives way to the next one at once, with tries of its own', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    for (let tries = 0; tries < 5; tries++) await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    await agent.signIn('ann').expect(401);
    const wrong = await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 4 });
  });

  it('whose logins were ended everywhere leads to the login page and on from there', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    await built.twoFactor.signOutEverywhere('id-ann');
    await expectToSignInAgain(built, agent, 'ann');
  });

  it('of a user deleted meanwhile ends, and someone else can sign in', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    built.users.delete('ann');
    const refused = await agent.post('/2fa/totp', { code: built.code('ann') }).expect(401);
    expect(errorCode(refused)).toBe('sign_in_required');
    expect(await userOf(agent)).toBeNull();
    expect(errorCode(await agent.get('/2fa').expect(401))).toBe('sign_in_required');
    await expectToSignInAgain(built, agent, 'bob');
  });

  it('of a user deleted meanwhile does not loop for someone who only looks', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    built.users.delete('ann');
    await agent.page('/2fa').expect(401);
    await expectToSignInAgain(built, agent, 'bob');
  });

  it('of a user who was forgotten meanwhile is over', async () => {
    const built = await withLoginPage();
    const { agent } = await halfLoggedIn(built);
    await built.twoFactor.forget('id-ann');
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(401);
    expect(await userOf(agent)).toBeNull();
    await expectToSignInAgain(built, agent, 'bob');
  });

  it('gives way to a second try at the login form', async () => {
    const built = await host();
    const { agent, sid } = await halfLoggedIn(built);
    await agent.signIn('bob').expect(200);
    expect(await userOf(agent)).toBe('id-bob');
    expect(await records(built).read(sid)).toBeNull();
  });

  it('survives a wrong password at that form', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    await agent.signIn('ann', 'wrong').expect(401);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
  });

  it('counts the tries of the same user’s next login form as its own', async () => {
    const built = await host();
    const { agent } = await halfLoggedIn(built);
    const wrong = () => agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect((await wrong()).body.error.triesLeft).toBe(4);
    await agent.signIn('ann').expect(401);
    expect((await wrong()).body.error.triesLeft).toBe(3);
  });

  it('is ended by cancel, and its id is dead', async () => {
    const built = await host();
    const { agent, sid } = await halfLoggedIn(built);
    const cancelled = await agent.post('/2fa/cancel?to=/billing').expect(200);
    expect(cancelled.body).toEqual({ status: 'cancelled', url: '/login?to=%2Fbilling' });
    expect(await records(built).read(sid)).toBeNull();
    expect(errorCode(await agent.post('/2fa/totp', { code: built.code('ann') }))).toBe('sign_in_required');
  });

  it('of the cookie of before the second factor opens nothing afterwards', async () => {
    const built = await host();
    const { agent, cookie } = await halfLoggedIn(built);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    const old = await built.visitor().get('/me', 'image/*').set('Cookie', cookie).expect(200);
    expect(old.body.user).toBeNull();
  });

  it('of one browser changes nothing for a complete login in another', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    await halfLoggedIn(built);
    expect(await userOf(agent)).toBe('id-ann');
  });
});

it('A half login is over at the moment its page named, and not before', async () => {
  const { app, clock } = hostApp();
  const ann = browser(app);
  await ann.signIn('ann').expect(200);
  const { secret } = await enrolTotp(ann, clock.now());
  const [early, late] = [browser(app), browser(app)];
  await early.signIn('ann').expect(401);
  await late.signIn('ann').expect(401);
  const { expiresAt } = (await late.get('/2fa').expect(200)).body as { expiresAt: string };
  clock.set(Date.parse(expiresAt) - 1);
  await early.post('/2fa/totp', { code: codeAt(secret, clock.now()) }).expect(200);
  clock.set(Date.parse(expiresAt));
  const code = codeAt(secret, clock.now() + minutes / 2);
  expect(errorCode(await late.post('/2fa/totp', { code }).expect(401))).toBe('half_login_ended');
});
