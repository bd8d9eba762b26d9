import session, { MemoryStore } from 'express-session';
import type { Response } from 'supertest';
import { appErrors, host, mountSession, usualRoutes, type Host } from '../hosts/host';
import { errorCode } from '../support/browser-agent';
import { minutes } from '../support/clock';
import type { GateOptions } from '../../lib';
import { halfLoggedIn, loggedIn } from './people';

type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options';
type Headers = Readonly<Record<string, string>>;

/** An app whose every other path is a page that says whom it was shown to. */
const withPages = (gate: GateOptions = { signOut: '/logout' }): Promise<Host> =>
  host({
    build: (built) => {
      const { app, twoFactor } = built;
      mountSession(built);
      app.use(twoFactor.protect(gate));
      usualRoutes(built);
      app.use((req, res) => {
        res.json({ page: req.path, user: req.user ?? null });
      });
    },
  });

const html = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const json = { Accept: 'application/json' };

/** Of a request while a half login is open: `step` is the 303, `401` the JSON answer, `pass` the app's own. */
const table: readonly [what: string, method: Method, headers: Headers, answer: 'step' | '401' | 'pass'][] = [
  ['a page, as browsers ask', 'get', { ...html, 'Sec-Fetch-Dest': 'document' }, 'step'],
  ['a page of an old browser', 'get', html, 'step'],
  ['a page by its destination alone', 'get', { 'Sec-Fetch-Dest': 'document', Accept: '*/*' }, 'step'],
  ['XHTML alone', 'get', { Accept: 'application/xhtml+xml' }, 'step'],
  ['HTML in capitals', 'get', { Accept: 'TEXT/HTML' }, 'step'],
  ['HTML and JSON alike', 'get', { Accept: 'application/json, text/html' }, 'step'],
  ['HTML before JSON', 'get', { Accept: 'application/json;q=0.8, text/html;q=0.9' }, 'step'],
  ['HEAD of a page', 'head', html, 'step'],
  ['JSON', 'get', json, '401'],
  ['JSON before HTML', 'get', { Accept: 'text/html;q=0.8, application/json' }, '401'],
  ['JSON with a parameter', 'get', { Accept: 'application/json; charset=utf-8' }, '401'],
  ['JSON opened as a document', 'get', { ...json, 'Sec-Fetch-Dest': 'document' }, '401'],
  ['JSON by fetch', 'get', { ...json, 'Sec-Fetch-Dest': 'empty' }, '401'],
  ['HEAD of JSON', 'head', json, '401'],
  ['a GET with a JSON body', 'get', { 'Content-Type': 'application/json' }, '401'],
  ['anything', 'get', { Accept: '*/*' }, 'pass'],
  ['nothing in particular', 'get', { Accept: '' }, 'pass'],
  ['HTML by fetch', 'get', { ...html, 'Sec-Fetch-Dest': 'empty' }, 'pass'],
  ['a style sheet', 'get', { Accept: 'text/css,*/*;q=0.1', 'Sec-Fetch-Dest': 'style' }, 'pass'],
  ['a picture', 'get', { Accept: 'image/avif,image/webp,*/*', 'Sec-Fetch-Dest': 'image' }, 'pass'],
  ['a picture of an old browser', 'get', { Accept: 'image/webp,*/*' }, 'pass'],
  ['a frame', 'get', { ...html, 'Sec-Fetch-Dest': 'iframe' }, 'pass'],
  ['a destination nobody knows', 'get', { ...html, 'Sec-Fetch-Dest': 'document, document' }, 'pass'],
  ['HTML of no weight', 'get', { Accept: 'text/html;q=0, */*' }, 'pass'],
  ['a weight that is none', 'get', { Accept: 'text/html;q=nan' }, 'pass'],
  ['nonsense', 'get', { Accept: ';;,,q=;/,*' }, 'pass'],
  ['8 kB of nonsense', 'get', { Accept: 'a/b,'.repeat(2000) }, 'pass'],
  ['a form', 'post', html, 'pass'],
  ['JSON written', 'put', json, 'pass'],
  ['JSON changed', 'patch', json, 'pass'],
  ['a deletion', 'delete', json, 'pass'],
  ['OPTIONS', 'options', html, 'pass'],
];

function looked({ status, headers, body }: Response): object {
  const { location } = headers;
  if (location !== undefined) return { status, location };
  if (status !== 401) return { status, ...(body as object) };
  const { code, url } = (body as { error?: { code: string; url: string } }).error ?? {};
  return { status, ...(code !== undefined && { code, url }) };
}

