import { submit } from '../advisories/cast';
import { host, type Host, type Shape } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from '../session/people';
import { readSession } from '../session/session-data';
import { browser, errorCode, type BrowserAgent } from '../support/browser-agent';
import { days, hours, minutes } from '../support/clock';

const page = '/2fa/security/logins';
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

interface Listed {
  readonly id: string;
  readonly browser: string;
  readonly address: string | null;
  readonly since: string;
  readonly lastAt: string;
  readonly isThis: boolean;
  readonly proofs: readonly string[];
}

async function listOf(agent: BrowserAgent): Promise<readonly Listed[]> {
  const { body } = await agent.get(page).expect(200);
  return (body as { logins: readonly Listed[] }).logins;
}

const behindAProxy = (shape: Shape = {}) =>
  host({ ...shape, aboveSession: ({ app }) => void app.set('trust proxy', true) });

/** Signed in from somewhere, by browser and address. */
async function from(built: Host, address: string, agent = chrome): Promise<BrowserAgent> {
  const signing = built.visitor();
  const headers = { 'User-Agent': agent, 'X-Forwarded-For': address };
  await signing.signIn('ann').set(headers).expect(401);
  await signing
    .post('/2fa/totp', { code: built.code('ann') })
    .set(headers)
    .expect(200);
  return signing;
}

/** Everything that is told of logins that ended, from now on. */
function ends(built: Host): unknown[] {
  const told: unknown[] = [];
  built.twoFactor.on('login.ended', ({ loginId, why, userId }, request) =>
    told.push({ loginId, why, userId, address: request && request.address }),
  );
  return told;
}

const at = (ms: number): string => new Date(ms).toISOString();
const toTheMinute = (ms: number): string => at(Math.floor(ms / minutes) * minutes);

describe('The logins of a user', () => {
  it('are listed with browser, address, times and proofs, this one first', async () => {
    const built = await behindAProxy();
    const first = built.clock.now();
    const desk = await from(built, '192.0.2.7');
    built.clock.move(3 * hours);
    const phone = await from(built, '2001:db8:1:2:3:4:5:6', 'something unheard of');
    const [mine, other, ...more] = await listOf(desk);
    expect(more).toEqual([]);
    expect(mine).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      browser: 'Chrome on Windows',
      address: '192.0.2.7',
      since: at(first),
      lastAt: toTheMinute(built.clock.now()),
      isThis: true,
      proofs: ['totp'],
    });
    expect(other).toMatchObject({ browser: 'Unknown browser', address: '2001:db8:1:2::/64', isThis: false });
    expect((await listOf(phone)).map(({ isThis, address }) => [isThis, address])).toEqual([
      [true, '2001:db8:1:2::/64'],
      [false, '192.0.2.7'],
    ]);
  });

  it('keep their ids over a step-up, which adds its proof', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    const [before] = await listOf(agent);
    built.clock.move(hours);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(await listOf(agent)).toEqual([{ ...before, lastAt: toTheMinute(built.clock.now()) }]);
  });

  it('say when they were used last, to the minute, which a request says at most once a minute', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    const { agent: other } = await loggedIn(built, 'ann');
    const lastOfOther = async () => (await listOf(agent)).find(({ isThis }) => !isThis)?.lastAt;
    built.clock.move(7 * hours);
    await userOf(other);
    const used = toTheMinute(built.clock.now());
    built.clock.move(30_000);
    await userOf(other);
    expect(await lastOfOther()).toBe(used);
    built.clock.move(5 * minutes);
    expect(await lastOfOther()).toBe(used);
    await userOf(other);
    expect(await lastOfOther()).toBe(toTheMinute(built.clock.now()));
  });

  it('of who has no factor are listed as well, without proofs', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'bob');
    expect(await listOf(agent)).toEqual([expect.objectContaining({ isThis: true, proofs: [] })]);
    expect((await agent.page(page).expect(200)).text).toContain('without a second factor');
  });

  it('leave out those that are half done, over, or of someone else', async () => {
    const built = await host({ options: { loginLife: '2d' } });
    const { agent: gone } = await loggedIn(built, 'ann');
    await loggedIn(built, 'ann');
    await loggedIn(built, 'cyd');
    await halfLoggedIn(built);
    await gone.signOut();
    built.clock.move(days);
    const { agent } = await loggedIn(built, 'ann');
    expect(await listOf(agent)).toHaveLength(2);
    built.clock.move(days + hours);
    expect(await listOf(agent)).toHaveLength(1);
    await built.twoFactor.signOutEverywhere('id-ann');
    const { agent: anew } = await loggedIn(built, 'ann');
    expect(await listOf(anew)).toHaveLength(1);
  });

  it('name no session: what is listed opens nothing', async () => {
    const built = await host();
    const { agent, sid, cookie } = await loggedIn(built, 'ann');
    const { text } = await agent.get(page).expect(200);
    for (const secret of [sid, cookie.split('=')[1] ?? '?']) expect(text).not.toContain(secret);
    const [listed] = await listOf(agent);
    const stranger = browser(built.app);
    const { body } = await stranger.get('/me', 'image/*').set('Cookie', `connect.sid=s%3A${listed?.id}.x`);
    expect((body as { user: unknown }).user).toBeNull();
  });
});

