import { codeAt, browser, halfLogin } from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import { origin } from '../support/host-app';
import {
  annWith,
  annsMail,
  annsPhone,
  codesApp,
  codesOf,
  give,
  halfWithCode,
  newest,
  noneOf,
  ofType,
  signedIn,
  told,
} from '../support/codes-app';

describe('A code is sent', () => {
  it('check 16, C7: only on POST; opening, reloading, going back to or prefetching a page sends nothing', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const agent = await halfLogin(host);
    for (const path of ['/2fa', '/2fa/choose', '/2fa/otp-sms', '/2fa/otp-email', '/2fa/confirm']) {
      for (const headers of [{}, { 'Sec-Purpose': 'prefetch' }, { Purpose: 'prefetch' }]) {
        await agent.page(path).set(headers).expect(200);
        await agent.get(path).set(headers).expect(200);
        await agent.agent
          .head(path)
          .set({ Accept: 'text/html', ...headers })
          .expect(200);
      }
    }
    await agent.get('/2fa/otp-sms/send').expect(404);
    await agent.agent.head('/2fa/otp-sms/send').set('Accept', 'application/json').expect(404);
    for (const method of ['put', 'patch', 'delete'] as const) {
      await agent.agent[method]('/2fa/otp-sms/send')
        .set({ Accept: 'application/json', Origin: origin })
        .expect(404);
    }
    expect([host.sms.sent.length, host.email.sent.length]).toEqual([0, 0]);
    await agent.post('/2fa/otp-sms/send').expect(200);
    for (let nth = 0; nth < 3; nth += 1) await agent.page('/2fa/otp-sms').expect(200);
    expect(host.sms.sent.length).toBe(1);
  });

  it('C7: to nobody without a password, and by no other site', async () => {
    const host = await annWith(['otp-sms']);
    const nobody = browser(host.app);
    expect(told(await nobody.post('/2fa/otp-sms/send'))).toEqual([401, 'sign_in_required']);
    const agent = await halfLogin(host);
    const foreign = agent.agent
      .post('/2fa/otp-sms/send')
      .set({ Accept: 'application/json', Origin: 'https://evil.example' });
    expect(told(await foreign.send({}))).toEqual([403, 'bad_origin']);
    expect(told(await agent.form('/2fa/otp-sms/send', { form_token: 'x' }))[0]).toBe(403);
    expect(host.sms.sent).toEqual([]);
    // What was refused took nothing from any budget, and no cooldown runs.
    await agent.post('/2fa/otp-sms/send').expect(200);
  });

  it('to nobody without such a factor, and shows no form for one', async () => {
    const host = await annWith(['otp-email']);
    const agent = await halfLogin(host);
    const { text } = await agent.page('/2fa/otp-email');
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    for (const code of ['letters', '123456'])
      expect((await agent.form('/2fa/otp-sms', { form_token, code })).status).toBe(404);
    expect((await agent.form('/2fa/otp-sms/send', { form_token })).status).toBe(404);
    expect(host.sms.sent).toEqual([]);
  });

  it('with its masked destination, when it ends and when the next may be asked for; a mail with its reference', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const agent = await halfLogin(host);
    const now = host.clock.now();
    const { body: sms } = await agent.post('/2fa/otp-sms/send').expect(200);
    expect(sms).toEqual({
      sentTo: '•••••••56',
      expiresAt: new Date(now + 5 * minutes).toISOString(),
      resendAt: new Date(now + 30 * seconds).toISOString(),
    });
    const { body: mail } = await agent.post('/2fa/otp-email/send').expect(200);
    expect(mail).toMatchObject({
      sentTo: 'a•••@m•••.example',
      reference: expect.stringMatching(/^[A-Z]{8}$/),
    });
    const [letter] = host.email.sent;
    expect(letter).toMatchObject({ to: annsMail });
    expect(letter && 'subject' in letter && `${letter.subject} ${letter.text} ${letter.html}`).toContain(
      mail.reference,
    );
    expect(host.sms.sent[0]?.to).toBe(annsPhone);
  });

  it('check 17: by SMS with a last line bound to the host, and by mail without any link', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const agent = await halfLogin(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    await agent.post('/2fa/otp-email/send').expect(200);
    const code = newest(host.sms);
    expect(host.sms.sent[0]?.text.split('\n').at(-1)).toBe(`@localhost #${code}`);
    const [letter] = host.email.sent;
    const all = letter && 'html' in letter ? `${letter.subject}\n${letter.text}\n${letter.html}` : '';
    expect(all).toContain(newest(host.email));
    expect(all).not.toMatch(/href|https?:|www\.|@localhost/i);
  });

  it('to the address that was proven, whatever the user record of the app says by now', async () => {
    const host = await annWith(['otp-email']);
    host.users.set('ann', { id: 'id-ann', name: 'thief@evil.example' });
    const agent = await halfLogin(host);
    await agent
      .post('/2fa/otp-email/send', { address: 'thief@evil.example', to: 'thief@evil.example' })
      .expect(200);
    expect(host.email.sent.map(({ to }) => to)).toEqual([annsMail]);
  });

  it('to the factor that was asked for, else to the preferred, else to the one used last', async () => {
    const host = await annWith(['otp-sms']);
    const second = await give(host, 'otp-sms', '+420603999888');
    const bobs = await give(host, 'otp-sms', '+420777123123', 'id-bob');
    const to = async (factorId?: unknown) => {
      host.clock.move(hours);
      const agent = await halfLogin(host);
      const answer = await agent.post('/2fa/otp-sms/send', factorId === undefined ? {} : { factorId });
      return answer.status === 200 ? host.sms.sent[0]?.to : told(answer);
    };
    expect(await to(second)).toBe('+420603999888');
    expect(await to('')).toBe(annsPhone);
    expect(await to(null)).toBe(annsPhone);
    for (const other of [bobs, 'nothing', '__proto__', 'constructor'])
      expect([other, await to(other)]).toEqual([other, [404, 'not_found']]);
    for (const odd of [[second], { id: second }, { $ne: '' }, 1, true, 'x'.repeat(10_000)])
      expect([odd, await to(odd)]).toEqual([odd, [400, 'malformed']]);
    expect(host.sms.sent.some(({ to: where }) => where === '+420777123123')).toBe(false);
  });

  it('and takes the goal along, in form and answer', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await halfLogin(host);
    const { text } = await agent.page('/2fa/otp-sms?to=%2Fbilling');
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    const sent = await agent.form('/2fa/otp-sms/send', { form_token, to: '/billing' });
    expect([sent.status, sent.headers.location]).toEqual([303, '/2fa/otp-sms?to=%2Fbilling']);
    host.clock.move(31 * seconds);
    const evil = await agent.form('/2fa/otp-sms/send?to=%2F%2Fevil.example', { form_token });
    expect([evil.status, evil.headers.location]).toEqual([303, '/2fa/otp-sms']);
    const passed = await agent.form('/2fa/otp-sms', { form_token, to: '/billing', code: newest(host.sms) });
    expect([passed.status, passed.headers.location]).toEqual([303, '/billing']);
  });
});

