import { randomBytes } from 'node:crypto';
import { refuse } from '../../lib/errors';
import { keyFactor } from '../../lib/factors/webauthn-registration';
import { cbor, type Cbor } from '../support/cbor';
import { flag, softKey, type Lies } from '../support/soft-key';
import { checkRegistration } from '../../lib/factors/webauthn-registration';
import { factorId } from '../account/an-account';
import { ask, asFactor, noon, register, withKeys, type Setting } from './key-ceremony';

const nobody = withKeys([]);
const key = softKey();
const made = (lies: Lies = {}, setting: Setting = {}) => register(nobody, key, lies, setting);
const named = { id: factorId('new'), label: 'My key' };
const { present, verified, eligible, backedUp, extensions } = flag;

describe('registration: the challenge', () => {
  it('F1: expires, to the millisecond', async () => {
    const minutes = 60_000;
    expect((await made({}, { answeredAt: noon + 5 * minutes - 1 })).ok).toBe(true);
    expect(await made({}, { answeredAt: noon + 5 * minutes })).toEqual({
      ok: false,
      problem: 'stale',
      why: 'expired',
    });
  });

  it('F1, CVE-2022-42731: counts once, also when two tabs answer two challenges: the older one is over', async () => {
    const older = ask(nobody, { ceremony: 'enrol', at: noon - 10 });
    const newer = ask(nobody, { ceremony: 'enrol', live: [older.record] });
    const [first, second] = [softKey(), softKey()];
    const right = await checkRegistration(nobody, first.create(newer.challenge), newer.expected);
    if (!right.ok) throw new Error(JSON.stringify(right));
    const added = keyFactor(nobody, right.key, named, noon);
    if (!added.ok) throw new Error(JSON.stringify(added));
    const account = withKeys([added.factor]);
    for (const answer of [second.create(newer.challenge), second.create(older.challenge)])
      expect(await checkRegistration(account, answer, newer.expected)).toEqual({
        ok: false,
        problem: 'stale',
        why: 'used',
      });
    // Checked before the other was saved.
    const late = await checkRegistration(nobody, second.create(older.challenge), newer.expected);
    if (!late.ok) throw new Error(JSON.stringify(late));
    expect(keyFactor(account, late.key, named, noon)).toEqual(refuse('code_used'));
  });

  it('F6, F19, better-auth #9993: is of this user, this login and this purpose', async () => {
    const { challenge, expected } = ask(nobody, { ceremony: 'enrol' });
    const answer = key.create(challenge);
    for (const other of [
      { loginId: 'other' },
      { ceremony: 'sign_in' },
      { userId: 'bob' },
      { userId: null },
    ]) {
      const issued = { ...expected.issued, ...other } as typeof expected.issued;
      expect(await checkRegistration(nobody, answer, { ...expected, issued })).toEqual({
        ok: false,
        problem: 'wrong',
        reason: 'challenge',
      });
    }
    expect((await checkRegistration(nobody, answer, expected)).ok).toBe(true);
  });

  it('F6, CVE-2026-28787: none is believed that only the client knows', async () => {
    const { expected } = ask(nobody, { ceremony: 'enrol' });
    const own = randomBytes(32).toString('base64url');
    for (const challenge of [own, '', 'undefined', expected.issued.live[0]?.digest ?? ''])
      expect(await checkRegistration(nobody, key.create(challenge), expected)).toEqual({
        ok: false,
        problem: 'wrong',
        reason: 'challenge',
      });
    const none = { ...expected, issued: { ...expected.issued, live: [] } };
    expect(await checkRegistration(nobody, key.create(own), none)).toMatchObject({ problem: 'wrong' });
  });

  it('F19: a user id in the answer says nothing', async () => {
    const right = await made({ answer: { userId: 'bob', user: 'bob' }, response: { userHandle: 'Ym9i' } });
    expect(right.ok).toBe(true);
  });
});

