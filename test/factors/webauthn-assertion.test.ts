import { randomBytes } from 'node:crypto';
import type { UserId } from '../../lib/account/account';
import { useAssertion } from '../../lib/factors/use-assertion';
import { checkAssertion } from '../../lib/factors/webauthn-assertion';
import { fromStored, toStored } from '../../lib/factors/webauthn-challenge';
import { cbor, type Cbor } from '../support/cbor';
import { flag, softKey, type Lies } from '../support/soft-key';
import {
  asFactor,
  ask,
  defaultPolicy,
  handle,
  judge,
  noon,
  onlyKey,
  register,
  signedIn,
  signIn,
  withKeys,
} from './key-ceremony';

const key = softKey();
const account = withKeys([asFactor(key)]);
const answered = (lies: Lies = {}, setting = {}) => signIn(account, key, lies, setting);
const { present, verified, eligible, backedUp, extensions } = flag;

describe('assertion: whose it is', () => {
  it('F20: a key that is not in the account is wrong, and so is one of another address', async () => {
    const wrong = { ok: false, problem: 'wrong', reason: 'credential' };
    expect(await signIn(account, softKey())).toEqual(wrong);
    expect(await signIn(withKeys([]), key)).toEqual(wrong);
    const moved = withKeys([asFactor(key, { rpId: 'old.example.com' }), asFactor(softKey())]);
    expect(await signIn(moved, key)).toEqual(wrong);
  });

  it('F20: a key that was removed since its signature was checked is wrong', async () => {
    const { challenge, expected } = ask(account);
    const check = await checkAssertion(account, key.get(challenge), expected);
    if (!check.ok) throw new Error(JSON.stringify(check));
    const without = withKeys([asFactor(softKey())]);
    expect(useAssertion(without, check.assertion, defaultPolicy, noon)).toEqual({
      ok: false,
      problem: 'wrong',
      reason: 'credential',
    });
  });

  it('F21, YSA-2026-02: the key’s own word for its user must fit, where there is one', async () => {
    const wrong = { ok: false, problem: 'wrong', reason: 'user_handle' };
    for (const userHandle of [null, '', handle]) expect((await answered({ userHandle })).ok).toBe(true);
    expect(await answered({ userHandle: Buffer.from('bob').toString('base64url') })).toEqual(wrong);
    const { handle: _none, ...unnamed } = account;
    expect(await signIn(unnamed, key, { userHandle: handle })).toEqual(wrong);
  });

  it('F21: where only the key knows the user, it must say who', async () => {
    const { challenge, expected } = ask({ ...account, userId: '' as UserId }, { ceremony: 'passkey' });
    const unknown = { ...expected, issued: { ...expected.issued, userId: null } };
    expect((await judge(account, key.get(challenge, { userHandle: handle }), unknown)).ok).toBe(true);
    for (const userHandle of [undefined, null, ''])
      expect(
        await judge(account, key.get(challenge, userHandle === undefined ? {} : { userHandle }), unknown),
      ).toEqual({
        ok: false,
        problem: 'wrong',
        reason: 'user_handle',
      });
  });

  it('F21: another user’s answer is wrong in this user’s login', async () => {
    const [theirs, bob] = [softKey(), 'bob' as UserId];
    const bobs = { ...withKeys([asFactor(theirs)]), userId: bob };
    const asked = ask(bobs, { loginId: 'of bob' });
    expect((await judge(bobs, theirs.get(asked.challenge), asked.expected)).ok).toBe(true);
    const here = ask(account);
    expect(await judge(account, theirs.get(asked.challenge), here.expected)).toEqual({
      ok: false,
      problem: 'wrong',
      reason: 'challenge',
    });
    expect(await judge(account, theirs.get(here.challenge), here.expected)).toEqual({
      ok: false,
      problem: 'wrong',
      reason: 'credential',
    });
  });
});