describe('check 13, C8: within the cooldown', () => {
  it('nothing is sent, JSON gets 429 resend_too_soon with Retry-After, and later it works', async () => {
    const host = await annWith(['otp-sms']);
    const { agent } = await halfWithCode(host);
    host.clock.move(29 * seconds);
    const early = await agent.post('/2fa/otp-sms/send');
    expect(told(early)).toEqual([429, 'resend_too_soon']);
    expect(early.headers['retry-after']).toBe('1');
    expect(early.body.error.retryAfter).toBe(1);
    expect(host.sms.sent.length).toBe(1);
    host.clock.move(seconds);
    await agent.post('/2fa/otp-sms/send').expect(200);
    expect(host.sms.sent.length).toBe(2);
  });

  it('the page shows itself again with the time left, and no field is marked as wrong', async () => {
    const host = await annWith(['otp-sms']);
    const { agent } = await halfWithCode(host);
    const { text } = await agent.page('/2fa/otp-sms');
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    const early = await agent.form('/2fa/otp-sms/send', { form_token });
    expect([early.status, early.headers['retry-after']]).toEqual([429, '30']);
    expect(early.text).toContain('name="code"');
    expect(early.text).toContain(new Date(host.clock.now() + 30 * seconds).toISOString());
    expect(early.text).not.toContain('aria-invalid="true"');
    expect(host.sms.sent.length).toBe(1);
  });

  it('the wait grows, is what the answer says, and is never longer than that', async () => {
    const host = await annWith(['otp-sms'], {
      sends: { limits: { user: { sends: 99, per: '1h' }, address: { sends: 99, per: '1h' } } },
    });
    const agent = await halfLogin(host);
    const waits: number[] = [];
    for (let nth = 0; nth < 4; nth += 1) {
      const { body } = await agent.post('/2fa/otp-sms/send').expect(200);
      const wait = Date.parse(body.resendAt) - host.clock.now();
      waits.push(wait / seconds);
      host.clock.move(wait - seconds);
      expect(told(await agent.post('/2fa/otp-sms/send'))).toEqual([429, 'resend_too_soon']);
      host.clock.move(seconds);
    }
    expect(waits).toEqual([30, 60, 120, 240]);
  });

  it('is separate for each channel, and a refusal costs neither a try nor budget', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const { agent, code } = await halfWithCode(host);
    for (let nth = 0; nth < 20; nth += 1) await agent.post('/2fa/otp-sms/send').expect(429);
    await agent.post('/2fa/otp-email/send').expect(200);
    expect((await agent.post('/2fa/otp-sms', { code: noneOf(code) })).body.error.triesLeft).toBe(4);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
  });

  it('holds for fifty at once: one is sent', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await halfLogin(host);
    const answers = await Promise.all(Array.from({ length: 50 }, () => agent.post('/2fa/otp-sms/send')));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    expect(host.sms.sent.length).toBe(1);
  });
});

