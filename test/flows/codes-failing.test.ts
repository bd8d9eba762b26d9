import { halfLogin } from '../support/browser-agent';
import { DeliveryError, type Message } from '../../lib';
import type { DeliveryErrorKind } from '../../lib/delivery/message';
import { seconds } from '../support/clock';
import { annWith, newest, noneOf, told, type CodesApp } from '../support/codes-app';

/** A gateway that fails as it is told, and says what was in its hands. */
function gateway() {
  const handed: Message[] = [];
  const state: { fail: (() => unknown) | null } = { fail: null };
  const send = async (message: Message): Promise<void> => {
    handed.push(message);
    await state.fail?.();
  };
  const codes = () => handed.map(({ text }) => /\d{6}/.exec(text)?.[0] ?? '');
  return { handed, state, send, codes };
}

const failing = (kind: DeliveryErrorKind, retryAfter?: number) => () => {
  throw new DeliveryError(kind, retryAfter);
};

const hurried = { timeout: 100 } as const;

async function appOn(gate: ReturnType<typeof gateway>, sends = {}): Promise<CodesApp> {
  return annWith(['otp-sms', 'otp-email'], { sms: { send: gate.send, defaultRegion: 'CZ' }, sends });
}

describe('B8: a message that could not be sent', () => {
  const never = () => new Promise(() => undefined);
  it.each<[string, () => unknown]>([
    ['refused', failing('rejected')],
    ['wrong credentials', failing('auth')],
    ['too many for the provider', failing('rate-limited', 77)],
    ['a provider that is down', failing('provider')],
    ['a network that is down', failing('network')],
    ['one that throws something else', () => Promise.reject(new Error('+420603123456 sk_live_1'))],
    ['one that never answers', never],
  ])('says so, leaves no code that works, takes no try, and the other way works: %s', async (_, fail) => {
    const gate = gateway();
    const host = await appOn(gate, hurried);
    gate.state.fail = fail;
    const agent = await halfLogin(host);
    const answer = await agent.post('/2fa/otp-sms/send');
    expect(told(answer)).toEqual([503, 'delivery_failed']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.text).not.toMatch(/603|sk_live/);
    expect((await agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();

    const [code = ''] = gate.codes();
    const tried = await agent.post('/2fa/otp-sms', { code });
    expect([told(tried), tried.body.error.triesLeft]).toEqual([[401, 'wrong_code'], 4]);
    await agent.post('/2fa/otp-email/send').expect(200);
    await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
  });

  it('shows its page again, with 503 and Retry-After', async () => {
    const gate = gateway();
    const host = await appOn(gate);
    gate.state.fail = failing('rate-limited', 77);
    const agent = await halfLogin(host);
    const { text } = await agent.page('/2fa/otp-sms');
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    const page = await agent.form('/2fa/otp-sms/send', { form_token });
    expect([page.status, page.headers['retry-after']]).toEqual([503, '77']);
    expect(page.text).toContain('/2fa/choose');
  });

  it('does not touch the code that was sent before it', async () => {
    const gate = gateway();
    const host = await appOn(gate);
    const agent = await halfLogin(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    host.clock.move(30 * seconds);
    gate.state.fail = failing('provider');
    await agent.post('/2fa/otp-sms/send').expect(503);
    await agent.post('/2fa/otp-sms', { code: gate.codes()[0] ?? '' }).expect(200);
  });

  it.each<[DeliveryErrorKind, boolean]>([
    ['rejected', true],
    ['auth', true],
    ['rate-limited', true],
    ['provider', false],
    ['network', false],
    ['timeout', false],
  ])('gives the budget back only where nothing has left: %s: %s', async (kind, isBack) => {
    const gate = gateway();
    const host = await appOn(gate, { limits: { user: { sends: 1, per: '1h' } } });
    gate.state.fail = failing(kind);
    const agent = await halfLogin(host);
    await agent.post('/2fa/otp-sms/send').expect(503);
    gate.state.fail = null;
    host.clock.move(10 * 60 * seconds - seconds);
    const again = await agent.post('/2fa/otp-sms/send');
    expect(told(again)).toEqual(isBack ? [200, undefined] : [429, 'too_many_sends']);
  });

  it.each([
    ['a provider that refuses', true, failing('rejected')],
    ['a hook that vetoes', false, null],
  ])('is not asked for without limit: %s', async (_, mayLeave, fail) => {
    const gate = gateway();
    const asked = jest.fn(() => mayLeave);
    const host = await appOn(gate, { beforeSend: asked, limits: { ip: { sends: 3, per: '1h' } } });
    gate.state.fail = fail;
    const agent = await halfLogin(host);
    await agent.post('/2fa/otp-sms/send').expect(503);
    const soon = await agent.post('/2fa/otp-sms/send');
    expect([told(soon), soon.headers['retry-after']]).toEqual([[429, 'resend_too_soon'], '30']);
    const others = [];
    for (let login = 0; login < 4; login += 1)
      others.push(told(await (await halfLogin(host)).post('/2fa/otp-sms/send'))[1]);
    expect(others).toEqual(['delivery_failed', 'delivery_failed', 'slow_down', 'slow_down']);
    expect(asked).toHaveBeenCalledTimes(3);
  });

  it('is told as an event with its kind and the name of the phone, and nothing else of it', async () => {
    const gate = gateway();
    const host = await appOn(gate);
    const heard: object[] = [];
    host.twoFactor.on('code.failed', (event) => heard.push(event));
    gate.state.fail = () => Promise.reject(new Error(`${gate.handed[0]?.text}`));
    await (await halfLogin(host)).post('/2fa/otp-sms/send').expect(503);
    expect(heard).toEqual([
      {
        userId: 'id-ann',
        at: host.clock.now(),
        type: 'otp-sms',
        label: expect.stringMatching(/^Way \d+$/),
        kind: 'provider',
      },
    ]);
  });

  it('says when the next may be asked for, and the server keeps to it', async () => {
    const gate = gateway();
    const host = await appOn(gate);
    const agent = await halfLogin(host);
    gate.state.fail = failing('timeout');
    await agent.post('/2fa/otp-sms/send').expect(503);
    gate.state.fail = null;
    host.clock.move(30 * seconds);
    const { body } = await agent.post('/2fa/otp-sms/send').expect(200);
    host.clock.set(Date.parse(body.resendAt));
    await agent.post('/2fa/otp-sms/send').expect(200);
  });
});

describe('C3: a hook before each sending', () => {
  it.each<[string, () => unknown]>([
    ['false', () => false],
    ['a promise of false', async () => false],
    ['nothing', () => undefined],
    ['something that only looks like yes', () => 'true'],
    [
      'an error',
      () => {
        throw new Error('+420603123456');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('x'))],
    ['no answer', () => new Promise(() => undefined)],
  ])(
    'vetoes with %s: nothing leaves, no code works, another way does, and nobody gets by',
    async (_, veto) => {
      const gate = gateway();
      const host = await appOn(gate, {
        ...hurried,
        beforeSend: ({ channel }: { channel: string }) => (channel === 'sms' ? veto() : true),
      });
      const agent = await halfLogin(host);
      expect(told(await agent.post('/2fa/otp-sms/send'))).toEqual([503, 'delivery_failed']);
      expect(gate.handed).toEqual([]);
      expect(told(await agent.post('/2fa/otp-sms', { code: noneOf() }))).toEqual([401, 'wrong_code']);
      expect((await agent.get('/me').set('Accept', '*/*')).body.user).toBeNull();
      await agent.post('/2fa/otp-email/send').expect(200);
      await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
    },
  );

  it('knows whose number it is, in full, and what the code is for', async () => {
    const asked: unknown[] = [];
    const gate = gateway();
    const host = await appOn(gate, { beforeSend: (leaving: unknown) => asked.push(leaving) > 0 });
    await (await halfLogin(host)).post('/2fa/otp-sms/send').expect(200);
    expect(asked).toEqual([{ userId: 'id-ann', channel: 'sms', to: '+420603123456', purpose: 'sign_in' }]);
    expect(gate.handed.length).toBe(1);
  });
});
