import { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import { memoryEvidence } from '../../lib';
import type { UserId } from '../../lib/account/account';
import { changeRequest } from '../../lib/recovery/change';
import { readUpload } from '../../lib/session/multipart';
import { browser, codeAt, errorCode, halfLogin } from '../support/browser-agent';
import { days, minutes, seconds } from '../support/clock';
import { codesOf, newest } from '../support/codes-app';
import { aPdf, aPng } from '../support/documents';
import { origin } from '../support/host-app';
import { scopeOfApp } from '../support/scope-of-app';
import { lostForm } from '../support/view-samples';
import {
  annsContact,
  begin,
  confirmed,
  linkIn,
  lostApp,
  type LostApp,
  request,
  signsIn,
  stateOf,
  users,
} from './lost-cast';

describe('A request for access', () => {
  let host: LostApp;
  beforeAll(async () => (host = await lostApp()));

  it('goes from the half login to the review', async () => {
    const agent = await halfLogin(host);
    const { reference, checkCode, statusUrl, formUrl, route } = await begin(agent, { text: 'In a lake.' });
    expect(reference).toMatch(/^RA-[A-HJKMNP-Z]{10}$/);
    expect(checkCode).toMatch(/^[0-9A-Z]{6}$/);
    expect(statusUrl).toMatch(/^\/2fa\/lost\/requests\/[\w-]{22,}$/);
    expect(formUrl).toBe(`${statusUrl}/form.pdf`);
    expect(route).toBe('short');

    const stranger = browser(host.app);
    const { body } = await stranger.get(statusUrl).expect(200);
    expect(body).toEqual({
      reference,
      state: 'started',
      evidence: {
        sum: 1,
        needed: 3,
        kinds: ['password'],
        missing: ['more evidence', 'evidence of another kind'],
      },
      earliestAt: null,
      steps: [{ at: new Date(host.clock.now()).toISOString(), state: 'started' }],
    });

    const code = newest(host.email);
    const contact = await stranger.post(`${statusUrl}/contact`, { code }).expect(200);
    expect(contact.body).toMatchObject({ state: 'contact_confirmed', evidence: { sum: 2 } });
    const facts = { number: '2026-0001', amount: '12 €' };
    const evidence = await stranger.post(`${statusUrl}/evidence`, { kind: 'invoice', facts }).expect(202);
    // What nobody has checked counts nothing yet.
    expect(evidence.body).toMatchObject({ state: 'in_review', evidence: { sum: 2 } });
    const withdrawn = await stranger.post(`${statusUrl}/withdraw`).expect(200);
    expect(stateOf(withdrawn)).toBe('withdrawn');
    const again = await stranger.post(`${statusUrl}/withdraw`).expect(409);
    expect(again.body.error).toMatchObject({ code: 'conflict', state: 'withdrawn' });
  });

  it('I3, check 57: is stopped by the link in a notice, which needs no session and changes nothing when it is opened', async () => {
    const { begun } = await confirmed(host);
    await host.twoFactor.tick();
    const path = linkIn(host, 'cancel');
    const owner = browser(host.app);
    const shown = await owner.get(path).expect(200);
    expect(shown.body).toMatchObject({ reference: begun.reference, state: 'contact_confirmed' });
    expect(shown.headers['referrer-policy']).toBe('no-referrer');
    await owner.agent.head(path).expect(200);
    expect(stateOf(await owner.get(begun.statusUrl))).toBe('contact_confirmed');
    const once = await owner.post(path).expect(200);
    expect(once.body).toEqual({ state: 'cancelled_by_owner' });
    expect((await owner.post(path).expect(200)).body).toEqual(once.body);
    expect(stateOf(await owner.get(begun.statusUrl))).toBe('cancelled_by_owner');
    const late = await owner.post(`${begun.statusUrl}/evidence`, { kind: 'browser' }).expect(409);
    expect(late.body.error.state).toBe('cancelled_by_owner');
    expect(errorCode(await (await halfLogin(host)).post('/2fa/lost/requests', request()))).toBe('slow_down');
  });
});

describe('What ends a request', () => {
  it('check 59: is a sign-in with what was there before; then the link in the notice is too late', async () => {
    const host = await lostApp();
    const { begun } = await confirmed(host);
    await host.twoFactor.tick();
    await signsIn(host);
    const stranger = browser(host.app);
    expect(stateOf(await stranger.get(begun.statusUrl))).toBe('superseded_by_signin');
    const { body } = await stranger.post(linkIn(host, 'cancel')).expect(409);
    expect(body.error.state).toBe('superseded_by_signin');
  });
});

describe('Evidence', () => {
  let host: LostApp;
  beforeEach(
    async () =>
      (host = await lostApp({ lostAccess: { form: lostForm, evidence: { store: memoryEvidence() } } })),
  );

  const stranger = () => browser(host.app);
  const give = (url: string, body: object, agent = stranger()) => agent.post(`${url}/evidence`, body);
  const upload = (url: string, file: Buffer, kind = 'identity') =>
    stranger()
      .agent.post(`${url}/evidence`)
      .set('Accept', 'application/json')
      .set('Origin', origin)
      .field('kind', kind)
      .attach('file', file, 'passport of ann.pdf');

  it('by mail is a code to the address on file, which is not named, or to nowhere', async () => {
    const agent = await halfLogin(host);
    const { statusUrl } = await begin(agent, { contact: { channel: 'email', address: 'new@mail.example' } });
    await agent.post(`${statusUrl}/contact`, { code: newest(host.email) }).expect(200);
    const sent = host.email.sent.length;
    for (const kind of ['mail', 'phone']) {
      const { body } = await give(statusUrl, { kind }).expect(202);
      expect(body).toEqual({ status: 'sent' });
    }
    expect(host.email.sent.slice(0, host.email.sent.length - sent).map(({ to }) => to)).toEqual([
      annsContact,
    ]);
    const code = newest(host.email);
    const wrong = await give(statusUrl, { kind: 'phone', code }).expect(401);
    expect(wrong.body.error).toMatchObject({ code: 'wrong_code' });
    const right = await give(statusUrl, { kind: 'mail', code }).expect(202);
    expect(right.body).toMatchObject({ evidence: { sum: 2, kinds: ['password', 'mail'] } });
    // Once: whatever is given again counts no more.
    expect(errorCode(await give(statusUrl, { kind: 'mail' }))).toBe('resend_too_soon');
  });

  it('by a browser counts where the account knows it, and is never the way in', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    expect((await give(statusUrl, { kind: 'browser' })).body.evidence.kinds).toEqual(['password', 'mail']);
    const { body } = await give(statusUrl, { kind: 'browser' }, host.known).expect(202);
    expect(body).toMatchObject({ state: 'in_review', evidence: { sum: 3, missing: [] } });
  });

  it('by a copy of a document is a PDF, JPEG or PNG by what is in it', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    const wrong = await upload(statusUrl, Buffer.from('<html>%PDF-1.7')).expect(400);
    expect(wrong.body.error).toMatchObject({ code: 'malformed', field: 'file' });
    expect((await upload(statusUrl, aPdf, 'esign').expect(400)).body.error.field).toBe('kind');
    const { body } = await upload(statusUrl, aPng).expect(202);
    expect(body).toMatchObject({ state: 'in_review', evidence: { sum: 2 } });
  });

  it('that was given before writes nothing: nobody keeps an account busy, or fills its record, by saying it again', async () => {
    const { begun } = await confirmed(host);
    const stored = async () => scopeOfApp(host).accounts.load('id-ann' as UserId);
    for (const kind of ['browser', 'video', 'certified', 'esign']) {
      const first = await give(begun.statusUrl, { kind }).expect(202);
      const before = await stored();
      const again = await give(begun.statusUrl, { kind }).expect(202);
      expect(again.body).toEqual(first.body);
      expect((await stored())?.rev).toBe(before?.rev);
    }
  });

  it('in a file is not taken while many others are being sent: nothing is lost, and the answer says when to come again', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    const others = Array.from({ length: 32 }, (_, at) => {
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const req = Object.assign(new Readable({ read: () => undefined }), { headers });
      return { req, done: readUpload(req as unknown as Request, {} as Response, 100, `198.51.100.${at}`) };
    });
    try {
      const { body, headers } = await upload(statusUrl, aPng).expect(503);
      expect(headers['retry-after']).toBe('60');
      expect(body.error).toMatchObject({
        code: 'busy',
        retryAfter: 60,
        message: 'Many files are being sent to us right now, so yours was not taken.',
      });
      const page = await upload(statusUrl, aPng).set('Accept', 'text/html').expect(503);
      expect(page.headers['retry-after']).toBe('60');
      expect(page.text).toContain('Nothing that you gave before was lost.');
      expect(page.text).toContain('send it again in a minute');
      expect(page.text).toMatch(/<details class="part" id="add-identity" open>/);
    } finally {
      for (const { req } of others) req.destroy();
      await Promise.all(others.map(({ done }) => done));
    }
    await upload(statusUrl, aPng).expect(202);
  });

  it('that is malformed is refused by its field, and changes nothing', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`fact ${at}`, 'x']));
    for (const [body, field] of [
      [{}, 'kind'],
      [{ kind: 'password' }, 'kind'],
      [{ kind: 'toString' }, 'kind'],
      [{ kind: ['mail'] }, 'kind'],
      [{ kind: 'mail', code: '12' }, 'code'],
      [{ kind: 'phone', code: { $ne: 1 } }, 'code'],
      [{ kind: 'letter', code: 'x' }, 'code'],
      [{ kind: 'letter' }, 'code'],
      [{ kind: 'invoice' }, 'facts'],
      [{ kind: 'invoice', facts: [] }, 'facts'],
      [{ kind: 'invoice', facts: { number: 1 } }, 'facts'],
      [{ kind: 'invoice', facts: { number: 'x'.repeat(201) } }, 'facts'],
      [{ kind: 'invoice', facts: { ['x'.repeat(201)]: '1' } }, 'facts'],
      [{ kind: 'invoice', facts: many }, 'facts'],
      [{ kind: 'voucher' }, 'user'],
      [{ kind: 'voucher', user: 'x'.repeat(201) }, 'user'],
      [{ kind: 'identity' }, 'file'],
    ] as const) {
      const answer = await give(statusUrl, body);
      expect([body, answer.status, answer.body.error]).toEqual([
        body,
        400,
        expect.objectContaining({ code: 'malformed', field }),
      ]);
    }
    expect(stateOf(await stranger().get(statusUrl))).toBe('contact_confirmed');
  });

  it('that anybody could make up counts nothing yet: a letter nobody sent, a name, a promise', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    const letter = await give(statusUrl, { kind: 'letter', code: '0000-0000-0000' }).expect(401);
    expect(letter.body.error).toMatchObject({ code: 'wrong_code', triesLeft: 9 });
    await give(statusUrl, { kind: 'voucher', user: 'nobody' }).expect(202);
    const { body } = await give(statusUrl, { kind: 'esign' }).expect(202);
    expect(body.evidence).toMatchObject({ sum: 2, kinds: ['password', 'mail'] });
  });

  it('is taken once the contact is confirmed, and not after 30 days', async () => {
    const agent = await halfLogin(host);
    const { statusUrl } = await begin(agent);
    expect((await give(statusUrl, { kind: 'video' }).expect(409)).body.error.state).toBe('started');
    await agent.post(`${statusUrl}/contact`, { code: newest(host.email) }).expect(200);
    expect((await agent.post(`${statusUrl}/contact`, {}).expect(409)).body.error.state).toBe(
      'contact_confirmed',
    );
    host.clock.move(30 * days);
    expect((await give(statusUrl, { kind: 'video' }).expect(409)).body.error.state).toBe('expired');
    expect(stateOf(await stranger().get(statusUrl).expect(200))).toBe('expired');
    host.clock.move(days);
    await stranger().get(statusUrl).expect(404);
  });
});

