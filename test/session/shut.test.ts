import { browser, halfLogin } from '../support/browser-agent';
import { minutes } from '../support/clock';
import {
  annWith,
  codesApp,
  enrol,
  newest,
  noneOf,
  offered,
  signedIn,
  told,
  type CodesApp,
} from '../support/codes-app';

/** An app that says by which channel the first door was opened. */
async function opened(
  says: () => unknown,
  types: readonly ('otp-sms' | 'otp-email')[] = ['otp-sms', 'otp-email'],
): Promise<CodesApp> {
  return annWith(types, {
    users: {
      id: (user) => user.id,
      name: (user) => user.name,
      passwordResetChannel: says as () => null,
    },
  });
}

describe('A channel that already opened the first door', () => {
  it.each([
    ['email', 'otp-email', 'otp-sms'],
    ['sms', 'otp-sms', 'otp-email'],
  ] as const)(
    'Ory Kratos #4317: is not taken as the second, and the other is: %s',
    async (channel, shut, open) => {
      const host = await opened(async () => channel);
      const agent = await halfLogin(host);
      expect(await offered(agent)).toEqual([open]);
      for (const path of [`/2fa/${shut}`, `/2fa/${shut}/send`])
        expect([path, told(await agent.post(path, { code: '123456' }))]).toEqual([path, [404, 'not_found']]);
      expect(told(await agent.get(`/2fa/${shut}`))).toEqual([404, 'not_found']);
      await agent.post(`/2fa/${open}/send`).expect(200);
      await agent
        .post(`/2fa/${open}`, { code: newest(open === 'otp-sms' ? host.sms : host.email) })
        .expect(200);
      expect((shut === 'otp-sms' ? host.sms : host.email).sent).toEqual([]);
    },
  );

  it('opens for the login it becomes, which has proven it another way', async () => {
    const host = await opened(() => 'email');
    const agent = await signedIn(host);
    host.clock.move(10 * minutes);
    await agent.post('/2fa/otp-email/send').expect(200);
    await agent.post('/2fa/otp-email', { code: newest(host.email) }).expect(200);
    expect(host.email.sent).toHaveLength(1);
  });

  it('is also noted where the login continues: half done, or complete', async () => {
    let channel: string | null = null;
    const host = await opened(() => channel);
    const [halfDone, complete] = [await halfLogin(host), await signedIn(host)];
    channel = 'email';
    await halfDone.signIn('ann').expect(401);
    await complete.signIn('ann').expect(200);
    for (const agent of [halfDone, complete])
      expect(told(await agent.post('/2fa/otp-email/send'))).toEqual([404, 'not_found']);
  });

  it('is shut too for a login that owed nothing, when it adds that very mailbox', async () => {
    const host = await opened(() => 'email', []);
    const agent = browser(host.app);
    await agent.signIn('ann').expect(200);
    const { body } = await enrol(host, agent, 'otp-email', 'ann.box@mail.example');
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: body.backupCodes[0] }).expect(200);
    host.clock.move(10 * minutes);
    expect(told(await agent.post('/2fa/otp-email/send'))).toEqual([404, 'not_found']);
    await agent.post('/2fa/backup-code', { code: body.backupCodes[1] }).expect(200);
  });

  it('leaves the user owing where nothing else is enrolled, and says in words what happened and what to do', async () => {
    const host = await opened(() => 'sms', ['otp-sms']);
    const agent = await halfLogin(host);
    expect((await agent.get('/2fa')).body).toMatchObject({ factors: [], shut: ['otp-sms'] });
    const { text } = await agent.page('/2fa').expect(200);
    expect(text).toContain('Codes by text message can&#39;t be used right now.');
    expect(text).toContain('you have no backup codes left');
    expect(told(await agent.post('/2fa/otp-sms', { code: noneOf() }))).toEqual([404, 'not_found']);
    expect(told(await agent.get('/me'))).toEqual([401, 'second_factor_required']);
  });

  it.each([
    ['undefined', () => undefined],
    ['a type', () => 'otp-email'],
    ['a name of every object', () => 'constructor'],
    ['true', () => true],
    ['a list', () => ['email']],
    ['empty text', () => ''],
    [
      'an error',
      () => {
        throw new Error('the database is down');
      },
    ],
    ['a rejection', () => Promise.reject(new Error('the database is down'))],
  ])('fails the login where the app does not say which: %s', async (_, says) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const host = await opened(says);
    const agent = browser(host.app);
    const answer = await agent.signIn('ann');
    expect(answer.status).toBe(500);
    expect((await agent.get('/me')).body.user).toBeNull();
    printed.mockRestore();
  });

  it('says in its error which option is wrong, and the cure', async () => {
    const host = codesApp(
      {
        users: {
          id: (user) => user.id,
          name: (user) => user.name,
          passwordResetChannel: (() => 'mail') as never,
        },
      },
      (app) => {
        app.post('/own-login', (req, res) => {
          req.logIn(
            { id: 'id-ann', name: 'ann' },
            (error: { code?: string; message?: string; help?: string }) =>
              res.json({ code: error?.code, text: `${error?.message} ${error?.help}` }),
          );
        });
      },
    );
    const { body } = await browser(host.app).post('/own-login');
    expect(body).toEqual({
      code: 'bad_option',
      text: expect.stringMatching(/users\.passwordResetChannel.*'sms', 'email' or null/),
    });
  });
});
