import { browser, codeAt, enrolTotp, errorCode } from '../support/browser-agent';
import { seconds } from '../support/clock';
import { hostApp } from '../support/host-app';

describe('From password to authenticator app', () => {
  it('switches on with an app and backup codes, and asks for a code at the next sign-in', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann').expect(200);
    const { secret } = await enrolTotp(ann, clock.now());
    expect((await ann.get('/2fa/security')).body).toMatchObject({ enabled: true, backupCodes: { left: 10 } });
    await ann.signOut().expect(200);

    const owed = await ann.signIn('ann').expect(401);
    expect(owed.body.error).toMatchObject({ code: 'second_factor_required', url: '/2fa' });
    expect((await ann.get('/me').expect(401)).body.error.code).toBe('second_factor_required');
    const step = await ann.get('/2fa').expect(200);
    expect(step.body).toMatchObject({ status: 'owed', user: 'a•••@example.com', preferred: 'totp' });

    clock.move(30 * seconds);
    const passed = await ann.post('/2fa/totp?to=/billing', { code: codeAt(secret, clock.now()) }).expect(200);
    expect(passed.body).toMatchObject({ status: 'passed', url: '/billing' });
    const me = await ann.get('/me').expect(200);
    expect(me.body).toMatchObject({
      user: { id: 'id-ann' },
      twoFactor: { status: 'passed', amr: ['otp', 'mfa'] },
    });
  });

  it('check 11: takes each backup code once', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann');
    const { backupCodes } = await enrolTotp(ann, clock.now());
    const other = browser(app);
    await other.signIn('ann').expect(401);
    await other.post('/2fa/backup-code', { code: backupCodes[0] }).expect(200);
    const third = browser(app);
    await third.signIn('ann').expect(401);
    expect(errorCode(await third.post('/2fa/backup-code', { code: backupCodes[0] }).expect(401))).toBe(
      'code_used',
    );
  });

  it('ends the half login after five wrong codes', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann');
    await enrolTotp(ann, clock.now());
    const other = browser(app);
    await other.signIn('ann').expect(401);
    for (const left of [4, 3, 2, 1, 0]) {
      const wrong = await other.post('/2fa/totp', { code: '000000' }).expect(401);
      expect(wrong.body.error).toMatchObject({ code: 'wrong_code', triesLeft: left });
    }
    expect(errorCode(await other.post('/2fa/totp', { code: '000000' }))).toBe('half_login_ended');
    expect(errorCode(await other.get('/2fa'))).toBe('half_login_ended');
  });

  it('gives a login whose factors changed a new session id, and keeps it signed in', async () => {
    const { app, clock } = hostApp();
    const ann = browser(app);
    await ann.signIn('ann');
    await enrolTotp(ann, clock.now());
    const { body } = await ann.get('/2fa/security/totp').expect(200);
    const code = codeAt(body.secret, clock.now());
    const added = await ann.post('/2fa/security/totp', { code, label: 'Second' }).expect(201);
    expect(String(added.headers['set-cookie'])).toContain('connect.sid=');
    expect((await ann.get('/2fa/security').expect(200)).body.types[0].factors).toHaveLength(2);
  });
});
