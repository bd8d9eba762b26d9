import { halfLogin } from '../support/browser-agent';
import { hours, minutes } from '../support/clock';
import { annEnrolled, contactOf, subjects, toldApp } from './cast';

describe('A user is told by mail', () => {
  it('ASVS 6.3.7: that two-factor was switched on, what with, when, where and what to do', async () => {
    const host = toldApp();
    await annEnrolled(host);
    const [notice, ...others] = await host.told();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      to: contactOf('ann'),
      subject: 'Two-factor authentication is on at Test App',
    });
    expect(notice?.text).toMatch(/you'll also be asked for this: Authenticator app\./);
    expect(notice?.text).toMatch(/When: 24 November 2026 at 12:00 (UTC|GMT)/);
    expect(notice?.text).toMatch(/Where: a browser or app we don't recognise, IP address 127\.0\.0\.1/);
    expect(notice?.text).toMatch(/If it wasn't you/);
  });

  it('that it was switched off, and of the factor in the same mail', async () => {
    const host = toldApp();
    const { agent } = await annEnrolled(host);
    const { body } = await agent.get('/2fa/security').expect(200);
    await agent.post(`/2fa/security/factors/${body.types[0].factors[0].id}/remove`).expect(200);
    expect(subjects(await host.told())).toEqual([
      'Two-factor authentication is on at Test App',
      'Two-factor authentication is off at Test App',
    ]);
  });

  it('check 36: that a backup code was used, and how many are left', async () => {
    const host = toldApp();
    const { backupCodes } = await annEnrolled(host);
    for (const code of backupCodes) {
      host.clock.move(20 * minutes);
      const agent = await halfLogin(host);
      await agent.post('/2fa/backup-code', { code }).expect(200);
      await host.told();
    }
    const left = (await host.told()).map(
      ({ text }) => /There (?:are|is) (\d+) left|The last backup code/.exec(text)?.[0],
    );
    expect(left).toEqual([
      undefined,
      ...[9, 8, 7, 6, 5, 4, 3, 2].map((count) => `There are ${count} left`),
      'There is 1 left',
      'The last backup code',
    ]);
    const offering = (await host.told()).filter(({ text }) => /You can make new ones/.test(text));
    expect(offering).toHaveLength(4);
  });

  it('that backup codes were made', async () => {
    const host = toldApp();
    const { agent } = await annEnrolled(host);
    const { body } = await agent.post('/2fa/security/backup-codes').expect(201);
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    expect(subjects(await host.told()).at(-1)).toBe('New backup codes at Test App');
  });

  it('ASVS 6.3.5: that someone knew the password but not the code, once an hour however often', async () => {
    const host = toldApp();
    await annEnrolled(host);
    for (let time = 0; time < 3; time += 1) {
      const agent = await halfLogin(host);
      for (let guess = 0; guess < 2; guess += 1)
        await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    }
    expect(subjects(await host.told()).slice(1)).toEqual(['Someone failed the second step at Test App']);
    host.clock.move(hours + 1);
    const agent = await halfLogin(host);
    await agent.post('/2fa/totp', { code: '000000' }).expect(401);
    expect(subjects(await host.told()).slice(1)).toEqual([
      'Someone failed the second step at Test App',
      'Someone failed the second step at Test App',
    ]);
  });

  it('that no more codes are accepted from browsers unknown to the account', async () => {
    const host = toldApp();
    await annEnrolled(host);
    for (let time = 0; time < 2; time += 1) {
      const agent = await halfLogin(host);
      for (let guess = 0; guess < 5; guess += 1) await agent.post('/2fa/totp', { code: '000000' });
    }
    const notice = (await host.told()).at(-1);
    expect(notice).toMatchObject({ subject: 'Too many wrong codes at Test App' });
    expect(notice?.text).toMatch(/The ones you have signed in with work as usual/);
  });

  it('that every login was ended', async () => {
    const host = toldApp();
    const { agent } = await annEnrolled(host);
    await agent.post('/2fa/security/sign-out-everywhere').expect(200);
    expect(subjects(await host.told()).at(-1)).toBe('Your devices were signed out of Test App');
  });

  it('five times an hour of one kind, the last time saying so, and still of the other kinds', async () => {
    const host = toldApp();
    const { agent } = await annEnrolled(host);
    for (let time = 0; time < 8; time += 1) {
      await agent.post('/2fa/security/sign-out-everywhere').expect(200);
      await host.told();
    }
    const notices = await host.told();
    expect(notices).toHaveLength(6);
    expect(notices.map(({ text }) => /you won't get another message/.test(text))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    const { body } = await agent.get('/2fa/security').expect(200);
    await agent.post(`/2fa/security/factors/${body.types[0].factors[0].id}/remove`).expect(200);
    expect(subjects(await host.told()).at(-1)).toBe('Two-factor authentication is off at Test App');
  });
});
