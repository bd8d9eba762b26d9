import { errorCode } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { host, type Host } from '../hosts/host';
import { origin } from '../support/host-app';
import type { ProofRequirement } from '../../lib';
import { halfLoggedIn, loggedIn } from './people';

const guarded = (requirement?: ProofRequirement, options: Parameters<typeof host>[0] = {}) =>
  host({
    ...options,
    routes: ({ app, twoFactor }) => {
      app.all('/guarded', twoFactor.requireProof(requirement), (_req, res) => {
        res.json({ passed: true });
      });
      app.get('/login', (_req, res) => {
        res.send('login form');
      });
    },
  });

const bearer = { Authorization: 'Bearer token' };

describe('requireProof', () => {
  it.each([
    ['anonymous', 401, { code: 'sign_in_required', url: '/login?to=%2Fguarded' }],
    ['owed', 401, { code: 'second_factor_required', url: '/2fa?to=%2Fguarded' }],
    ['ended', 401, { code: 'sign_in_required', url: '/login?to=%2Fguarded' }],
    ['stale', 403, { code: 'step_up_required', url: '/2fa/confirm?to=%2Fguarded' }],
    ['exempt and stale', 401, { code: 'sign_in_required', url: '/2fa/confirm?to=%2Fguarded' }],
  ])('answers JSON of a login that is %s', async (state, status, error) => {
    const built = await guarded({ within: '5m' });
    const agent = await inState(built, state);
    const refused = await agent.get('/guarded').expect(status);
    expect(refused.body.error).toMatchObject(error);
    expect(refused.headers.location).toBeUndefined();
  });

  it.each([
    ['anonymous', 401, undefined],
    ['owed', 303, '/2fa?to=%2Fguarded'],
    ['ended', 401, undefined],
    ['stale', 303, '/2fa/confirm?to=%2Fguarded'],
    ['exempt and stale', 401, undefined],
  ])('answers a page of a login that is %s', async (state, status, location) => {
    const built = await guarded({ within: '5m' });
    const agent = await inState(built, state);
    const refused = await agent.page('/guarded').expect(status);
    expect(refused.headers.location).toBe(location);
  });

  it.each([
    ['anonymous', 401, '/login', 'That was not done'],
    ['owed', 401, '/2fa', 'That was not done'],
    ['stale', 403, '/2fa/confirm', 'That has not been done yet'],
  ])('never drops a form in silence: %s', async (state, status, way, words) => {
    const built = await guarded({ within: '5m' });
    const agent = await inState(built, state);
    const refused = await agent.form('/guarded').expect(status);
    expect(refused.headers.location).toBeUndefined();
    expect(refused.text).toContain(`<h1>${words}</h1>`);
    expect(refused.text).toContain('send it again');
    expect(refused.text).toContain(`href="${way}"`);
    expect(refused.text).not.toContain('guarded');
  });

  it.each([
    ['the page that sent it', `${origin}/transfer/new?to=bob`, '?to=%2Ftransfer%2Fnew%3Fto%3Dbob'],
    ['nowhere by a word of another site', 'https://evil.example/transfer', ''],
    ['nowhere by the word of another port', 'http://localhost:3001/transfer', ''],
    ['nowhere by an address that is none', 'transfer', ''],
    ['nowhere by an address of another host', `${origin}//evil.example/x`, ''],
    ['nowhere from our own pages', `${origin}/2fa/security`, ''],
    ['nowhere from the login page', `${origin}/login?x=1`, ''],
  ])('leads from a refused form back to %s', async (_, referer, goal) => {
    const built = await guarded({ within: '5m' });
    const agent = await inState(built, 'stale');
    const page = await agent.form('/guarded').set('Referer', referer).expect(403);
    expect(page.text).toContain(`href="/2fa/confirm${goal}"`);
    const { body } = await agent.post('/guarded').set('Referer', referer).expect(403);
    expect(body.error.url).toBe(`/2fa/confirm${goal}`);
  });

  it.each(['fresh', 'exempt'])('lets a login pass that is %s', async (state) => {
    const built = await guarded({ within: '5m' });
    const agent = await inState(built, state);
    await agent.get('/guarded').expect(200);
    await agent.page('/guarded').expect(200);
    await agent.form('/guarded').expect(200);
  });

  it('counts the proof’s age to the moment', async () => {
    const built = await guarded({ within: '5m' });
    const { agent } = await loggedIn(built, 'ann');
    built.clock.move(5 * minutes);
    await agent.get('/guarded').expect(200);
    built.clock.move(1);
    await agent.get('/guarded').expect(403);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await agent.get('/guarded').expect(200);
  });

  it('asks for any proof of this login when it has no age', async () => {
    const built = await guarded();
    const { agent } = await loggedIn(built, 'ann');
    built.clock.move(24 * 60 * minutes);
    await agent.get('/guarded').expect(200);
  });

  it('asks for a proof of the right type', async () => {
    const built = await guarded({ types: ['backup-code'] });
    const { agent } = await loggedIn(built, 'ann');
    // There are none yet.
    expect(errorCode(await agent.get('/guarded').expect(403))).toBe('forbidden');
    const { body } = await agent.post('/2fa/security/backup-codes').expect(201);
    const [first, second] = body.pending ?? body.backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: second }).expect(200);
    expect(errorCode(await agent.get('/guarded').expect(403))).toBe('step_up_required');
    await agent.post('/2fa/backup-code', { code: first }).expect(200);
    await agent.get('/guarded').expect(200);
  });

  it('sends nobody round in circles for a type that they have not: it leads to where they can add it', async () => {
    const built = await guarded({ types: ['webauthn'] });
    const { agent } = await loggedIn(built, 'ann');
    const refused = await agent.get('/guarded').expect(403);
    expect(refused.body.error).toMatchObject({ code: 'forbidden', url: '/2fa/security' });
  });

  it('counts a proof that the app accepted, by its time', async () => {
    const built = await guarded(
      { within: '5m' },
      { options: { accept: () => ({ methods: ['hwk'], at: built.clock.now() - 4 * minutes }) } },
    );
    const ann = built.visitor();
    await ann.signIn('ann').expect(200);
    await ann.get('/guarded').expect(200);
    built.clock.move(minutes + 1);
    await ann.get('/guarded').expect(403);
  });

  it('does not count an accepted proof as one of any type', async () => {
    const built = await guarded(
      { types: ['totp'] },
      { options: { accept: () => ({ methods: ['otp'], at: Date.now() }) } },
    );
    const ann = built.visitor();
    await ann.signIn('ann').expect(200);
    await ann.get('/guarded').expect(403);
    await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    await ann.get('/guarded').expect(200);
  });

  it('takes a proof of the future for an old one: a clock was put back', async () => {
    const built = await guarded(
      { within: '5m' },
      { options: { accept: () => ({ methods: ['hwk'], at: built.clock.now() + 2 * minutes }) } },
    );
    const ann = built.visitor();
    await ann.signIn('ann').expect(200);
    await ann.get('/guarded').expect(403);
  });

  it.each([[{ types: [] }], [{ within: 'soon' as never }], [{ within: -1 }], [{ within: Number.NaN }]])(
    'refuses %j when it is made',
    async (requirement) => {
      await expect(guarded(requirement)).rejects.toMatchObject({ code: 'bad_option' });
    },
  );

  describe('for a token (RFC 9470)', () => {
    it('says by which header a newer proof is wanted', async () => {
      const built = await guarded({ within: '5m' });
      const agent = await inState(built, 'stale');
      const refused = await agent.get('/guarded').set(bearer).expect(401);
      expect(errorCode(refused)).toBe('step_up_required');
      expect(refused.headers['www-authenticate']).toMatch(
        /^Bearer error="insufficient_user_authentication", .*max_age="300"$/,
      );
    });

    it('says so on our own pages, too', async () => {
      const built = await guarded();
      const agent = await inState(built, 'stale');
      const refused = await agent.post('/2fa/security/backup-codes').set(bearer).expect(401);
      expect(errorCode(refused)).toBe('step_up_required');
      expect(refused.headers['www-authenticate']).toContain('insufficient_user_authentication');
    });

    it('and says nothing about it to anyone else', async () => {
      const built = await guarded({ within: '5m' });
      const agent = await inState(built, 'stale');
      const refused = await agent.get('/guarded').set('Authorization', 'Basic YTpi').expect(403);
      expect(refused.headers).not.toHaveProperty('www-authenticate');
    });
  });

  describe('for a user without factors whose login is old', () => {
    it('lets them sign in again: the old login ends first, and the goal is kept', async () => {
      const built = await guarded({ within: '5m' });
      const agent = await inState(built, 'exempt and stale');
      const { text } = await agent.page('/guarded').expect(401);
      const [, action = '', token = ''] =
        /action="([^"]+)"[^>]*>\s*<input type="hidden" name="form_token" value="([^"]+)"/.exec(text) ?? [];
      const ended = await agent.form(action, { form_token: token }).expect(303);
      expect(ended.headers.location).toBe('/login?to=%2Fguarded');
      await agent.signIn('bob').expect(200);
      await agent.get('/guarded').expect(200);
    });

    it('shows an API’s user the same at the address it is given', async () => {
      const built = await guarded({ within: '5m' });
      const agent = await inState(built, 'exempt and stale');
      const { body } = await agent.get('/guarded').expect(401);
      const { text } = await agent.page(body.error.url).expect(401);
      expect(text).toContain('action="/2fa/cancel?to=%2Fguarded"');
      await agent.post('/2fa/cancel').expect(200);
      await agent.signIn('bob').expect(200);
      await agent.get('/guarded').expect(200);
    });

    it('stays as it was when they only sign in once more: linking an account is not a fresh login', async () => {
      const built = await guarded({ within: '5m' });
      const agent = await inState(built, 'exempt and stale');
      await agent.signIn('bob').expect(200);
      await agent.get('/guarded').expect(401);
    });
  });
});

async function inState(built: Host, state: string) {
  if (state === 'anonymous') return built.visitor();
  if (state === 'fresh') return (await loggedIn(built, 'ann')).agent;
  if (state === 'exempt') return (await loggedIn(built, 'bob')).agent;
  const { agent } = await {
    owed: () => halfLoggedIn(built),
    ended: () => halfLoggedIn(built),
    stale: () => loggedIn(built, 'ann'),
    'exempt and stale': () => loggedIn(built, 'bob'),
  }[state as 'owed']();
  if (state === 'ended') built.clock.move(10 * minutes + 1);
  else if (state !== 'owed') built.clock.move(5 * minutes + 1);
  return agent;
}