describe('registration: what the browser says', () => {
  it('F5: an answer to a request is none to a creation', async () => {
    for (const type of ['webauthn.get', 'payment.get', 'WEBAUTHN.CREATE', ''])
      expect(await made({ client: { type } })).toEqual({ ok: false, problem: 'wrong', reason: 'type' });
  });

  it.each([
    'http://admin.example.com',
    'https://admin.example.com:8443',
    'https://admin.example.com/',
    'https://admin.example.com.',
    'https://sub.admin.example.com',
    'https://example.com',
    'https://Admin.Example.com',
    'https://аdmin.example.com',
    'https://xn--dmin-7cd.example.com',
    'https://admin.example.com.evil.test',
    'https://admin.example.com@evil.test',
    'null',
    '',
  ])('F7: the origin %s is not ours', async (origin) => {
    expect(await made({ client: { origin } })).toEqual({ ok: false, problem: 'wrong', reason: 'origin' });
  });

  it('F7: each of several origins is ours, and no mixture of them', async () => {
    const origins = ['https://admin.example.com', 'https://www.example.com'];
    for (const origin of origins)
      expect((await made({ client: { origin } }, { party: { origins } })).ok).toBe(true);
    const origin = origins.join(',');
    expect(await made({ client: { origin } }, { party: { origins } })).toMatchObject({ problem: 'wrong' });
  });

  it('F8: a frame of another site is refused unless that site is listed', async () => {
    const refused = { ok: false, problem: 'refused', reason: 'cross_origin' };
    const shop = 'https://shop.example';
    expect(await made({ client: { crossOrigin: true } })).toEqual(refused);
    expect(await made({ client: { crossOrigin: true, topOrigin: shop } })).toEqual(refused);
    expect(await made({ client: { topOrigin: shop } })).toEqual(refused);
    const listed = { party: { topOrigins: [shop] } };
    expect((await made({ client: { crossOrigin: true, topOrigin: shop } }, listed)).ok).toBe(true);
    // It says that it is framed, and not by whom.
    expect(await made({ client: { crossOrigin: true } }, listed)).toEqual(refused);
    expect(await made({ client: { crossOrigin: true, topOrigin: `${shop}/` } }, listed)).toEqual(refused);
    expect((await made({ client: { crossOrigin: undefined } })).ok).toBe(true);
  });
});

