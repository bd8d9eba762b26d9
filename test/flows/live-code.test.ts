import type { UserId } from '../../lib/account/account';
import { blockAccount } from '../../lib/recovery/block';
import { confirmLiveCode, makeLiveCode } from '../../lib/recovery/live-code';
import { browser, codeAt, errorCode, halfLogin } from '../support/browser-agent';
import { days, minutes } from '../support/clock';
import { annEnrolled, subjects, toldApp, type ToldApp } from '../notices/cast';
import { scopeOfApp } from '../support/scope-of-app';

const [ann, first, second] = ['id-ann', 'first', 'second'] as UserId[] as [UserId, UserId, UserId];
const reason = 'She rang from her number on file.';

const app = (liveCode: 'off' | 'two-people' = 'two-people') =>
  toldApp({
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      contacts: (user) => [{ channel: 'email', address: user.name, since: new Date(0) }],
    },
    lostAccess: {
      form: { operator: ['Test App'], sendTo: 'access@example.com' },
      requests: { liveCode },
    },
  });

async function made(host: ToldApp): Promise<string> {
  const code = await makeLiveCode(scopeOfApp(host), ann, { by: first, reason });
  if (!code.ok) throw new Error(code.code);
  return code.code;
}
const confirm = (host: ToldApp, by: UserId, id: string | null = null) =>
  confirmLiveCode(scopeOfApp(host), ann, { by, reason }, id);

describe('A code for live support', () => {
  it('signs in once, in the half login of its user, after a second person has confirmed it', async () => {
    const host = app();
    const { secret } = await annEnrolled(host);
    const code = await made(host);
    const half = await halfLogin(host);
    const early = await half.post('/2fa/live-code', { code }).expect(401);
    expect(errorCode(early)).toBe('wrong_code');
    expect(await confirm(host, first)).toMatchObject({ code: 'forbidden' });
    expect(await confirm(host, ann)).toMatchObject({ code: 'forbidden' });
    expect(await confirm(host, second)).toMatchObject({ ok: true });

    const other = browser(host.app);
    await other.signIn('bob').expect(200);
    await other.post('/2fa/live-code', { code }).expect(401);
    const { body } = await half.post('/2fa/live-code', { code: ` ${code.toLowerCase()} ` }).expect(200);
    expect(body).toEqual({ status: 'passed', url: '/' });
    const again = await halfLogin(host);
    await again.post('/2fa/live-code', { code }).expect(401);

    // It is no proof: nothing about how one signs in can be changed by it.
    const { body: setUp } = await half.get('/2fa/security/totp').expect(403);
    expect(setUp).toMatchObject({ error: { code: 'step_up_required' } });
    await half.post('/2fa/security/backup-codes').expect(403);
    host.clock.move(2 * minutes);
    await half.post('/2fa/totp', { code: codeAt(secret, host.clock.now()) }).expect(200);
    await half.get('/2fa/security/totp').expect(200);
    expect(subjects(await host.told()).filter((one) => one.startsWith('Support at'))).toHaveLength(1);
  });

  it('is found from the pages for people who can give no proof, in a half login alone', async () => {
    const host = app();
    await annEnrolled(host);
    const half = await halfLogin(host);
    const link = 'href="/2fa/live-code"';
    for (const path of ['/2fa/choose', '/2fa/lost']) expect((await half.page(path)).text).toContain(link);
    expect((await half.page('/2fa/choose?to=/billing')).text).toContain(
      'href="/2fa/live-code?to=%2Fbilling"',
    );
    const page = await half.page('/2fa/live-code').expect(200);
    expect(page.text).toContain('If someone rang you');
    expect((await browser(host.app).page('/2fa/lost').expect(200)).text).not.toContain('/2fa/live-code');

    const off = app('off');
    await annEnrolled(off);
    const other = await halfLogin(off);
    for (const path of ['/2fa/choose', '/2fa/lost'])
      expect((await other.page(path).expect(200)).text).not.toContain('/2fa/live-code');
  });

  it('is confirmed as it was seen: another one needs another word', async () => {
    const host = app();
    await annEnrolled(host);
    const seen = async () => (await host.options.accounts.load(ann))?.liveCode?.id ?? null;
    await made(host);
    const old = await seen();
    await confirm(host, second, old);
    const code = await made(host);
    const half = await halfLogin(host);
    await half.post('/2fa/live-code', { code }).expect(401);
    expect(await confirm(host, second, old)).toMatchObject({ code: 'conflict', reason: 'code_replaced' });
    await half.post('/2fa/live-code', { code }).expect(401);
    expect(await confirm(host, second, await seen())).toEqual({ ok: true });
    await half.post('/2fa/live-code', { code }).expect(200);
  });

  it('is over after 15 minutes, and with the next one', async () => {
    const host = app();
    await annEnrolled(host);
    const old = await made(host);
    await confirm(host, second);
    const code = await made(host);
    const half = await halfLogin(host);
    await half.post('/2fa/live-code', { code: old }).expect(401);
    await confirm(host, second);
    host.clock.move(15 * minutes);
    const late = await halfLogin(host);
    await late.post('/2fa/live-code', { code }).expect(401);
  });

  it('is not used up by whoever guesses at it with the password', async () => {
    const host = app();
    await annEnrolled(host);
    const code = await made(host);
    await confirm(host, second);
    for (let login = 0; login < 3; login += 1) {
      const guesser = await halfLogin(host);
      for (let guess = 0; guess < 5; guess += 1)
        await guesser.post('/2fa/live-code', { code: '0000-0000-0000' }).expect(401);
      expect(errorCode(await guesser.post('/2fa/live-code', { code }).expect(401))).toBe('half_login_ended');
    }
    const right = await halfLogin(host);
    await right.post('/2fa/live-code', { code }).expect(200);
  });

  it('is worth nothing once all logins were ended, or its owner wants no such way', async () => {
    const host = app();
    const { agent } = await annEnrolled(host);
    const refused = async (code: string) => {
      const half = await halfLogin(host);
      return errorCode(await half.post('/2fa/live-code', { code }).expect(401));
    };

    const paused = await made(host);
    await confirm(host, second);
    await agent.post('/2fa/security/lost-access', { pause: true }).expect(200);
    expect(await refused(paused)).toBe('wrong_code');

    host.clock.move(31 * days);
    const blocked = await made(host);
    await confirm(host, second);
    await blockAccount(scopeOfApp(host), ann);
    expect(await refused(blocked)).toBe('wrong_code');
  });

  it('does not exist unless the app wants it, nor for an owner who wants no such way', async () => {
    const off = app('off');
    await annEnrolled(off);
    expect(await makeLiveCode(scopeOfApp(off), ann, { by: first, reason })).toMatchObject({
      code: 'not_found',
    });
    const half = await halfLogin(off);
    await half.post('/2fa/live-code', { code: '0000-0000-0000' }).expect(404);

    for (const [wants, refused] of [
      [{ never: true }, { state: 'never' }],
      [{ pause: true }, { state: 'paused' }],
      [{ wait: '14d' }, { reason: 'owner_rules' }],
      [{ needs: ['letter', 'video'] }, { reason: 'owner_rules' }],
    ] as const) {
      const host = app();
      const { agent } = await annEnrolled(host);
      await agent.post('/2fa/security/lost-access', wants).expect(200);
      host.clock.move(days);
      const asked = await makeLiveCode(scopeOfApp(host), ann, { by: first, reason });
      expect(asked).toMatchObject({ code: 'conflict', ...refused });
    }
  });
});
