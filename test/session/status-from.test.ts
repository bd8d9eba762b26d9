import { createServer, request, ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import session, { MemoryStore } from 'express-session';
import type { RequestTwoFactor } from '../../lib';
import { browser } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { host, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn } from './people';
import { editSession, records } from './session-data';

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket';

interface Seen {
  readonly user: string | null;
  readonly status: RequestTwoFactor;
}

/** A server whose websocket upgrades see the session and Passport, and never a step of ours. */
async function listening(built: Host, withPassport: boolean) {
  const sessions = session({ secret: 'test', resave: false, saveUninitialized: false, store: built.store });
  const server: Server = createServer(built.app);
  server.on('upgrade', (req: IncomingMessage, socket) => {
    const res = new ServerResponse(req);
    const answer = async () => {
      const status = await built.twoFactor.statusFrom(req);
      const user = (req as { user?: { id: string } }).user?.id ?? null;
      const seen = encodeURIComponent(JSON.stringify({ user, status } satisfies Seen));
      socket.end(`${switching}\r\nX-Seen: ${seen}\r\n\r\n`);
    };
    const fail = (error: unknown) =>
      socket.end(`HTTP/1.1 503 Unavailable\r\nX-Error: ${(error as { code: string }).code}\r\n\r\n`);
    const passport = withPassport
      ? (built.passport.session() as (one: unknown, other: unknown, next: () => void) => void)
      : (_one: unknown, _other: unknown, next: () => void) => next();
    sessions(req as never, res as never, () => passport(req, res, () => void answer().catch(fail)));
  });
  await new Promise<void>((done) => {
    server.listen(0, done);
  });
  return server;
}

/** What an upgrade with this cookie sees; the code of the error, if it fails. */
async function upgrade(built: Host, cookie: string, withPassport = true): Promise<Seen | string> {
  const server = await listening(built, withPassport);
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise<Seen | string>((resolve, reject) => {
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket', Cookie: cookie };
      request({ port, path: '/socket', headers, agent: false })
        .on('upgrade', (res, socket) => {
          socket.destroy();
          resolve(JSON.parse(decodeURIComponent(String(res.headers['x-seen']))) as Seen);
        })
        .on('response', (res) => resolve(String(res.headers['x-error'])))
        .on('error', reject)
        .end();
    });
  } finally {
    server.close();
  }
}

describe.each([true, false])('A websocket upgrade (with passport.session(): %s)', (withPassport) => {
  const user = (name: string) => (withPassport ? `id-${name}` : null);

  it('sees nobody during the half login, and who owes the factor', async () => {
    const built = await host();
    const { cookie } = await halfLoggedIn(built);
    expect(await upgrade(built, cookie, withPassport)).toEqual({
      user: null,
      status: { status: 'owed', owedBy: 'id-ann', proofs: [], amr: [], loginId: expect.any(String) },
    });
  });

  it('sees the user and what was proven, once the login is complete', async () => {
    const built = await host();
    const { cookie } = await loggedIn(built, 'ann');
    expect(await upgrade(built, cookie, withPassport)).toMatchObject({
      user: user('ann'),
      status: { status: 'passed', proofs: [{ type: 'totp' }], amr: ['otp', 'mfa'] },
    });
  });

  it('sees that nothing was owed', async () => {
    const built = await host();
    const { cookie } = await loggedIn(built, 'bob');
    expect(await upgrade(built, cookie, withPassport)).toMatchObject({
      user: user('bob'),
      status: { status: 'exempt' },
    });
  });

  it.each(['no cookie', 'forged', 'expired half login', 'ended everywhere', 'no record', 'grafted'])(
    'has status none: %s',
    async (state) => {
      const built = await host();
      const half = await halfLoggedIn(built);
      const whole = await loggedIn(built, 'ann');
      if (state === 'expired half login') built.clock.move(10 * minutes + 1);
      if (state === 'ended everywhere') await built.twoFactor.signOutEverywhere('id-ann');
      if (state === 'no record') await records(built).remove(whole.sid);
      if (state === 'grafted') {
        await editSession(built.store, whole.sid, (stored) => {
          stored.passport = { user: 'id-cyd' };
        });
      }
      const cookie =
        { 'no cookie': '', forged: 'connect.sid=s%3Aabc.def', 'expired half login': half.cookie }[state] ??
        whole.cookie;
      const seen = await upgrade(built, cookie, withPassport);
      expect((seen as Seen).status).toEqual({ status: 'none', proofs: [], amr: [], loginId: null });
    },
  );

  it('gets an error, and no status, while a store is down', async () => {
    const built = await host();
    const { cookie } = await loggedIn(built, 'ann');
    jest.spyOn(built.options.pending.logins, 'read').mockRejectedValue(new Error('down'));
    expect(await upgrade(built, cookie, withPassport)).toBe('unavailable');
  });
});

describe('statusFrom', () => {
  it('changes nothing in the session it reads', async () => {
    const built = await host();
    const { cookie, agent } = await loggedIn(built, 'ann');
    for (let time = 0; time < 3; time++) await upgrade(built, cookie);
    expect((await agent.get('/me')).body.user).toMatchObject({ id: 'id-ann' });
  });

  it('says so where there is no session', async () => {
    const built = await host({ session: { store: new MemoryStore() } });
    await expect(built.twoFactor.statusFrom({ headers: {} } as IncomingMessage)).rejects.toMatchObject({
      code: 'wrong_setup',
    });
  });
});

describe('A second app that reads the session store', () => {
  it('sees nobody during the half login, and the user after it', async () => {
    const built = await host();
    const other = built.express();
    other.use(
      session({ secret: 'test', resave: false, saveUninitialized: false, store: built.store }),
      built.passport.session(),
      (req, res) => {
        res.json({ user: req.user ?? null });
      },
    );
    const seenBy = async (cookie: string) =>
      (await browser(other).get('/').set('Cookie', cookie)).body.user as unknown;
    const half = await halfLoggedIn(built);
    expect(await seenBy(half.cookie)).toBeNull();
    const whole = await loggedIn(built, 'ann');
    expect(await seenBy(whole.cookie)).toMatchObject({ id: 'id-ann' });
    await whole.agent.signOut();
    expect(await seenBy(whole.cookie)).toBeNull();
  });
});
