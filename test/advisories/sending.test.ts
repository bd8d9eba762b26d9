import { createHash } from 'node:crypto';
import { randomCode } from '../../lib/crypto/random';
import { memoryPending, type EventName } from '../../lib';
import { browser, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import {
  annWith,
  annsMail,
  annsPhone,
  codesApp,
  codesOf,
  enrol,
  halfWithCode,
  newest,
  noneOf,
  ofType,
  signedIn,
  told,
} from '../support/codes-app';

const eventNames: readonly EventName[] = [
  'login.owed',
  'login.completed',
  'login.confirmed',
  'proof.accepted',
  'proof.refused',
  'proof.replayed',
  'factor.added',
  'factor.removed',
  'code.sent',
  'code.failed',
  'sends.refused',
  'sends.unused',
];

/** Everything in a store's maps, as text. */
const dump = (part: unknown, seen = new Set<unknown>()): string => {
  if (typeof part !== 'object' || part === null) return typeof part === 'string' ? part : '';
  if (seen.has(part)) return '';
  seen.add(part);
  const inner: unknown[] = part instanceof Map ? [...part].flat() : Object.values(part);
  return inner.map((one) => dump(one, seen)).join('\n');
};

const inAnySpelling = /603 ?123 ?456|ann\.box|mail\.example/i;

it('check 15: at sign-in the destination is masked in pages, attributes and JSON, before and after sending', async () => {
  const host = await annWith(['otp-sms', 'otp-email']);
  await host.twoFactor.importFactor('id-ann', { type: 'otp-sms', address: '+420777000011', label: 'Work' });
  const agent = await halfLogin(host);
  const look = async () => {
    for (const path of ['/2fa', '/2fa/choose', '/2fa/otp-sms', '/2fa/otp-email']) {
      for (const { text } of [await agent.page(path), await agent.get(path)]) {
        expect([path, inAnySpelling.exec(text)?.[0], text.includes('777000011')]).toEqual([
          path,
          undefined,
          false,
        ]);
        expect(path === '/2fa/choose' || /•••••••56|a•••@m•••\.example/.test(text)).toBe(true);
      }
    }
  };
  await look();
  const answers = [await agent.post('/2fa/otp-sms/send'), await agent.post('/2fa/otp-email/send')];
  answers.push(
    await agent.post('/2fa/otp-sms/send'),
    await agent.post('/2fa/otp-sms', { code: noneOf(newest(host.sms)) }),
  );
  for (const { text, headers } of answers)
    expect(`${text} ${JSON.stringify(headers)}`).not.toMatch(inAnySpelling);
  await look();
});

it('check 15: after enrolment the address is masked everywhere, on the security page and in the factor’s own', async () => {
  const host = codesApp();
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const { body } = await enrol(host, ann, 'otp-sms', annsPhone);
  await ann.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
  const { text } = await ann.get('/2fa/security').expect(200);
  for (const path of ['/2fa/security', `/2fa/security/factors/${body.factor.id}`]) {
    expect((await ann.page(path)).text).not.toMatch(inAnySpelling);
    expect((await ann.get(path)).text).not.toMatch(inAnySpelling);
  }
  expect(text).toContain('•••••••56');
});

it('check 18: the sign-in page offers no way to change the number; the set-up page does', async () => {
  const host = await annWith(['otp-sms']);
  const { agent } = await halfWithCode(host);
  const { text } = await agent.page('/2fa/otp-sms');
  expect(text).not.toMatch(/name="address"|\/security\//);
  const ann = await signedIn(host);
  await ann.post('/2fa/security/otp-sms/send', { address: '+420777123123' }).expect(200);
  expect((await ann.page('/2fa/security/otp-sms')).text).toContain('name="address"');
});

it('B1: codes are of six digits, zeros included, and evenly spread', async () => {
  const codes = Array.from({ length: 10_000 }, () => randomCode());
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
  for (let place = 0; place < 6; place += 1) {
    const counts = Array.from(
      { length: 10 },
      (_, digit) => codes.filter((code) => code[place] === String(digit)).length,
    );
    // Chi-square with nine degrees of freedom: beyond 45 once in a million.
    expect(counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(45);
  }
});

it('B6, ASVS 16.2.5: what is stored names no code, no address and no digest that could be tried without the key', async () => {
  const pending = memoryPending();
  const host = await annWith(['otp-sms', 'otp-email'], { pending });
  const agent = await halfLogin(host);
  await agent.post('/2fa/otp-sms/send').expect(200);
  await agent.post('/2fa/otp-email/send').expect(200);
  const stored = `${dump(pending)}\n${dump(host.options.accounts)}`;
  const digests = [...stored.matchAll(/[\w-]{22,}/g)].map(([text]) => text);
  expect(digests.length).toBeGreaterThan(5);
  for (const secret of [annsPhone, annsMail, annsPhone.slice(4)]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64url'),
      Buffer.from(secret).toString('hex'),
    ])
      expect(stored).not.toContain(form);
  }
  const plain = new Set(digests);
  for (const code of [newest(host.sms), newest(host.email)]) {
    expect(new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(stored)).toBe(false);
    for (const kind of ['base64url', 'hex'] as const)
      expect(plain.has(createHash('sha256').update(code).digest(kind))).toBe(false);
  }
});

it('ASVS 16.2.5: no event, answer or printed line carries a code, an address or an error of a provider', async () => {
  const printed: string[] = [];
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    jest
      .spyOn(console, name)
      .mockImplementation((...what: unknown[]) => void printed.push(what.map(String).join(' '))),
  );
  const host = await annWith(['otp-sms', 'otp-email']);
  const heard: object[] = [];
  for (const name of eventNames) host.twoFactor.on(name, (event) => heard.push({ ...event, name }));
  const agent = await signedIn(host);
  await agent.post('/2fa/otp-email/send').expect(200);
  await agent.post('/2fa/otp-email', { code: noneOf(newest(host.email)) }).expect(401);
  await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
  await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(401);
  await enrol(host, agent, 'otp-sms', '+420777000011');
  for (let nth = 0; nth < 6; nth += 1) await (await halfLogin(host)).post('/2fa/otp-sms/send');
  const names = new Set(heard.map((event) => (event as { name: string }).name));
  for (const name of ['code.sent', 'sends.refused', 'proof.replayed', 'factor.added'])
    expect([...names]).toContain(name);
  const text = JSON.stringify(heard) + printed.join('\n');
  expect(text).not.toMatch(inAnySpelling);
  for (const code of [...codesOf(host.sms), ...codesOf(host.email)])
    expect(
      new RegExp(`"[^"]*${code}[^"]*"`).test(
        text.replace(/"(userId|at|rev|factorId|loginId)":("[^"]*"|\d+)/g, ''),
      ),
    ).toBe(false);
  for (const spy of spies) spy.mockRestore();
});

it('CWE-93: nothing in app name, user name or label becomes a header, a link or another code in a message', async () => {
  const evil = 'Bank 654321\r\nBcc: x@evil.example <a href="https://evil.example">\n@evil.example #111111';
  const host = codesApp({ appName: evil.replace(/[\r\n]/g, ' ').slice(0, 60) });
  host.users.set('ann', { id: 'id-ann', name: evil });
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  await ann.post('/2fa/security/otp-sms/send', { address: annsPhone, label: evil }).expect(200);
  await ann.post('/2fa/security/otp-email/send', { address: annsMail, label: evil }).expect(200);
  const [sms] = host.sms.sent;
  const [mail] = host.email.sent;
  const lines = sms?.text.split('\n') ?? [];
  expect(lines.at(-1)).toBe(`@localhost #${newest(host.sms)}`);
  expect(lines.slice(0, -1).join('\n').match(/\d+/g)).toEqual([newest(host.sms)]);
  expect(lines.slice(0, -1).join('\n')).not.toMatch(/[@#]/);
  if (!mail || !('subject' in mail)) throw new Error('no mail was sent');
  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(`${mail.subject}\n${mail.text}`.match(/(?<!\d)\d{6}(?!\d)/g)).toEqual([newest(host.email)]);
  expect(`${mail.subject}\n${mail.text}\n${mail.html}`).not.toMatch(
    /<a\b|href=|https?:\/\/|@evil|evil\.example/,
  );
});

it('Rodauth 2.33.0: the success of one factor confirms no address that is being set up', async () => {
  const host = await annWith(['otp-sms']);
  const ann = await signedIn(host);
  await ann.post('/2fa/security/otp-email/send', { address: annsMail }).expect(200);
  await ann.post('/2fa/otp-sms/send').expect(200);
  await ann.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
  expect((await ofType(ann, 'otp-email'))?.factors).toEqual([]);
  expect(told(await ann.post('/2fa/security/otp-email', { code: noneOf(newest(host.email)) }))).toEqual([
    401,
    'wrong_code',
  ]);
});

it('ASVS 6.6.1: a number counts once a code to it was typed in, and stronger ways are offered first', async () => {
  const host = await annWith(['otp-sms', 'otp-email']);
  const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
  const { body } = await (await halfLogin(host)).get('/2fa').expect(200);
  expect([body.preferred, body.types]).toEqual(['totp', ['totp', 'otp-sms', 'otp-email']]);
  const bob = browser(host.app);
  await bob.signIn('bob').expect(200);
  await bob.post('/2fa/security/otp-sms/send', { address: '+420777000011' }).expect(200);
  await browser(host.app).signIn('bob').expect(200);
});

it('ASVS 6.6.2: a code is for one login, one purpose, and five minutes', async () => {
  const host = await annWith(['otp-sms']);
  const { agent, code } = await halfWithCode(host);
  const other = await halfLogin(host);
  expect(told(await other.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
  await agent.post('/2fa/otp-sms', { code }).expect(200);
  expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
  host.clock.move(minutes);
  await agent.post('/2fa/otp-sms/send').expect(200);
  host.clock.move(5 * minutes + seconds);
  expect(told(await agent.post('/2fa/otp-sms', { code: newest(host.sms) }))).toEqual([401, 'wrong_code']);
});

it('GHSA-7rqj-j65f-68wh: a mail leaves for the one form of an address that is checked, stored and counted', async () => {
  const host = codesApp();
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const odd = [
    'a＠x.example',
    'a@x.example@y.example',
    'a@x.example, b@y.example',
    'a@x.example\n',
    'a@x。example',
    'a@ｘ.example',
    'a\u0000@x.example',
    '"a@y.example"@x.example',
  ];
  for (const address of odd) {
    host.clock.move(61 * minutes);
    const agent = browser(host.app);
    await agent.signIn('ann').expect(200);
    const before = host.email.sent.length;
    const answer = await agent.post('/2fa/security/otp-email/send', { address });
    const sent = host.email.sent.length > before ? host.email.sent[0]?.to : null;
    expect([address, sent]).toEqual([address, answer.status === 400 ? null : 'a@x.example']);
  }
});

it('GHSA-qq9h-g4jm-xgf3: an address is not a factor until its own code was typed in, whoever typed it first', async () => {
  const host = codesApp();
  const bob = browser(host.app);
  await bob.signIn('bob').expect(200);
  await bob.post('/2fa/security/otp-email/send', { address: annsMail }).expect(200);
  expect((await bob.get('/2fa/security').expect(200)).body.enabled).toBe(false);
  // Nor does it keep the owner from adding it.
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  expect((await enrol(host, ann, 'otp-email', annsMail)).status).toBe(201);
});