describe('registration: what the key says', () => {
  const broken = { ok: false, problem: 'malformed', field: 'attestationObject' };

  it('F9: one made for another domain is not ours', async () => {
    for (const rpId of ['example.com', 'evil.test', 'https://admin.example.com'])
      expect(await made({ rpId })).toEqual({ ok: false, problem: 'wrong', reason: 'rp_id' });
  });

  it.each<[string, Lies]>([
    ['bytes left over', { authData: (honest) => Buffer.concat([honest, Buffer.alloc(1)]) }],
    ['authenticator data that is cut off', { authData: (honest) => honest.subarray(0, -1) }],
    ['less than its fixed part', { authData: (honest) => honest.subarray(0, 36) }],
    ['its fixed part alone', { authData: (honest) => honest.subarray(0, 37) }],
    ['nothing', { authData: () => Buffer.alloc(0) }],
    ['an object that is cut off', { object: (honest) => honest.subarray(0, -1) }],
    ['a byte behind it', { object: (honest) => Buffer.concat([honest, Buffer.from([0])]) }],
    ['a second object behind it', { object: (honest) => Buffer.concat([honest, honest]) }],
    [
      'a map of indefinite length',
      { object: (honest) => Buffer.concat([Buffer.from([0xbf]), honest.subarray(1)]) },
    ],
    ['a list', { object: () => cbor([1, 2]) }],
    ['a number', { object: () => cbor(1) }],
    ['2^32 members', { object: () => Buffer.from('baffffffff00', 'hex') }],
    ['a text of 2^31 bytes', { object: () => Buffer.from('7a7fffffff61', 'hex') }],
    ['20 000 lists in one another', { object: () => Buffer.alloc(20_000, 0x81) }],
    [
      'members of other types',
      {
        object: () =>
          cbor(
            new Map<string, Cbor>([
              ['fmt', 1],
              ['attStmt', 2],
              ['authData', 'x'],
            ]),
          ),
      },
    ],
    ['extensions that are no map', { flags: present | extensions, extensions: 1 }],
  ])('F9: %s is malformed', async (_what, lies) => {
    expect(await made(lies)).toEqual(broken);
  });

  it('F10, CVE-2026-8830: user presence always, user verification when it was asked for', async () => {
    const results = await Promise.all(
      [0, verified, present, present | verified].flatMap((flags) =>
        (['preferred', 'required'] as const).map(async (userVerification) => {
          const check = await made({ flags }, { userVerification });
          return check.ok ? check.key.userVerified : 'reason' in check && check.reason;
        }),
      ),
    );
    expect(results).toEqual([
      'user_presence',
      'user_presence',
      'user_presence',
      'user_presence',
      false,
      'user_verification',
      true,
      true,
    ]);
  });

  it('F11: backed up without being eligible for it is malformed', async () => {
    expect(await made({ flags: present | backedUp })).toEqual(broken);
    expect((await made({ flags: present | eligible | backedUp })).ok).toBe(true);
  });

  it('F12, CVE-2026-8830: keys that can be copied are refused where only those of one device are taken', async () => {
    const policy = { deviceBoundOnly: true };
    expect(await made({ flags: present | eligible }, { policy })).toEqual({
      ok: false,
      problem: 'refused',
      reason: 'synced',
    });
    expect((await made({ flags: present }, { policy })).ok).toBe(true);
  });

  const [point, wide] = [Buffer.alloc(32, 1), Buffer.alloc(48, 1)];
  const exponent = Buffer.from([1, 0, 1]);
  const cose = (...members: [number, Cbor][]) => new Map(members);
  const ec = (algorithm: number, curve: number, x: Cbor, y: Cbor) =>
    cose([1, 2], [3, algorithm], [-1, curve], [-2, x], [-3, y]);
  const rsa = (algorithm: number, modulusBytes: number, e = exponent) =>
    cose([1, 3], [3, algorithm], [-1, Buffer.alloc(modulusBytes, 255)], [-2, e]);

  it.each<[string, Map<number, Cbor>]>([
    ['ES384', ec(-35, 2, wide, wide)],
    ['RS1', rsa(-65535, 256)],
    ['no algorithm', cose([1, 2], [-1, 1], [-2, point], [-3, point])],
  ])('F13, CVE-2026-8830: a key for %s was not offered, and is refused', async (_what, publicKey) => {
    expect(await made({ publicKey })).toEqual({ ok: false, problem: 'refused', reason: 'algorithm' });
  });

  it.each<[string, Map<number, Cbor>]>([
    ['ES256 on another curve', ec(-7, 2, wide, wide)],
    ['ES256 with a point off the curve', ec(-7, 1, point, point)],
    ['ES256 with a compressed point', ec(-7, 1, point, true)],
    ['EdDSA of the wrong kind', cose([1, 2], [3, -8], [-1, 6], [-2, point])],
    ['RSA of 1024 bits', rsa(-257, 128)],
    ['RSA of 8192 bits', rsa(-257, 1024)],
    ['RSA with the exponent 1', rsa(-257, 256, Buffer.from([1]))],
    ['RSA with an even exponent', rsa(-257, 256, Buffer.from([2]))],
    ['RSA with an endless exponent', rsa(-257, 256, Buffer.alloc(3000, 255))],
  ])('F13: a key for %s could never sign, and is malformed', async (_what, publicKey) => {
    expect(await made({ publicKey })).toEqual(broken);
  });

  it('F15: an id of 1023 bytes is stored, one of 1024 is not', async () => {
    const longest = await register(nobody, softKey(-7, randomBytes(1023)));
    expect(longest.ok && longest.key.credentialId.length).toBe(1364);
    expect(await register(nobody, softKey(-7, randomBytes(1024)))).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'id',
    });
  });

  it('F15: the id is the one that the key itself says', async () => {
    const other = randomBytes(32).toString('base64url');
    expect(await made({ answer: { id: other, rawId: other } })).toEqual({
      ok: false,
      problem: 'malformed',
      field: 'id',
    });
  });

  it('F16: one that the user has is a duplicate', async () => {
    const check = await made();
    if (!check.ok) throw new Error(JSON.stringify(check));
    const has = asFactor(key);
    expect(keyFactor(withKeys([has]), check.key, named, noon)).toEqual(
      refuse('duplicate', { field: 'response' }),
    );
  });

  it('F17: what is stored is what was said, and the domain it was made for', async () => {
    const model = Buffer.from('08987058cadc4b81b6e130de50dcbe96', 'hex');
    const synced = softKey(-8, randomBytes(16), model);
    const flags = present | verified | eligible | backedUp;
    const check = await register(nobody, synced, {
      flags,
      signCount: 7,
      response: { transports: ['internal', 'hybrid'] },
    });
    if (!check.ok) throw new Error(JSON.stringify(check));
    expect(keyFactor(nobody, check.key, named, noon)).toEqual({
      ok: true,
      factor: {
        ...named,
        type: 'webauthn',
        credentialId: synced.id,
        publicKey: synced.publicKey,
        algorithm: -8,
        signCount: 7,
        backupEligible: true,
        backedUp: true,
        transports: ['internal', 'hybrid'],
        aaguid: '08987058-cadc-4b81-b6e1-30de50dcbe96',
        rpId: 'admin.example.com',
        userVerified: true,
        attested: false,
        createdAt: noon,
        lastUsedAt: null,
        usedUpTo: noon,
      },
    });
  });

  it('F18: extensions nobody asked for are passed over', async () => {
    const more = new Map<string, Cbor>([
      ['credProtect', 2],
      ['__proto__', new Map([['polluted', true]])],
    ]);
    expect((await made({ flags: present | extensions, extensions: more })).ok).toBe(true);
    expect((await made({ answer: { clientExtensionResults: { anything: [1] } } })).ok).toBe(true);
    expect((await made({ answer: { clientExtensionResults: undefined } })).ok).toBe(true);
    expect('polluted' in {}).toBe(false);
  });

  it.each<[string, unknown, string[]]>([
    ['missing', undefined, []],
    ['null', null, []],
    ['[]', [], []],
    ['blank', ['', ' '], []],
    ['of other types', [1, {}, ['usb'], 'usb'], ['usb']],
    ['new', ['usb', 'telepathy'], ['usb', 'telepathy']],
    [
      '50',
      Array.from({ length: 50 }, (_, at) => `way-${at}`),
      Array.from({ length: 8 }, (_, at) => `way-${at}`),
    ],
    ['a text', 'usb', []],
  ])('transports that are %s don’t matter', async (_what, transports, kept) => {
    const check = await made({ response: { transports } });
    expect(check.ok && check.key.transports).toEqual(kept);
  });
});