describe('Ending a login', () => {
  it('signs it out, tells it, and leaves the others', async () => {
    const built = await behindAProxy();
    const desk = await from(built, '192.0.2.7');
    const phone = await from(built, '192.0.2.8');
    const told = ends(built);
    const [, other] = await listOf(phone);
    const ended = await phone
      .post(`${page}/${other?.id}/end`)
      .set('X-Forwarded-For', '192.0.2.9')
      .expect(200);
    expect(ended.body).toEqual({ status: 'ended', count: 1 });
    expect([await userOf(desk), await userOf(phone)]).toEqual([null, 'id-ann']);
    expect(told).toEqual([
      { loginId: other?.id, why: 'ended_by_user', userId: 'id-ann', address: '192.0.2.9' },
    ]);
    expect(errorCode(await phone.post(`${page}/${other?.id}/end`).expect(404))).toBe('not_found');
    expect(await listOf(phone)).toHaveLength(1);
  });

  it('needs a fresh proof, and does not say of whom an id is', async () => {
    const built = await host();
    const { agent: cyd } = await loggedIn(built, 'cyd');
    const { agent: other } = await loggedIn(built, 'ann');
    const { agent } = await loggedIn(built, 'ann');
    const [ofCyd] = await listOf(cyd);
    const [, ofOther] = await listOf(agent);
    built.clock.move(hours);
    for (const path of [`${page}/${ofOther?.id}/end`, `${page}/end-others`])
      expect(errorCode(await agent.post(path).expect(403))).toBe('step_up_required');
    for (const id of [ofCyd?.id, 'nothing'])
      expect(errorCode(await agent.post(`${page}/${id}/end`).expect(404))).toBe('not_found');
    expect([await userOf(cyd), await userOf(other)]).toEqual(['id-cyd', 'id-ann']);
  });

  it('is offered again by name once the proof was given, and done by no link', async () => {
    const built = await host();
    const { agent: other } = await loggedIn(built, 'ann');
    const { agent } = await loggedIn(built, 'ann');
    const [, listed] = await listOf(agent);
    const end = `${page}/${listed?.id}/end`;
    built.clock.move(hours);
    const asked = await submit(agent, page, end);
    expect([asked.status, asked.text.includes(`confirm?to=${encodeURIComponent(end)}`)]).toEqual([403, true]);
    expect(asked.text).toContain('be back where you can do it.');
    expect(asked.text).not.toContain('send it again');
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect((await agent.page(end).expect(200)).text).toContain('Sign this one out?');
    expect(await userOf(other)).toBe('id-ann');
    const sent = await submit(agent, end, end);
    expect([sent.status, sent.headers.location]).toEqual([303, page]);
    expect((await agent.page(page).expect(200)).text).toContain('was signed out.');
    expect(await userOf(other)).toBeNull();
    expect(errorCode(await agent.get(end).expect(404))).toBe('not_found');
  });

  it('may be done to the one that asks: it is a sign-out', async () => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'ann');
    const told = ends(built);
    const [mine] = await listOf(agent);
    expect((await agent.post(`${page}/${mine?.id}/end`).expect(200)).body).toEqual({
      status: 'ended',
      count: 1,
    });
    expect(await userOf(agent)).toBeNull();
    expect(await readSession(built.store, sid)).toBeNull();
    expect(told).toEqual([expect.objectContaining({ loginId: mine?.id, why: 'ended_by_user' })]);
  });

  it('works on a session that is older than the installation, and no older process brings it back', async () => {
    const built = await host({
      aboveStep: ({ app }) => {
        app.post('/old-login', (req, res) => {
          Object.assign(req.session, { passport: { user: 'id-bob' } });
          res.json({});
        });
      },
    });
    const old = built.visitor();
    await old.post('/old-login').expect(200);
    expect(await userOf(old)).toBe('id-bob');
    const { agent } = await loggedIn(built, 'bob');
    const [, listed] = await listOf(agent);
    await agent.post(`${page}/${listed?.id}/end`).expect(200);
    expect(await userOf(old)).toBeNull();
  });

  it.each(['end-others', 'sign-out-everywhere'])(
    'of all others by %s leaves this one alone',
    async (what) => {
      const built = await host();
      const others = [(await loggedIn(built, 'ann')).agent, (await loggedIn(built, 'ann')).agent];
      const { agent: half } = await halfLoggedIn(built);
      const { agent } = await loggedIn(built, 'ann');
      const ids = (await listOf(agent)).filter(({ isThis }) => !isThis).map(({ id }) => id);
      const told = ends(built) as { loginId: string; why: string }[];
      const excepted: unknown[] = [];
      built.twoFactor.on('logins.ended', ({ except }) => excepted.push(except));
      const isList = what === 'end-others';
      const { body } = await agent.post(isList ? `${page}/${what}` : `/2fa/security/${what}`).expect(200);
      expect(body).toEqual(isList ? { status: 'ended', count: 2 } : { status: 'signed_out_elsewhere' });
      expect(await Promise.all([...others, half].map(userOf))).toEqual([null, null, null]);
      expect(await userOf(agent)).toBe('id-ann');
      expect(told.map(({ loginId }) => loginId).toSorted()).toEqual(ids.toSorted());
      expect(told.every(({ why }) => why === 'everywhere')).toBe(true);
      const [mine, ...rest] = await listOf(agent);
      expect([excepted, rest]).toEqual([[mine?.id], []]);
    },
  );
});

