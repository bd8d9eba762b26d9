import type { Request, RequestHandler } from 'express';
import { host, type Host, type Shape } from '../hosts/host';
import { loggedIn, userOf } from './people';

declare module 'express-session' {
  interface SessionData {
    actingAs?: string;
  }
}

/** Puts the user whom support acts as into `req.user`. */
const acting =
  ({ users }: Host): RequestHandler =>
  (req: Request, _res, next) => {
    const { actingAs } = req.session;
    if (req.user && actingAs !== undefined) Object.assign(req, { user: users.get(actingAs) });
    next();
  };

const app = (shape: Shape) =>
  host({
    ...shape,
    routes: (built) => {
      shape.routes?.(built);
      built.app.post('/act', (req, res) => {
        req.session.actingAs = 'cyd';
        res.json({});
      });
      built.app.post('/stop', (req, res) => {
        delete req.session.actingAs;
        res.json({});
      });
      built.app.post('/password', async (req, res) => {
        await built.twoFactor.signOutEverywhere('id-cyd', { except: req });
        res.json({ user: req.user });
      });
    },
  });

describe('Acting as a user, below protect()', () => {
  it('leaves the login of who acts as it is, and their pages theirs', async () => {
    const built = await app({ routes: (one) => void one.app.use(acting(one)) });
    const { agent } = await loggedIn(built, 'ann');
    const { twoFactor } = (await agent.get('/me')).body;
    const [own] = (await agent.get('/2fa/security').expect(200)).body.types[0].factors;
    await agent.post('/act').expect(200);
    expect(await userOf(agent)).toBe('id-cyd');
    await agent.get('/billing').expect(200);
    expect((await agent.get('/2fa/security').expect(200)).body.types[0].factors).toMatchObject([
      { id: own.id },
    ]);
    await agent.post('/stop').expect(200);
    expect((await agent.get('/me')).body).toMatchObject({ user: { id: 'id-ann' }, twoFactor });
  });

  it('ends the logins of that user where it changes their password, and not the one of who acts', async () => {
    const built = await app({ routes: (one) => void one.app.use(acting(one)) });
    const [{ agent }, cyd] = [await loggedIn(built, 'ann'), await loggedIn(built, 'cyd')];
    await agent.post('/act').expect(200);
    await agent.post('/password').expect(200);
    expect(await userOf(cyd.agent)).toBeNull();
    expect(await userOf(agent)).toBe('id-cyd');
    await agent.post('/stop').expect(200);
    expect(await userOf(agent)).toBe('id-ann');
  });
});

it('Acting as a user above protect() is no login of theirs: it is signed out', async () => {
  const built = await app({ aboveStep: (one) => void one.app.use(acting(one)) });
  const { agent } = await loggedIn(built, 'ann');
  await agent.post('/act').expect(200);
  expect(await userOf(agent)).toBeNull();
});
