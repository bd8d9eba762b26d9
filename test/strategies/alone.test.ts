import { BackupCodeStrategy, TotpStrategy } from '../../lib';
import type { Verified } from '../../lib/core/verify';
import { refuse } from '../../lib/errors';
import { isProof } from '../../lib/session/proof-brand';
import { minutes, seconds } from '../support/clock';
import { host, type Host } from '../hosts/host';
import { drive } from './drive';

/** The strategy as `secondFactor()` registered it. */
const registered = ({ passport }: Host, name: 'totp' | 'backup-code') =>
  (passport as unknown as { _strategy(one: string): TotpStrategy })._strategy(name);

/** What Passport hands over: it has given the request its `logIn` before. */
const from = ({ users }: Host, body?: unknown) => ({
  user: users.get('ann'),
  headers: {},
  body,
  logIn: () => undefined,
});

describe('A strategy without a server', () => {
  it('succeeds with a proof and never with a user', async () => {
    const built = await host();
    const done = await drive(registered(built, 'totp'), from(built, { code: built.code('ann') }));
    expect(done).toEqual({
      action: 'success',
      user: { type: 'totp', factorId: expect.any(String) },
      info: undefined,
    });
    expect(isProof((done as { user: unknown }).user)).toBe(true);
  });

  it.each([
    ['no body at all', undefined, 'malformed', 400],
    ['a body of null', null, 'malformed', 400],
    ['a body of text', '123456', 'malformed', 400],
    ['a body that is a list', ['123456'], 'malformed', 400],
    ['no code', {}, 'malformed', 400],
    ['a code that is a number', { code: 123456 }, 'malformed', 400],
    ['a code that is an object', { code: { $ne: '' } }, 'malformed', 400],
    ['a wrong code', { code: '000000' }, 'wrong_code', 401],
  ])('fails for %s', async (_, body, code, status) => {
    const built = await host();
    const done = await drive(registered(built, 'totp'), from(built, body));
    expect(done).toMatchObject({ action: 'fail', challenge: { ok: false, code }, status });
  });

  it('fails for nobody', async () => {
    const built = await host();
    for (const req of [{ headers: {} }, { headers: {}, user: null, body: { code: '123456' } }]) {
      expect(await drive(registered(built, 'totp'), req)).toMatchObject({
        action: 'fail',
        challenge: { code: 'sign_in_required' },
        status: 401,
      });
    }
  });

  it('fails for a user who has no such factor', async () => {
    const built = await host();
    const req = { user: built.users.get('bob'), headers: {}, body: { code: '123456' } };
    expect(await drive(registered(built, 'totp'), req)).toMatchObject({
      action: 'fail',
      challenge: { code: 'not_found' },
      status: 404,
    });
  });

  it('takes a code once', async () => {
    const built = await host();
    const code = built.code('ann');
    const results = await Promise.all(
      Array.from({ length: 20 }, () => drive(registered(built, 'totp'), from(built, { code }))),
    );
    const codes = results.map((one) =>
      one.action === 'fail' ? (one.challenge as { code: string }).code : one.action,
    );
    expect(codes.toSorted()).toEqual([...Array<string>(19).fill('code_used'), 'success']);
  });

  it('says when the next try comes, once a lane is empty', async () => {
    const built = await host();
    for (let guess = 0; guess < 10; guess++) {
      await drive(registered(built, 'totp'), from(built, { code: '000000' }));
    }
    const locked = await drive(registered(built, 'totp'), from(built, { code: built.code('ann') }));
    expect(locked).toMatchObject({ action: 'fail', status: 429, challenge: { code: 'locked' } });
    expect((locked as { challenge: { retryAfter: number } }).challenge.retryAfter).toBeGreaterThan(0);
  });

  it('takes codes of the neighbouring steps and no others', async () => {
    for (const [steps, action] of [
      [-2, 'fail'],
      [-1, 'success'],
      [0, 'success'],
      [1, 'success'],
      [2, 'fail'],
    ] as const) {
      const built = await host();
      const code = built.code('ann');
      built.clock.move(-steps * 30 * seconds);
      expect([steps, (await drive(registered(built, 'totp'), from(built, { code }))).action]).toEqual([
        steps,
        action,
      ]);
    }
  });

  it('ends with an error, and not with a pass, when a store is down', async () => {
    const built = await host();
    jest.spyOn(built.options.accounts, 'load').mockRejectedValue(new Error('down'));
    const done = await drive(registered(built, 'totp'), from(built, { code: built.code('ann') }));
    expect(done).toMatchObject({ action: 'error', error: { code: 'unavailable', status: 503 } });
  });

  it('ends with an error when the app’s own function throws', async () => {
    const built = await host({
      options: {
        users: {
          id: (user) => {
            if (user.name === '') throw new TypeError('of the app');
            return user.id;
          },
          name: (user) => user.name,
        },
      },
    });
    const req = { user: { id: 'id-ann', name: '' }, headers: {}, body: { code: '123456' } };
    expect(await drive(registered(built, 'totp'), req)).toMatchObject({
      action: 'error',
      error: { message: 'of the app' },
    });
  });

  it('takes a backup code once, in any spelling', async () => {
    const built = await host();
    const agent = await built.signedIn();
    const { body } = await agent.post('/2fa/security/backup-codes').expect(201);
    const [first, second]: string[] = body.backupCodes;
    await agent.post('/2fa/security/backup-codes/acknowledge', { code: second }).expect(200);
    built.clock.move(minutes);
    const code = ` ${String(first).toLowerCase().replaceAll('-', ' ')} `;
    expect(await drive(registered(built, 'backup-code'), from(built, { code }))).toEqual({
      action: 'success',
      user: { type: 'backup-code', factorId: null },
      info: undefined,
    });
    expect(await drive(registered(built, 'backup-code'), from(built, { code }))).toMatchObject({
      action: 'fail',
      challenge: { code: 'code_used' },
    });
  });
});

describe('A strategy class', () => {
  const verified = {
    ok: true,
    proof: { type: 'totp', factorId: 'f1', at: 1 },
    account: {},
  } as unknown as Verified;

  it.each([
    [TotpStrategy, 'totp'],
    [BackupCodeStrategy, 'backup-code'],
  ] as const)('%o has its name and asks for that type', async (Strategy, name) => {
    const asked: unknown[] = [];
    const strategy = new Strategy(async (req, type) => {
      asked.push(req, type);
      return verified;
    });
    const req = { headers: {} };
    expect(strategy.name).toBe(name);
    await drive(strategy, req);
    expect(asked).toEqual([req, name]);
  });

  it('keeps two requests at once apart', async () => {
    const waiting: ((outcome: Verified | ReturnType<typeof refuse>) => void)[] = [];
    const strategy = new TotpStrategy(
      () =>
        new Promise((resolve) => {
          waiting.push(resolve);
        }),
    );
    const [one, other] = [drive(strategy, { headers: {} }), drive(strategy, { headers: {} })];
    waiting[1]?.(verified);
    waiting[0]?.(refuse('wrong_code', { triesLeft: 4 }));
    expect(await one).toMatchObject({ action: 'fail', challenge: { code: 'wrong_code' } });
    expect(await other).toMatchObject({ action: 'success' });
  });

  it('turns a throw into an error: nothing hangs', async () => {
    const failure = new Error('broken');
    for (const verify of [
      () => Promise.reject(failure),
      async () => {
        throw failure;
      },
    ]) {
      expect(await drive(new TotpStrategy(verify), { headers: {} })).toEqual({
        action: 'error',
        error: failure,
      });
    }
  });
});