describe('assertion: what the browser says', () => {
  it('F22: an answer to a creation is none to a request', async () => {
    expect(await answered({ client: { type: 'webauthn.create' } })).toEqual({
      ok: false,
      problem: 'wrong',
      reason: 'type',
    });
    const { challenge, expected } = ask(account);
    expect(await judge(account, key.create(challenge), expected)).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'authenticatorData',
    });
  });

  it.each([
    'http://admin.example.com',
    'https://admin.example.com:444',
    'https://evil.test',
    'https://xn--dmin-7cd.example.com',
  ])('F22: the origin %s is not ours', async (origin) => {
    expect(await answered({ client: { origin } })).toEqual({ ok: false, problem: 'wrong', reason: 'origin' });
  });

  it('F22, F8: a frame of another site is refused, with and without its name', async () => {
    const refused = { ok: false, problem: 'refused', reason: 'cross_origin' };
    expect(await answered({ client: { crossOrigin: true } })).toEqual(refused);
    expect(await answered({ client: { crossOrigin: true, topOrigin: 'https://shop.example' } })).toEqual(
      refused,
    );
    const party = { topOrigins: ['https://shop.example'] };
    expect(
      (await answered({ client: { crossOrigin: true, topOrigin: 'https://shop.example' } }, { party })).ok,
    ).toBe(true);
  });

  it('F22, better-auth #9993: a challenge is of one login, one purpose and five minutes', async () => {
    const { challenge, expected } = ask(account);
    const elsewhere = { ...expected, issued: { ...expected.issued, ceremony: 'confirm' as const } };
    expect(await judge(account, key.get(challenge), elsewhere)).toEqual({
      ok: false,
      problem: 'wrong',
      reason: 'challenge',
    });
    expect(await answered({}, { answeredAt: noon + 300_000 })).toEqual({
      ok: false,
      problem: 'stale',
      why: 'expired',
    });
  });

  it('F1: counts once, and with it go all older ones of the user', async () => {
    const older = ask(account, { at: noon - 5000, loginId: 'elsewhere' });
    const resent = ask(account, { at: noon - 1 });
    const { challenge, expected } = ask(account, { live: [resent.record] });
    const use = await judge(account, key.get(challenge), expected);
    if (!use.ok) throw new Error(JSON.stringify(use));
    const used = { ok: false, problem: 'stale', why: 'used' };
    for (const again of [challenge, resent.challenge])
      expect(await judge(use.account, key.get(again), expected)).toEqual(used);
    expect(await judge(use.account, key.get(older.challenge), older.expected)).toEqual(used);
  });

  it('F1: of two parallel uses of one answer, checked on the same account, one counts', async () => {
    const { challenge, expected } = ask(account);
    const answer = key.get(challenge);
    const checks = await Promise.all([1, 2].map(() => checkAssertion(account, answer, expected)));
    const [first, second] = checks.map((check) => (check.ok ? check.assertion : null));
    if (!first || !second) throw new Error('both signatures are right');
    const use = useAssertion(account, first, defaultPolicy, noon);
    if (!use.ok) throw new Error(JSON.stringify(use));
    expect(useAssertion(use.account, second, defaultPolicy, noon)).toEqual({
      ok: false,
      problem: 'stale',
      why: 'used',
    });
  });

  it('F1: a fresh one is above what is used up, whatever the clock says', async () => {
    const { account: ahead } = await signedIn(account, key, {}, { at: noon + 3_600_000 });
    const { account: later } = await signedIn(ahead, key, {}, { at: noon });
    expect(onlyKey(later).usedUpTo).toBe(noon + 3_600_001);
  });

  it('what is stored of a challenge does not hold it, and comes back as it was', () => {
    const { challenge, record } = ask(account, { userVerification: 'required' });
    const stored = toStored(record);
    expect(JSON.stringify(stored)).not.toContain(challenge);
    expect(fromStored([stored])).toEqual([record]);
    expect(
      fromStored([
        { ...stored, userVerification: 'ABC' as 'required' },
        { ...stored, kind: 'code' },
      ]),
    ).toEqual([record]);
  });
});

