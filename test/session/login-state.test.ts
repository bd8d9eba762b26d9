import { errorCode, type BrowserAgent } from '../support/browser-agent';
import { days, minutes } from '../support/clock';
import { host, sessionCookie } from '../hosts/host';
import { halfLoggedIn, loggedIn, userOf } from './people';
import { editSession, readSession, records, sidOf } from './session-data';

describe('Whose session it is', () => {
  it.each(['ann', 'bob'] as const)('is nobody’s when it is marked and has no record: %s', async (name) => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, name);
    expect(await userOf(agent)).toBe(`id-${name}`);
    await records(built).remove(sid);
    expect(await userOf(agent)).toBeNull();
    expect(await readSession(built.store, sid)).toBeNull();
  });

  it('is adopted once when it is older than the installation and the user never had a factor', async () => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'bob');
    await records(built).remove(sid);
    await editSession(built.store, sid, (session) => delete session.secondFactor);
    const adopted = await agent.get('/me').expect(200);
    expect(adopted.body).toMatchObject({
      user: { id: 'id-bob' },
      twoFactor: { status: 'exempt', proofs: [] },
    });
    expect((await readSession(built.store, sid))?.secondFactor).toBe(1);

    await records(built).remove(sid);
    expect(await userOf(agent)).toBeNull();
  });

  it('is not a fresh login if it was adopted', async () => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'bob');
    await agent.get('/billing').expect(200);
    await records(built).remove(sid);
    await editSession(built.store, sid, (session) => delete session.secondFactor);
    built.clock.move(1000);
    await agent.get('/me').expect(200);
    built.clock.move(1);
    expect(errorCode(await agent.get('/billing').expect(401))).toBe('sign_in_required');
  });

  it('is signed out when it is unmarked and the user’s account was ever stored', async () => {
    const built = await host();
    for (const [name, store] of [
      ['ann', () => Promise.resolve()],
      ['bob', () => built.twoFactor.signOutEverywhere('id-bob')],
    ] as const) {
      const { agent, sid } = await loggedIn(built, name);
      await store();
      await records(built).remove(sid);
      await editSession(built.store, sid, (session) => delete session.secondFactor);
      expect(await userOf(agent)).toBeNull();
      expect(await readSession(built.store, sid)).toBeNull();
    }
  });

  it.each(['cyd', 'bob'])('is nobody’s when %s’s data was grafted into it', async (other) => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'ann');
    await editSession(built.store, sid, (session) => {
      session.passport = { user: `id-${other}` };
    });
    expect(await userOf(agent)).toBeNull();
    expect(await userOf(agent)).toBeNull();
  });

  it('is nobody’s when a half login was given a user', async () => {
    const built = await host();
    const { agent: ann, sid } = await halfLoggedIn(built);
    expect((await readSession(built.store, sid))?.passport).toEqual({});
    await editSession(built.store, sid, (session) => {
      session.passport = { user: 'id-ann' };
    });
    expect(await userOf(ann)).toBeNull();
    expect(errorCode(await ann.get('/2fa'))).toBe('sign_in_required');
  });

  it.each([
    ['old', -1],
    ['ahead', 1],
  ])('is nobody’s when its epoch is %s', async (_, by) => {
    for (const number of ['?', 'cached', 'not cached']) {
      const built = await host();
      await built.twoFactor.signOutEverywhere('id-ann');
      if (number !== '?') built.clock.move(2 * minutes);
      const { agent, sid } = await loggedIn(built, 'ann');
      if (number === 'cached') await agent.get('/me').expect(200);
      const there = { '?': '?', cached: expect.any(Number), 'not cached': null }[number];
      expect(await records(built).epoch('id-ann')).toEqual(there);
      const { epoch = 0 } = (await records(built).read(sid)) ?? {};
      await records(built).change(sid, { epoch: epoch + by });
      expect(await userOf(agent)).toBeNull();
    }
  });

  it('is nobody’s after signOutEverywhere, in every browser but the one excepted', async () => {
    const built = await host({
      routes: ({ app, twoFactor }) => {
        app.post('/password', async (req, res) => {
          await twoFactor.signOutEverywhere('id-ann', { except: req });
          res.json({ changed: true });
        });
      },
    });
    const here = await loggedIn(built, 'ann');
    const there = await loggedIn(built, 'ann');
    const { agent: half } = await halfLoggedIn(built);
    const changed = await here.agent.post('/password').expect(200);
    expect(await userOf(here.agent)).toBe('id-ann');
    expect(sidOf(sessionCookie(changed))).not.toBe(here.sid);
    expect(await userOf(there.agent)).toBeNull();
    expect(errorCode(await half.post('/2fa/totp', { code: built.code('ann') }).expect(401))).toBe(
      'sign_in_required',
    );
  });

  it('is signed out by a new session: the old one is gone and what the app kept in it, too', async () => {
    const built = await host({
      routes: ({ app }) => {
        app.get('/cart', (req, res) => {
          res.json({ cart: req.session.cart ?? null });
        });
      },
    });
    const { agent, sid } = await loggedIn(built, 'ann');
    await editSession(built.store, sid, (session) => {
      session.cart = 'apples';
    });
    expect((await agent.get('/cart')).body.cart).toBe('apples');
    await built.twoFactor.signOutEverywhere('id-ann');
    expect((await agent.get('/cart')).body.cart).toBeNull();
    expect(await readSession(built.store, sid)).toBeNull();
  });

  it('is anonymous, and keeps the app’s data, once nobody is in it any more', async () => {
    const built = await host();
    const { agent, sid } = await loggedIn(built, 'ann');
    await editSession(built.store, sid, (session) => {
      session.cart = 'apples';
      session.passport = {};
    });
    expect(await userOf(agent)).toBeNull();
    expect(await readSession(built.store, sid)).toMatchObject({ cart: 'apples' });
  });

  it('is nobody’s when the user was deleted from the app', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    built.users.delete('ann');
    expect(await userOf(agent)).toBeNull();
  });
});