describe('The page of a request', () => {
  let host: LostApp;
  beforeAll(
    async () =>
      (host = await lostApp({ lostAccess: { form: lostForm, evidence: { store: memoryEvidence() } } })),
  );
  const offers = (text: string) => [...text.matchAll(/ id="add-(\w+)"/g)].map(([, kind]) => kind);

  it('offers what may still count, says what was given, and asks for it again only when more is needed', async () => {
    const { begun } = await confirmed(host);
    const { statusUrl } = begun;
    const agent = browser(host.app);
    const page = async () => (await agent.page(statusUrl).expect(200)).text;
    expect(offers(await page())).toEqual([
      'phone',
      'browser',
      'invoice',
      'identity',
      'video',
      'certified',
      'esign',
    ]);

    const facts = { kind: 'invoice', 'fact-number': '2026-0001' };
    const { headers } = await agent.form(`${statusUrl}/evidence`, facts).expect(303);
    expect(headers.location).toBe(`${statusUrl}?added=invoice`);
    expect((await agent.page(`${statusUrl}?added=invoice`)).text).toContain('Added: ');
    expect((await agent.page(`${statusUrl}?added=video`)).text).not.toContain('Added: ');
    for (let copies = 0; copies < 2; copies += 1)
      await agent.agent
        .post(`${statusUrl}/evidence`)
        .set({ Accept: 'application/json', Origin: origin })
        .field('kind', 'identity')
        .attach('file', aPng, 'copy.png')
        .expect(202);
    const given = await page();
    // The back of a document may be missing.
    expect(offers(given)).toEqual(['phone', 'browser', 'identity', 'video', 'certified', 'esign']);
    expect(given).toContain('You have sent a copy.');
    expect(given).toMatch(/A copy of an identity document \(2×\)[^/]*count yet/);

    const [open] = (await host.options.accounts.load('id-ann' as UserId))?.recoveries ?? [];
    const by = { as: 'reviewer', id: 'rita' as UserId } as const;
    await changeRequest(scopeOfApp(host), 'id-ann' as UserId, open?.id ?? '', { act: 'ask_more', by });
    const more = await page();
    expect(offers(more)).toContain('invoice');
    expect(more).toContain('You have given this before.');
    await agent.post(`${statusUrl}/withdraw`).expect(200);
  });

  it('stays with whoever clicks twice', async () => {
    const { begun } = await confirmed(host);
    const agent = browser(host.app);
    await agent.form(`${begun.statusUrl}/withdraw`, {}).expect(303);
    const { text } = await agent.form(`${begun.statusUrl}/withdraw`, {}).expect(409);
    expect(text).toContain('This is how it stands now.');
    expect(text).toContain('You withdrew this request.');
  });

  it('says that the account does not know a browser, instead of nothing', async () => {
    const { begun } = await confirmed(host);
    const agent = browser(host.app);
    const { headers } = await agent.form(`${begun.statusUrl}/evidence`, { kind: 'browser' }).expect(303);
    expect((await agent.page(String(headers.location))).text).toContain('this browser, so nothing was added');
    await agent.post(`${begun.statusUrl}/withdraw`).expect(200);
  });

  it('is not there for the request of somebody else, which says what to do about that one', async () => {
    host.clock.move(31 * days);
    await begin(browser(host.app), { identifier: 'ann' });
    const half = await halfLogin(host);
    for (const page of [
      await half.page('/2fa/lost/requests').expect(409),
      await half.form('/2fa/lost/requests', { lost: 'totp', address: 'new@mail.example' }).expect(409),
    ]) {
      expect(page.text).toContain('A request for this account is open already');
      expect(page.text).toContain('they can turn that request down');
    }
    const { body } = await half.post('/2fa/lost/requests', request()).expect(409);
    expect(body.error).toMatchObject({ code: 'conflict', state: 'started' });
    // Whoever gives a name only is told nothing of it.
    await browser(host.app).page('/2fa/lost/requests').expect(200);
  });
});

