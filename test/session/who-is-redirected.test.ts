import type { Response } from 'supertest';
import { host, sessionCookie, type Host } from '../hosts/host';
import { errorCode } from '../support/browser-agent';
import { minutes } from '../support/clock';
import { origin } from '../support/host-app';
import { halfLoggedIn, loggedIn } from './people';

type Method = 'get' | 'head' | 'post' | 'put' | 'delete';
type State = 'half login' | 'stale' | 'nobody';
interface Kind {
  readonly headers: Readonly<Record<string, string>>;
  /** Somebody sees what comes back in the place of a page. */
  readonly opens: boolean;
  readonly told: 'json' | 'page';
}

const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const json = 'application/json';
const mode = (name: string, destination: string) => ({
  'Sec-Fetch-Mode': name,
  'Sec-Fetch-Dest': destination,
});
const xhr = { 'X-Requested-With': 'XMLHttpRequest' };
const htmx = { 'HX-Request': 'true', 'HX-Current-URL': `${origin}/list`, Referer: `${origin}/list` };

const kinds: Readonly<Record<string, Kind>> = {
  'a browser': { headers: { Accept: html, ...mode('navigate', 'document') }, opens: true, told: 'page' },
  'a service worker that fetches again': {
    headers: { Accept: html, ...mode('navigate', 'empty') },
    opens: true,
    told: 'page',
  },
  'a web view of an Android app': {
    headers: { Accept: html, ...mode('navigate', 'document'), 'X-Requested-With': 'com.example.app' },
    opens: true,
    told: 'page',
  },
  'an old browser': { headers: { Accept: html }, opens: true, told: 'page' },
  'a frame': { headers: { Accept: html, ...mode('navigate', 'iframe') }, opens: false, told: 'page' },
  'a service worker that makes a request of its own': {
    headers: { Accept: html, ...mode('same-origin', 'empty') },
    opens: false,
    told: 'page',
  },
  'fetch()': { headers: { Accept: '*/*', ...mode('cors', 'empty') }, opens: false, told: 'json' },
  'fetch() of JSON': { headers: { Accept: json, ...mode('cors', 'empty') }, opens: false, told: 'json' },
  'a picture': {
    headers: { Accept: 'image/*,*/*;q=0.8', ...mode('no-cors', 'image') },
    opens: false,
    told: 'json',
  },
  'an old script': { headers: { Accept: '*/*' }, opens: false, told: 'page' },
  'a script that says where it wants the answer': {
    headers: { Accept: '*/*', 'Sec-Fetch-Dest': 'empty' },
    opens: false,
    told: 'json',
  },
  'XMLHttpRequest with its header': { headers: { Accept: '*/*', ...xhr }, opens: false, told: 'json' },
  'jQuery for HTML': { headers: { Accept: 'text/html, */*; q=0.01', ...xhr }, opens: false, told: 'page' },
  htmx: { headers: { Accept: '*/*', ...htmx }, opens: false, told: 'json' },
  'htmx for HTML': { headers: { Accept: html, ...htmx }, opens: false, told: 'page' },
};
const methods = ['get', 'head', 'post', 'put', 'delete'] as const;
const cells = Object.entries(kinds).flatMap(([name, kind]) =>
  methods.map((method) => [method.toUpperCase(), name, method, kind] as const),
);
const isRead = (method: Method): boolean => method === 'get' || method === 'head';

/** What a client sees of an answer. */
function seen({ status, headers, text, body }: Response): object {
  const type = headers['content-type'] ?? '';
  const { error } = (type.startsWith('application/json') ? body : {}) as {
    error?: { code: string; url?: string };
  };
  return {
    status,
    location: headers.location,
    htmx: headers['hx-redirect'] !== undefined,
    ...(error && { code: error.code, leads: error.url?.startsWith('/') }),
    ...(type.startsWith('text/html') && { page: true, sendAgain: text?.includes('send it again') ?? false }),
  };
}

const redirect = (location: string) => ({
  status: 303,
  location,
  htmx: false,
  page: true,
  sendAgain: false,
});

/** No redirect, no page with 200, words for whoever reads them, and a way on. */
function refusal(method: Method, { headers, told }: Kind, status: number, code: string): object {
  const error = method === 'head' ? {} : { code, leads: true };
  const page = { page: true, sendAgain: !isRead(method) };
  return {
    status,
    location: undefined,
    htmx: 'HX-Request' in headers,
    ...(told === 'json' ? error : page),
  };
}

const ask = (
  agent: Host['visitor'] extends () => infer Agent ? Agent : never,
  method: Method,
  path: string,
  kind: Kind,
) =>
  agent.agent[method](path)
    .set({ Origin: origin, ...kind.headers })
    .type(isRead(method) ? '' : 'form')
    .send(isRead(method) ? undefined : 'a=1');