describe('An app is told of each login that is over', () => {
  it('when its user signs out, or gives up half way, with the request', async () => {
    const built = await behindAProxy();
    const told = ends(built);
    const agent = await from(built, '192.0.2.7');
    const [mine] = await listOf(agent);
    await agent.signOut().set('X-Forwarded-For', '192.0.2.7').expect(200);
    const { agent: half } = await halfLoggedIn(built);
    const { loginId } = (await half.get('/me', 'image/*')).body.twoFactor as { loginId: string };
    await half.post('/2fa/cancel').set('X-Forwarded-For', '192.0.2.8').expect(200);
    expect(told).toEqual([
      { loginId: mine?.id, why: 'signed_out', userId: 'id-ann', address: '192.0.2.7' },
      { loginId, why: 'cancelled', userId: 'id-ann', address: '192.0.2.8' },
    ]);
  });

  it('when the app destroys its session, where no request is known', async () => {
    const built = await host({
      routes: ({ app }) => {
        app.post('/destroy', (req, res, next) => {
          req.session.destroy((error) => (error ? next(error) : res.json({})));
        });
      },
    });
    const told = ends(built);
    const { agent } = await loggedIn(built, 'ann');
    await agent.post('/destroy').expect(200);
    expect(told).toEqual([expect.objectContaining({ why: 'signed_out', address: null })]);
  });

  it('when someone else signs in in its browser, and not when it goes on itself', async () => {
    const built = await host();
    const told = ends(built);
    const { agent } = await loggedIn(built, 'ann');
    const [mine] = await listOf(agent);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await agent.signIn('ann').expect(200);
    expect(told).toEqual([]);
    await agent.signIn('bob').expect(200);
    expect(told).toEqual([
      expect.objectContaining({ loginId: mine?.id, why: 'superseded', userId: 'id-ann' }),
    ]);
  });

  it('when the app deletes the account', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    const [mine] = await listOf(agent);
    const told = ends(built);
    await built.twoFactor.forget('id-ann');
    expect(told).toEqual([{ loginId: mine?.id, why: 'forgotten', userId: 'id-ann', address: null }]);
  });

  it('once, however often it is ended', async () => {
    const built = await host();
    const told = ends(built);
    const { agent, cookie } = await loggedIn(built, 'ann');
    const again = () => browser(built.app).post('/logout').set('Cookie', cookie);
    await Promise.all([agent.signOut(), again(), again()]);
    await again();
    expect(told).toHaveLength(1);
  });
});
