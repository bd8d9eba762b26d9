import type { Request } from 'express';
import type { EndOfLogin } from '../../lib/events';
import { host, sessionCookie } from '../hosts/host';
import { loggedIn } from './people';
import { readSession, records } from './session-data';

type Held = Request['session'] & { passport?: { user?: unknown } | null };

/** How apps sign out that know no `req.logout`, or remember the one that did just this. */
const ways: Readonly<Record<string, (session: Held) => void>> = {
  'deletes what Passport keeps there': (session) => delete session.passport,
  'empties it': (session) => (session.passport = {}),
  'sets it to null': (session) => (session.passport = null),
  'deletes its user': (session) => delete session.passport?.user,
  'empties the whole session': (session) => {
    for (const name of Object.keys(session)) if (name !== 'cookie') Reflect.deleteProperty(session, name);
  },
};

async function leaving(leave: (session: Held) => void) {
  let [arrived, open] = [() => undefined as void, () => undefined as void];
  const isThere = new Promise<void>((resolve) => (arrived = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const built = await host({
    routes: ({ app }) => {
      app.post('/leave', (req, res) => {
        leave(req.session);
        res.json({});
      });
      app.post('/rejected', (req, res, next) => {
        req.logIn({ id: 'id-bob', name: '' }, (error) => {
          leave(req.session);
          if (error) next(error);
          else res.json({});
        });
      });
      app.get('/slow', async (req, res) => {
        req.session.cart = 'late';
        arrived();
        await opened;
        res.json({});
      });
    },
  });
  const ended: EndOfLogin[] = [];
  built.twoFactor.on('login.ended', ({ why }) => ended.push(why));
  const whoIs = async (cookie: string): Promise<unknown> =>
    (await built.visitor().get('/me').set('Cookie', cookie)).body.user;
  const slow = (cookie: string) => built.visitor().get('/slow').set('Cookie', cookie);
  return { built, ended, isThere, open, whoIs, slow };
}

describe.each(Object.entries(ways))('An app that %s to sign out', (_, leave) => {
  it.each(['ann', 'bob'] as const)('has signed %s out, whatever comes late', async (name) => {
    const { built, ended, isThere, open, whoIs, slow } = await leaving(leave);
    const { agent, cookie, sid } = await loggedIn(built, name);
    const late = slow(cookie).then(() => undefined);
    await isThere;
    await agent.post('/leave').expect(200);
    expect(ended).toEqual(['signed_out']);
    expect(await records(built).read(sid)).toBeNull();
    open();
    await late;
    expect(await whoIs(cookie)).toBeNull();
  });
});

it('An app that takes the user out of the session keeps all that it has in there', async () => {
  const { built, ended } = await leaving((session) => {
    session.cart = 'apples';
    delete session.passport;
  });
  const { agent, sid } = await loggedIn(built, 'ann');
  await agent.post('/leave').expect(200);
  const left = await readSession(built.store, sid);
  expect(left).toMatchObject({ cart: 'apples' });
  expect(left).not.toHaveProperty('secondFactor');
  await agent.post('/leave').expect(200);
  expect(ended).toHaveLength(1);
});

it('An app that rejects a login it has just begun, by hand, ends that login', async () => {
  const { built, ended, whoIs } = await leaving((session) => delete session.passport);
  const agent = built.visitor();
  const rejected = await agent.post('/rejected').expect(200);
  expect(ended).toEqual(['signed_out']);
  expect(await whoIs(sessionCookie(rejected) ?? '')).toBeNull();
});
