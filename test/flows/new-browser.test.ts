import type { Response } from 'supertest';
import { DeliveryError, memoryPending, memorySender } from '../../lib';
import { browser, codeAt, enrolTotp, errorCode, type BrowserAgent } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { codesApp, give, newest, type CodesApp } from '../support/codes-app';
import { hostApp, origin } from '../support/host-app';
import { addKey, localKey, proveKey } from '../support/keys';
import { overridePending } from '../support/override';

type Given = NonNullable<Parameters<typeof codesApp>[0]>;

const users: NonNullable<Given['users']> = {
  id: (user) => user.id,
  name: (user) => user.name,
  contacts: (user) => [{ channel: 'email', address: user.name }],
};

interface Cast extends CodesApp {
  /** In which ann set up her app. */
  readonly home: BrowserAgent;
  readonly backupCodes: readonly string[];
  totp(): string;
}

const cast = (given: Given = {}): Promise<Cast> => castWith(() => undefined, given);

async function castWith(routes: Parameters<typeof codesApp>[1], given: Given = {}): Promise<Cast> {
  const host = codesApp({ newBrowser: 'confirm', users, ...given }, routes);
  const home = browser(host.app);
  await home.signIn('ann').expect(200);
  const { secret, backupCodes } = await enrolTotp(home, host.clock.now());
  host.clock.move(31 * seconds);
  return { ...host, home, backupCodes, totp: () => codeAt(secret, host.clock.now()) };
}

/** A browser that has never been here, after the password. */
async function elsewhere({ app }: Pick<Cast, 'app'>): Promise<BrowserAgent> {
  const agent = browser(app);
  await agent.signIn('ann').expect(401);
  return agent;
}

/** The links in the mails to an address, newest first, as paths. */
const linksTo = ({ email, sms }: Cast, to = 'ann@example.com'): string[] =>
  [...email.sent, ...sms.sent]
    .filter((message) => message.to === to)
    .flatMap(({ text }) => /^https?:\/\/[^\s]+\/2fa\/browser\/[\w-]{43}$/m.exec(text)?.[0] ?? [])
    .map((url) => url.replace(origin, ''));

const linkIn = (host: Cast, to?: string): string => linksTo(host, to)[0] ?? '';

/** Half signed in with a right proof, in a browser that waits for its link. */
async function waiting(host: Cast): Promise<{ agent: BrowserAgent; link: string }> {
  const agent = await elsewhere(host);
  await agent.post('/2fa/totp', { code: host.totp() }).expect(401);
  return { agent, link: linkIn(host) };
}

const whoIs = async (agent: BrowserAgent): Promise<string | undefined> => {
  const { body } = await agent.get('/me');
  return (body as { user: { id: string } | null }).user?.id;
};
const told = (response: Response) => [response.status, errorCode(response)];