const build = () =>
  host({
    gate: { logins: ['/enter'] },
    routes: ({ app, twoFactor, users }) => {
      app.all('/guarded', twoFactor.requireProof({ within: '5m' }), (_req, res) => {
        res.json({ done: true });
      });
      app.all('/page', (req, res) => {
        res.json({ user: req.user ?? null });
      });
      // By whatever method: a form, a magic link, an app of one page.
      app.all('/enter', (req, res, next) => {
        const cyd = users.get('cyd') ?? {};
        req.logIn(cyd, (error) => (error ? next(error) : res.json({ in: true })));
      });
    },
  });

async function inState(built: Host, state: State) {
  if (state === 'nobody') return { agent: built.visitor(), cookie: '' };
  if (state === 'half login') return halfLoggedIn(built);
  const login = await loggedIn(built, 'ann');
  built.clock.move(6 * minutes);
  return login;
}

describe('Who is answered by a redirect, and who by a refusal', () => {
  describe.each(['half login', 'stale', 'nobody'] as const)('of %s', (state) => {
    let built: Host;
    let visit: Awaited<ReturnType<typeof inState>>;
    beforeAll(async () => {
      built = await build();
      visit = await inState(built, state);
    });

    const refusals = {
      'half login': [401, 'second_factor_required'],
      stale: [403, 'step_up_required'],
      nobody: [401, 'sign_in_required'],
    } as const;

    it.each(cells)('requireProof on %s of %s', async (_, __, method, kind) => {
      const isLed = state !== 'nobody' && kind.opens && isRead(method);
      const way = state === 'stale' ? '/2fa/confirm' : '/2fa';
      const goal = method === 'get' ? '?to=%2Fguarded' : '';
      const got = await ask(visit.agent, method, '/guarded', kind);
      expect(seen(got)).toEqual(
        isLed ? redirect(way + goal) : refusal(method, kind, refusals[state][0], refusals[state][1]),
      );
    });

    it.each(cells)('the gate on %s of %s', async (_, __, method, kind) => {
      const isTold = kind.opens || kind.headers.Accept === json;
      const passes = state !== 'half login' || !isRead(method) || !isTold;
      const goal = method === 'get' ? '?to=%2Fpage' : '';
      const turned = kind.opens
        ? redirect(`/2fa${goal}`)
        : refusal(method, kind, 401, 'second_factor_required');
      const got = await ask(visit.agent, method, '/page', kind);
      expect(seen(got)).toEqual(passes ? { status: 200, location: undefined, htmx: false } : turned);
      // What passes sees nobody.
      expect(passes && method !== 'head' && state === 'half login' ? got.body.user : null).toBeNull();
    });

    it.each(cells)('the login itself by %s of %s', async (_, __, method, kind) => {
      const entered = ask(built.visitor(), method, '/enter', kind);
      if (visit.cookie !== '') void entered.set('Cookie', visit.cookie);
      const got = await entered;
      const isLed = kind.opens && (isRead(method) || method === 'post');
      expect(seen(got)).toEqual(
        isLed ? redirect('/2fa') : refusal(method, kind, 401, 'second_factor_required'),
      );
      expect(sessionCookie(got)).toBeDefined();
      // It took the session over, so the next one begins anew.
      visit = await inState(built, state);
    });
  });

  it('sends htmx to a page, and never to the part of one that it asked for', async () => {
    const built = await build();
    const { agent } = await halfLoggedIn(built);
    const part = await agent.agent.get('/guarded').set({ Accept: '*/*', ...htmx });
    expect(part.headers['hx-redirect']).toBe('/2fa?to=%2Flist');
    const link = await agent.agent.get('/guarded').set({ Accept: '*/*', ...htmx, 'HX-Boosted': 'true' });
    expect(link.headers['hx-redirect']).toBe('/2fa?to=%2Fguarded');
  });

  it('takes a form without Accept for one: programs leave it out, and browsers never', async () => {
    const built = await build();
    const sent = await built
      .visitor()
      .agent.post('/login')
      .type('form')
      .send({ username: 'ann', password: 'right' });
    expect([sent.status, sent.headers.location]).toEqual([303, '/2fa']);
  });

  it.each([
    ['half login', '/2fa/security', 'second_factor_required'],
    ['half login', '/2fa/security/totp', 'second_factor_required'],
    ['stale', '/2fa/security/totp', 'step_up_required'],
    ['nobody', '/2fa/security', 'sign_in_required'],
    ['nobody', '/2fa/nowhere', 'sign_in_required'],
  ] as const)(
    'never gives a script of %s a page for %s in the place of a refusal',
    async (state, path, code) => {
      const built = await build();
      const { agent } = await inState(built, state);
      const got = await agent.agent.get(path).set({ Accept: '*/*', ...mode('cors', 'empty') });
      expect(got.headers.location).toBeUndefined();
      expect(errorCode(got)).toBe(code);
    },
  );
});