describe('How long a login lasts', () => {
  it('is 30 days at most, however often it is used', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    for (let day = 0; day < 29; day++) {
      built.clock.move(days);
      expect(await userOf(agent)).toBe('id-ann');
    }
    built.clock.move(days);
    expect(await userOf(agent)).toBeNull();
  });

  it('counts from the password, not from a later step-up', async () => {
    const built = await host({ options: { loginLife: '1h' } });
    const { agent } = await loggedIn(built, 'ann');
    built.clock.move(58 * minutes);
    await agent.post('/2fa/totp', { code: built.code('ann') }).expect(200);
    expect(await userOf(agent)).toBe('id-ann');
    built.clock.move(minutes + 1);
    expect(await userOf(agent)).toBeNull();
  });

  it('is that of the session it belongs to, and slides with it', async () => {
    const built = await host({ session: { cookie: { maxAge: 60 * minutes } } });
    const { agent, sid } = await loggedIn(built, 'ann');
    for (let use = 0; use < 5; use++) {
      expect(await userOf(agent)).toBe('id-ann');
      built.clock.move(59 * minutes);
    }
    expect(await userOf(agent)).toBe('id-ann');
    // With two minutes to spare, so that it never ends before its session.
    built.clock.move(62 * minutes + 1);
    expect(await records(built).read(sid)).toBeNull();
    expect(await userOf(agent)).toBeNull();
  });

  it('ends with the 51st login, which pushes out the oldest', async () => {
    const built = await host();
    const agents: BrowserAgent[] = [];
    for (let count = 0; count < 50; count++) {
      const agent = built.visitor();
      await agent.signIn('bob').expect(200);
      agents.push(agent);
      built.clock.move(1);
    }
    const [oldest, second] = agents;
    if (!oldest || !second) throw new Error('no login was made');
    expect(await userOf(oldest)).toBe('id-bob');
    await built.visitor().signIn('bob').expect(200);
    expect(await userOf(oldest)).toBeNull();
    expect(await userOf(second)).toBe('id-bob');
  });

  it('has no cap for half logins, which push nobody out', async () => {
    const built = await host();
    const { agent } = await loggedIn(built, 'ann');
    for (let count = 0; count < 60; count++) await built.visitor().signIn('ann').expect(401);
    expect(await userOf(agent)).toBe('id-ann');
  });
});

describe('An app with saveUninitialized', () => {
  it('works the same, also with resave and rolling', async () => {
    const built = await host({
      session: { saveUninitialized: true, resave: true, rolling: true, cookie: { maxAge: 60 * minutes } },
    });
    const ann = built.visitor();
    const before = sidOf(sessionCookie(await ann.get('/me').expect(200)));
    expect(before).not.toBe('');
    expect(await readSession(built.store, before)).not.toHaveProperty('secondFactor');
    const half = sidOf(sessionCookie(await ann.signIn('ann').expect(401)));
    expect(half).not.toBe(before);
    expect(await userOf(ann)).toBeNull();
    const full = sidOf(sessionCookie(await ann.post('/2fa/totp', { code: built.code('ann') }).expect(200)));
    expect(new Set([before, half, full]).size).toBe(3);
    expect(await userOf(ann)).toBe('id-ann');
    await ann.signOut().expect(200);
    expect(await userOf(ann)).toBeNull();
  });
});

describe('An app that changes session ids itself', () => {
  const rotating = (copy: boolean) =>
    host({
      routes: ({ app }) => {
        app.post('/rotate', (req, res, next) => {
          const { cookie: _, ...data } = { ...(req.session as object as { cookie: object }) };
          req.session.regenerate((error) => {
            if (error) return next(error);
            if (copy) Object.assign(req.session, data);
            res.json({ rotated: true });
          });
        });
      },
    });

  it.each([true, false])('loses the login with its record (data copied: %s)', async (copy) => {
    const built = await rotating(copy);
    const { agent, sid } = await loggedIn(built, 'ann');
    await agent.post('/rotate').expect(200);
    expect(await records(built).read(sid)).toBeNull();
    expect(await userOf(agent)).toBeNull();
  });
});

describe('Signing out', () => {
  it('that keeps the app’s data leaves no mark behind', async () => {
    const built = await host({
      routes: ({ app }) => {
        app.post('/leave', (req, res, next) => {
          req.logout({ keepSessionInfo: true }, (error) => (error ? next(error) : res.json({ out: true })));
        });
      },
    });
    const { agent, sid } = await loggedIn(built, 'ann');
    await editSession(built.store, sid, (session) => {
      session.cart = 'apples';
    });
    const left = await agent.post('/leave').expect(200);
    const kept = await readSession(built.store, sidOf(sessionCookie(left)));
    expect(kept).toMatchObject({ cart: 'apples' });
    expect(kept).not.toHaveProperty('secondFactor');
    expect(await records(built).read(sid)).toBeNull();
    expect(await userOf(agent)).toBeNull();
    expect((await readSession(built.store, sidOf(sessionCookie(left))))?.cart).toBe('apples');
  });

  it('ends a half login, too', async () => {
    const built = await host();
    const { agent: ann, sid } = await halfLoggedIn(built);
    await ann.signOut().expect(200);
    expect(await records(built).read(sid)).toBeNull();
    expect(errorCode(await ann.get('/2fa').expect(401))).toBe('sign_in_required');
  });
});
