import { browser, codeAt, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import {
  annWith,
  annsPhone,
  codesApp,
  codesOf,
  enrol,
  newest,
  noneOf,
  signedIn,
  told,
  type CodesApp,
} from '../support/codes-app';
import type { TestUser } from '../support/host-app';

async function fresh(given: Parameters<typeof codesApp>[0] = {}): Promise<CodesApp & { ann: BrowserAgent }> {
  const host = codesApp(given);
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  return { ...host, ann };
}

const phones = '/2fa/security/otp-sms';
const nextSend = (host: CodesApp) => host.clock.move(hours);

describe('A phone or mailbox is added', () => {
  it('without typing a number that the app knows; a mailbox had better be another', async () => {
    const contacts = () => [
      { channel: 'email', address: 'ann@example.com' } as const,
      { channel: 'sms', address: annsPhone } as const,
    ];
    const users = { id: (user: TestUser) => user.id, name: (user: TestUser) => user.name, contacts };
    const offered = async (agent: BrowserAgent, type: 'otp-sms' | 'otp-email') => {
      const { text } = await agent.page(`/2fa/security/${type}`).expect(200);
      return /id="address"[^>]* value="([^"]*)"/.exec(text)?.[1];
    };
    const { ann } = await fresh({ users });
    expect([await offered(ann, 'otp-sms'), await offered(ann, 'otp-email')]).toEqual([annsPhone, '']);
    const withPhone = await signedIn(await annWith(['otp-sms'], { users }));
    expect(await offered(withPhone, 'otp-sms')).toBe('');
    const broken = () => Promise.reject(new Error('no answer'));
    const { ann: unknown } = await fresh({ users: { ...users, contacts: broken } });
    expect(await offered(unknown, 'otp-sms')).toBe('');
  });

  it.each([
    ['otp-sms', '603 123 456', '•••••••56', 'sms'],
    ['otp-email', 'Ann.Box@Mail.example', 'A•••@m•••.example', 'email'],
  ] as const)(
    'as the first factor, once a backup code was acknowledged: %s',
    async (type, address, hint, channel) => {
      const host = await fresh();
      const { ann } = host;
      const base = `/2fa/security/${type}`;
      expect((await ann.get(base).expect(200)).body).toEqual({ sent: null });
      const { body: sent } = await ann.post(`${base}/send`, { address }).expect(200);
      expect(sent.sentTo).toBe(hint);
      expect((await ann.get(base).expect(200)).body).toEqual({ sent });
      const code = newest(channel === 'sms' ? host.sms : host.email);
      const { body } = await ann.post(base, { code }).expect(201);
      expect(body.factor).toMatchObject({ type, hint });
      expect(body.factor.label).toBeTruthy();
      expect(body.backupCodes).toHaveLength(10);
      // Not in force yet, and nothing more is sent.
      expect((await ann.get('/2fa/security').expect(200)).body.enabled).toBe(false);
      host.clock.move(minutes);
      for (const answer of [await ann.post(`${base}/send`, { address }), await ann.get(base)]) {
        expect([told(answer), answer.body.error.url]).toEqual([
          [409, 'conflict'],
          '/2fa/security/backup-codes',
        ]);
      }
      expect(host.sms.sent.length + host.email.sent.length).toBe(1);
      expect(told(await ann.post(base, { code }))).toEqual([409, 'conflict']);
      await browser(host.app).signIn('ann').expect(200);

      await ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
      const { body: page } = await ann.get('/2fa/security').expect(200);
      expect(page.enabled).toBe(true);
      const back = await halfLogin(host);
      await back.post(`/2fa/${type}/send`).expect(200);
      await back
        .post(`/2fa/${type}`, { code: newest(channel === 'sms' ? host.sms : host.email) })
        .expect(200);
    },
  );

  it('by JSON as 201, with id, label, time and masked address, and no backup codes after the first', async () => {
    const host = await annWith(['otp-sms']);
    const ann = await signedIn(host);
    const { status, body } = await enrol(host, ann, 'otp-email', 'second@mail.example', 'Work');
    expect([status, body]).toEqual([
      201,
      {
        factor: {
          id: expect.any(String),
          type: 'otp-email',
          label: 'Work',
          hint: 's•••@m•••.example',
          createdAt: new Date(host.clock.now()).toISOString(),
        },
        backupCodes: null,
      },
    ]);
  });

  it('several times for a user, each with a name of its own where none is given', async () => {
    const host = await annWith(['otp-sms']);
    const ann = await signedIn(host);
    const labels = [];
    for (const address of ['+420777111001', '+420777111002']) {
      labels.push((await enrol(host, ann, 'otp-sms', address)).body.factor?.label);
      host.clock.move(minutes);
    }
    expect(labels.every(Boolean)).toBe(true);
    expect(new Set(labels).size).toBe(2);
  });

  it('once: one number in two spellings is there already, and nothing is sent', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const ann = await signedIn(host);
    const before = host.sms.sent.length;
    for (const address of [
      annsPhone,
      '603123456',
      '00420 603 123 456',
      '+420 (603) 123-456',
      '＋４２０６０３１２３４５６',
    ]) {
      const answer = await ann.post(`${phones}/send`, { address });
      expect([address, told(answer), answer.body.error.field]).toEqual([
        address,
        [409, 'duplicate'],
        'address',
      ]);
    }
    for (const address of ['ann.box@mail.example', ' ann.box@MAIL.example ', 'Ann.Box@Mail.Example'])
      expect([address, told(await ann.post('/2fa/security/otp-email/send', { address }))]).toEqual([
        address,
        [409, 'duplicate'],
      ]);
    expect([host.sms.sent.length, host.email.sent.length]).toEqual([before, 0]);
  });

  it('with the address that its own code was sent to, and never one that is sent along', async () => {
    const host = await annWith(['otp-email']);
    const ann = await signedIn(host, 'otp-email');
    await ann.post(`${phones}/send`, { address: '+420777000011' }).expect(200);
    const code = newest(host.sms);
    const { body } = await ann.post(phones, { code, address: '+420777000022' }).expect(201);
    expect(body.factor.hint).toBe('•••••••11');
    nextSend(host);
    const back = await halfLogin(host);
    await back.post('/2fa/otp-sms/send').expect(200);
    expect(host.sms.sent[0]?.to).toBe('+420777000011');
  });

  it('never with a code that was sent to the same address in another login, or by another user', async () => {
    const host = await fresh();
    const other = browser(host.app);
    await other.signIn('ann').expect(200);
    const bob = browser(host.app);
    await bob.signIn('bob').expect(200);
    for (const agent of [host.ann, other, bob])
      await agent.post(`${phones}/send`, { address: annsPhone }).expect(200);
    const [bobs = '', others = '', own = ''] = codesOf(host.sms);
    if (new Set([bobs, others, own]).size < 3) return;
    for (const code of [bobs, others])
      expect(told(await host.ann.post(phones, { code }))).toEqual([401, 'wrong_code']);
    await host.ann.post(phones, { code: own }).expect(201);
  });

  it('from the start again after five wrong codes, which take no try of a sign-in', async () => {
    const host = await annWith(['otp-email']);
    const ann = await signedIn(host, 'otp-email');
    await ann.post(`${phones}/send`, { address: annsPhone }).expect(200);
    const code = newest(host.sms);
    for (const left of [4, 3, 2, 1, 0]) {
      const wrong = await ann.post(phones, { code: noneOf(code) });
      expect([told(wrong), wrong.body.error.triesLeft]).toEqual([[401, 'wrong_code'], left]);
    }
    expect(told(await ann.post(phones, { code }))).toEqual([409, 'conflict']);
    expect((await ann.get(phones).expect(200)).body).toEqual({ sent: null });
    host.clock.move(minutes);
    await ann.post(`${phones}/send`, { address: annsPhone }).expect(200);
    const [again = ''] = codesOf(host.sms);
    // The code of the set-up that was given up belongs to it alone.
    if (again === code) return;
    expect(told(await ann.post(phones, { code }))).toEqual([401, 'wrong_code']);
    await ann.post(phones, { code: again }).expect(201);
    const back = await halfLogin(host);
    expect((await back.post('/2fa/otp-sms', { code: '000000' })).body.error.triesLeft).toBe(4);
  });

  it('at once where the number was corrected, and after the wait where it is the same in another spelling', async () => {
    const host = await fresh();
    const send = async (address: string) => told(await host.ann.post(`${phones}/send`, { address }));
    expect(await send('+420777000011')).toEqual([200, undefined]);
    expect(await send('+420777000022')).toEqual([200, undefined]);
    expect(await send('00420 777 000 022')).toEqual([429, 'resend_too_soon']);
    expect(await send('+420777000011')).toEqual([429, 'resend_too_soon']);
    expect(host.sms.sent.length).toBe(2);
    expect(told(await host.ann.post(phones, { code: newest(host.sms) }))).toEqual([201, undefined]);
  });

  it('to no more numbers than one number would be asked about: five at once, then one in half a minute', async () => {
    const limits = { user: { sends: 99, per: '1h' }, unproven: { sends: 99, per: '1h' } } as const;
    const host = await fresh({ sends: { limits } });
    const send = async (nth: number) =>
      told(await host.ann.post(`${phones}/send`, { address: `+4207770000${nth}` }));
    for (const nth of [11, 12, 13, 14, 15]) expect(await send(nth)).toEqual([200, undefined]);
    expect(await send(16)).toEqual([429, 'resend_too_soon']);
  });

  it('not with a code that is too old, malformed or was never asked for', async () => {
    const host = await fresh();
    expect(told(await host.ann.post(phones, { code: '123456' }))).toEqual([409, 'conflict']);
    await host.ann.post(`${phones}/send`, { address: annsPhone }).expect(200);
    const code = newest(host.sms);
    for (const odd of [undefined, '', 'abcdef', 123456, [code], { code }, null])
      expect([odd, told(await host.ann.post(phones, { code: odd }))]).toEqual([odd, [400, 'malformed']]);
    for (const label of [1, ['x'], { x: 1 }, 'x'.repeat(5000)])
      expect(told(await host.ann.post(phones, { code, label }))).toEqual([400, 'malformed']);
    host.clock.move(5 * minutes);
    const late = await host.ann.post(phones, { code });
    expect([told(late), late.body.error.triesLeft]).toEqual([[401, 'wrong_code'], 4]);
  });

  it('only at an address that is one: odd input is 400 with its field, and nothing is sent', async () => {
    const host = await fresh();
    const odd = [
      undefined,
      null,
      '',
      1,
      true,
      [annsPhone],
      { address: annsPhone },
      { $ne: '' },
      '9'.repeat(30_000),
    ];
    for (const type of ['otp-sms', 'otp-email'] as const) {
      for (const address of odd) {
        const answer = await host.ann.post(`/2fa/security/${type}/send`, { address });
        expect([type, address, told(answer), answer.body.error.field]).toEqual([
          type,
          address,
          [400, 'malformed'],
          'address',
        ]);
      }
    }
    for (const address of ['112', '12345', '+1 900 555 0123', '+44 70 1234 5678', '+420 800 123 456'])
      expect([address, (await host.ann.post(`${phones}/send`, { address })).status]).toEqual([address, 400]);
    for (const address of [
      'a@b',
      'x@y.example\r\nBcc: z@evil.example',
      'a@x.example,b@y.example',
      '<a@x.example>',
    ])
      expect([address, (await host.ann.post('/2fa/security/otp-email/send', { address })).status]).toEqual([
        address,
        400,
      ]);
    expect([host.sms.sent, host.email.sent]).toEqual([[], []]);
  });

  it('given up by cancel: the code that is on its way adds nothing', async () => {
    const host = await fresh();
    await host.ann.post(`${phones}/send`, { address: annsPhone }).expect(200);
    await host.ann.post(`${phones}/cancel`).expect(200);
    expect(told(await host.ann.post(phones, { code: newest(host.sms) }))).toEqual([409, 'conflict']);
  });

  it('by forms too: 303 to the page, and the page again with 422, 429 and what was typed', async () => {
    const host = await fresh();
    const { ann } = host;
    const { text } = await ann.page(phones);
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    const bad = await ann.form(`${phones}/send`, { form_token, address: '12345' });
    expect([bad.status, bad.text.includes('value="12345"')]).toEqual([422, true]);
    const sent = await ann.form(`${phones}/send`, { form_token, address: annsPhone });
    expect([sent.status, sent.headers.location]).toEqual([303, phones]);
    const early = await ann.form(`${phones}/send`, { form_token, address: annsPhone });
    expect([early.status, early.headers['retry-after']]).toEqual([429, '30']);
    const wrong = await ann.form(phones, { form_token, code: noneOf(newest(host.sms)) });
    expect(wrong.status).toBe(422);
    const right = await ann.form(phones, { form_token, code: newest(host.sms) });
    expect([right.status, right.headers.location]).toEqual([303, '/2fa/security/backup-codes']);
  });
});