describe('A right code from a browser never seen before', () => {
  it('waits for a link, and says where that was sent', async () => {
    const host = await cast();
    const agent = await elsewhere(host);
    const { status, body } = await agent.post('/2fa/totp', { code: host.totp() });
    const expiresAt = new Date(host.clock.now() + 15 * minutes).toISOString();
    const resendAt = new Date(host.clock.now() + 30 * seconds).toISOString();
    expect(status).toBe(401);
    expect(body).toEqual({
      error: {
        code: 'new_browser',
        message: expect.stringContaining('we sent you a link. Open the e-mail on this device'),
        sentTo: ['a•••@e•••.com'],
        expiresAt,
        resendAt,
      },
    });
    expect((await agent.get('/2fa').expect(200)).body).toEqual({
      status: 'owed',
      waiting: 'new_browser',
      sentTo: ['a•••@e•••.com'],
      expiresAt,
      resendAt,
    });
    expect(await whoIs(agent)).toBeUndefined();
    expect(told(await agent.get('/me'))).toEqual([401, 'second_factor_required']);
  });

  it('is completed by the link in that browser, once', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    expect((await agent.get(link).expect(200)).body).toEqual({ status: 'ready' });
    expect((await agent.get(link).expect(200)).body).toEqual({ status: 'ready' });
    expect((await agent.post(link).expect(200)).body).toEqual({ status: 'passed', url: '/' });
    expect(await whoIs(agent)).toBe('id-ann');
    expect((await agent.get('/me')).body.twoFactor).toMatchObject({ status: 'passed', amr: ['otp', 'mfa'] });
    expect(told(await agent.get(link))).toEqual([404, 'not_found']);
    expect(told(await agent.post(link))).toEqual([404, 'not_found']);
    expect((await agent.get('/2fa').expect(200)).body).toEqual({ status: 'passed', url: '/' });
  });

  it('leads where its user wanted to go', async () => {
    const host = await cast();
    const agent = await elsewhere(host);
    await agent.post('/2fa/totp?to=%2Fbilling', { code: host.totp() }).expect(401);
    expect((await agent.post(linkIn(host))).body.url).toBe('/billing');
  });

  it('asks nothing more of a browser that is known, nor of this one from then on', async () => {
    const host = await cast();
    await host.home.signOut();
    await host.home.signIn('ann').expect(401);
    await host.home.post('/2fa/totp', { code: host.totp() }).expect(200);
    const { agent, link } = await (host.clock.move(31 * seconds), waiting(host));
    await agent.post(link).expect(200);
    await agent.signOut();
    host.clock.move(31 * seconds);
    await agent.signIn('ann').expect(401);
    await agent.post('/2fa/totp', { code: host.totp() }).expect(200);
    expect(linksTo(host)).toHaveLength(1);
  });

  it('is not known before: a second attempt in it waits too', async () => {
    const host = await cast();
    const { agent } = await waiting(host);
    await agent.post('/2fa/cancel').expect(200);
    host.clock.move(31 * seconds);
    await agent.signIn('ann').expect(401);
    expect(told(await agent.post('/2fa/totp', { code: host.totp() }))).toEqual([401, 'new_browser']);
  });

  it('is not made known by a step-up with a session that was stolen', async () => {
    const host = await cast();
    const { headers } = await host.home.post('/2fa/totp', { code: host.totp() }).expect(200);
    const [stolen = ''] = /connect\.sid=[^;]+/.exec(String(headers['set-cookie'])) ?? [];
    host.clock.move(31 * seconds);
    const thief = browser(host.app);
    await thief.post('/2fa/totp', { code: host.totp() }).set('Cookie', stolen).expect(200);
    await thief.signOut();
    host.clock.move(31 * seconds);
    await thief.signIn('ann').expect(401);
    expect(told(await thief.post('/2fa/totp', { code: host.totp() }))).toEqual([401, 'new_browser']);
  });

  it('with a backup code waits too, and says how many are left once it is through', async () => {
    const host = await cast();
    const agent = await elsewhere(host);
    const code = host.backupCodes[5];
    expect(told(await agent.post('/2fa/backup-code', { code }))).toEqual([401, 'new_browser']);
    const { body } = await agent.post(linkIn(host)).expect(200);
    expect(body).toEqual({ status: 'passed', url: '/', backupCodesLeft: 9 });
  });

  it('takes no other code meanwhile, and counts none', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    for (let tries = 0; tries < 7; tries += 1) {
      const answer = await agent.post('/2fa/totp', { code: '000000' });
      expect(told(answer)).toEqual([401, 'new_browser']);
      expect(answer.body.error.sentTo).toEqual(['a•••@e•••.com']);
    }
    expect(told(await agent.post('/2fa/otp-email/send'))).toEqual([404, 'not_found']);
    await agent.post(link).expect(200);
  });

  it('has 15 minutes, beyond those of the half login', async () => {
    const host = await cast();
    const agent = await elsewhere(host);
    host.clock.move(9 * minutes);
    await agent.post('/2fa/totp', { code: host.totp() }).expect(401);
    host.clock.move(15 * minutes - 1);
    expect((await agent.get(linkIn(host)).expect(200)).body).toEqual({ status: 'ready' });
    host.clock.move(1);
    expect(told(await agent.post(linkIn(host)))).toEqual([404, 'not_found']);
    expect(told(await agent.get('/2fa'))).toEqual([401, 'half_login_ended']);
  });
});

