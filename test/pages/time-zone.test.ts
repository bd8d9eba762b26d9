import { halfLogin, type BrowserAgent } from '../support/browser-agent';
import { annsPhone, codesApp, newest, type CodesApp } from '../support/codes-app';
import type { TestUser } from '../support/host-app';

type TimeZone = (user: TestUser) => string | null | undefined;

const given = (timeZone?: TimeZone): CodesApp =>
  codesApp({ users: { id: ({ id }) => id, name: ({ name }) => name, ...(timeZone && { timeZone }) } });

/** The times of a page as they are read without JavaScript. */
const timesOf = (html: string): string[] =>
  [...html.matchAll(/<time [^>]*data-time="(?:hour|clock|moment)">([^<]*)</g)].map(([, time = '']) => time);

async function halfWithPhone(host: CodesApp): Promise<BrowserAgent> {
  const phone = { type: 'otp-sms', address: annsPhone, label: 'Phone' } as const;
  await host.twoFactor.importFactor('id-ann', phone);
  return halfLogin(host);
}

async function timesOfStep(host: CodesApp): Promise<string[]> {
  const agent = await halfWithPhone(host);
  await agent.post('/2fa/otp-sms/send').expect(200);
  return timesOf((await agent.page('/2fa/otp-sms').expect(200)).text);
}

// It is 24 November 2026, 12:00:01 UTC.
describe('the times of a page, without JavaScript', () => {
  it("are in the user's zone where the app knows it, in a half login too", async () => {
    const host = given(({ name }) => (name === 'ann@example.com' ? 'Asia/Tokyo' : null));
    expect(await timesOfStep(host)).toEqual(['21:05 GMT+9', '21:00:31 GMT+9']);
  });

  it('are still so when the user is signed in', async () => {
    const host = given(() => 'America/New_York');
    const agent = await halfWithPhone(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
    expect(timesOf((await agent.page('/2fa/security').expect(200)).text)).toEqual([
      '24 November 2026 at 07:00 GMT-5',
    ]);
  });

  it('name the day that it is there, on the page of the backup codes and in their file', async () => {
    const host = given(() => 'Pacific/Kiritimati');
    const agent = await halfWithPhone(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
    await agent.post('/2fa/security/backup-codes').expect(201);
    expect((await agent.page('/2fa/security/backup-codes').expect(200)).text).toContain('25 November 2026');
    const file = await agent.post('/2fa/security/backup-codes/download').expect(200);
    expect(file.text).toContain('Made on: 25 November 2026');
  });

  const wrong: readonly (readonly [string, TimeZone])[] = [
    ['none', () => null],
    ['an empty text', () => ''],
    ['no zone that exists', () => 'Europe/Atlantis'],
    ['no text', () => 42 as never],
    ['a promise', () => Promise.resolve('Asia/Tokyo') as never],
    [
      'an error',
      () => {
        throw new TypeError('user.profile is undefined');
      },
    ],
  ];
  it.each(wrong)("are in the server's zone where the app gives %s", async (_what, timeZone) => {
    const servers = await timesOfStep(given());
    expect(servers).toHaveLength(2);
    expect(await timesOfStep(given(timeZone))).toEqual(servers);
  });
});