describe('What is refused', () => {
  let host: LostApp;
  beforeAll(async () => (host = await lostApp()));

  it('is a request that is malformed', async () => {
    const agent = await halfLogin(host);
    for (const [body, field] of [
      [{ lost: undefined }, 'lost'],
      [{ lost: [] }, 'lost'],
      [{ lost: ['password'] }, 'lost'],
      [{ lost: { totp: true } }, 'lost'],
      [{ contact: undefined }, 'contact'],
      [{ contact: { channel: 'post', address: 'x' } }, 'contact'],
      [{ contact: { channel: 'email', address: 'x' } }, 'contact'],
      [{ text: 'x'.repeat(501) }, 'text'],
      [{ text: 7 }, 'text'],
    ] as const) {
      const answer = await agent.post('/2fa/lost/requests', request(body));
      expect([body, answer.status, answer.body.error]).toEqual([
        body,
        400,
        expect.objectContaining({ code: 'malformed', field }),
      ]);
    }
    for (const identifier of [undefined, '', '  ', 7, ['ann'], 'x'.repeat(321)])
      for (const path of ['/2fa/lost/requests', '/2fa/lost/block']) {
        const { body } = await browser(host.app).post(path, request({ identifier })).expect(400);
        expect(body.error).toMatchObject({ code: 'malformed', field: 'identifier' });
      }
  });

  it('is what another site sends, before anything else', async () => {
    const { begun } = await confirmed(await lostApp());
    for (const path of [
      '/2fa/lost/block',
      '/2fa/lost/requests',
      `${begun.statusUrl}/contact`,
      `${begun.statusUrl}/evidence`,
      `${begun.statusUrl}/withdraw`,
      `${begun.statusUrl}/ticket`,
      '/2fa/lost/cancel/x',
    ]) {
      const elsewhere = browser(host.app, 'https://evil.example');
      expect(errorCode(await elsewhere.post(path).expect(403))).toBe('bad_origin');
      const site = { 'Sec-Fetch-Site': 'same-site' };
      expect(errorCode(await browser(host.app).post(path).set(site).expect(403))).toBe('bad_origin');
    }
    const script = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' };
    await browser(host.app).get(begun.statusUrl).set(script).expect(403);
    const opened = {
      'Sec-Fetch-Site': 'cross-site',
      'Sec-Fetch-Mode': 'navigate',
      'Sec-Fetch-Dest': 'document',
    };
    await browser(host.app).page('/2fa/lost').set(opened).expect(200);
  });

  it('is an address that nobody was given, or that is for something else', async () => {
    const { begun } = await confirmed(host);
    await host.twoFactor.tick();
    const [status = '', cancel = ''] = [begun.statusUrl, linkIn(host, 'cancel')].map((path) =>
      path.split('/').at(-1),
    );
    const agent = browser(host.app);
    for (const token of [cancel, 'x', `${status}x`, status.slice(0, -1), status.replace(/.$/, 'é')])
      for (const path of ['', '/form.pdf', '/form.html'])
        await agent.get(`/2fa/lost/requests/${encodeURIComponent(token)}${path}`).expect(404);
    await agent.post(`/2fa/lost/cancel/${status}`).expect(404);
    await agent.post(`/2fa/lost/requests/${cancel}/withdraw`).expect(404);
    await agent.post(linkIn(host, 'cancel')).expect(200);
  });

  it('is a second one in a half login, with its state, and then one too soon; by name both go on', async () => {
    const agent = await halfLogin(host);
    host.clock.move(40 * days);
    const half = await halfLogin(host);
    const { statusUrl } = await begin(half);
    const twice = await half.post('/2fa/lost/requests', request()).expect(409);
    expect(twice.body.error).toMatchObject({ code: 'conflict', state: 'started' });
    expect((await begin(agent, { identifier: 'ann' })).route).toBeNull();
    await half.post(`${statusUrl}/withdraw`).expect(200);
    for (let more = 0; more < 2; more += 1) {
      host.clock.move(6 * minutes);
      const again = await halfLogin(host);
      const begun = await begin(again);
      await again.post(`${begun.statusUrl}/withdraw`).expect(200);
    }
    host.clock.move(6 * minutes);
    const fourth = await (await halfLogin(host)).post('/2fa/lost/requests', request()).expect(429);
    expect(fourth.body.error).toMatchObject({ code: 'slow_down', retryAfter: expect.any(Number) });
  });

  it('is everything where the app takes no requests; and names, where it can find nobody by one', async () => {
    const off = await lostApp({ lostAccess: { form: lostForm, requests: false } });
    const agent = await halfLogin(off);
    for (const path of [
      '/2fa/lost/block',
      '/2fa/lost/requests',
      '/2fa/lost/cancel/x',
      '/2fa/lost/requests/x/ticket',
    ])
      await agent.post(path, request()).expect(404);
    expect((await agent.page('/2fa/lost').expect(200)).text).not.toContain('/2fa/lost/block');
    const { byIdentifier: _, ...others } = users;
    const nameless = await lostApp({ users: others });
    for (const path of ['/2fa/lost/block', '/2fa/lost/requests']) {
      const { body } = await browser(nameless.app)
        .post(path, request({ identifier: 'ann' }))
        .expect(401);
      expect(body.error.code).toBe('sign_in_required');
      // Who comes before what.
      await browser(nameless.app).post(path, { lost: 7 }).expect(401);
    }
    await begin(await halfLogin(nameless));
  });
});