describe('assertion: what the key says', () => {
  it('F23: one for another domain, or without a touch, is not taken', async () => {
    expect(await answered({ rpId: 'example.com' })).toEqual({ ok: false, problem: 'wrong', reason: 'rp_id' });
    expect(await answered({ flags: verified })).toEqual({
      ok: false,
      problem: 'refused',
      reason: 'user_presence',
    });
  });

  it('F23: verification is held to what was asked for, and told', async () => {
    const use = await answered({ flags: present });
    expect(use.ok && use.userVerified).toBe(false);
    const better = await answered({ flags: present | verified });
    expect(better.ok && better.userVerified).toBe(true);
    const required = { userVerification: 'required' };
    expect(await answered({ flags: present }, required)).toEqual({
      ok: false,
      problem: 'refused',
      reason: 'user_verification',
    });
    expect((await answered({ flags: present | verified }, required)).ok).toBe(true);
  });

  it('F24: backup eligibility never changes', async () => {
    const refused = (id: string) => ({
      ok: false,
      problem: 'refused',
      reason: 'backup_eligibility_changed',
      factorId: `factor ${id}`,
    });
    expect(await answered({ flags: present | eligible })).toEqual(refused(key.id));
    const synced = withKeys([asFactor(key, { backupEligible: true })]);
    expect(await signIn(synced, key, { flags: present })).toEqual(refused(key.id));
  });

  it('F24: backed up without being eligible for it is malformed', async () => {
    expect(await answered({ flags: present | backedUp })).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'authenticatorData',
    });
  });

  it('F24: whether it is backed up may change, and is noted', async () => {
    const synced = withKeys([asFactor(key, { backupEligible: true })]);
    const on = await signedIn(synced, key, { flags: present | eligible | backedUp });
    expect(onlyKey(on.account).backedUp).toBe(true);
    const off = await signedIn(on.account, key, { flags: present | eligible });
    expect(onlyKey(off.account).backedUp).toBe(false);
  });

  it.each<[string, Lies]>([
    ['another key’s', { signature: () => randomBytes(70) }],
    ['empty but for its frame', { signature: () => Buffer.from('3000', 'hex') }],
    ['zero', { signature: () => Buffer.from('3006020100020100', 'hex') }],
    ['cut off', { signature: (honest) => honest.subarray(0, -1) }],
    [
      'with one bit changed',
      {
        signature: (honest) =>
          Buffer.concat([honest.subarray(0, -1), Buffer.from([(honest.at(-1) ?? 0) ^ 1])]),
      },
    ],
    ['of 1024 bytes', { signature: () => randomBytes(1024) }],
    [
      'over other authenticator data',
      { sentAuthData: (signed) => Buffer.concat([signed.subarray(0, 36), Buffer.from([9])]) },
    ],
    [
      'over less verification',
      {
        flags: present,
        sentAuthData: (signed) =>
          Buffer.concat([signed.subarray(0, 32), Buffer.from([present | verified]), signed.subarray(33)]),
      },
    ],
  ])('F25: a signature that is %s is wrong', async (_what, lies) => {
    expect(await answered(lies)).toEqual({ ok: false, problem: 'wrong', reason: 'signature' });
  });

  it('F25: a key of another algorithm or curve does not fit', async () => {
    const other = withKeys([asFactor(key, { publicKey: softKey(-8).publicKey })]);
    expect(await signIn(other, key)).toEqual({ ok: false, problem: 'wrong', reason: 'signature' });
    const nonsense = withKeys([asFactor(key, { publicKey: 'AAAA' })]);
    expect(await signIn(nonsense, key)).toEqual({ ok: false, problem: 'wrong', reason: 'signature' });
  });

  it.each<[string, Lies]>([
    ['less than its fixed part', { authData: (honest) => honest.subarray(0, 36) }],
    ['more than its flags say', { authData: (honest) => Buffer.concat([honest, Buffer.alloc(1)]) }],
    ['less than its flags say', { flags: present | extensions }],
  ])('authenticator data of %s is malformed', async (_what, lies) => {
    expect(await answered(lies)).toEqual({ ok: false, problem: 'malformed', field: 'authenticatorData' });
  });

  it('extensions are passed over, and broken ones are wrong', async () => {
    const more = new Map<string, Cbor>([
      ['uvm', [1, 2]],
      ['x', new Map([['y', 1]])],
    ]);
    expect((await answered({ flags: present | extensions, extensions: more })).ok).toBe(true);
    const trailing = (honest: Buffer) => Buffer.concat([honest, cbor(1)]);
    const broken = await answered({ flags: present | extensions, extensions: more, authData: trailing });
    expect(broken).toMatchObject({ ok: false, problem: 'wrong' });
  });

  it('F27: whatever is refused changes nothing', async () => {
    const counted = withKeys([asFactor(key, { signCount: 5 })]);
    const before = structuredClone(counted);
    for (const lies of [
      { signCount: 4 },
      { signCount: 9, flags: present | eligible },
      { signCount: 9, signature: () => randomBytes(70) },
    ])
      expect(await signIn(counted, key, lies)).not.toHaveProperty('account');
    expect(counted).toEqual(before);
  });

  it('F27: a key added by a touch alone is not upgraded by a PIN given later', async () => {
    const touched = withKeys([asFactor(key, { userVerified: false })]);
    const use = await signedIn(touched, key, { flags: present | verified, signCount: 3 });
    expect(onlyKey(use.account)).toMatchObject({
      userVerified: false,
      signCount: 3,
      lastUsedAt: noon,
      usedUpTo: noon,
    });
  });

  it('F28: a client can’t tell an unknown key from a wrong signature, by time neither', async () => {
    const { challenge, expected } = ask(account);
    const bad = { signature: () => randomBytes(70) };
    const unknown = await judge(account, softKey().get(challenge, bad), expected);
    const known = await judge(account, key.get(challenge, bad), expected);
    expect([unknown, known]).toMatchObject([{ problem: 'wrong' }, { problem: 'wrong' }]);
  });
});

