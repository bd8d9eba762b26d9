import type { DeliveryErrorKind } from '../../../lib/delivery/message';
import { vonageSender, type VonageSenderOptions } from '../../../lib/vonage';
import { code, expectBadOption, expectFailure, failureOf, sms, waiting } from './failure';
import { json, Loopback, refusedUrl, reset, slow, text, type Answer } from './loopback';

const [apiKey, apiSecret] = ['abcd1234', 'aSecretThatMustNotGetOut'];
const basic = Buffer.from(`${apiKey}:${apiSecret}`).toString('base64');
const secrets = [apiKey, apiSecret, basic, code, sms.to, sms.to.slice(1)];
const loopback = new Loopback();
beforeAll(() => loopback.start());
afterAll(() => loopback.stop());

const accepted = { to: '420603123456', 'message-id': '0A0000', status: '0', 'remaining-balance': '3.1' };
const refused = (status: string) => ({ status, 'error-text': `${sms.to} ${code} ${apiSecret}` });
const answering = (...messages: object[]): Answer =>
  json(200, { 'message-count': String(messages.length), messages });
beforeEach(() => {
  loopback.asked.length = 0;
  loopback.answer = answering(accepted);
});

const sender = (more: Partial<VonageSenderOptions> = {}) =>
  vonageSender({ apiKey, apiSecret, from: 'WebAdmin', timeout: 2000, baseUrl: loopback.url, ...more });

describe('vonageSender', () => {
  it('hands over the message, never as Unicode', async () => {
    await expect(sender()(sms, waiting())).resolves.toBeUndefined();
    expect(loopback.asked).toEqual([
      {
        method: 'POST',
        path: '/sms/json',
        headers: expect.objectContaining({
          authorization: `Basic ${basic}`,
          'content-type': 'application/json',
        }),
        body: { to: '420603123456', from: 'WebAdmin', text: sms.text, type: 'text' },
      },
    ]);
  });

  it('takes all parts of a long message', async () => {
    loopback.answer = answering(accepted, accepted);
    await expect(sender()(sms, waiting())).resolves.toBeUndefined();
  });

  it('sends from a number as Vonage writes it', async () => {
    await sender({ from: '+420603' })(sms, waiting());
    expect(loopback.asked[0]?.body).toMatchObject({ from: '420603' });
  });

  const failures: [string, Answer, DeliveryErrorKind, number | undefined][] = [
    ['a wrong secret', json(401, refused('4')), 'auth', undefined],
    ['too many requests', json(429, {}, { 'retry-after': '9' }), 'rate-limited', 9],
    ['too many requests', text(429, ''), 'rate-limited', undefined],
    ['a fault of its own', json(500, refused('5')), 'provider', undefined],
    ['maintenance', text(503, 'busy', { 'retry-after': '60' }), 'provider', 60],
    ['a half message', answering(accepted, refused('5')), 'provider', undefined],
    ['a 200 without messages', json(200, {}), 'provider', undefined],
    ['a 200 with an empty list', answering(), 'provider', undefined],
    ['a 200 with a message that has no status', answering({}), 'provider', undefined],
    ['a 200 with text', text(200, 'OK', { 'content-type': 'text/plain' }), 'provider', undefined],
    ['a 200 with broken JSON', text(200, '{', { 'content-type': 'application/json' }), 'provider', undefined],
    ['an empty 200', text(200, ''), 'provider', undefined],
    ['a reset', reset, 'network', undefined],
  ];
  it.each(failures)('tells %s', async (_name, answer, kind, retryAfter) => {
    loopback.answer = answer;
    expectFailure(await failureOf(sender()(sms, waiting())), kind, secrets, retryAfter);
    expect(loopback.asked).toHaveLength(1);
  });

  it.each<[string, DeliveryErrorKind]>([
    ['1', 'rate-limited'],
    ['2', 'provider'],
    ['3', 'rejected'],
    ['4', 'auth'],
    ['5', 'provider'],
    ['6', 'rejected'],
    ['7', 'rejected'],
    ['8', 'auth'],
    ['9', 'provider'],
    ['10', 'rate-limited'],
    ['11', 'auth'],
    ['12', 'rejected'],
    ['14', 'auth'],
    ['15', 'rejected'],
    ['22', 'rejected'],
    ['23', 'provider'],
    ['29', 'rejected'],
    ['32', 'auth'],
    ['33', 'rejected'],
    ['99', 'provider'],
    ['constructor', 'provider'],
  ])('tells status %s in a 200 as %s', async (status, kind) => {
    loopback.answer = answering(refused(status));
    expectFailure(await failureOf(sender()(sms, waiting())), kind, secrets);
  });

  it('tells that nobody is there', async () => {
    const send = sender({ baseUrl: await refusedUrl() });
    expectFailure(await failureOf(send(sms, waiting())), 'network', secrets);
  });

  it('waits no longer than its timeout', async () => {
    loopback.answer = slow;
    expectFailure(await failureOf(sender({ timeout: 100 })(sms, waiting())), 'timeout', secrets);
  });

  it('settles at the abort', async () => {
    const abort = new AbortController();
    loopback.answer = () => abort.abort();
    // Its own timeout ends the request that nobody waits for any more.
    expectFailure(await failureOf(sender({ timeout: 300 })(sms, abort.signal)), 'timeout', secrets);
  });

  it('does not begin after the abort', async () => {
    expectFailure(await failureOf(sender()(sms, AbortSignal.abort())), 'timeout', secrets);
    expect(loopback.asked).toEqual([]);
  });

  it.each(['420603123456', '+420603123456,+420603123457', '+420603123456\n', '+0603123456', ''])(
    'sends nothing to %j',
    async (to) => {
      expectFailure(await failureOf(sender()({ ...sms, to }, waiting())), 'rejected', secrets);
      expect(loopback.asked).toEqual([]);
    },
  );

  it.each<[string, Partial<VonageSenderOptions>]>([
    ['apiKey', { apiKey: undefined }],
    ['apiSecret', { apiSecret: '' }],
    ['apiSecret', { apiSecret: `${apiSecret}\n` }],
    ['from', { from: undefined }],
    ['from', { from: 'A name that is too long' }],
    ['from', { from: 'Web\r\nAdmin' }],
    ['timeout', { timeout: -1 }],
    ['baseUrl', { baseUrl: 'http://rest.nexmo.com' }],
    ['apikey', { apikey: 'x' } as object],
  ])('refuses a bad %s at construction, with the cure', (option, change) => {
    expectBadOption(() => sender(change), option, apiSecret);
  });
});