describe('What strangers have sent by a name', () => {
  let host: LostApp;
  beforeEach(async () => (host = await lostApp()));

  const contact = (address: string) => ({ contact: { channel: 'email', address } });
  const sentTo = (address: string) => host.email.sent.filter(({ to }) => to === address).length;

  /** As many codes to ann's mailbox as one may ask for in a request. */
  async function asksForCodes(address: string) {
    const stranger = browser(host.app);
    const { statusUrl } = await begin(stranger, { identifier: 'ann', ...contact(address) });
    await stranger.post(`${statusUrl}/contact`, { code: newest(host.email) }).expect(200);
    for (let code = 0; code < 5; code += 1) {
      await stranger.post(`${statusUrl}/evidence`, { kind: 'mail' }).expect(202);
      host.clock.move(31 * minutes);
    }
    await stranger.post(`${statusUrl}/withdraw`).expect(200);
  }

  it('takes nothing from what its owner has sent to a new address', async () => {
    await asksForCodes('one@thief.example');
    await asksForCodes('two@thief.example');
    expect(sentTo(annsContact)).toBe(10);
    const owner = await signsIn(host);
    await owner.post('/2fa/security/otp-email/send', { address: 'new@ann.example' }).expect(200);
  });

  it('takes nothing from the evidence of whoever has the password', async () => {
    await asksForCodes('one@thief.example');
    await asksForCodes('two@thief.example');
    const { agent, begun } = await confirmed(host, contact('new@ann.example'));
    await agent.post(`${begun.statusUrl}/evidence`, { kind: 'mail' }).expect(202);
    expect(sentTo(annsContact)).toBe(11);
  });

  it('keeps no answer from an address on file', async () => {
    for (let times = 0; times < 6; times += 1)
      await begin(browser(host.app), { identifier: 'nobody', ...contact(annsContact) });
    expect(sentTo(annsContact)).toBe(5);
    const { agent, begun } = await confirmed(host);
    expect(sentTo(annsContact)).toBe(6);
    await agent.post(`${begun.statusUrl}/withdraw`).expect(200);
    const owner = await signsIn(host);
    await owner.post('/2fa/security/otp-email/send', { address: annsContact }).expect(200);
  });
});