describe('The link', () => {
  it('does nothing anywhere else: not in a known browser, not in none, not in one that waits for another', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    host.clock.move(31 * seconds);
    const { agent: other } = await waiting(host);
    for (const wrong of [host.home, browser(host.app), await elsewhere(host), other]) {
      expect(told(await wrong.get(link))).toEqual([403, 'other_browser']);
      expect(told(await wrong.post(link))).toEqual([403, 'other_browser']);
    }
    expect(await whoIs(other)).toBeUndefined();
    await agent.post(link).expect(200);
  });

  it('says what may be going on, and nothing of the account', async () => {
    const host = await cast();
    const { link } = await waiting(host);
    const { text, headers } = await browser(host.app).page(link).expect(403);
    expect(text).toContain('Open the message there.');
    expect(text).toContain('someone else may be signing in');
    expect(text).toContain(`action="${link}/block"`);
    expect(text).not.toMatch(/ann|example\.com|<input(?! type="hidden")/);
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('stops the sign-in for whoever got the mail, and its owner is told', async () => {
    const host = await cast();
    const blocked: unknown[] = [];
    host.twoFactor.on('login.blocked', (event) => blocked.push(event));
    const { agent, link } = await waiting(host);
    const reader = browser(host.app);
    expect((await reader.post(`${link}/block`).expect(202)).body).toEqual({ status: 'received' });
    expect(told(await agent.post(link))).toEqual([404, 'not_found']);
    expect(told(await agent.get('/2fa'))).toEqual([401, 'sign_in_required']);
    expect(told(await reader.post(`${link}/block`))).toEqual([404, 'not_found']);
    expect(blocked).toMatchObject([{ userId: 'id-ann', type: 'totp' }]);
    await host.twoFactor.tick();
    expect(host.notices.sent.map(({ text }) => text).join()).toContain('stopped a sign-in to your account');
  });

  it('is stopped once of many at once, and told of once', async () => {
    const host = await cast();
    const blocked: unknown[] = [];
    host.twoFactor.on('login.blocked', (event) => blocked.push(event));
    const { link } = await waiting(host);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => browser(host.app).post(`${link}/block`)),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(5);
    expect(blocked).toHaveLength(1);
  });

  it('leaves a login that is already complete alone', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    await agent.post(link).expect(200);
    expect(told(await browser(host.app).post(`${link}/block`))).toEqual([404, 'not_found']);
    expect(await whoIs(agent)).toBe('id-ann');
  });

  it('is sent three times, each a link of its own, and all of them work', async () => {
    const host = await cast();
    const { agent } = await waiting(host);
    const soon = await agent.post('/2fa/browser/send');
    expect(told(soon)).toEqual([429, 'resend_too_soon']);
    expect(soon.headers['retry-after']).toBe('30');
    for (const wait of [30, 60]) {
      host.clock.move(wait * seconds);
      expect((await agent.post('/2fa/browser/send').expect(200)).body).toMatchObject({
        waiting: 'new_browser',
      });
    }
    host.clock.move(120 * seconds);
    expect(told(await agent.post('/2fa/browser/send'))).toEqual([429, 'too_many_sends']);
    const links = linksTo(host);
    expect(new Set(links).size).toBe(3);
    for (const link of links) expect((await agent.get(link).expect(200)).body).toEqual({ status: 'ready' });
    await agent.post(links[2] ?? '').expect(200);
    for (const link of links) expect(told(await agent.get(link))).toEqual([404, 'not_found']);
  });

  it.each([
    ['ended by signing out everywhere', ({ twoFactor }: Cast) => twoFactor.signOutEverywhere('id-ann')],
    ['of an account that was deleted', ({ twoFactor }: Cast) => twoFactor.forget('id-ann')],
  ])('does nothing for a login %s', async (_what, end) => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    await end(host);
    expect(told(await agent.get(link))).toEqual([404, 'not_found']);
    expect(told(await agent.post(link))).toEqual([404, 'not_found']);
    expect(await whoIs(agent)).toBeUndefined();
  });

  it.each([
    ['empty', ''],
    ['short', 'x'],
    ['made up', 'A'.repeat(43)],
    ['with a zero byte', `${'A'.repeat(42)}%00`],
    ['a path', '..%2f..%2fme'],
    ['long', 'A'.repeat(5000)],
  ])('is refused if nobody made it: %s', async (_what, token) => {
    const host = await cast();
    const { status } = await browser(host.app).get(`/2fa/browser/${token}`);
    expect([401, 404]).toContain(status);
  });

  it('is not opened by another site: not read, not posted', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    const foreign = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'no-cors',
      'Sec-Fetch-Dest': 'image',
    };
    expect(told(await agent.get(link).set(foreign))).toEqual([403, 'bad_origin']);
    for (const path of [link, `${link}/block`]) {
      expect(told(await agent.post(path).set('Sec-Fetch-Site', 'cross-site'))).toEqual([403, 'bad_origin']);
      expect(told(await agent.post(path).set('Origin', 'https://evil.example'))).toEqual([403, 'bad_origin']);
    }
    expect((await agent.get(link).expect(200)).body).toEqual({ status: 'ready' });
  });

  it('works from pages that tell nobody where they are: their forms are sent from "null"', async () => {
    const host = await cast();
    const { agent, link } = await waiting(host);
    expect((await agent.form(link).set('Origin', 'null')).headers.location).toBe('/');
    const { link: second } = await (host.clock.move(31 * seconds), waiting(host));
    await browser(host.app).form(`${second}/block`).set('Origin', 'null').expect(202);
  });
});

