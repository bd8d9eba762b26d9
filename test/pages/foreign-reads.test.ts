import { formToken, withAnn } from '../advisories/cast';
import { browser, errorCode, halfLogin } from '../support/browser-agent';
import { hostApp } from '../support/host-app';

const sites = ['cross-site', 'same-site'];

/** How a page of another site can make a browser ask for something with its cookies, and read or use what comes. */
const scripts: Readonly<Record<string, Record<string, string>>> = {
  'a script that wants JSON': {
    Accept: 'application/json',
    'Sec-Fetch-Mode': 'cors',
    'Sec-Fetch-Dest': 'empty',
  },
  'a script that wants a page': { Accept: 'text/html', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  'a script that wants anything': { Accept: '*/*', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' },
  'a picture': { Accept: 'image/avif,*/*', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
  'a script element': { Accept: '*/*', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' },
  'a frame': { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
  'somebody who only says where from': { Accept: 'application/json' },
};
const opening = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

const pages = [
  '/2fa',
  '/2fa/confirm',
  '/2fa/security',
  '/2fa/security/totp',
  '/2fa/security/otp-sms',
  '/2fa/security/webauthn',
  '/2fa/security/backup-codes',
  '/2fa/security/factors/x',
  // Nothing is there: one that is added is covered before it is written.
  '/2fa/security/tomorrow',
];

describe('What a page of another site asks for by GET', () => {
  it.each(sites.flatMap((site) => Object.keys(scripts).map((what) => [site, what] as const)))(
    'is refused, whatever CORS the app allows, and shows nothing: %s, %s',
    async (site, what) => {
      const cast = await withAnn();
      const { body: setUp } = await cast.ann.get('/2fa/security/totp').expect(200);
      const { body: made } = await cast.ann.post('/2fa/security/backup-codes').expect(201);
      for (const path of pages) {
        for (const method of ['get', 'head'] as const) {
          const asked = cast.ann.agent[method](path).set({ ...scripts[what], 'Sec-Fetch-Site': site });
          const { status, text } = await asked;
          expect([path, method, status]).toEqual([path, method, 403]);
          const isTold = [setUp.secret, made.backupCodes[0], 'ann@example.com'].some(
            (secret) => method === 'get' && text.includes(secret),
          );
          expect(isTold).toBe(false);
        }
      }
    },
  );

  it('is refused by name to who wants JSON, signed in, half signed in or not at all', async () => {
    const cast = await withAnn();
    for (const agent of [cast.ann, await halfLogin(cast), browser(cast.app)])
      expect(errorCode(await agent.get('/2fa/security').set('Sec-Fetch-Site', 'same-site').expect(403))).toBe(
        'bad_origin',
      );
  });

  it.each(sites)('is answered where a link or a redirect opens it as a page: %s', async (site) => {
    const cast = await withAnn();
    const from = { ...opening, 'Sec-Fetch-Site': site };
    await cast.ann.agent.get('/2fa/security').set(from).expect(200);
    const half = await halfLogin(cast);
    await half.agent.get('/2fa').set(from).expect(200);
  });

  it.each(['same-origin', 'none'])(
    'is answered from a page of ours and from the address bar: %s',
    async (site) => {
      const cast = await withAnn();
      await cast.ann.get('/2fa/security').set('Sec-Fetch-Site', site).expect(200);
      await cast.ann.get('/2fa/security/totp').set('Sec-Fetch-Site', site).expect(200);
    },
  );

  it('is a style sheet or a script of ours for whoever wants it: it holds no secret', async () => {
    const { agent } = browser(hostApp().app);
    await agent.get('/2fa/assets/style.css').set('Sec-Fetch-Site', 'cross-site').expect(200);
  });
});

describe('A link of another site to the page of a new app', () => {
  const path = '/2fa/security/totp';
  const from = { ...opening, 'Sec-Fetch-Site': 'cross-site' };

  it('begins nothing: its reader is asked first, by a button that posts', async () => {
    const cast = await withAnn();
    const { text } = await cast.ann.agent.get(path).set(from).expect(200);
    expect(text).not.toMatch(/otpauth:|<svg class="qr"/);
    expect(text).toContain(`action="${path}/begin"`);
    const form_token = formToken(text);
    // Nothing was begun that a code could confirm.
    expect(errorCode(await cast.ann.post(path, { code: '123456' }).expect(409))).toBe('conflict');
    const begun = await cast.ann.form(`${path}/begin`, { form_token }).expect(303);
    expect(begun.headers.location).toBe(path);
    expect((await cast.ann.page(path).expect(200)).text).toContain('otpauth:');
  });

  it('shows the one that its reader has begun', async () => {
    const cast = await withAnn();
    const { body } = await cast.ann.get(path).expect(200);
    const { text } = await cast.ann.agent.get(path).set(from).expect(200);
    expect(text).toContain(String(body.otpauthUrl).replaceAll('&', '&amp;'));
  });

  it('asks for a proof first where the last one is old', async () => {
    const cast = await withAnn();
    cast.clock.move(6 * 60_000);
    const { headers } = await cast.ann.agent.get(path).set(from).expect(303);
    expect(headers.location).toBe('/2fa/confirm?to=%2F2fa%2Fsecurity%2Ftotp');
  });

  it('is begun for a script by POST, and is the same for whoever asks again', async () => {
    const cast = await withAnn();
    const { body: begun } = await cast.ann.post(`${path}/begin`).expect(200);
    expect(Object.keys(begun).toSorted()).toEqual(['otpauthUrl', 'secret']);
    expect((await cast.ann.get(path).expect(200)).body).toEqual(begun);
    expect((await cast.ann.post(`${path}/begin`).expect(200)).body).toEqual(begun);
  });
});