describe('Blocking an account', () => {
  it('ends its logins once a day, by name or in its half login, and says the same each time', async () => {
    const host = await lostApp();
    const owner = await signsIn(host);
    const thief = browser(host.app);
    const block = async (identifier: string) => {
      const { body } = await thief.post('/2fa/lost/block', { identifier }).expect(202);
      expect(body).toEqual({ status: 'received' });
    };
    const isIn = async (agent: typeof owner) => (await agent.get('/me')).body.twoFactor.status === 'passed';
    await block('nobody');
    await block('bob');
    expect(await isIn(owner)).toBe(true);
    await block('ann');
    expect(await isIn(owner)).toBe(false);
    // Nobody is kept out by it.
    host.clock.move(31 * seconds);
    const again = await signsIn(host);
    await block('ann');
    expect(await isIn(again)).toBe(true);
    host.clock.move(days);
    await (await halfLogin(host)).post('/2fa/lost/block').expect(202);
    expect(await isIn(again)).toBe(false);
  });

  it('takes no tries from the browsers of its owner, whoever asked for it and knows the password', async () => {
    const host = await lostApp();
    const { known, secret, clock } = host;
    await known.post('/logout').expect(200);
    const guessed = async () => {
      const thief = await halfLogin(host);
      const answers = [0, 1, 2, 3, 4].map(() => thief.post('/2fa/totp', { code: '000000' }));
      return (await Promise.all(answers)).some(({ body }) => body.error.code === 'locked');
    };
    const codeOf = () => ({ code: codeAt(secret, clock.now()) });
    await browser(host.app).post('/2fa/lost/block', { identifier: 'ann' }).expect(202);
    for (let isLocked = false; !isLocked;) isLocked = await guessed();
    const stranger = await halfLogin(host);
    await stranger.post('/2fa/totp', codeOf()).expect(429);

    await known.signIn('ann').expect(401);
    await known.post('/2fa/totp', codeOf()).expect(200);
    const { body } = await known.get('/2fa/security/browsers').expect(200);
    expect(body.browsers).toMatchObject([{ isThis: true }]);
    const account = await scopeOfApp(host).accounts.load('id-ann' as UserId);
    expect(account?.formerBrowsers).toBeUndefined();
  });

  it('makes each browser a new one, which is no evidence', async () => {
    const host = await lostApp({ newBrowser: 'confirm' });
    const { known, secret, clock } = host;
    await known.post('/logout').expect(200);
    await browser(host.app).post('/2fa/lost/block', { identifier: 'ann' }).expect(202);
    const { begun } = await confirmed(host);
    const { body } = await known.post(`${begun.statusUrl}/evidence`, { kind: 'browser' }).expect(202);
    expect(body.evidence.kinds).toEqual(['password', 'mail']);
    await known.signIn('ann').expect(401);
    const code = { code: codeAt(secret, clock.now()) };
    expect(errorCode(await known.post('/2fa/totp', code).expect(401))).toBe('new_browser');
  });

  it('is limited for each client, and so are requests', async () => {
    const host = await lostApp();
    const agent = browser(host.app);
    for (const path of ['/2fa/lost/block', '/2fa/lost/requests']) {
      const ask = (identifier: string) => agent.post(path, request({ identifier }));
      // What is malformed costs nothing.
      for (let more = 0; more < 25; more += 1) await ask('').expect(400);
      let answer = await ask('nobody');
      for (let more = 1; more < 20; more += 1) answer = await ask(`nobody-${more}`);
      expect(answer.status).toBe(202);
      expect((await ask('ann').expect(429)).body.error.code).toBe('slow_down');
    }
  });
});