describe('the sign count', () => {
  const at = (signCount: number, backupEligible: boolean) =>
    withKeys([asFactor(key, { signCount, backupEligible })]);
  const give = (stored: number, given: number, synced: boolean, policy = {}) =>
    signIn(
      at(stored, synced),
      key,
      { signCount: given, flags: present | verified | (synced ? eligible : 0) },
      { policy },
    );

  it('F26: 0 after 0 is always right', async () => {
    let current = account;
    for (const time of [noon, noon + 1, noon + 2]) {
      const use = await signedIn(current, key, {}, { at: time });
      expect(use.countRegressed).toBe(false);
      current = use.account;
    }
  });

  it.each([
    [5, 6],
    [0, 1],
    [5, 2 ** 32 - 1],
  ])('F26: %i and then %i is right, and stored', async (stored, given) => {
    const use = await give(stored, given, false);
    expect(use.ok && onlyKey(use.account).signCount).toBe(given);
  });

  it.each([
    [5, 5],
    [5, 4],
    [7, 0],
    [2 ** 32 - 1, 0],
  ])(
    'F26: %i and then %i is refused of a key bound to its device, told of a synced one',
    async (stored, given) => {
      expect(await give(stored, given, false)).toEqual({
        ok: false,
        problem: 'refused',
        reason: 'sign_count',
        factorId: `factor ${key.id}`,
      });
      const synced = await give(stored, given, true);
      if (!synced.ok) throw new Error(JSON.stringify(synced));
      expect(synced.countRegressed).toBe(true);
      // The next one is judged by this one: it is told once.
      expect(onlyKey(synced.account).signCount).toBe(given);
    },
  );

  it('F26: the policy is an option', async () => {
    const signCount = { deviceBound: 'ignore', synced: 'reject' } as const;
    const bound = await give(5, 4, false, { signCount });
    expect(bound.ok && bound.countRegressed).toBe(false);
    expect(await give(5, 4, true, { signCount })).toMatchObject({ ok: false, problem: 'refused' });
  });

  it('F26: nobody raises the alarm without the key', async () => {
    const forged = await signIn(at(5, false), key, { signCount: 4, signature: () => randomBytes(70) });
    expect(forged).toEqual({ ok: false, problem: 'wrong', reason: 'signature' });
  });

  it('F26: two honest windows whose answers cross are no alarm, and the key goes on', async () => {
    const start = withKeys([asFactor(key, { signCount: 5, lastUsedAt: noon - 9000 })]);
    const first = ask(start, { at: noon, loginId: 'one', answeredAt: noon + 3000 });
    const second = ask(start, { at: noon + 1, loginId: 'two', answeredAt: noon + 3001 });
    // The newer challenge was signed first and arrives last.
    const [six, seven] = [
      key.get(second.challenge, { signCount: 6 }),
      key.get(first.challenge, { signCount: 7 }),
    ];
    const use = await judge(start, seven, first.expected);
    if (!use.ok) throw new Error(JSON.stringify(use));
    expect(await judge(use.account, six, second.expected)).toEqual({
      ok: false,
      problem: 'stale',
      why: 'overtaken',
    });
    const next = await signedIn(use.account, key, { signCount: 8 }, { at: noon + 9000 });
    expect(onlyKey(next.account).signCount).toBe(8);
  });
});

it('a key just added signs in at once', async () => {
  const check = await register(withKeys([]), key);
  if (!check.ok) throw new Error(JSON.stringify(check));
  const added = asFactor(key, { ...check.key, createdAt: noon });
  expect((await signedIn(withKeys([added]), key)).factorId).toBe(added.id);
});