describe('Where the link goes', () => {
  it('is every mailbox, but the one that the code came from', async () => {
    const host = await cast();
    await give(host, 'otp-email', 'second@mail.example');
    const agent = await elsewhere(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    const { body } = await agent.post('/2fa/otp-email', { code: newest(host.email) });
    expect(body.error).toMatchObject({ code: 'new_browser', sentTo: ['a•••@e•••.com'] });
    host.clock.move(31 * seconds);
    await waiting(host);
    expect([linksTo(host), linksTo(host, 'second@mail.example')].map(({ length }) => length)).toEqual([2, 1]);
  });

  it('is the phone, where the code came to the only mailbox', async () => {
    const host = await cast();
    await give(host, 'otp-email', 'ann@example.com');
    await give(host, 'otp-sms', '+420603123456');
    const agent = await elsewhere(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    const { body } = await agent.post('/2fa/otp-email', { code: newest(host.email) });
    expect(body.error).toMatchObject({ code: 'new_browser', sentTo: ['•••••••56'] });
    await agent.post(linkIn(host, '+420603123456')).expect(200);
  });

  it('is nowhere, where the code came to all there is: then it counts, and statusOf says so', async () => {
    const host = await cast();
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ newBrowserCovered: true });
    expect(await host.twoFactor.statusOf('id-bob')).toMatchObject({ newBrowserCovered: false });
    await give(host, 'otp-email', 'ann@example.com');
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ newBrowserCovered: false });
    const agent = await elsewhere(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
    expect(await whoIs(agent)).toBe('id-ann');
  });

  it("is not the code's own mailbox under another of its addresses", async () => {
    const host = await cast();
    await give(host, 'otp-email', 'Ann+Codes@Example.com');
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ newBrowserCovered: false });
    const agent = await elsewhere(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
    expect([linksTo(host), linksTo(host, 'Ann+Codes@example.com')].flat()).toEqual([]);
  });

  it('is not a mailbox that the app says does not work', async () => {
    const contacts: typeof users.contacts = () => [
      { channel: 'email', address: 'gone@example.com', usable: false },
      { channel: 'email', address: 'there@example.com' },
    ];
    const host = await cast({ users: { ...users, contacts } });
    await waiting(host);
    expect(
      [linksTo(host, 'gone@example.com'), linksTo(host, 'there@example.com')].map(({ length }) => length),
    ).toEqual([0, 1]);
  });

  it('is asked of an app that answers: while it never has, nobody gets in', async () => {
    const contacts = () => Promise.reject(new Error('down'));
    const host = await cast({ users: { ...users, contacts } });
    const agent = await elsewhere(host);
    expect(told(await agent.post('/2fa/totp', { code: host.totp() }))).toEqual([503, 'unavailable']);
    expect(await whoIs(agent)).toBeUndefined();
  });
});

