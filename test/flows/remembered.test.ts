import { host, type Host, type Shape } from '../hosts/host';
import { loggedIn, userOf } from '../session/people';
import { errorCode, halfLogin, type BrowserAgent } from '../support/browser-agent';
import { days, hours, seconds } from '../support/clock';

const browsers = '/2fa/security/browsers';

const remembering = (shape: Shape = {}) =>
  host({ ...shape, options: { rememberBrowser: '30d', ...shape.options } });

/** Ann, signed in in a browser that she has had remembered. */
async function remembered(built: Host, body: object = {}): Promise<BrowserAgent> {
  const agent = built.visitor();
  await agent.signIn('ann').expect(401);
  await agent.post('/2fa/totp', { code: built.code('ann'), remember: true, ...body }).expect(200);
  return agent;
}

interface Me {
  readonly user: { readonly id: string } | null;
  readonly twoFactor: {
    readonly status: string;
    readonly proofs: readonly unknown[];
    readonly amr: readonly string[];
    readonly loginId: string;
    readonly remembered?: true;
  };
}
const me = async (agent: BrowserAgent): Promise<Me> => (await agent.get('/me', 'image/*')).body as Me;

const cookiesOf = (agent: BrowserAgent): string =>
  agent.agent.jar
    .getCookies({ domain: '127.0.0.1', path: '/', secure: false, script: false })
    .toValueString();

/** A browser with what somebody has copied from another one. */
function copyOf(built: Host, agent: BrowserAgent): BrowserAgent {
  const thief = built.visitor();
  const kept = cookiesOf(agent)
    .split(';')
    .filter((pair) => pair.includes('2fa-browser-'));
  thief.agent.jar.setCookies(kept, '127.0.0.1', '/');
  return thief;
}

