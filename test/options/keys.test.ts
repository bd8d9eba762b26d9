import { Passport } from 'passport';
import {
  memoryAccounts,
  memoryPending,
  secondFactor,
  SecondFactorError,
  type SecondFactorOptions,
} from '../../lib';
import { resolveKeys } from '../../lib/options/keys';
import { certificate } from '../support/certificate';

interface User {
  readonly id: string;
}

const users = { id: (user: User) => user.id, name: (user: User) => user.id, byId: () => null };
const aaguid = '08987058-cadc-4b81-b6e1-30de50dcbe96';

/** Wrong on purpose, so without its type. */
const build = (given: Readonly<Record<string, unknown>>) =>
  secondFactor<User>({
    passport: new Passport(),
    appName: 'Test App',
    origin: 'https://admin.x.example',
    keys: ['11'.repeat(32)],
    users,
    accounts: memoryAccounts(),
    pending: memoryPending(),
    ...given,
  });

function refusal(given: Readonly<Record<string, unknown>>): SecondFactorError {
  try {
    build(given);
  } catch (error) {
    if (error instanceof SecondFactorError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const resolved = (
  webauthn: SecondFactorOptions<User>['webauthn'],
  origin = 'https://admin.x.example/app',
  passkeys = false,
) =>
  resolveKeys({ users, passkeys, ...(webauthn !== undefined && { webauthn }) }, 'Test App', new URL(origin));

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  webauthn: [null, 'yes', 5, true],
  'webauthn.origins': [
    'https://x.example',
    [''],
    [5],
    ['x.example'],
    ['http://x.example'],
    ['ftp://x.example'],
    ['https://ann:pw@x.example'],
    ['android:apk-key-hash:short'],
    {},
  ],
  'webauthn.rpId': [
    'example',
    'other.example',
    'min.x.example',
    'www.admin.x.example',
    'https://x.example',
    'x.example:443',
    'x.example/app',
    '',
    '.',
    'x .example',
    5,
    null,
    {},
  ],
  'webauthn.topOrigins': ['https://x.example', [''], [5], ['portal.example'], ['http://portal.example']],
  'webauthn.userVerification': ['discouraged', '', true, null, 'Required'],
  'webauthn.keys': [0, 51, 1.5, '3', -1, Number.NaN, {}, null],
  'webauthn.signCount': [null, 'reject', 5],
  'webauthn.signCount.deviceBound': ['refuse', '', null, true],
  'webauthn.signCount.synced': ['refuse', '', null, false],
  'webauthn.deviceBoundOnly': ['yes', 1, null, 0],
  'webauthn.attestation': [null, 'direct', 5],
  'webauthn.attestation.roots': [
    'x',
    ['x'],
    [''],
    [5],
    {},
    ['-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----'],
  ],
  'webauthn.attestation.allow': [
    aaguid,
    ['yubikey'],
    [''],
    [5],
    ['08987058cadc4b81b6e130de50dcbe96'],
    {},
    null,
  ],
  'webauthn.attestation.deny': [aaguid, ['yubikey'], [''], [5], {}, null],
  passkeys: ['yes', 1, null, 0, {}],
};

/** The options that hold this value, under its dotted name. */
const under = (name: string, value: unknown): Record<string, unknown> =>
  Object.fromEntries([
    name
      .split('.')
      .reduceRight<[string, unknown]>(
        ([inner, of], outer) => (inner === '' ? [outer, of] : [outer, { [inner]: of }]),
        ['', value],
      ),
  ]);

describe('A wrong option of keys', () => {
  it.each(Object.entries(wrong).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    '%s: %j is refused by its name, with the cure',
    (name, value) => {
      const error = refusal(under(name, value));
      expect([error.code, error.status]).toEqual(['bad_option', 500]);
      expect(error.message).toContain(name);
      expect(error.help).toMatch(/\w{4}/);
      expect(error.message.length + error.help.length).toBeLessThan(300);
    },
  );

  it.each([
    [{ origin: ['https://x.example'] }, 'webauthn.origin', 'webauthn.origins'],
    [{ rpID: 'x.example' }, 'webauthn.rpID', 'webauthn.rpId'],
    [{ userverification: 'required' }, 'webauthn.userverification', 'webauthn.userVerification'],
    [
      { signCount: { devicebound: 'flag' } },
      'webauthn.signCount.devicebound',
      'webauthn.signCount.deviceBound',
    ],
    [{ attestation: { root: [] } }, 'webauthn.attestation.root', 'webauthn.attestation.roots'],
    [{ passkeys: true }, 'webauthn.passkeys', ''],
  ])('that nobody knows is refused, %#: the nearest is named', (webauthn, name, meant) => {
    const error = refusal({ webauthn });
    expect(error.message).toBe(`There is no option ${name}.`);
    expect(error.help).toContain(`Did you mean ${meant}`);
  });

  it('passkeys need users.byId, and keys', () => {
    const without = refusal({ passkeys: true, users: { id: users.id, name: users.name } });
    expect(without).toMatchObject({ code: 'bad_option', message: expect.stringContaining('users.byId') });
    for (const byId of [null, 'x', {}])
      expect(refusal({ passkeys: true, users: { ...users, byId } }).message).toContain('users.byId');
    const off = refusal({ passkeys: true, webauthn: false });
    expect([off.message, off.help]).toEqual([
      'passkeys is on, but security keys are off.',
      'Leave out webauthn: false, or passkeys.',
    ]);
    const address = refusal({ passkeys: true, origin: 'https://10.0.0.7' });
    expect(address.message).toContain('passkeys');
    expect(address.help).toContain('http://localhost:3000');
    expect(() => build({ passkeys: true })).not.toThrow();
    // Nobody can sign in with what the app has not got.
    expect(() => build({}).passkeySignIn()).toThrow(SecondFactorError);
  });

  it.each(['https://10.0.0.7', 'http://127.0.0.1:3000', 'http://[::1]:3000'])(
    'at %s there are no keys; who asks for some is told why',
    (origin) => {
      expect(() => build({ origin })).not.toThrow();
      expect(resolved(undefined, origin)).toBeNull();
      const error = refusal({ origin, webauthn: {} });
      expect(error.message).toContain('IP address');
      expect(error.help).toContain('webauthn: false');
      expect(() => build({ origin, webauthn: false })).not.toThrow();
    },
  );
});

describe('The options of keys', () => {
  it('have the defaults that are documented', () => {
    expect(resolved(undefined)).toEqual({
      party: {
        id: 'admin.x.example',
        name: 'Test App',
        origins: ['https://admin.x.example'],
        topOrigins: [],
      },
      policy: {
        signCount: { deviceBound: 'reject', synced: 'flag' },
        deviceBoundOnly: false,
        attestation: 'none',
        roots: [],
        models: null,
        deniedModels: [],
      },
      userVerification: 'preferred',
      passkeys: false,
      most: 10,
    });
    expect(resolved({})).toEqual(resolved(undefined));
    expect(resolved(false)).toBeNull();
  });

  it('that are given as undefined are as if they were left out', () => {
    const given = {
      origins: undefined,
      rpId: undefined,
      topOrigins: undefined,
      userVerification: undefined,
      keys: undefined,
      signCount: { deviceBound: undefined, synced: undefined },
      deviceBoundOnly: undefined,
      attestation: { roots: undefined, allow: undefined, deny: undefined },
    };
    expect(() => build({ webauthn: given, passkeys: undefined })).not.toThrow();
    const taken = resolveKeys(
      { users, webauthn: given as never },
      'Test App',
      new URL('https://admin.x.example'),
    );
    expect(taken).toEqual(resolved(undefined, 'https://admin.x.example'));
  });

  it('are all taken', () => {
    const { pem } = certificate('Root', { isCa: true });
    const given = resolved({
      origins: ['https://WWW.x.example/'],
      rpId: 'X.example',
      topOrigins: ['https://Portal.example/frame'],
      userVerification: 'required',
      keys: 3,
      signCount: { deviceBound: 'flag', synced: 'ignore' },
      deviceBoundOnly: true,
      attestation: { roots: [pem], allow: [aaguid], deny: [aaguid.toUpperCase()] },
    });
    expect(given).toMatchObject({
      party: {
        id: 'x.example',
        origins: ['https://admin.x.example', 'https://www.x.example'],
        topOrigins: ['https://portal.example'],
      },
      policy: {
        signCount: { deviceBound: 'flag', synced: 'ignore' },
        deviceBoundOnly: true,
        attestation: 'direct',
        roots: [pem],
        models: [aaguid],
      },
      userVerification: 'required',
      most: 3,
    });
  });

  it('are left as they were given', () => {
    const webauthn = {
      origins: ['https://www.x.example'],
      signCount: { synced: 'flag' },
      attestation: { deny: [aaguid] },
      rpId: 'x.example',
    } as const;
    const before = structuredClone(webauthn);
    for (const part of [webauthn, webauthn.origins, webauthn.signCount, webauthn.attestation])
      Object.freeze(part);
    expect(() => build({ webauthn })).not.toThrow();
    expect(webauthn).toEqual(before);
  });
});

describe('an origin of one label, or an IP address', () => {
  it.each(['https://intranet', 'https://127.0.0.1', 'https://[::1]'])(
    'has no keys, and is no fault: %s',
    (origin) => {
      expect(resolved(undefined, origin)).toBeNull();
      expect(() => build({ origin })).not.toThrow();
    },
  );

  it.each(['https://intranet', 'https://127.0.0.1'])(
    'is refused where keys or passkeys are asked for: %s',
    (origin) => {
      expect(refusal({ origin, webauthn: {} }).code).toBe('bad_option');
      expect(refusal({ origin, passkeys: true }).code).toBe('bad_option');
    },
  );
});