describe('The code of a half login', () => {
  it('B2: works until five minutes are over, and not a moment longer', async () => {
    for (const [after, status] of [
      [5 * minutes - seconds, 200],
      [5 * minutes, 401],
      [5 * minutes + seconds, 401],
    ] as const) {
      const host = await annWith(['otp-sms']);
      const { agent, code } = await halfWithCode(host);
      host.clock.move(after);
      expect([after, (await agent.post('/2fa/otp-sms', { code })).status]).toEqual([after, status]);
    }
  });

  it('check 14, B5: also works after a resend, and all are void once one was used', async () => {
    for (const used of [0, 1]) {
      const host = await annWith(['otp-sms']);
      const agent = await halfLogin(host);
      await agent.post('/2fa/otp-sms/send').expect(200);
      host.clock.move(30 * seconds);
      await agent.post('/2fa/otp-sms/send').expect(200);
      const codes = codesOf(host.sms);
      await agent.post('/2fa/otp-sms', { code: codes[used] ?? '' }).expect(200);
      // In a new half login none of them is worth anything, and in the finished one neither.
      const next = await halfLogin(host);
      for (const code of codes) {
        expect(told(await next.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
        expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
      }
    }
  });

  it('of three, the oldest is over', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await halfLogin(host);
    for (const wait of [0, 30, 60]) {
      host.clock.move(wait * seconds);
      await agent.post('/2fa/otp-sms/send').expect(200);
    }
    const [third = '', second = '', first = ''] = codesOf(host.sms);
    if (first !== second && first !== third) await agent.post('/2fa/otp-sms', { code: first }).expect(401);
    await agent.post('/2fa/otp-sms', { code: second }).expect(200);
  });

  it('used a second time is code_used, costs no try, and confirms nothing', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await signedIn(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    const code = newest(host.sms);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
    for (let nth = 0; nth < 8; nth += 1)
      expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'code_used']);
    const wrong = await agent.post('/2fa/otp-sms', { code: noneOf(code) });
    expect(wrong.body.error.triesLeft).toBe(4);
  });

  it('B3: a new code brings no new tries: four wrong, resend, one wrong, and it is over', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    for (const left of [4, 3, 2, 1])
      expect((await agent.post('/2fa/otp-sms', { code: noneOf(code) })).body.error.triesLeft).toBe(left);
    host.clock.move(30 * seconds);
    await agent.post('/2fa/otp-sms/send').expect(200);
    const codes = codesOf(host.sms);
    expect((await agent.post('/2fa/otp-sms', { code: noneOf(...codes) })).body.error.triesLeft).toBe(0);
    for (const path of ['/2fa/otp-sms', '/2fa/otp-sms/send', '/2fa/otp-email/send', '/2fa/totp/send'])
      expect([path, told(await agent.post(path, { code: codes[0], factorId: ['x'] }))]).toEqual([
        path,
        [401, 'half_login_ended'],
      ]);
    expect(host.sms.sent.length).toBe(2);
  });

  it('shares the tries of its half login and its lane with every other way', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    const { agent, code } = await halfWithCode(host);
    const wrong = noneOf(code, ...[-1, 0, 1].map((n) => codeAt(secret, host.clock.now() + n * 30 * seconds)));
    const left = [];
    for (const type of ['totp', 'otp-sms', 'otp-email', 'totp', 'otp-sms'])
      left.push((await agent.post(`/2fa/${type}`, { code: wrong })).body.error.triesLeft);
    expect(left).toEqual([4, 3, 2, 1, 0]);
    const next = await halfLogin(host);
    for (const type of ['otp-email', 'otp-sms', 'totp', 'otp-email', 'otp-sms'])
      left.push((await next.post(`/2fa/${type}`, { code: wrong })).body.error.triesLeft);
    expect(left.slice(5)).toEqual([4, 3, 2, 1, 0]);
    const third = await halfLogin(host);
    await third.post('/2fa/otp-sms/send').expect(200);
    const locked = await third.post('/2fa/otp-sms', { code: newest(host.sms) });
    expect(told(locked)).toEqual([429, 'locked']);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('that is malformed is 400 and costs no try', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    for (const odd of [
      undefined,
      '',
      'abcdef',
      '12345',
      '1234567',
      123456,
      [code],
      { code },
      null,
      true,
      '1'.repeat(99),
    ]) {
      const answer = await agent.post('/2fa/otp-sms', { code: odd });
      expect([odd, told(answer), answer.body.error.field]).toEqual([odd, [400, 'malformed'], 'code']);
    }
    expect((await agent.post('/2fa/otp-sms', { code: noneOf(code) })).body.error.triesLeft).toBe(4);
    await agent.post('/2fa/otp-sms', { code: ` ${code.slice(0, 3)} ${code.slice(3)}\n` }).expect(200);
  });

  it('of a session that has expired is not accepted, and nothing is sent to it', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    host.clock.move(10 * minutes + seconds);
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'half_login_ended']);
    expect(told(await agent.post('/2fa/otp-sms/send'))).toEqual([401, 'half_login_ended']);
    expect(host.sms.sent.length).toBe(1);
  });
});