describe('Remembering a browser', () => {
  it('is offered at the step, in days, where the app allows it', async () => {
    const offered = async (built: Host) => {
      const half = await halfLogin(built);
      return ((await half.get('/2fa').expect(200)).body as { remember: unknown }).remember;
    };
    expect(await offered(await remembering())).toEqual({ days: 30 });
    expect(await offered(await remembering({ options: { rememberBrowser: '1d' } }))).toEqual({ days: 1 });
    expect(await offered(await remembering({ options: { rememberBrowser: false } }))).toBeNull();
    expect(await offered(await host())).toBeNull();
  });

  it('is a box on the step that is not ticked, stays as it was over a wrong code, and is not there elsewhere', async () => {
    const built = await remembering();
    const half = await halfLogin(built);
    const { text } = await half.page('/2fa/totp').expect(200);
    expect(text).toMatch(/<input type="checkbox" id="remember" name="remember" value="true"[^>]*>/);
    expect(text).not.toContain('checked');
    expect(text).toContain('Don&#39;t ask on this browser for 30 days');
    const wrong = await half.form('/2fa/totp', {
      code: '000000',
      remember: 'true',
      form_token: tokenIn(text),
    });
    expect([wrong.status, /name="remember"[^>]*checked/.test(wrong.text)]).toEqual([422, true]);
    expect((await half.page('/2fa/choose').expect(200)).text).not.toContain('name="remember"');
    const { agent } = await loggedIn(built, 'ann');
    expect((await agent.page('/2fa/confirm').expect(200)).text).not.toContain('name="remember"');
    expect((await agent.get('/2fa/confirm').expect(200)).body).toMatchObject({ remember: null });
  });

  it('is not offered with a backup code, nor done with one', async () => {
    const built = await remembering();
    const { agent } = await loggedIn(built, 'ann');
    const { body } = await agent.post('/2fa/security/backup-codes').expect(201);
    const [code = ''] = (body as { backupCodes: string[] }).backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code }).expect(200);
    const half = await halfLogin(built);
    expect((await half.page('/2fa/backup-code').expect(200)).text).not.toContain('name="remember"');
    await half.post('/2fa/backup-code', { code, remember: true }).expect(200);
    await half.signOut();
    await half.signIn('ann').expect(401);
  });

  it('lets the password alone in, to where one wanted to go, until it is over', async () => {
    const built = await remembering();
    const agent = await remembered(built);
    for (let time = 0; time < 3; time += 1) {
      await agent.signOut().expect(200);
      built.clock.move(9 * days);
      await agent.signIn('ann').expect(200);
      expect(await me(agent)).toMatchObject({
        user: { id: 'id-ann' },
        twoFactor: { status: 'passed', proofs: [], amr: [], remembered: true },
      });
    }
    await agent.signOut().expect(200);
    built.clock.move(4 * days);
    await agent.signIn('ann').expect(401);
  });

  it.each([
    ['text', 'true'],
    ['a number', 1],
    ['no', false],
    ['a list', [true]],
    ['nothing', null],
  ])('is asked for by true alone in JSON, and not by %s', async (_, remember) => {
    const built = await remembering();
    const agent = await remembered(built, { remember });
    await agent.signOut();
    await agent.signIn('ann').expect(401);
  });

  it.each([
    ['true', 200],
    ['on', 200],
    ['false', 401],
    ['', 401],
  ])('is asked for in a form by what a box sends: %s', async (remember, then) => {
    const built = await remembering();
    const half = await halfLogin(built);
    const { text } = await half.page('/2fa/totp').expect(200);
    const fields = { code: built.code('ann'), remember, form_token: tokenIn(text) };
    await half.form('/2fa/totp', fields).expect(303);
    await half.signOut();
    await half.signIn('ann').expect(then);
  });

  it('lets nobody else in, and nobody without the password', async () => {
    const built = await remembering();
    const agent = await remembered(built);
    await agent.signOut();
    await agent.signIn('cyd').expect(401);
    await agent.signOut();
    await agent.signIn('ann', 'wrong').expect(401);
    expect((await me(agent)).user).toBeNull();
    await agent.signIn('ann').expect(200);
  });

  it('is for each of two users of one browser, and gone with neither', async () => {
    const built = await remembering();
    const agent = await remembered(built);
    await agent.signIn('cyd').expect(401);
    await agent.post('/2fa/totp', { code: built.code('cyd'), remember: true }).expect(200);
    for (const name of ['ann', 'cyd', 'ann', 'cyd']) {
      await agent.signOut();
      await agent.signIn(name).expect(200);
      built.clock.move(hours);
    }
  });

  it('is of one app: another on the same host keeps its own', async () => {
    const [one, other] = [
      await remembering(),
      await remembering({ options: { origin: 'http://localhost:3001' } }),
    ];
    const agent = await remembered(one);
    await copyOf(other, agent).signIn('ann').expect(401);
  });

  it('tells the app of the login like of any, and says what it was', async () => {
    const told: unknown[] = [];
    const signedIn: unknown[] = [];
    const built = await remembering({
      options: {
        onSignedIn: (_req, _res, { proofs }) => void signedIn.push(proofs.length),
      },
    });
    const agent = await remembered(built);
    built.twoFactor.on('login.completed', () => told.push('completed'));
    built.twoFactor.on('login.remembered', ({ browserId, loginId }) => told.push([browserId, loginId]));
    await agent.signOut();
    await agent.signIn('ann').expect(200);
    const { body } = await agent.get(browsers).expect(200);
    const [{ id }] = (body as { browsers: [{ id: string }] }).browsers;
    expect(told).toEqual([[id, (await me(agent)).twoFactor.loginId]]);
    expect(signedIn).toEqual([1, 0]);
  });

  it('is said in the list of browsers, and of the login', async () => {
    const built = await remembering();
    const agent = await remembered(built);
    const until = new Date(built.clock.now() + 30 * days).toISOString();
    await agent.signOut();
    built.clock.move(days);
    await agent.signIn('ann').expect(200);
    const { body } = await agent.get(browsers).expect(200);
    expect((body as { browsers: unknown[] }).browsers).toEqual([
      expect.objectContaining({ isThis: true, rememberedUntil: until }),
    ]);
    expect((await agent.page(browsers).expect(200)).text).toContain('Skips the second step until');
    expect((await agent.page('/2fa/security/logins').expect(200)).text).toContain('in a remembered browser');
  });

  it('ends where its user has the browser forgotten, without a proof', async () => {
    const built = await remembering();
    const agent = await remembered(built);
    await agent.signOut();
    await agent.signIn('ann').expect(200);
    await agent.post(`${browsers}/forget`).expect(200);
    await agent.signOut();
    await agent.signIn('ann').expect(401);
  });

  it('keeps nobody from being asked by link in a browser never seen before, and holds once that was opened', async () => {
    const links: string[] = [];
    const built = await remembering({
      options: {
        newBrowser: 'confirm',
        users: {
          id: (user) => user.id,
          name: (user) => user.name,
          contacts: (user) => [{ channel: 'email', address: user.name }],
          byId: (id) => [...built.users.values()].find((user) => user.id === id) ?? null,
        },
        email: {
          codes: false,
          send: async ({ text }) => void links.push(...(text.match(/http\S+\/2fa\/browser\/[\w-]+/g) ?? [])),
        },
      },
    });
    const agent = built.visitor();
    await agent.signIn('ann').expect(401);
    const asked = await agent.post('/2fa/totp', { code: built.code('ann'), remember: true }).expect(401);
    expect(errorCode(asked)).toBe('new_browser');
    await agent.post(new URL(links[0] ?? '').pathname).expect(200);
    await agent.signOut();
    await agent.signIn('ann').expect(200);
    expect(links).toHaveLength(1);
  });
});