describe('C2: a number is changed', () => {
  it('only with a fresh proof, and never by SMS or mail where an authenticator app is enrolled', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const bySms = await signedIn(host);
    await bySms.get('/2fa/security/totp').expect(200);
    host.clock.move(minutes);
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    for (const type of ['otp-sms', 'otp-email'] as const) {
      nextSend(host);
      const agent = await signedIn(host, type);
      for (const path of [`${phones}/send`, '/2fa/security/otp-email/send'])
        expect(told(await agent.post(path, { address: '+420777123123' }))).toEqual([403, 'step_up_required']);
      expect(told(await agent.post('/2fa/security/backup-codes'))).toEqual([403, 'step_up_required']);
      await agent.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
      nextSend(host);
    }
  });

  it('not by a password alone, and not by a proof that is stale', async () => {
    const host = await annWith(['otp-sms']);
    const password = await halfLogin(host);
    expect(told(await password.post(`${phones}/send`, { address: '+420777123123' }))).toEqual([
      401,
      'second_factor_required',
    ]);
    const ann = await signedIn(host);
    host.clock.move(5 * minutes + seconds);
    expect(told(await ann.post(`${phones}/send`, { address: '+420777123123' }))).toEqual([
      403,
      'step_up_required',
    ]);
    expect(host.sms.sent.map(({ to }) => to)).toEqual([annsPhone]);
  });
});
