import { formToken } from '../advisories/cast';
import { browser, type BrowserAgent } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { codesApp, newest, noneOf, told, type CodesApp, type CodeType } from '../support/codes-app';

const channels = [
  {
    type: 'otp-sms',
    given: '+420777000011',
    kept: '+420777000022',
    spelled: '00420 777 000 011',
    words: 'That code was for the number you typed before.',
  },
  {
    type: 'otp-email',
    given: 'one.box@mail.example',
    kept: 'other.box@mail.example',
    spelled: 'One.Box@mail.example',
    words: 'That code was for the address you typed before.',
  },
] as const;

interface Sent {
  readonly host: CodesApp;
  readonly bob: BrowserAgent;
  /** Sends to an address, once that may be done. */
  send(address: string): Promise<string>;
  readonly path: string;
}

async function sending(type: CodeType, given: Parameters<typeof codesApp>[0] = {}): Promise<Sent> {
  const host = codesApp(given);
  const bob = browser(host.app);
  await bob.signIn('bob').expect(200);
  const path = `/2fa/security/${type}`;
  const send = async (address: string): Promise<string> => {
    await bob.post(`${path}/send`, { address }).expect(200);
    host.clock.move(60 * seconds);
    return newest(type === 'otp-sms' ? host.sms : host.email);
  };
  return { host, bob, send, path };
}

describe.each(channels)('The code of an address that was given up for another: $type', (channel) => {
  const { type, given, kept, spelled, words } = channel;

  it('is refused and counted, by JSON, and the page of the other one says why', async () => {
    const { bob, send, path } = await sending(type);
    const first = await send(given);
    const second = await send(kept);
    const { body, status } = await bob.post(path, { code: first });
    expect([status, body.error]).toEqual([
      401,
      { code: 'wrong_code', message: expect.stringContaining(words), triesLeft: 4 },
    ]);
    const { body: added } = await bob.post(path, { code: second }).expect(201);
    expect(added.factor.hint).toMatch(type === 'otp-sms' ? /22$/ : /^o/);
  });

  it('is refused by a form of the tab that still shows the other one', async () => {
    const { bob, send, path } = await sending(type);
    const first = await send(given);
    const form_token = formToken((await bob.page(path).expect(200)).text);
    await send(kept);
    const refused = await bob.form(path, { form_token, code: first }).expect(422);
    expect(refused.text).toContain(words);
    expect(refused.text).toContain(kept);
    expect(refused.text).not.toContain(given);
  });

  it('is an ordinary wrong code to someone who guesses: nothing is said about the address', async () => {
    const { bob, send, path } = await sending(type);
    const codes = [await send(given), await send(kept)];
    const { body } = await bob.post(path, { code: noneOf(...codes) }).expect(401);
    expect(body.error.message).not.toContain(words);
  });

  it('ends the set-up like any other when it is the fifth', async () => {
    const { bob, send, path } = await sending(type);
    const first = await send(given);
    const second = await send(kept);
    for (const left of [4, 3, 2, 1, 0]) {
      const { body } = await bob.post(path, { code: first }).expect(401);
      expect(body.error.triesLeft).toBe(left);
    }
    expect(told(await bob.post(path, { code: second }))).toEqual([409, 'conflict']);
  });

  it('is right where it is the same address in another spelling', async () => {
    const { bob, send, path } = await sending(type);
    const first = await send(given);
    await send(spelled);
    await bob.post(path, { code: first }).expect(201);
  });

  it('is wrong for good once its owner has come back to it: only what was sent last counts', async () => {
    const { bob, send, path } = await sending(type);
    await send(given);
    const other = await send(kept);
    const back = await send(given);
    expect((await bob.post(path, { code: other }).expect(401)).body.error.message).toContain(words);
    await bob.post(path, { code: back }).expect(201);
  });

  it('is right again where nothing could be sent to the other one', async () => {
    let isDown = false;
    const sent: { text: string }[] = [];
    const send = async (message: { text: string }) => {
      if (isDown) throw new Error('down');
      sent.unshift(message);
      return { id: '1' };
    };
    const option = type === 'otp-sms' ? { sms: { send, defaultRegion: 'CZ' as const } } : { email: { send } };
    const { bob, host, path } = await sending(type, option as never);
    await bob.post(`${path}/send`, { address: given }).expect(200);
    const [{ text } = { text: '' }] = sent;
    const code = /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0];
    host.clock.move(60 * seconds);
    isDown = true;
    await bob.post(`${path}/send`, { address: kept }).expect(503);
    await bob.post(path, { code }).expect(201);
  });
});
