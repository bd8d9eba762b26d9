import { browser, codeAt, enrolTotp, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { hostApp } from '../support/host-app';

const goal = '/billing?month=3';
const asked = `to=${encodeURIComponent(goal)}`;
const carries = (text: string): boolean => text.includes(asked) || text.includes(`name="to" value="${goal}"`);

async function owing() {
  const host = hostApp();
  const ann = browser(host.app);
  await ann.signIn('ann').expect(200);
  const { secret } = await enrolTotp(ann, host.clock.now());
  host.clock.move(31 * seconds);
  const half = await halfLogin(host);
  return { ...host, half, code: () => codeAt(secret, host.clock.now()) };
}

const token = (text: string): string => /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';

describe('Where a login leads', () => {
  it('check 51: survives the list of ways, a wrong code, a form that is out of date, and the code', async () => {
    const { half, code } = await owing();
    const step = await half.page(`/2fa?${asked}`).expect(200);
    expect(carries(step.text)).toBe(true);
    expect((await half.page(`/2fa/choose?${asked}`).expect(200)).text).toContain(`/2fa/backup-code?${asked}`);
    const send = (fields: Record<string, string>) => half.form('/2fa/totp', { to: goal, ...fields });
    const wrong = await send({ form_token: token(step.text), code: '000000' }).expect(422);
    expect(carries(wrong.text)).toBe(true);
    const old = await send({ form_token: 'x', code: code() }).expect(403);
    expect(old.text).toContain(`href="/2fa?${asked}"`);
    const right = await send({ form_token: token(step.text), code: code() }).expect(303);
    expect(right.headers.location).toBe(goal);
  });

  it('check 51: survives a login that ran out of time, and one that ran out of tries', async () => {
    for (const end of ['time', 'tries']) {
      const { half, clock } = await owing();
      const { text } = await half.page(`/2fa?${asked}`).expect(200);
      if (end === 'time') clock.move(11 * minutes);
      for (let wrong = 0; wrong < (end === 'tries' ? 5 : 0); wrong += 1)
        await half.form('/2fa/totp', { form_token: token(text), code: '000000', to: goal });
      const over = await half.page(`/2fa?${asked}`).expect(401);
      expect([end, over.text]).toEqual([end, expect.stringContaining(`/2fa/cancel?${asked}`)]);
      const left = await half.form(`/2fa/cancel?${asked}`, { form_token: token(over.text) }).expect(303);
      expect(left.headers.location).toBe(`/login?${asked}`);
    }
  });

  it('check 50: a form of the step that is out of date says so, and leads back to the step', async () => {
    const { half, code } = await owing();
    const old = await half.form('/2fa/totp', { form_token: 'x', code: code() }).expect(403);
    expect(old.text).toContain('This page was out of date');
    expect(old.text).toMatch(/<a class="button[^"]*" href="\/2fa">Try again</);
    const again = await half.page('/2fa').expect(200);
    await half.form('/2fa/totp', { form_token: token(again.text), code: code() }).expect(303);
  });
});
