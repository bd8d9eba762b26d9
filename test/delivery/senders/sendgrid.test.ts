import type { DeliveryErrorKind } from '../../../lib/delivery/message';
import { sendgridSender, type SendgridSenderOptions } from '../../../lib/sendgrid';
import { code, expectBadOption, expectFailure, failureOf, mail, waiting } from './failure';
import { json, Loopback, refusedUrl, reset, slow, text, type Answer } from './loopback';

const apiKey = 'SG.aKeyThatMustNotGetOut.1234567890';
const secrets = [apiKey, code, mail.to, 'no-reply@example.com'];
const loopback = new Loopback();
beforeAll(() => loopback.start());
afterAll(() => loopback.stop());
beforeEach(() => {
  loopback.asked.length = 0;
  loopback.answer = text(202, '');
});

const sender = (more: Partial<SendgridSenderOptions> = {}) =>
  sendgridSender({
    apiKey,
    from: 'WebAdmin <no-reply@example.com>',
    timeout: 2000,
    baseUrl: loopback.url,
    ...more,
  });

describe('sendgridSender', () => {
  it('hands over the mail, without tracking', async () => {
    await expect(sender()(mail, waiting())).resolves.toBeUndefined();
    expect(loopback.asked).toEqual([
      {
        method: 'POST',
        path: '/v3/mail/send',
        headers: expect.objectContaining({
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
        }),
        body: {
          from: { email: 'no-reply@example.com', name: 'WebAdmin' },
          personalizations: [{ to: [{ email: mail.to }] }],
          subject: mail.subject,
          content: [
            { type: 'text/plain', value: mail.text },
            { type: 'text/html', value: mail.html },
          ],
          headers: { 'Auto-Submitted': 'auto-generated' },
          tracking_settings: {
            click_tracking: { enable: false, enable_text: false },
            open_tracking: { enable: false },
            subscription_tracking: { enable: false },
            ganalytics: { enable: false },
          },
        },
      },
    ]);
  });

  it('keeps two keys apart', async () => {
    const [one, other] = [sender(), sender({ apiKey: 'SG.another' })];
    await Promise.all([one(mail, waiting()), other(mail, waiting()), one(mail, waiting())]);
    const keys = loopback.asked.map(({ headers }) => headers.authorization);
    expect(keys).toHaveLength(3);
    expect(keys.filter((key) => key === `Bearer ${apiKey}`)).toHaveLength(2);
    expect(keys).toContain('Bearer SG.another');
  });

  const soon = new Date(Date.now() + 90_000);
  const errors = { errors: [{ message: `${mail.to} ${code} ${apiKey}`, field: null, help: null }] };
  const failures: [string, Answer, DeliveryErrorKind, number | undefined][] = [
    ['a wrong key', json(401, errors), 'auth', undefined],
    ['a sender that is not verified', json(403, errors), 'auth', undefined],
    ['an address that it does not take', json(400, errors), 'rejected', undefined],
    ['a mail that is too long', json(413, errors), 'rejected', undefined],
    ['too many requests', json(429, errors, { 'retry-after': '17' }), 'rate-limited', 17],
    ['too many requests, wait 0 s', json(429, errors, { 'retry-after': '0' }), 'rate-limited', 1],
    [
      'too many requests, wait a year',
      json(429, errors, { 'retry-after': '31536000' }),
      'rate-limited',
      86_400,
    ],
    [
      'too many requests, wait nonsense',
      json(429, errors, { 'retry-after': 'soon' }),
      'rate-limited',
      undefined,
    ],
    ['too many requests', json(429, errors), 'rate-limited', undefined],
    ['a fault of its own', json(500, errors), 'provider', undefined],
    ['maintenance', text(503, 'busy', { 'retry-after': '60' }), 'provider', 60],
    ['a redirect', text(302, '', { location: '/elsewhere' }), 'provider', undefined],
    ['an endless answer', text(202, 'x'.repeat(200_000)), 'provider', undefined],
    ['a reset', reset, 'network', undefined],
  ];
  it.each(failures)('tells %s', async (_name, answer, kind, retryAfter) => {
    loopback.answer = answer;
    expectFailure(await failureOf(sender()(mail, waiting())), kind, secrets, retryAfter);
    expect(loopback.asked).toHaveLength(1);
  });

  it.each([
    ['Retry-After, a date', { 'retry-after': soon.toUTCString() }],
    ['X-RateLimit-Reset', { 'x-ratelimit-reset': String(Math.ceil(soon.getTime() / 1000)) }],
  ])('reads when to come back from %s', async (_name, headers) => {
    loopback.answer = json(429, errors, headers);
    const { retryAfter = 0 } = await failureOf(sender()(mail, waiting()));
    expect(retryAfter).toBeGreaterThan(60);
    expect(retryAfter).toBeLessThanOrEqual(91);
  });

  it('tells that nobody is there', async () => {
    const send = sender({ baseUrl: await refusedUrl() });
    expectFailure(await failureOf(send(mail, waiting())), 'network', secrets);
  });

  it('waits no longer than its timeout', async () => {
    loopback.answer = slow;
    expectFailure(await failureOf(sender({ timeout: 100 })(mail, waiting())), 'timeout', secrets);
  });

  it('ends the request at the abort', async () => {
    const abort = new AbortController();
    const closed = new Promise<void>((resolve) => {
      loopback.answer = (response) => {
        response.once('close', resolve);
        abort.abort();
      };
    });
    expectFailure(await failureOf(sender()(mail, abort.signal)), 'timeout', secrets);
    await closed;
  });

  it('does not begin after the abort', async () => {
    expectFailure(await failureOf(sender()(mail, AbortSignal.abort())), 'timeout', secrets);
    expect(loopback.asked).toEqual([]);
  });

  it.each([
    ['a subject of two lines', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['a subject with a line separator', { subject: 'Hello\u2028Bcc: eve@example.com' }],
    ['an address of two lines', { to: 'ann@example.com\nBcc: eve@example.com' }],
    ['two addresses', { to: 'ann@example.com,eve@example.com' }],
    ['a name and an address', { to: 'Ann <eve@example.com>' }],
  ])('sends nothing for %s', async (_name, change) => {
    const send = sender();
    expectFailure(await failureOf(send({ ...mail, ...change }, waiting())), 'rejected', [...secrets, 'eve@']);
    expect(loopback.asked).toEqual([]);
  });

  it.each<[string, Partial<SendgridSenderOptions>]>([
    ['apiKey', { apiKey: undefined }],
    ['apiKey', { apiKey: 'sk_live_of_somebody_else' }],
    ['apiKey', { apiKey: `${apiKey}\n` }],
    ['from', { from: undefined }],
    ['from', { from: 'WebAdmin' }],
    ['from', { from: 'WebAdmin <a@example.com>\r\nBcc: eve@example.com' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: '2h' }],
    ['baseUrl', { baseUrl: 'http://api.sendgrid.com' }],
    ['baseUrl', { baseUrl: 'api.sendgrid.com' }],
    ['apikey', { apikey: 'x' } as object],
  ])('refuses a bad %s at construction, with the cure', (option, change) => {
    expectBadOption(() => sender(change), option, apiKey);
  });
});
