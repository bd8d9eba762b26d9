import { toUserId } from '../../lib/account/user-id';
import { browser, halfLogin } from '../support/browser-agent';
import { hours, minutes, seconds } from '../support/clock';
import { testKey } from '../support/host-app';
import {
  annWith,
  codesApp,
  give,
  halfWithCode,
  newest,
  noneOf,
  ofType,
  signedIn,
  told,
  type CodesApp,
} from '../support/codes-app';

async function triesLeft(host: CodesApp, name: string, code: string): Promise<number> {
  const agent = await halfLogin(host, name);
  const { body } = await agent.post('/2fa/otp-sms', { code });
  return (body as { error: { triesLeft: number } }).error.triesLeft;
}

describe('B4: a code', () => {
  it('of another session of the same user is wrong, and costs a try where it was tried', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    const other = await halfLogin(host);
    const answer = await other.post('/2fa/otp-sms', { code });
    expect([told(answer), answer.body.error.triesLeft]).toEqual([[401, 'wrong_code'], 4]);
    await other.post('/2fa/otp-sms/send').expect(200);
    if (newest(host.sms) !== code) await other.post('/2fa/otp-sms', { code }).expect(401);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
  });

  it('of another user is wrong, and counts against the account it was tried on', async () => {
    const host = await annWith(['otp-sms']);
    await give(host, 'otp-sms', '+420777123123', 'id-bob');
    const { agent, code } = await halfWithCode(host);
    const lane = async (id: string) =>
      (await host.options.accounts.load(toUserId(id)))?.lanes.others ?? { left: -1 };
    const before = await lane('id-ann');
    for (const left of [4, 3]) {
      const bob = await halfLogin(host, 'bob');
      await bob.post('/2fa/otp-sms', { code }).expect(401);
      expect((await bob.post('/2fa/otp-sms', { code })).body.error.triesLeft).toBeLessThanOrEqual(left);
    }
    expect((await lane('id-bob')).left).toBe(6);
    expect(await lane('id-ann')).toEqual(before);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
  });

  it('of the same person’s mailbox does not work in the box for the phone, nor the other way round', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const { agent, code } = await halfWithCode(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    const mailed = newest(host.email);
    if (mailed === code) return;
    expect(told(await agent.post('/2fa/otp-email', { code }))).toEqual([401, 'wrong_code']);
    expect(told(await agent.post('/2fa/otp-sms', { code: mailed }))).toEqual([401, 'wrong_code']);
    await agent.post('/2fa/otp-email', { code: mailed }).expect(200);
  });

  it('to confirm does not sign in, and one to sign in does not confirm', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code: toSignIn } = await halfWithCode(host);
    host.clock.move(30 * seconds);
    await agent.post('/2fa/otp-sms/send').expect(200);
    await agent.post('/2fa/otp-sms', { code: newest(host.sms) }).expect(200);
    expect(told(await agent.post('/2fa/otp-sms', { code: toSignIn }))).toEqual([401, 'wrong_code']);
    await agent.post('/2fa/otp-sms/send').expect(200);
    const toConfirm = newest(host.sms);
    const { agent: next, code } = await halfWithCode(host);
    if (toConfirm === code) return;
    expect(told(await next.post('/2fa/otp-sms', { code: toConfirm }))).toEqual([401, 'wrong_code']);
    expect(told(await agent.post('/2fa/otp-sms', { code: toConfirm }))).toEqual([200, undefined]);
  });

  it('to add an address neither signs in nor confirms', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await signedIn(host);
    await agent.post('/2fa/security/otp-sms/send', { address: '+420777888999' }).expect(200);
    const code = newest(host.sms);
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
    expect(await triesLeft(host, 'ann', code)).toBe(4);
    await agent.post('/2fa/otp-sms/send').expect(200);
    const toConfirm = newest(host.sms);
    if (toConfirm === code) return;
    expect(told(await agent.post('/2fa/security/otp-sms', { code: toConfirm }))).toEqual([401, 'wrong_code']);
    await agent.post('/2fa/security/otp-sms', { code }).expect(201);
  });

  it('of an earlier sign-in of the same browser is wrong', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    await agent.post('/2fa/cancel').expect(200);
    await agent.signIn('ann').expect(401);
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
  });

  it('is wrong for a token without a login, whatever else is right', async () => {
    const host = await annWith(['otp-sms']);
    const { code } = await halfWithCode(host);
    expect(await host.twoFactor.verify('id-ann', 'otp-sms', { code })).toMatchObject({ ok: false });
  });

  it('that is on its way while the first key changes works, and a wrong one is still wrong', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    const { accounts, pending } = host.options;
    const shared = { accounts, pending, clock: host.clock, session: { store: host.sessions } } as never;
    const rotated = codesApp({ ...(shared as object), keys: ['22'.repeat(32), testKey] });
    const cookies = agent.agent.jar;
    const moved = browser(rotated.app);
    moved.agent.jar = cookies;
    const wrong = await moved.post('/2fa/otp-sms', { code: noneOf(code) });
    expect([told(wrong), wrong.body.error.triesLeft]).toEqual([[401, 'wrong_code'], 4]);
    await moved.post('/2fa/otp-sms', { code }).expect(200);
  });

  it('that is on its way when everybody is signed out is over', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    await host.twoFactor.signOutEverywhere('id-ann');
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'sign_in_required']);
    host.clock.move(minutes);
    expect(told(await agent.post('/2fa/otp-sms/send'))).toEqual([401, 'sign_in_required']);
    expect(host.sms.sent.length).toBe(1);
  });

  it('that is on its way when its factor is removed is over, and a new factor of that number does not revive it', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const ann = await signedIn(host, 'otp-email');
    const { agent, code } = await halfWithCode(host);
    const [phone] = (await ofType(ann, 'otp-sms'))?.factors ?? [];
    await ann.post(`/2fa/security/factors/${phone?.id}/remove`).expect(200);
    await give(host, 'otp-sms');
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'sign_in_required']);
    expect(told(await (await halfLogin(host)).post('/2fa/otp-sms', { code }))).toEqual([401, 'wrong_code']);
  });

  it('is fresh however far back the clock jumped since the last one was used', async () => {
    const host = await annWith(['otp-sms']);
    await signedIn(host);
    host.clock.move(-3 * hours);
    const { agent, code } = await halfWithCode(host);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
    host.clock.move(minutes);
    const { agent: next, code: another } = await halfWithCode(host);
    await next.post('/2fa/otp-sms', { code: another }).expect(200);
  });

  it('that was used stays used when the store of codes lost what it knew, or the clock jumped back', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await signedIn(host);
    await agent.post('/2fa/otp-sms/send').expect(200);
    const code = newest(host.sms);
    await agent.post('/2fa/otp-sms', { code }).expect(200);
    host.clock.move(-2 * seconds);
    expect(told(await agent.post('/2fa/otp-sms', { code }))).toEqual([401, 'code_used']);
  });

  it('lets one of two hundred parallel posts of it in, and no more', async () => {
    const host = await annWith(['otp-sms']);
    const { agent, code } = await halfWithCode(host);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => agent.post('/2fa/otp-sms', { code })),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  });
});