describe('A login in a remembered browser is no proof', () => {
  async function inRememberedBrowser(shape: Shape = {}) {
    const built = await remembering(shape);
    const agent = await remembered(built);
    await agent.signOut();
    built.clock.move(seconds);
    await agent.signIn('ann').expect(200);
    return { built, agent };
  }

  it.each([
    ['whatever its age', undefined],
    ['of some age', { within: '5m' } as const],
    ['of a kind', { types: ['totp'] } as const],
    ['that resists phishing', { phishingResistant: true } as const],
    ['of who verified', { userVerified: true } as const],
  ])('for requireProof that asks for one %s', async (_, need) => {
    const { built, agent } = await inRememberedBrowser({
      routes: ({ app, twoFactor }) => {
        app.get('/secret', twoFactor.requireProof(need), (_req, res) => void res.json({}));
      },
    });
    const refused = await agent.get('/secret').expect(403);
    expect(['step_up_required', 'forbidden']).toContain(errorCode(refused));
    if (errorCode(refused) === 'forbidden') return;
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await agent.get('/secret').expect(200);
  });

  it.each([
    ['POST', '/2fa/security/backup-codes'],
    ['POST', '/2fa/security/sign-out-everywhere'],
    ['POST', '/2fa/security/logins/end-others'],
    ['POST', '/2fa/security/otp-sms/send'],
    ['GET', '/2fa/security/totp'],
    ['POST', '/2fa/security/totp/begin'],
    ['POST', '/2fa/security/webauthn/options'],
    ['POST', '/2fa/security/factors/:own/rename'],
    ['POST', '/2fa/security/factors/:own/prefer'],
    ['POST', '/2fa/security/factors/:own/remove'],
  ])('for %s %s', async (method, path) => {
    const { agent } = await inRememberedBrowser({
      options: { sms: { send: async () => undefined, defaultRegion: 'CZ' } },
    });
    const { body } = await agent.get('/2fa/security').expect(200);
    const { types } = body as { types: readonly { factors: readonly { id: string }[] }[] };
    const own = path.replace(':own', types[0]?.factors[0]?.id ?? '');
    const fields = { label: 'Desk', address: '+420603123456' };
    const asked = method === 'GET' ? agent.get(own) : agent.post(own, fields);
    expect(errorCode(await asked.expect(403))).toBe('step_up_required');
  });

  it('for an app that asks whether a factor is owed, or checks a token', async () => {
    const { built, agent } = await inRememberedBrowser();
    const ann = built.users.get('ann');
    expect(ann && (await built.twoFactor.isOwedBy(ann))).toBe(true);
    expect((await me(agent)).twoFactor.amr).toEqual([]);
  });

  it('and is one once it has given one, under the same login', async () => {
    const { built, agent } = await inRememberedBrowser();
    const before = (await me(agent)).twoFactor;
    await agent.get('/billing').expect(403);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await agent.get('/billing').expect(200);
    expect((await me(agent)).twoFactor).toMatchObject({
      loginId: before.loginId,
      amr: ['otp', 'mfa'],
      remembered: true,
    });
  });
});

describe('A copy of what a remembered browser keeps', () => {
  it('works until the original is used, and then both are forgotten, whoever comes second', async () => {
    for (const first of ['owner', 'thief'] as const) {
      const built = await remembering();
      const ends: unknown[] = [];
      const copied: unknown[] = [];
      built.twoFactor.on('login.ended', ({ why, loginId }) => ends.push([why, loginId]));
      built.twoFactor.on('browser.copied', ({ browserId }) => copied.push(browserId));
      const owner = await remembered(built);
      await owner.signOut();
      const thief = copyOf(built, owner);
      const [one, other] = first === 'owner' ? [owner, thief] : [thief, owner];
      await one.signIn('ann').expect(200);
      const { loginId } = (await me(one)).twoFactor;
      built.clock.move(31 * seconds);
      ends.length = 0;
      await other.signIn('ann').expect(401);
      expect(copied).toHaveLength(1);
      // Nobody can tell whose login it was that got in by it.
      expect(ends).toEqual([['browser_copied', loginId]]);
      expect(await userOf(one)).toBeNull();
      await one.signIn('ann').expect(401);
    }
  });

  it('ends no login that a proof was given in', async () => {
    const built = await remembering();
    const owner = await remembered(built);
    const thief = copyOf(built, owner);
    await owner.signOut();
    await owner.signIn('ann').expect(200);
    await owner.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    built.clock.move(31 * seconds);
    await thief.signIn('ann').expect(401);
    expect(await userOf(owner)).toBe('id-ann');
  });

  it('gives no tries of the owner: its codes are those of a stranger', async () => {
    const built = await remembering();
    const owner = await remembered(built);
    const thief = copyOf(built, owner);
    await owner.signOut();
    await owner.signIn('ann').expect(200);
    built.clock.move(31 * seconds);
    await thief.signIn('ann').expect(401);
    for (let guess = 0; guess < 5; guess += 1) await thief.post('/2fa/totp', { code: '000000' }).expect(401);
    const { known, others } = (await built.options.accounts.load('id-ann' as never))?.lanes ?? {};
    expect([known?.wrong, others?.wrong]).toEqual([0, 5]);
  });

  it('is not what two tabs are that sign in at the same time', async () => {
    const built = await remembering();
    const owner = await remembered(built);
    await owner.signOut();
    const tab = copyOf(built, owner);
    await owner.signIn('ann').expect(200);
    built.clock.move(29 * seconds);
    const signedIn = await tab.signIn('ann').expect(200);
    expect(String(signedIn.headers['set-cookie'])).not.toContain('2fa-browser-');
    built.clock.move(hours);
    await owner.signOut();
    await owner.signIn('ann').expect(200);
  });
});

const tokenIn = (page: string): string => /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
