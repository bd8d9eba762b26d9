import { codeAt, errorCode } from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { newest } from '../support/codes-app';
import {
  accountOf,
  askAll,
  begin,
  beginAcknowledging,
  scene,
  firstKinds,
  laterKinds,
  signInAgain,
  walkAway,
  type Scene,
  type SetUp,
  type Which,
} from './set-ups-cast';

type Begin = (host: Scene) => Promise<SetUp>;

/** Each kind, as the first factor and as a later one; and the codes that a first one waits for. */
const all = [
  ...firstKinds.map((kind) => [`first ${kind}`, 'first', (host: Scene) => begin(host, kind)] as const),
  ...firstKinds.map(
    (kind) => [`codes of a first ${kind}`, 'first', (host: Scene) => beginAcknowledging(host, kind)] as const,
  ),
  ...laterKinds.map((kind) => [`later ${kind}`, 'later', (host: Scene) => begin(host, kind)] as const),
] satisfies readonly (readonly [string, Which, Begin])[];

/** Nothing of the set-up comes out by any of its routes, and none makes it real. */
async function expectClosed(host: Scene, setUp: SetUp, agent = host.agent): Promise<Set<string>> {
  const before = await accountOf(host);
  const sent = host.sms.sent.length + host.email.sent.length;
  const answers = Object.entries(await askAll(setUp, agent));
  for (const [what, { status, text }] of answers) {
    expect([what, setUp.secrets.filter((secret) => text.includes(secret))]).toEqual([what, []]);
    expect([what, status]).not.toEqual([what, 201]);
  }
  expect(await accountOf(host)).toBe(before);
  expect(host.sms.sent.length + host.email.sent.length).toBe(sent);
  return new Set(answers.map(([, answer]) => `${answer.status} ${errorCode(answer) ?? ''}`.trim()));
}

describe('A set-up left open while its login goes stale', () => {
  it.each(all)(
    'is neither shown nor made real after an hour less five minutes: %s',
    async (_name, which, set) => {
      const host = await scene(which);
      const setUp = await set(host);
      walkAway(host);
      const codes = await expectClosed(host, setUp);
      const refused =
        which === 'first' ? ['401', '401 sign_in_required'] : ['303', '403', '403 step_up_required'];
      expect([...codes].filter((code) => !refused.includes(code))).toEqual([]);
    },
  );

  it.each(all)('is closed ten minutes after its start, to the millisecond: %s', async (_name, which, set) => {
    const host = await scene(which);
    const setUp = await set(host);
    host.clock.move(10 * minutes);
    await expectClosed(host, setUp);
  });

  it.each(all)('can be finished until then by the login that began it: %s', async (_name, which, set) => {
    const host = await scene(which);
    // At the end of the time in which it may be begun.
    host.clock.move(4 * minutes + 50 * seconds);
    const setUp = await set(host);
    host.clock.move(4 * minutes + 50 * seconds);
    const { agent } = host;
    expect(errorCode(await agent.post('/2fa/security/sign-out-everywhere'))).toBe(
      which === 'first' ? 'sign_in_required' : 'step_up_required',
    );
    const page = setUp.path.replace(/\/acknowledge$/, '');
    await agent.get(page).expect(200);
    await agent.page(page).expect(200);
    expect((await agent.post(setUp.path, setUp.wrong())).status).toBe(401);
    const isCodes = setUp.kind === 'backup-codes';
    const right = setUp.kind === 'webauthn' ? (await begin(host, 'webauthn')).right() : setUp.right();
    await agent.post(setUp.path, right).expect(isCodes ? 200 : 201);
  });

  it.each(all)('belongs to no later login of the same browser: %s', async (_name, which, set) => {
    const host = await scene(which);
    const setUp = await set(host);
    await host.agent.signOut().expect(200);
    await signInAgain(host, host.agent);
    await expectNotTheirs(host, setUp, host.agent);
  });

  it.each(all)('belongs to no other session of its user: %s', async (_name, which, set) => {
    const host = await scene(which);
    const setUp = await set(host);
    await expectNotTheirs(host, setUp, await signInAgain(host));
  });

  /** Fresh as it is, that login has a set-up of its own, or none. */
  async function expectNotTheirs(host: Scene, setUp: SetUp, agent: Scene['agent']): Promise<void> {
    const before = await accountOf(host);
    const page = setUp.path.replace(/\/acknowledge$/, '');
    const answers = [
      await agent.post(setUp.path, setUp.right()),
      await agent.get(page),
      await agent.page(page),
      await agent.post(setUp.path, setUp.right()),
      ...(setUp.kind === 'backup-codes' ? [await agent.post(`${page}/download`)] : []),
    ];
    for (const { status, text } of answers) {
      expect(setUp.secrets.filter((secret) => text.includes(secret))).toEqual([]);
      expect(status).not.toBe(201);
    }
    expect(await accountOf(host)).toBe(before);
  }

  it.each(laterKinds)('is open again once its owner has confirmed that it is them: %s', async (kind) => {
    const host = await scene('later');
    const { agent, clock, seed } = host;
    const { path, right, secrets } = await begin(host, kind);
    clock.move(20 * minutes);
    const page = path.replace(/\/acknowledge$/, '');
    const refused = await agent.post(path, right()).expect(403);
    expect(refused.body.error.url).toBe(`/2fa/confirm?to=${encodeURIComponent(page)}`);
    const { body } = await agent
      .post(`/2fa/totp?to=${encodeURIComponent(page)}`, { code: codeAt(seed, clock.now()) })
      .expect(200);
    expect(body.url).toBe(page);
    const { text } = await agent.page(page).expect(200);
    if (kind !== 'totp' && kind !== 'backup-codes') return;
    expect(secrets.some((secret) => text.includes(secret))).toBe(true);
    await agent.post(path, right()).expect(kind === 'totp' ? 201 : 200);
  });
});

