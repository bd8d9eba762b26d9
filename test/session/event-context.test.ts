import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { memoryAccounts, type EventName, type RequestContext } from '../../lib';
import { override } from '../support/override';
import { host, type Host } from '../hosts/host';
import { halfLoggedIn, loggedIn } from './people';

/** What each event was told to come from. */
function heard({ twoFactor }: Host, ...names: EventName[]) {
  const contexts: [EventName, RequestContext | null][] = [];
  for (const name of names)
    twoFactor.on(name, (_event, context) => contexts.push([name, context && { ...context }]));
  return contexts;
}

const behindAProxy = () =>
  host({
    aboveSession: ({ app }) => {
      app.set('trust proxy', true);
      app.use((req, _res, next) => {
        Object.assign(req, { id: req.get('x-request-id') });
        next();
      });
    },
    routes: ({ app, twoFactor }) => {
      app.post('/password', async (req, res) => {
        await twoFactor.signOutEverywhere('id-ann', { except: req });
        res.json({});
      });
    },
  });

describe('An event says which request it came from', () => {
  it('by the address that the app trusts, the browser and the id it gave, from the first factor to the last', async () => {
    const built = await behindAProxy();
    const told = heard(
      built,
      'login.owed',
      'proof.refused',
      'proof.accepted',
      'login.completed',
      'logins.ended',
    );
    const agent = built.visitor();
    const from = (id: string) => ({
      'X-Forwarded-For': '2001:db8::7',
      'X-Request-Id': id,
      'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    });
    await agent.signIn('ann').set(from('r1')).expect(401);
    await agent.post('/2fa/totp', { code: '000000' }).set(from('r2')).expect(401);
    await agent
      .post('/2fa/totp', { code: built.code('ann') })
      .set(from('r3'))
      .expect(200);
    await agent.post('/password').set(from('r4')).expect(200);
    const at = (requestId: string) => ({
      address: '2001:db8::7',
      browser: { browser: 'Firefox', system: 'Linux' },
      requestId,
    });
    expect(told).toEqual([
      ['login.owed', at('r1')],
      ['proof.refused', at('r2')],
      ['proof.accepted', at('r3')],
      ['login.completed', at('r3')],
      ['logins.ended', at('r4')],
    ]);
  });

  it('and keeps no more of an id or an address that a client made up than anyone needs', async () => {
    const built = await behindAProxy();
    const told = heard(built, 'login.owed');
    const sent = { 'X-Forwarded-For': '192.0.2.1'.padStart(3000, '0'), 'X-Request-Id': 'r'.repeat(3000) };
    await built.visitor().signIn('ann').set(sent).expect(401);
    expect(told).toEqual([['login.owed', { address: null, browser: null, requestId: 'r'.repeat(200) }]]);
  });

  it('without an id where the app gives none, or one that is no text', async () => {
    const built = await host({
      aboveSession: ({ app }) => {
        app.use((req, _res, next) => {
          Object.assign(req, { id: { text: 'no' } });
          next();
        });
      },
    });
    const told = heard(built, 'login.completed');
    await loggedIn(built, 'ann');
    expect(told).toEqual([
      ['login.completed', { address: expect.stringContaining('127.0.0.1'), browser: null, requestId: null }],
    ]);
  });

  it('and none where the app calls by itself', async () => {
    const built = await host();
    const told = heard(built, 'logins.ended', 'account.forgotten');
    await built.twoFactor.signOutEverywhere('id-ann');
    await built.twoFactor.forget('id-ann');
    expect(told).toEqual([
      ['logins.ended', null],
      ['account.forgotten', null],
    ]);
  });

  it('also where a guesser hangs up as soon as the guess is sent', async () => {
    const accounts = memoryAccounts();
    let hangUp = (): void => undefined;
    const slow = override(accounts, {
      load: async (userId) => {
        hangUp();
        await new Promise((resolve) => setTimeout(resolve, 40));
        return accounts.load(userId);
      },
    });
    const built = await host({ options: { accounts: slow } });
    const told = new Promise<RequestContext | null>((resolve) => {
      built.twoFactor.on('proof.refused', (_event, context) => resolve(context));
    });
    const { cookie } = await halfLoggedIn(built);
    const server = built.app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const body = JSON.stringify({ code: '000000' });
    const socket = connect(port, '127.0.0.1');
    hangUp = () => void socket.resetAndDestroy();
    socket.write(
      [
        'POST /2fa/totp HTTP/1.1',
        'Host: localhost:3000',
        `Cookie: ${cookie}`,
        'Origin: http://localhost:3000',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        '',
        body,
      ].join('\r\n'),
    );
    expect(await told).toEqual({ address: '127.0.0.1', browser: null, requestId: null });
    server.close();
  });
});
