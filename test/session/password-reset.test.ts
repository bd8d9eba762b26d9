import { memoryAccounts, memorySender } from '../../lib';
import { browser, type BrowserAgent, halfLogin } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import {
  annsMail,
  annWith,
  codesApp,
  enrol,
  newest,
  offered,
  signedIn,
  told,
  type CodesApp,
} from '../support/codes-app';
import { enrolKey, localKey, passkeysApp, proveKey } from '../support/keys';

const types = { sms: 'otp-sms', email: 'otp-email' } as const;
const senderOf = (host: CodesApp, channel: keyof typeof types) => host[channel];

const refusesCodes = async (agent: BrowserAgent, channel: keyof typeof types) => {
  const path = `/2fa/${types[channel]}`;
  expect(told(await agent.post(`${path}/send`))).toEqual([404, 'not_found']);
  expect(told(await agent.post(path, { code: '123456' }))).toEqual([404, 'not_found']);
  expect(told(await agent.get(path))).toEqual([404, 'not_found']);
};

async function confirm(host: CodesApp, agent: BrowserAgent, channel: keyof typeof types) {
  await agent.post(`/2fa/${types[channel]}/send`).expect(200);
  return agent.post(`/2fa/${types[channel]}`, { code: newest(senderOf(host, channel)) });
}

describe('A password that a message set', () => {
  it.each([
    ['email', 'sms'],
    ['sms', 'email'],
  ] as const)(
    'keeps codes by the same channel out of every login that follows, until another way was used: %s',
    async (channel, other) => {
      const host = await annWith(['otp-sms', 'otp-email']);
      await host.twoFactor.notePasswordReset('id-ann', channel);
      // Not in the one that used the new password first only.
      for (let login = 0; login < 3; login += 1) {
        const agent = await halfLogin(host);
        expect(await offered(agent)).toEqual([types[other]]);
        await refusesCodes(agent, channel);
      }
      expect(senderOf(host, channel).sent).toEqual([]);

      expect((await confirm(host, await halfLogin(host), other)).status).toBe(200);
      host.clock.move(31 * seconds);
      const agent = await halfLogin(host);
      expect((await offered(agent)).toSorted()).toEqual(['otp-email', 'otp-sms']);
      expect((await confirm(host, agent, channel)).status).toBe(200);
    },
  );

  it('keeps a code out that was sent before', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const agent = await halfLogin(host);
    await agent.post('/2fa/otp-email/send').expect(200);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    expect(told(await agent.post('/2fa/otp-email', { code: newest(host.email) }))).toEqual([
      404,
      'not_found',
    ]);
    // It cost no try.
    expect((await confirm(host, agent, 'sms')).status).toBe(200);
  });

  it('keeps them out of a step-up in a login of before as well, which settles nothing', async () => {
    const host = await annWith(['otp-sms', 'otp-email']);
    const agent = await signedIn(host);
    host.clock.move(10 * minutes);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    await refusesCodes(agent, 'email');
    expect((await confirm(host, agent, 'sms')).status).toBe(200);
    await refusesCodes(await halfLogin(host), 'email');
  });

  it('makes a code by that channel no proof to change factors with, also one that was given before', async () => {
    const host = await annWith(['otp-email']);
    const agent = await signedIn(host, 'otp-email');
    await agent.post('/2fa/security/webauthn/options').expect(200);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    expect(told(await agent.get('/2fa/security/totp'))).toEqual([403, 'step_up_required']);
    expect((await agent.get('/2fa/confirm')).body).toMatchObject({ factors: [], shut: ['otp-email'] });
  });

  it('is not settled by a passkey alone, which says nothing about who has the password', async () => {
    const email = memorySender();
    const host = { ...passkeysApp({ email: { send: email } }), email };
    const owner = browser(host.app);
    await owner.signIn('ann').expect(200);
    const key = localKey();
    const { handle } = await enrolKey(owner, key);
    const mailbox = { type: 'otp-email', address: annsMail, label: 'Mailbox' } as const;
    expect(await host.twoFactor.importFactor('id-ann', mailbox)).toMatchObject({ ok: true });
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    host.clock.move(1 * seconds);

    const agent = browser(host.app);
    const { body } = await agent.post('/2fa/passkey/options').expect(200);
    const response = key.get(body.options.challenge, { userHandle: handle });
    await agent.post('/2fa/passkey', { response }).expect(200);
    await refusesCodes(await halfLogin(host), 'email');
    const known = await halfLogin(host);
    expect((await proveKey(known, key)).status).toBe(200);
    expect(await offered(await halfLogin(host))).toContain('otp-email');
  });

  it('sends users with nothing else to the backup codes, in words', async () => {
    const host = codesApp();
    const owner = browser(host.app);
    await owner.signIn('ann').expect(200);
    const { body } = await enrol(host, owner, 'otp-email', annsMail);
    const codes: string[] = body.backupCodes;
    await owner.post('/2fa/security/backup-codes/acknowledge', { code: codes[0] }).expect(200);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    const agent = await halfLogin(host);
    const { text } = await agent.page('/2fa').expect(200);
    expect(text).toContain('A message to your mailbox was used to set your password');
    expect(text).toContain('You can use one of your backup codes.');
    expect(text).toContain('action="/2fa/backup-code"');
    const czech = await agent.agent.get('/2fa').set('Accept', 'text/html').set('Accept-Language', 'cs');
    expect(czech.text).toContain('Zpráva do vaší schránky posloužila k nastavení hesla');
    await agent.post('/2fa/backup-code', { code: codes[1] }).expect(200);
    expect(await offered(await halfLogin(host))).toEqual(['otp-email']);
  });

  it('may be noted for someone without a factor: a mailbox that becomes one later is shut out until then', async () => {
    const host = codesApp();
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    const owner = browser(host.app);
    await owner.signIn('ann').expect(200);
    const { body } = await enrol(host, owner, 'otp-email', annsMail);
    await owner.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    await refusesCodes(await halfLogin(host), 'email');
  });

  it('ASVS 6.4.3, I5: leaves the second factor owed', async () => {
    const host = await annWith(['otp-sms']);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    await host.twoFactor.signOutEverywhere('id-ann');
    const agent = await halfLogin(host);
    expect(told(await agent.get('/me'))).toEqual([401, 'second_factor_required']);
  });

  it('ends no login', async () => {
    const host = await annWith(['otp-sms']);
    const agent = await signedIn(host);
    await host.twoFactor.notePasswordReset('id-ann', 'email');
    expect((await agent.get('/me')).body.user).toMatchObject({ id: 'id-ann' });
  });

  it.each([undefined, null, 'otp-email', 'mail', ['email'], true])(
    'came by a channel that has a name: not %j',
    async (channel) => {
      const host = await annWith(['otp-email']);
      await expect(host.twoFactor.notePasswordReset('id-ann', channel as 'email')).rejects.toMatchObject({
        code: 'bad_option',
        help: expect.stringContaining("'sms' or 'email'"),
      });
      expect(await offered(await halfLogin(host))).toEqual(['otp-email']);
    },
  );

  it('is not acknowledged while the store is down', async () => {
    const accounts = memoryAccounts();
    const host = await annWith(['otp-email'], { accounts });
    accounts.save = () => Promise.reject(new Error('down'));
    await expect(host.twoFactor.notePasswordReset('id-ann', 'email')).rejects.toMatchObject({ status: 503 });
  });
});