describe('The gate, while a half login is open', () => {
  it.each(table)('%s (%s)', async (_, method, headers, answer) => {
    const built = await withPages();
    const { agent } = await halfLoggedIn(built);
    const got = await agent.agent[method]('/page?a=1').set(headers);
    const goal = method === 'head' ? '' : '?to=%2Fpage%3Fa%3D1';
    expect(looked(got)).toEqual(
      {
        step: { status: 303, location: `/2fa${goal}` },
        '401': {
          status: 401,
          ...(method !== 'head' && { code: 'second_factor_required', url: `/2fa${goal}` }),
        },
        pass: { status: 200, page: '/page', user: null },
      }[answer],
    );
  });

  it('never lets the app see the user, whatever passes', async () => {
    const built = await withPages({ allow: ['/help'], signOut: '/logout' });
    const { agent } = await halfLoggedIn(built);
    expect((await agent.page('/help').expect(200)).body.user).toBeNull();
  });

  it.each([
    ['/help', 'pass'],
    ['/help?topic=1', 'pass'],
    ['/leave', 'pass'],
    ['/help/', 'step'],
    ['/help/topic', 'step'],
    ['/HELP', 'step'],
    ['/helpless', 'step'],
    ['/other', 'step'],
    ['/', 'step'],
    ['/2fa-not-ours', 'step'],
    ['/2FA', 'step'],
  ])('with a list of what is allowed: %s is "%s"', async (path, answer) => {
    const built = await withPages({ allow: ['/help'], signOut: '/leave' });
    const { agent } = await halfLoggedIn(built);
    const got = await agent.page(path);
    expect(got.status).toBe(answer === 'pass' ? 200 : 303);
  });

  it('answers 503 when it cannot ask whether the half login is still open', async () => {
    const built = await withPages();
    const { agent } = await halfLoggedIn(built);
    jest.spyOn(built.options.accounts, 'load').mockRejectedValue(new Error('down'));
    const refused = await agent.get('/page').expect(503);
    expect(errorCode(refused)).toBe('unavailable');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('The gate turns away nobody else', () => {
  it.each(['anonymous', 'passed', 'exempt', 'ended', 'used up'])('who is %s', async (state) => {
    const built = await withPages();
    const agent = await inState(built, state);
    for (const headers of [html, json, { Accept: '*/*' }]) {
      const got = await agent.agent.get('/page').set(headers).expect(200);
      expect(got.body.page).toBe('/page');
    }
  });

  async function inState(built: Host, state: string) {
    if (state === 'anonymous') return built.visitor();
    if (state === 'passed') return (await loggedIn(built, 'ann')).agent;
    if (state === 'exempt') return (await loggedIn(built, 'bob')).agent;
    const { agent } = await halfLoggedIn(built);
    if (state === 'ended') built.clock.move(10 * minutes + 1);
    else for (let tries = 0; tries < 5; tries++) await agent.post('/2fa/totp', { code: '000000' });
    return agent;
  }
});

describe('Mounted in the wrong order', () => {
  it.each(['gate', 'requireProof', 'pages'] as const)('%s() says so', async (part) => {
    const built = await host({
      build: (one) => {
        mountSession(one);
        one.app.use(one.twoFactor[part](), one.twoFactor.protect());
        one.app.use(appErrors);
      },
    });
    const wrong = await built.visitor().get('/2fa').expect(500);
    expect(wrong.body).toMatchObject({ appError: 'wrong_setup' });
    expect(wrong.body.help).toContain('protect()');
  });

  it('protect() above passport.session() says so to anyone who is signed in', async () => {
    const store = new MemoryStore();
    const sessions = { secret: 'test', resave: false, saveUninitialized: false, store };
    const right = await host({ session: { store } });
    const { cookie } = await loggedIn(right, 'ann');
    const wrong = await host({
      options: { pending: right.options.pending, accounts: right.options.accounts },
      build: ({ app, twoFactor, passport }) => {
        app.use(session(sessions), twoFactor.protect(), passport.session());
        app.use((req, res) => {
          res.json({ user: req.user });
        });
        app.use(appErrors);
      },
    });
    const refused = await wrong.visitor().get('/me').set('Cookie', cookie).expect(500);
    expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
    expect(refused.body.help).toContain('after passport.session()');
  });

  it('protect() without a session says so', async () => {
    const built = await host({
      build: (one) => {
        one.app.use(one.twoFactor.protect());
        one.app.use((_req, res) => {
          res.json({ passed: true });
        });
        one.app.use(appErrors);
      },
    });
    const refused = await built.visitor().get('/page').expect(500);
    expect(refused.body).toMatchObject({ appError: 'wrong_setup' });
  });
});