describe('What else belongs to it', () => {
  it('a key is never asked more, nor is one that was used while the login waited', async () => {
    const key = localKey();
    const host = await cast();
    await addKey(host.home, key);
    expect((await proveKey(await elsewhere(host), key)).status).toBe(200);
    const { agent } = await waiting(host);
    const { text } = await agent.page('/2fa').expect(200);
    expect(text).toContain('href="/2fa/choose"');
    expect((await proveKey(agent, key)).body).toMatchObject({ status: 'passed' });
    expect(linksTo(host)).toHaveLength(1);
  });

  it.each(['notice', 'off'] as const)("with 'newBrowser: %s' the code is enough", async (newBrowser) => {
    const host = await cast({ newBrowser });
    const agent = await elsewhere(host);
    await agent.post('/2fa/totp', { code: host.totp() }).expect(200);
    await host.twoFactor.tick();
    const isTold = host.notices.sent.some(({ text }) => /hadn't been used for it before/.test(text));
    expect(isTold).toBe(newBrowser === 'notice');
    expect(await host.twoFactor.statusOf('id-ann')).toMatchObject({ newBrowserCovered: false });
  });

  it('a page posted by a browser leads to the page that waits, and from the link to where it wanted to go', async () => {
    const host = await cast();
    const agent = await elsewhere(host);
    const tokenIn = (text: string): string => /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const step = await agent.page('/2fa/totp?to=%2Fbilling').expect(200);
    const fields = { form_token: tokenIn(step.text), code: host.totp() };
    const { headers } = await agent.form('/2fa/totp?to=%2Fbilling', fields).expect(303);
    expect(headers.location).toBe('/2fa?to=%2Fbilling');
    const page = await agent.page('/2fa?to=%2Fbilling').expect(200);
    expect(page.text).toContain('Open the e-mail on this device');
    const tooSoon = await agent.form('/2fa/browser/send', { form_token: tokenIn(page.text) }).expect(429);
    expect(tooSoon.text).toContain('A link is on its way.');
    host.clock.move(31 * seconds);
    await agent.form('/2fa/browser/send', { form_token: tokenIn(tooSoon.text) }).expect(303);
    expect((await agent.form(linkIn(host))).headers.location).toBe('/billing');
  });

  it('while nothing can be sent, the login waits, and says so', async () => {
    const send = jest.fn(() => Promise.reject(new DeliveryError('provider')));
    const host = await cast({ email: { send } });
    const agent = await elsewhere(host);
    expect(told(await agent.post('/2fa/totp', { code: host.totp() }))).toEqual([503, 'delivery_failed']);
    const resendAt = new Date(host.clock.now() + 30 * seconds).toISOString();
    const waits = { waiting: 'new_browser', sentTo: [], resendAt };
    expect((await agent.get('/2fa').expect(200)).body).toMatchObject(waits);
    host.clock.move(31 * seconds);
    expect(told(await agent.post('/2fa/browser/send'))).toEqual([503, 'delivery_failed']);
    host.clock.move(61 * seconds);
    send.mockResolvedValue(undefined as never);
    await agent.post('/2fa/browser/send').expect(200);
    expect((await agent.get('/2fa').expect(200)).body).toMatchObject({ sentTo: ['a•••@e•••.com'] });
  });

  it('says where the link went, and not where it could not be sent', async () => {
    const isDown = { yes: true };
    const send = jest.fn(({ to }: { readonly to: string }) =>
      isDown.yes && to.startsWith('ann') ? Promise.reject(new DeliveryError('provider')) : Promise.resolve(),
    );
    const contacts: (typeof users)['contacts'] = () =>
      ['ann@example.com', 'other@home.example'].map((address) => ({ channel: 'email', address }));
    const host = await cast({ email: { send }, users: { ...users, contacts } });
    const agent = await elsewhere(host);
    const answer = await agent.post('/2fa/totp', { code: host.totp() });
    expect(told(answer)).toEqual([401, 'new_browser']);
    expect(answer.body.error.sentTo).toEqual(['o•••@h•••.example']);
    expect((await agent.get('/2fa')).body.sentTo).toEqual(['o•••@h•••.example']);
    isDown.yes = false;
    host.clock.move(31 * seconds);
    await agent.post('/2fa/browser/send').expect(200);
    expect((await agent.get('/2fa')).body.sentTo).toEqual(['a•••@e•••.com', 'o•••@h•••.example']);
  });

  it('while nothing can be sent, a page posted by a browser leads to the one that says so', async () => {
    const host = await cast({ email: { send: () => Promise.reject(new DeliveryError('provider')) } });
    const agent = await elsewhere(host);
    const { text } = await agent.page('/2fa/totp').expect(200);
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
    const posted = await agent.form('/2fa/totp', { form_token: token, code: host.totp() }).expect(303);
    expect(posted.headers.location).toBe('/2fa');
    const page = await agent.page('/2fa').expect(200);
    expect(page.text).toContain('send you a link yet</h1>');
    expect(page.text).not.toMatch(/Sent to|Open the e-mail/);
  });

  it('links have budgets of their own: five an hour, whatever codes were sent', async () => {
    const host = await cast();
    await give(host, 'otp-sms', '+420603123456');
    for (let times = 0; times < 5; times += 1) {
      const agent = await elsewhere(host);
      await agent.post('/2fa/otp-sms/send').expect(200);
      expect(told(await agent.post('/2fa/otp-sms', { code: newest(host.sms) }))).toEqual([
        401,
        'new_browser',
      ]);
      host.clock.move(31 * seconds);
    }
    const agent = await elsewhere(host);
    const answer = await agent.post('/2fa/totp', { code: host.totp() });
    expect(told(answer)).toEqual([401, 'new_browser']);
    const left = 3600 - 5 * 31;
    const resendAt = new Date(host.clock.now() + left * seconds).toISOString();
    expect(answer.headers['retry-after']).toBe(String(left));
    expect(answer.body.error).toMatchObject({ sentTo: [], resendAt, retryAfter: left });
    expect(answer.body.error.message).toContain('none could be sent so far');
    expect((await agent.get('/2fa').expect(200)).body).toMatchObject({ sentTo: [], resendAt });
    expect((await agent.page('/2fa').expect(200)).text).toContain(
      'This sign-in ends before one can be sent.',
    );
    expect(told(await agent.post('/2fa/browser/send'))).toEqual([429, 'too_many_sends']);
    // They are those of browsers never seen before.
    await host.home.signOut();
    await host.home.signIn('ann').expect(401);
    host.clock.move(31 * seconds);
    await host.home.post('/2fa/totp', { code: host.totp() }).expect(200);
  });

  it('five an hour from one network, and fifteen in all: a relay leaves its victim some', async () => {
    const host = await castWith((app) => app.set('trust proxy', true));
    const from = async (network: number) => {
      host.clock.move(31 * seconds);
      const agent = browser(host.app);
      const headers = { 'X-Forwarded-For': `203.0.113.${network}` };
      await agent.signIn('ann').set(headers).expect(401);
      const { body } = await agent.post('/2fa/totp', { code: host.totp() }).set(headers).expect(401);
      return (body as { error: { sentTo: string[] } }).error.sentTo.length;
    };
    const sent = { relay: 0, victim: 0, third: 0, fourth: 0 };
    for (let times = 0; times < 6; times += 1) sent.relay += await from(1);
    for (let times = 0; times < 6; times += 1) sent.victim += await from(2);
    for (let times = 0; times < 6; times += 1) sent.third += await from(3);
    sent.fourth += await from(4);
    expect(sent).toEqual({ relay: 5, victim: 5, third: 5, fourth: 0 });
  });

  it('the mail is in the language of its owner, not of whoever signs in', async () => {
    const host = await cast();
    await host.home.signOut();
    await host.home.signIn('ann').expect(401);
    await host.home.post('/2fa/totp', { code: host.totp() }).set('Accept-Language', 'cs').expect(200);
    host.clock.move(31 * seconds);
    await waiting(host);
    expect(host.email.sent[0]).toMatchObject({ subject: 'Přihlašujete se do Test App z nového prohlížeče?' });
  });

  it('a route of the app that takes the proof answers likewise, and never signs anybody in', async () => {
    const host = await castWith((app, twoFactor) => {
      app.post('/own', twoFactor.authenticate('totp'), (_req, res) => void res.json({ in: true }));
    });
    const agent = await elsewhere(host);
    const answer = await agent.post('/own', { code: host.totp() });
    expect(told(answer)).toEqual([401, 'new_browser']);
    expect(answer.body.error.sentTo).toEqual(['a•••@e•••.com']);
    expect(await whoIs(agent)).toBeUndefined();
    await agent.post(linkIn(host)).expect(200);
  });

  it('a session cookie that is SameSite=Strict comes with the second request, which a page of ours makes', async () => {
    const host = await cast({ session: { secret: 'test', cookie: { sameSite: 'strict' } } });
    const { link } = await waiting(host);
    const fromMail = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    const { text } = await browser(host.app).page(link).set(fromMail).expect(403);
    expect(text).toContain(`<meta http-equiv="refresh" content="0; url=${link}">`);
    expect(text).not.toContain('someone else may be signing in');
    const { text: again } = await browser(host.app)
      .page(link)
      .set({ ...fromMail, 'Sec-Fetch-Site': 'same-origin' })
      .expect(403);
    expect(again).toContain('someone else may be signing in');
  });

  it.each([
    ['users.contacts', { newBrowser: 'confirm', email: { send: memorySender() } }],
    ['a sender', { newBrowser: 'confirm', users }],
  ] as const)('without %s it is refused at the start', (_what, given) => {
    expect(() => hostApp({ ...given })).toThrow(
      expect.objectContaining({
        code: 'bad_option',
        message: expect.stringContaining("newBrowser: 'confirm' needs"),
      }),
    );
  });

  it('no event, no error and no record holds the link', async () => {
    const all: unknown[] = [];
    const pending = memoryPending();
    const written: string[] = [];
    const host = await cast({
      pending: overridePending(pending, {
        logins: {
          write: (...given) => {
            written.push(JSON.stringify(given));
            return pending.logins.write(...given);
          },
        },
        setups: {
          put: (...given) => {
            written.push(JSON.stringify(given));
            return pending.setups.put(...given);
          },
        },
        codes: {
          put: (...given) => {
            written.push(JSON.stringify(given));
            return pending.codes.put(...given);
          },
        },
      }),
    });
    for (const name of ['login.waiting', 'login.completed', 'notice.sent', 'browser.new'] as const)
      host.twoFactor.on(name, (event) => all.push(event));
    const { agent, link } = await waiting(host);
    await agent.post(link).expect(200);
    const token = link.split('/').at(-1) ?? '';
    expect(token).toHaveLength(43);
    expect(all.map((event) => (event as { loginId?: string }).loginId !== undefined)).toContain(true);
    expect(JSON.stringify(all)).not.toContain(token);
    expect(written.length).toBeGreaterThan(3);
    expect(written.join()).not.toContain(token);
  });
});