describe('Someone who walked away', () => {
  it('is not enrolled 55 minutes later by whoever finds the QR page open', async () => {
    const host = await scene('first');
    const setUp = await begin(host, 'totp');
    walkAway(host);
    expect(errorCode(await host.agent.post(setUp.path, setUp.right()).expect(401))).toBe('sign_in_required');
    expect(await accountOf(host)).toBe('null');
  });

  it('leaves no stale session fresh that finishes an open set-up', async () => {
    const host = await scene('first');
    host.clock.move(4 * minutes + 50 * seconds);
    const { path, right } = await begin(host, 'totp');
    const { body } = await host.agent.post(path, right()).expect(201);
    host.clock.move(4 * minutes);
    const [code] = body.backupCodes as string[];
    await host.agent.post('/2fa/security/backup-codes/acknowledge', { code }).expect(200);
    expect(errorCode(await host.agent.get('/billing').expect(403))).toBe('step_up_required');
    expect(errorCode(await host.agent.post('/2fa/security/backup-codes').expect(403))).toBe(
      'step_up_required',
    );
  });

  it('is as fresh as the code just typed where the login was fresh too', async () => {
    const host = await scene('first');
    const { path, right } = await begin(host, 'totp');
    const { body } = await host.agent.post(path, right()).expect(201);
    const [code] = body.backupCodes as string[];
    await host.agent.post('/2fa/security/backup-codes/acknowledge', { code }).expect(200);
    await host.agent.get('/billing').expect(200);
  });
});

describe('An address in the middle of its set-up', () => {
  it.each(['otp-sms', 'otp-email'] as const)(
    'can be sent another code while it is open, and no longer: %s',
    async (kind) => {
      const host = await scene('later');
      await begin(host, kind);
      const sender = kind === 'otp-sms' ? host.sms : host.email;
      const [first] = sender.sent;
      host.clock.move(9 * minutes);
      await host.agent.post(`/2fa/security/${kind}/send`, { address: first?.to }).expect(200);
      const code = newest(sender);
      host.clock.move(minutes);
      expect(errorCode(await host.agent.post(`/2fa/security/${kind}`, { code }).expect(403))).toBe(
        'step_up_required',
      );
    },
  );
});