describe('What a login was proven with', () => {
  it('B9: says sms for a text message and only mfa for a mail', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const bySms = await signedIn(host);
    expect((await bySms.get('/me')).body.twoFactor.amr).toEqual(['sms', 'mfa']);
    const byMail = await signedIn(host, 'otp-email');
    expect((await byMail.get('/me')).body.twoFactor.amr).toEqual(['mfa']);
  });

  it('B9: satisfies a policy of types only with a type of them', async () => {
    const host = await annWith(['otp-sms', 'otp-email'], {}, (app, twoFactor) => {
      app.get('/only-totp', twoFactor.requireProof({ types: ['totp', 'webauthn'] }), (_req, res) =>
        res.json({}),
      );
      app.get('/only-sms', twoFactor.requireProof({ types: ['otp-sms'] }), (_req, res) => res.json({}));
    });
    const byMail = await signedIn(host, 'otp-email');
    expect(told(await byMail.get('/only-totp'))).toEqual([403, 'forbidden']);
    expect(told(await byMail.get('/only-sms'))).toEqual([403, 'step_up_required']);
    await byMail.post('/2fa/otp-sms/send').expect(200);
    await byMail.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
    await byMail.get('/only-sms').expect(200);
    expect(told(await byMail.get('/only-totp'))).toEqual([403, 'forbidden']);
  });
});

describe('A channel that is switched off', () => {
  it('is not offered and sends nothing; its user still owes, and a backup code works', async () => {
    const on = await annWith([]);
    const agent = browser(on.app);
    await agent.signIn('ann').expect(200);
    await agent.post('/2fa/security/otp-sms/send', { address: annsPhone }).expect(200);
    const { body } = await agent.post('/2fa/security/otp-sms', { code: newest(on.sms) }).expect(201);
    const [first, second]: string[] = body.backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: first }).expect(200);

    const { accounts, pending } = on.options;
    const off = codesApp({ accounts, pending, clock: on.clock, sms: undefined as never });
    const back = await halfLogin(off);
    const { body: step } = await back.get('/2fa').expect(200);
    expect([step.factors, step.preferred]).toEqual([[], 'backup-code']);
    for (const path of ['/2fa/otp-sms', '/2fa/otp-sms/send'])
      expect([path, told(await back.post(path, { code: '123456' }))]).toEqual([path, [404, 'not_found']]);
    expect(told(await back.get('/2fa/otp-sms'))).toEqual([404, 'not_found']);
    await back.post('/2fa/backup-code', { code: second }).expect(200);
    expect(await ofType(back, 'otp-sms')).toMatchObject({
      available: false,
      factors: [{ hint: '•••••••56' }],
    });
  });
});
