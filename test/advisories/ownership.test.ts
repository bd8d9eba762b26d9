import type { UserId } from '../../lib/account/account';
import {
  browser,
  codeAt,
  enrolTotp,
  errorCode,
  type BrowserAgent,
  halfLogin,
} from '../support/browser-agent';
import { minutes, seconds } from '../support/clock';
import { signing } from '../support/signing';
import { addApp, factorIds, submit, withAnn, type Cast } from './cast';

/** Ann and bob with an authenticator app each, both with a fresh proof. */
async function annAndBob() {
  const cast = await withAnn();
  const bob = browser(cast.app);
  await bob.signIn('bob').expect(200);
  await enrolTotp(bob, cast.clock.now());
  const [bobs = ''] = await factorIds(bob);
  const [anns = ''] = await factorIds(cast.ann);
  return { ...cast, bob, bobs, anns };
}

const stored = async (cast: Cast, id: string) =>
  JSON.stringify(await cast.options.accounts.load(id as UserId));

describe('A factor belongs to its user', () => {
  it('GHSA-4vcf-q4xf-f48m: every operation on another user’s factor is "not found" and changes nothing', async () => {
    const cast = await annAndBob();
    const before = await stored(cast, 'id-bob');
    const base = `/2fa/security/factors/${cast.bobs}`;
    const { agent } = cast.ann;
    const ours = { Accept: 'application/json', Origin: 'http://localhost:3000' };
    const answers = [
      await cast.ann.get(base),
      await cast.ann.post(`${base}/rename`, { label: 'Mine' }),
      await cast.ann.post(`${base}/prefer`),
      await cast.ann.post(`${base}/remove`),
      await agent.patch(base).set(ours).send({ label: 'Mine' }),
      await agent.patch(base).set(ours).send({ preferred: true }),
      await agent.delete(base).set(ours),
    ];
    for (const answer of answers) expect([answer.status, errorCode(answer)]).toEqual([404, 'not_found']);
    for (const action of ['rename', 'prefer', 'remove']) {
      const page = await submit(cast.ann, '/2fa/security', `${base}/${action}`, { label: 'Mine' });
      expect(page.status).toBe(404);
    }
    expect(await stored(cast, 'id-bob')).toBe(before);
  });

  it('GHSA-4vcf-q4xf-f48m: the answer is the same for an id that nobody has, and however stale the proof is', async () => {
    const cast = await annAndBob();
    cast.clock.move(6 * minutes);
    const answers: unknown[] = [];
    for (const id of [
      cast.bobs,
      'AAAAAAAAAAAAAAAAAAAAAA',
      '__proto__',
      'constructor',
      '%00',
      'a'.repeat(2000),
    ]) {
      const { status, body } = await cast.ann.post(`/2fa/security/factors/${id}/remove`);
      answers.push([status, body]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject([404, { error: { code: 'not_found' } }]);
  });

  it('CVE-2025-14427: who a request is about comes from its session, never from what it says', async () => {
    const cast = await annAndBob();
    const before = await stored(cast, 'id-bob');
    const claims = { userId: 'id-bob', user: 'bob', id: 'id-bob', username: 'bob', factorId: cast.bobs };
    const query = '?userId=id-bob&user=bob&id=id-bob';
    expect((await cast.ann.get(`/2fa/security${query}`)).body.types[0].factors[0].id).toBe(cast.anns);
    const { body: setup } = await cast.ann.get(`/2fa/security/totp${query}`).expect(200);
    await cast.ann
      .post(`/2fa/security/totp${query}`, { ...claims, code: codeAt(setup.secret, cast.clock.now()) })
      .expect(201);
    await cast.ann.post(`/2fa/security/factors/${cast.anns}/rename${query}`, { ...claims, label: 'New' });
    await cast.ann.post(`/2fa/security/backup-codes${query}`, claims).expect(201);
    await cast.ann.post(`/2fa/security/sign-out-everywhere${query}`, claims).expect(200);
    await cast.bob.get('/me').expect(200);
    expect(await stored(cast, 'id-bob')).toBe(before);
  });

  it('CVE-2025-13587: a code works for its own user and login, and for no other', async () => {
    const cast = await annAndBob();
    const bobs = await halfLogin(cast, 'bob');
    expect(errorCode(await bobs.post('/2fa/totp', { code: cast.code() }).expect(401))).toBe('wrong_code');
    const code = cast.backupCodes[0];
    expect(errorCode(await bobs.post('/2fa/backup-code', { code }).expect(401))).toBe('wrong_code');
    expect(await cast.twoFactor.verify('id-bob', 'backup-code', { code })).toMatchObject({
      code: 'wrong_code',
    });
    // A code that confirms a set-up is of that set-up alone.
    const { body: setup } = await cast.ann.get('/2fa/security/totp').expect(200);
    const other = await halfLogin(cast);
    const forSetup = codeAt(setup.secret, cast.clock.now());
    expect(errorCode(await other.post('/2fa/totp', { code: forSetup }).expect(401))).toBe('wrong_code');
    expect(errorCode(await cast.ann.post('/2fa/security/totp', { code: cast.code() }))).toBe('wrong_code');
  });

  it('GHSA-cq3f-vc6p-68fh, CVE-2026-45337: a set-up in progress belongs to one login of one user', async () => {
    const cast = await annAndBob();
    const { body: setup } = await cast.ann.get('/2fa/security/totp').expect(200);
    const second = await halfLogin(cast);
    await second.post('/2fa/totp', { code: cast.code() }).expect(200);
    expect((await second.get('/2fa/security/totp').expect(200)).body.secret).not.toBe(setup.secret);
    expect((await cast.bob.get('/2fa/security/totp').expect(200)).body.secret).not.toBe(setup.secret);
    const code = codeAt(setup.secret, cast.clock.now());
    for (const agent of [second, cast.bob]) {
      expect(errorCode(await agent.post('/2fa/security/totp', { code }))).toBe('wrong_code');
    }
    await second.post('/2fa/security/totp/cancel').expect(200);
    await cast.ann.post('/2fa/security/totp', { code }).expect(201);
  });

  it('ASVS 13.3.1: a sealed seed opens for its own user and factor only', async () => {
    const cast = await annAndBob();
    await addApp(cast.ann, cast.clock.now(), 'Tablet');
    const accounts = signing(cast.options.accounts);
    const anns = await accounts.load('id-ann' as UserId);
    const bobs = await accounts.load('id-bob' as UserId);
    const [first, second] = anns?.factors ?? [];
    const [bobsOwn] = bobs?.factors ?? [];
    if (!anns || !bobs || first?.type !== 'totp' || second?.type !== 'totp' || bobsOwn?.type !== 'totp')
      throw new Error('there are three apps');
    for (const [account, factors] of [
      [bobs, [{ ...bobsOwn, secret: first.secret }]],
      [anns, [{ ...first, secret: second.secret }, second]],
      [anns, [{ ...first, id: second.id }, second]],
    ] as const) {
      expect(await accounts.save({ ...account, factors }, account.rev)).toBe(true);
      await expect(
        cast.twoFactor.verify(account.userId, 'totp', { code: cast.code() }),
      ).rejects.toMatchObject({ code: 'unavailable' });
      expect(await accounts.save(account, account.rev)).toBe(true);
    }
  });

  it('CWE-943: objects, arrays and operators where text belongs are malformed and cost no try', async () => {
    const cast = await annAndBob();
    const other = await halfLogin(cast);
    const odd: readonly unknown[] = [
      { $ne: null },
      { $gt: '' },
      ['123456'],
      { toString: 'x' },
      null,
      true,
      123456,
      1e5,
      '',
      ' ',
      'a'.repeat(30_000),
      '１２３４５',
      '+123456',
      '-12345',
      '1e5',
      '0x1234',
      '12345\u0000',
      '12.456',
    ];
    for (const code of odd) {
      for (const type of ['totp', 'backup-code']) {
        const answer = await other.post(`/2fa/${type}`, { code });
        expect([answer.status, answer.body.error.code, answer.body.error.field]).toEqual([
          400,
          'malformed',
          'code',
        ]);
      }
    }
    for (const body of [
      '{"__proto__":{"code":"123456"}}',
      '{"constructor":{"code":"1"}}',
      '[]',
      '"123456"',
      'null',
    ]) {
      const answer = await other.agent
        .post('/2fa/totp')
        .set({
          Accept: 'application/json',
          Origin: 'http://localhost:3000',
          'Content-Type': 'application/json',
        })
        .send(body);
      expect(answer.status).toBe(400);
    }
    expect((await other.post('/2fa/totp?code=123456&userId[$gt]=&code[$ne]=1', {})).status).toBe(400);
    expect((await other.post('/2fa/totp', { code: cast.wrong() })).body.error.triesLeft).toBe(4);
  });

  it('CWE-1287: odd labels, ids and goals never make a server error', async () => {
    const cast = await annAndBob();
    const { anns } = cast;
    const send = (agent: BrowserAgent, label: unknown) =>
      agent.post(`/2fa/security/factors/${anns}/rename`, { label });
    for (const label of [
      { $ne: 1 },
      ['x'],
      7,
      null,
      undefined,
      true,
      '',
      '\u200b\u202e',
      'x'.repeat(600),
      'é'.repeat(65),
    ]) {
      const answer = await send(cast.ann, label);
      expect([answer.status, errorCode(answer)]).toEqual([400, 'malformed']);
      expect(answer.body.error.field).toBe('label');
    }
    for (const label of [
      'x'.repeat(64),
      '👩‍👩‍👧',
      '__proto__',
      '$where',
      '<script>alert(1)</script>',
      '\ud800x',
    ]) {
      await send(cast.ann, label).expect(200);
      const page = await cast.ann.page('/2fa/security').expect(200);
      expect(page.text).not.toContain('<script>alert');
    }
    for (const query of ['?to[]=x', '?to=a&to=b', '?to[$ne]=1', '?done[]=enabled', '?done=__proto__', '?%']) {
      expect((await cast.ann.page(`/2fa/security${query}`)).status).toBe(200);
      expect((await cast.ann.page(`/2fa/confirm${query}`)).status).toBe(200);
    }
    cast.clock.move(1 * seconds);
  });
});
