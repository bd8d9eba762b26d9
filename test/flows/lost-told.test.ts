import { minutes } from '../support/clock';
import { browser, errorCode, halfLogin } from '../support/browser-agent';
import { newest } from '../support/codes-app';
import { begin, lostApp, users } from './lost-cast';

const number = '+420603123456';

/** An app that has a mailbox and a phone of each user. */
const withPhones = () =>
  lostApp({
    users: {
      ...users,
      contacts: (user) => [
        { channel: 'email', address: user.name, since: 0 },
        { channel: 'sms', address: number, since: 0 },
      ],
    },
  });

describe('What a request for access sends', () => {
  it('I4: is a notice on every channel, so that whoever reads the mailbox cannot keep it from its owner', async () => {
    const host = await withPhones();
    const { statusUrl } = await begin(await halfLogin(host));
    await host.twoFactor.tick();
    const [text, ...others] = host.notices.sent.filter(({ to }) => to === number);
    expect(text?.text).toMatch(/https?:\/\/\S+\/2fa\/lost\/cancel\/[\w-]{22,}/);
    expect(others).toEqual([]);
    expect(host.notices.sent.filter(({ to }) => to === 'ann@example.com')).not.toEqual([]);

    // Steps in between are told by mail alone: whoever asks decides how often there are some.
    const before = host.notices.sent.length;
    await browser(host.app)
      .post(`${statusUrl}/contact`, { code: newest(host.email) })
      .expect(200);
    await host.twoFactor.tick();
    const since = host.notices.sent.slice(0, host.notices.sent.length - before);
    expect(since.map(({ to }) => to)).toEqual(['ann@example.com']);
  });

  it('is told to nobody where it is of nobody: no notice, no event, no entry', async () => {
    const host = await withPhones();
    const told: string[] = [];
    for (const name of ['recovery.changed', 'code.sent'] as const)
      host.twoFactor.on(name, ({ userId }) => told.push(userId));
    await begin(browser(host.app), { identifier: 'nobody@example.com' });
    await host.twoFactor.tick();
    expect(told).toEqual([]);
    expect(host.notices.sent.filter(({ text }) => text.includes('/2fa/lost/'))).toEqual([]);
  });

  it('I2: is a code that is good for ten minutes', async () => {
    const host = await withPhones();
    const { statusUrl } = await begin(await halfLogin(host));
    const code = newest(host.email);
    host.clock.move(10 * minutes);
    const late = await browser(host.app).post(`${statusUrl}/contact`, { code }).expect(401);
    expect(errorCode(late)).toBe('wrong_code');
  });
});