describe('The pages of a request', () => {
  it('are the same addresses, work without a script, and show what was wrong', async () => {
    const host = await lostApp();
    const agent = browser(host.app);
    const lost = await agent.page('/2fa/lost').expect(200);
    expect(lost.text).toContain('action="/2fa/lost/block"');
    const empty = await agent.form('/2fa/lost/block').expect(422);
    expect(empty.text).toContain('Type the user name or e-mail address of the account.');
    expect((await agent.form('/2fa/lost/block', { identifier: 'bob' }).expect(202)).text).toContain('Got it');

    await agent.page('/2fa/lost/requests').expect(200);
    const wrong = await agent
      .form('/2fa/lost/requests', { identifier: 'ann', address: annsContact })
      .expect(422);
    expect(wrong.text).toContain('Tick at least one thing');
    expect(wrong.text).toContain(`value="${annsContact}"`);
    const asked = { identifier: 'ann', lost: 'totp', address: 'ann@new.example' };
    const statusUrl = (await agent.form('/2fa/lost/requests', asked).expect(303)).headers.location ?? '';
    const shown = await agent.page(statusUrl).expect(200);
    expect(shown.text).toContain('Waiting for your code');
    expect(shown.headers['referrer-policy']).toBe('no-referrer');

    // As `no-referrer` has it.
    const form = (part: string, body: Record<string, string> = {}) =>
      agent.form(`${statusUrl}/${part}`, body).set('Origin', 'null');
    expect((await form('contact', { code: '12345' }).expect(422)).text).toContain('some are missing');
    host.clock.move(minutes);
    expect((await form('contact').expect(303)).headers.location).toBe(`${statusUrl}?sent=contact`);
    await form('contact', { code: newest(host.email) }).expect(303);
    expect((await form('evidence', { kind: 'mail' })).headers.location).toBe(`${statusUrl}?sent=mail`);
    expect((await agent.page(`${statusUrl}?sent=mail`)).text).toContain('id="mail-code"');
    expect((await form('evidence', { kind: 'invoice' }).expect(422)).text).toContain(
      'Fill in at least one line',
    );
    const tooLong = { kind: 'invoice', 'fact-number': '2026-0001', 'fact-paid': 'x'.repeat(201) };
    expect((await form('evidence', tooLong).expect(422)).text).toContain('value="2026-0001"');
    const unknown = (await form('evidence', { kind: 'browser' }).expect(303)).headers.location ?? '';
    expect(unknown).toBe(`${statusUrl}?added=browser`);
    expect((await agent.page(unknown)).text).toContain('know this browser');
    const named = await form('evidence', { kind: 'voucher', user: 'bob' }).expect(303);
    expect((await agent.page(named.headers.location ?? '')).text).toContain('Added: ');
    await form('evidence', { kind: 'invoice', 'fact-number': '2026-1', 'fact-paid': '' }).expect(303);
    await form('evidence', { kind: 'video' }).expect(303);
    expect((await agent.page(statusUrl)).text).toContain('Being checked');
    const printed = await agent.page(`${statusUrl}/form.html?locale=cs`).expect(200);
    expect(printed.text).toMatch(/RA-[A-Z]{10}/);
    const file = await agent.get(`${statusUrl}/form.pdf?paper=letter`).expect(200);
    expect(file.headers['content-type']).toBe('application/pdf');
    await form('withdraw').expect(303);
    expect((await form('evidence', { kind: 'video' }).expect(409)).text).toContain('Withdrawn');
  });

  it('check 57: is told of to every address, with a link that shows, stops, and says so again', async () => {
    const host = await lostApp();
    await confirmed(host);
    await host.twoFactor.tick();
    expect(host.notices.sent.map(({ to }) => to)).toContain(annsContact);
    const agent = browser(host.app);
    const path = linkIn(host, 'cancel');
    expect((await agent.page(path).expect(200)).text).toContain('It isn&#39;t mine: stop it');
    expect((await agent.form(path).expect(200)).text).toContain('The request was stopped');
    expect((await agent.form(path).expect(200)).text).toContain('The request was stopped');
    expect((await agent.page(path).expect(200)).text).toContain('This request is over');
  });

  it('say no address, no code and no name of a user, whoever opens them', async () => {
    const host = await lostApp();
    const { begun } = await confirmed(host, { text: 'secret words' });
    const agent = browser(host.app);
    await agent
      .post(`${begun.statusUrl}/evidence`, { kind: 'invoice', facts: { number: 'INV-7' } })
      .expect(202);
    await agent.post(`${begun.statusUrl}/evidence`, { kind: 'voucher', user: 'bob' }).expect(202);
    await agent.post(`${begun.statusUrl}/evidence`, { kind: 'mail' }).expect(202);
    await host.twoFactor.tick();
    const said = [annsContact, 'id-ann', 'secret words', 'INV-7', 'bob', host.secret, ...codesOf(host.email)];
    for (const path of [begun.statusUrl, `${begun.statusUrl}/form.html`, linkIn(host, 'cancel'), '/2fa/lost'])
      for (const ask of [agent.get, agent.page]) {
        const { text } = await ask(path).expect(200);
        for (const one of said) expect(text).not.toContain(one);
      }
  });
});
