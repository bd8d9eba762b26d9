import { DeliveryError, memoryAccounts, memorySender, type Message, type Sender } from '../../lib';
import { fromBase32 } from '../../lib/crypto/base32';
import { cookiesOf, listen, wrongCode } from '../advisories/cast';
import { json, Loopback } from '../delivery/senders/loopback';
import { codeAt, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { give } from '../support/codes-app';
import { intercepted } from '../support/override';
import { until } from '../support/within';
import { annEnrolled, toldApp } from './cast';

const addresses = ['ann@example.com', 'ann@office.example', '+420603123456', 'box@mail.example'];

describe('What tells of an account', () => {
  const endpoint = new Loopback();
  beforeAll(() => endpoint.start());
  afterAll(() => endpoint.stop());

  it('ASVS 16.2.5: has no seed, code, token, session id or address of another channel, sent, stored or told', async () => {
    const inbox = memorySender({ keep: 2000 });
    let isDown = false;
    const send: Sender<Message> = async (message, signal) => {
      if (isDown) throw Object.assign(new DeliveryError('network'), { message });
      await inbox(message, signal);
    };
    const stored: unknown[] = [];
    const accounts = intercepted(memoryAccounts(), (call, name, given) => {
      if (name === 'save') stored.push(given[0]);
      return call();
    });
    const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
    const host = toldApp({
      accounts,
      email: { send },
      sms: { send, notices: true, defaultRegion: 'CZ' },
      users: {
        id: ({ id }) => id,
        name: ({ name }) => name,
        contacts: () => [
          { channel: 'email', address: 'ann@example.com' },
          { channel: 'email', address: 'ann@office.example' },
          { channel: 'sms', address: '+420603123456' },
        ],
      },
      webhooks: [
        {
          url: `${endpoint.url}/hook?key=in-the-address`,
          secret,
          events: ['factor.added', 'backup-code.used', 'proof.refused', 'proof.accepted', 'browser.new'],
          allowPrivate: true,
        },
      ],
    });
    const heard = listen(host.twoFactor);
    endpoint.answer = json(500, {});
    isDown = true;
    const { agent, secret: seed, backupCodes } = await annEnrolled(host);
    await give(host, 'otp-sms', '+420603123456');
    await give(host, 'otp-email', 'box@mail.example');
    const hidden = new Set([seed, ...backupCodes, secret, 'in-the-address', endpoint.url]);
    for (const as of ['hex', 'base64', 'base64url'] as const)
      hidden.add(Buffer.from(fromBase32(seed) ?? '').toString(as));

    const stranger = await halfLogin(host);
    const wrong = wrongCode(seed, host.clock.now());
    await stranger.post('/2fa/totp', { code: wrong }).expect(401);
    const passed = await stranger.post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
    for (const [, id = ''] of cookiesOf(passed).matchAll(/(?:connect\.sid=s%3A|2fa-browser-\w+=)([\w-]+)/g))
      hidden.add(id);
    host.clock.move(31 * seconds);
    const code = codeAt(seed, host.clock.now());
    const other = await halfLogin(host);
    await other.post('/2fa/totp', { code }).expect(200);
    await agent.post('/2fa/security/sign-out-everywhere');
    await until(5_000, 'the first tries', async () => {
      const { outbox = [], calls = [] } = (await host.options.accounts.load('id-ann' as never)) ?? {};
      return [...outbox, ...calls].every(({ dueAt }) => dueAt <= host.clock.now() + minutes);
    });
    isDown = false;
    endpoint.answer = json(200, {});
    host.clock.move(5 * minutes);
    const { notices, webhooks } = await host.twoFactor.tick();
    expect(notices.sent).toBeGreaterThan(4);
    expect(webhooks.sent).toBeGreaterThan(4);
    expect(hidden.size).toBeGreaterThan(16);

    const sent = inbox.sent.filter(({ id }) => id !== undefined);
    for (const { to, ...message } of sent) {
      const said = JSON.stringify(message);
      for (const one of [...hidden, wrong, code, ...addresses]) expect(said).not.toContain(one);
      expect(addresses).toContain(to);
    }
    const elsewhere = JSON.stringify([endpoint.asked.map(({ body }) => body), heard, stored]);
    for (const one of [...hidden, wrong, ...addresses]) expect(elsewhere).not.toContain(one);
  });
});
