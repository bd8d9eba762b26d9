import type { Express } from 'express';
import { memoryAccounts, memoryPending } from '../../lib';
import { browser, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { fakeClock, hours, minutes, seconds } from '../support/clock';
import { testKey, type HostApp } from '../support/host-app';
import { annWith, codesApp, give, newest, told, type CodesApp } from '../support/codes-app';

const sendFrom = (agent: BrowserAgent, type: 'otp-sms' | 'otp-email' = 'otp-sms', from?: string) => {
  const post = agent.post(`/2fa/${type}/send`);
  return from === undefined ? post : post.set('X-Forwarded-For', from);
};
const behindProxy = (app: Express) => app.set('trust proxy', 1);
const plenty = { sends: 999, per: '1h' } as const;

/** So many half logins of a user ask for one code each, until one is refused. */
async function until(host: CodesApp, name: string, type: 'otp-sms' | 'otp-email' = 'otp-sms', most = 30) {
  for (let sent = 0; sent < most; sent += 1) {
    const answer = await sendFrom(await halfLogin(host, name), type);
    if (answer.status !== 200) return { sent, answer };
  }
  throw new Error('nothing was refused');
}

/** Everybody of the list has a phone of this kind. */
async function crowd(host: CodesApp, size: number, phone: (nth: number) => string): Promise<string[]> {
  const names = Array.from({ length: size }, (_, nth) => `p${nth}`);
  for (const [nth, name] of names.entries()) {
    host.users.set(name, { id: `id-${name}`, name: `${name}@example.com` });
    await give(host, 'otp-sms', phone(nth), `id-${name}`);
  }
  return names;
}

async function oneEach(host: CodesApp, names: readonly string[]) {
  const answers = [];
  for (const name of names) answers.push(await sendFrom(await halfLogin(host, name)));
  return { sent: answers.filter(({ status }) => status === 200).length, last: answers.at(-1) };
}

async function knownBrowser(host: CodesApp): Promise<BrowserAgent> {
  const agent = await halfLogin(host);
  await sendFrom(agent).expect(200);
  await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
  host.clock.move(2 * hours);
  await agent.signOut();
  return agent;
}

describe('C9, C10: messages that leave', () => {
  it('are five per hour and user, and the answer says how long to wait, in seconds and on the page with the time', async () => {
    const host = await annWith(['otp-sms']);
    const events: object[] = [];
    host.twoFactor.on('sends.refused', (event) => events.push(event));
    const { sent, answer } = await until(host, 'ann');
    expect([sent, host.sms.sent.length, told(answer)]).toEqual([5, 5, [429, 'too_many_sends']]);
    expect(answer.headers['retry-after']).toBe(String(answer.body.error.retryAfter));
    expect(answer.body.error.retryAfter).toBe(3600);
    expect(events).toEqual([{ userId: 'id-ann', at: host.clock.now(), type: 'otp-sms', budget: 'user' }]);

    const agent = await halfLogin(host);
    const { text } = await agent.page('/2fa/otp-sms');
    const form_token = /name="form_token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    const page = await agent.form('/2fa/otp-sms/send', { form_token });
    expect([page.status, page.headers['retry-after']]).toEqual([429, '3600']);
    expect(page.text).toMatch(/datetime="2026-11-24T13:0[01]:/);
    host.clock.move(hours);
    await sendFrom(await halfLogin(host)).expect(200);
  });

  it('are counted for both channels of a user together', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    for (const type of ['otp-sms', 'otp-email', 'otp-sms', 'otp-email', 'otp-sms'] as const)
      await sendFrom(await halfLogin(host), type).expect(200);
    expect(told(await sendFrom(await halfLogin(host), 'otp-email'))).toEqual([429, 'too_many_sends']);
  });

  it('ASVS 6.1.1: a stranger with the password cannot use up what the owner’s known browser may send', async () => {
    const host = await annWith(['otp-sms']);
    const owner = await knownBrowser(host);
    const { answer } = await until(host, 'ann');
    expect(told(answer)).toEqual([429, 'too_many_sends']);
    await owner.signIn('ann').expect(401);
    await sendFrom(owner).expect(200);
    await owner.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
  });

  it('are five per hour and address, whoever has it and however it is spelled', async () => {
    const host = await annWith(['otp-sms'], { sends: { limits: { user: plenty } } });
    await give(host, 'otp-sms', '603 123 456', 'id-bob');
    await give(host, 'otp-sms', '00420 603-123-456', 'id-cyd');
    for (const name of ['ann', 'bob', 'cyd', 'ann', 'bob'])
      await sendFrom(await halfLogin(host, name)).expect(200);
    expect(told(await sendFrom(await halfLogin(host, 'cyd')))).toEqual([429, 'too_many_sends']);
    expect(new Set(host.sms.sent.map(({ to }) => to)).size).toBe(1);
  });

  it('are five per hour and address for each user, once a code sent there was typed in', async () => {
    const host = await annWith(['otp-sms'], { sends: { limits: { user: plenty } } });
    await give(host, 'otp-sms', '603 123 456', 'id-bob');
    const ann = await knownBrowser(host);
    expect(await until(host, 'bob')).toMatchObject({ sent: 5 });
    expect(await until(host, 'ann')).toMatchObject({ sent: 5 });
    await ann.signIn('ann').expect(401);
    await sendFrom(ann).expect(200);
  });

  it('are counted in one budget by processes that have the keys in a different order during a rotation', async () => {
    const clock = fakeClock();
    const keys = [testKey, '22'.repeat(32)];
    const shared = { clock, accounts: memoryAccounts(), pending: memoryPending({ now: clock.now }) };
    const before = await annWith(['otp-sms'], { ...shared, keys });
    const after = codesApp({ ...shared, keys: keys.toReversed() });
    for (const host of [after, before, after, before, after])
      await sendFrom(await halfLogin(host)).expect(200);
    for (const host of [before, after])
      expect(told(await sendFrom(await halfLogin(host)))).toEqual([429, 'too_many_sends']);
  });

  it('C12: are one budget for a number that is enrolled in full-width digits, with brackets or plain', async () => {
    const limits = { user: plenty, address: { sends: 2, per: '1h' } } as const;
    const host = codesApp({ sends: { limits } });
    const spellings = ['+1 (415) 555-2671', '+14155552671', '＋１４１５５５５２６７１'];
    for (const [nth, name] of ['ann', 'bob', 'cyd'].entries()) {
      const agent = browser(host.app);
      await agent.signIn(name).expect(200);
      const answer = await agent.post('/2fa/security/otp-sms/send', { address: spellings[nth] });
      expect([nth, told(answer)]).toEqual([nth, nth < 2 ? [200, undefined] : [429, 'too_many_sends']]);
    }
    expect(host.sms.sent.map(({ to }) => to)).toEqual(['+14155552671', '+14155552671']);
  });

  it('are twenty per hour and client: then slow_down, whoever the user is', async () => {
    const host = codesApp({ sends: { limits: { user: plenty, address: plenty } } }, behindProxy);
    await give(host, 'otp-sms');
    const from = async (ip: string) => sendFrom(await halfLogin(host), 'otp-sms', ip);
    for (let nth = 0; nth < 20; nth += 1)
      await from('192.0.2.7').then(({ status }) => expect(status).toBe(200));
    const over = await from('192.0.2.7');
    expect([told(over), over.headers['retry-after']]).toEqual([[429, 'slow_down'], '3600']);
    expect(told(await from('192.0.2.7:5678'))).toEqual([429, 'slow_down']);
    expect(told(await from('::ffff:192.0.2.7'))).toEqual([429, 'slow_down']);
    expect((await from('192.0.2.8')).status).toBe(200);
  });

  it('take all of a /64 for one sender, and no claim of a client for an address where no proxy is trusted', async () => {
    const limits = { user: plenty, address: plenty, ip: { sends: 2, per: '1h' } } as const;
    const trusting = codesApp({ sends: { limits } }, behindProxy);
    const blind = codesApp({ sends: { limits } });
    for (const host of [trusting, blind]) await give(host, 'otp-sms');
    const from = async (host: CodesApp, ip: string) =>
      (await sendFrom(await halfLogin(host), 'otp-sms', ip)).status;
    expect(await from(trusting, '2001:db8:1:2::1')).toBe(200);
    expect(await from(trusting, '[2001:db8:1:2:ffff::9]:443')).toBe(200);
    expect(await from(trusting, '2001:db8:1:2:a:b:c:d')).toBe(429);
    expect(await from(trusting, '2001:db8:1:3::1')).toBe(200);
    for (const [ip, status] of [
      ['192.0.2.1', 200],
      ['192.0.2.2', 200],
      ['192.0.2.3', 429],
    ] as const)
      expect([ip, await from(blind, ip)]).toEqual([ip, status]);
  });

  it('SMS pumping: of people with one block of numbers, no more get one than strangers may have of it', async () => {
    const limits = { ip: plenty, prefix: { sends: 12, per: '1h' } } as const;
    const host = codesApp({ sends: { limits } });
    const names = await crowd(host, 9, (nth) => `+42060312${1000 + nth}`);
    const { sent, last } = await oneEach(host, names);
    expect([sent, host.sms.sent.length, last && told(last)]).toEqual([6, 6, [429, 'too_many_sends']]);
    // Another block, and a mail, go on.
    await give(host, 'otp-sms', '+420777123123', 'id-bob');
    await give(host, 'otp-email', 'p8@mail.example', 'id-p8');
    await sendFrom(await halfLogin(host, 'bob')).expect(200);
    await sendFrom(await halfLogin(host, 'p8'), 'otp-email').expect(200);
  });

  it('are counted by country, in which +1 and +7 are many, and by app', async () => {
    const limits = { ip: plenty, prefix: plenty, country: { sends: 2, per: '1h' } } as const;
    const host = codesApp({ sends: { limits } });
    const phones = [
      '+14155552671',
      '+16045552671',
      '+12125552671',
      '+79161234567',
      '+77011234567',
      '+79031234567',
    ];
    const names = await crowd(host, phones.length, (nth) => phones[nth] ?? '');
    const statuses = [];
    for (const name of names) statuses.push((await sendFrom(await halfLogin(host, name))).status);
    expect(statuses).toEqual([200, 200, 429, 200, 200, 429]);

    const small = codesApp({ sends: { limits: { app: { sends: 8, per: '24h' } } } });
    const three = await crowd(small, 3, (nth) => `+4206031${nth}1000`);
    expect((await oneEach(small, three)).sent).toBe(2);
    small.clock.move(23 * hours + 59 * minutes);
    expect((await oneEach(small, three)).sent).toBe(0);
    small.clock.move(minutes + seconds);
    expect((await oneEach(small, three.slice(0, 1))).sent).toBe(1);
  });

  it('that one budget refuses take nothing from the others', async () => {
    const host = await annWith(['otp-sms'], {
      sends: { limits: { address: { sends: 1, per: '1h' }, user: { sends: 2, per: '1h' } } },
    });
    await give(host, 'otp-email');
    await sendFrom(await halfLogin(host)).expect(200);
    for (let nth = 0; nth < 5; nth += 1) await sendFrom(await halfLogin(host)).expect(429);
    await sendFrom(await halfLogin(host), 'otp-email').expect(200);
    await sendFrom(await halfLogin(host), 'otp-email').expect(429);
  });

  it('C11: from fifty sessions at once are no more than the budget', async () => {
    const host = await annWith(['otp-sms']);
    const agents = await Promise.all(Array.from({ length: 50 }, () => halfLogin(host)));
    const answers = await Promise.all(agents.map((agent) => sendFrom(agent)));
    expect(answers.filter(({ status }) => status === 200).length).toBe(host.sms.sent.length);
    expect(host.sms.sent.length).toBe(5);
  });

  it('give the app a warning when hardly any of their codes are used', async () => {
    const host = codesApp({ sends: { limits: { ip: plenty, prefix: plenty, country: plenty } } });
    const warned: object[] = [];
    host.twoFactor.on('sends.unused', (event) => warned.push(event));
    await oneEach(host, await crowd(host, 51, (nth) => `+42060312${1000 + nth}`));
    expect(warned).toEqual([
      { userId: 'id-p49', at: host.clock.now(), channel: 'sms', sent: 50, verified: 0 },
    ]);
  });

  it('leave another way open when they are used up', async () => {
    const host: HostApp & CodesApp = await annWith(['otp-sms']);
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    await host.twoFactor.importFactor('id-ann', { type: 'totp', secret, label: 'App' });
    await until(host, 'ann');
    const agent = await halfLogin(host);
    await sendFrom(agent).expect(429);
    const { body } = await agent.get('/2fa').expect(200);
    expect(body.preferred).toBe('totp');
    expect((await agent.page('/2fa/totp')).status).toBe(200);
  });
});
