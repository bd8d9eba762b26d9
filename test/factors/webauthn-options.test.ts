import { isForeign } from '../../lib/account/factors';
import { randomChallenge, randomUserHandle } from '../../lib/crypto/random';
import { creationOptions, requestOptions } from '../../lib/factors/webauthn-options';
import { relyingParty } from '../../lib/factors/webauthn-relying-party';
import { site, softKey } from '../support/soft-key';
import { asFactor, defaultPolicy, handle, party, withKeys } from './key-ceremony';

const here = asFactor(softKey(), { transports: ['usb'] });
const silent = asFactor(softKey(), { transports: [] });
const old = asFactor(softKey(), { rpId: 'old.example.com' });
const account = withKeys([here, silent, old]);
const user = { handle, name: 'ann@example.com' };
const ours = [
  { id: here.credentialId, type: 'public-key', transports: ['usb'] },
  { id: silent.credentialId, type: 'public-key' },
];
const plain = { passkeys: false, userVerification: 'preferred' } as const;
const create = (asked: Parameters<typeof creationOptions>[3] = plain, policy = defaultPolicy) =>
  creationOptions(account, user, 'challenge', asked, { party, policy });

describe('the options of a creation', () => {
  it('F1, F3, F13, F14: say all that the browser needs, and exclude the keys that the user has here', () => {
    expect(create()).toEqual({
      rp: { id: site.rpId, name: 'WebAdmin' },
      user: { id: handle, name: 'ann@example.com', displayName: 'ann@example.com' },
      challenge: 'challenge',
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      excludeCredentials: ours,
      authenticatorSelection: {
        residentKey: 'discouraged',
        requireResidentKey: false,
        userVerification: 'preferred',
      },
      attestation: 'none',
      extensions: { credProps: true },
    });
  });

  it('ask a key to remember the user only for passkeys', () => {
    const asked = create({ passkeys: true, userVerification: 'required' }).authenticatorSelection;
    expect(asked).toMatchObject({ residentKey: 'preferred', userVerification: 'required' });
  });

  it('F14: ask for the maker’s word where it is wanted, and where roots are trusted', () => {
    expect(create(plain, { ...defaultPolicy, attestation: 'direct' }).attestation).toBe('direct');
    expect(create(plain, { ...defaultPolicy, roots: ['-----'] }).attestation).toBe('direct');
  });

  it('F2: the handle is 64 random bytes, and a challenge 32', () => {
    const many = Array.from({ length: 50 }, () => [randomUserHandle(), randomChallenge()] as const);
    expect(new Set(many.flat()).size).toBe(100);
    for (const [one, challenge] of many) {
      expect(Buffer.from(one, 'base64url')).toHaveLength(64);
      expect(Buffer.from(challenge, 'base64url')).toHaveLength(32);
    }
  });
});

describe('the options of a request', () => {
  it('F20: name the keys that work here, and no others', () => {
    expect(requestOptions(account, 'challenge', 'preferred', party)).toEqual({
      challenge: 'challenge',
      rpId: site.rpId,
      timeout: 300_000,
      allowCredentials: ours,
      userVerification: 'preferred',
    });
    expect([here, old].map((key) => isForeign(key, site.rpId))).toEqual([false, true]);
  });

  it('F30: name none where any passkey of the site will do', () => {
    expect(requestOptions(null, 'challenge', 'required', party)).toMatchObject({
      allowCredentials: [],
      userVerification: 'required',
    });
  });
});

describe('F32: the site as keys know it comes from options', () => {
  const from = (origins: readonly [string, ...string[]], rest = {}) =>
    relyingParty({ name: 'App', origins, ...rest });

  it.each([
    ['https://X.org/', 'https://x.org', 'x.org'],
    ['https://x.org/app', 'https://x.org', 'x.org'],
    ['https://x.org:443', 'https://x.org', 'x.org'],
    ['https://x.org:8443/', 'https://x.org:8443', 'x.org'],
    ['https://účet.example', 'https://xn--et-qka0f.example', 'xn--et-qka0f.example'],
    ['http://localhost:3000', 'http://localhost:3000', 'localhost'],
  ])('%s is %s', (given, origin, id) => {
    expect(from([given])).toEqual({
      ok: true,
      party: { id, name: 'App', origins: [origin], topOrigins: [] },
    });
  });

  it.each([
    ['http://127.0.0.1:3000', 'ip_address'],
    ['https://192.0.2.1', 'ip_address'],
    ['https://[2001:db8::1]', 'ip_address'],
    ['http://x.org', 'origin'],
    ['https://ann@x.org', 'origin'],
    ['x.org', 'origin'],
    ['', 'origin'],
    ['null', 'origin'],
    ['ftp://x.org', 'origin'],
  ])('at %s there are no keys: %s', (given, problem) => {
    expect(from([given])).toEqual({ ok: false, problem });
  });

  it('takes several origins, apps among them, and a domain above the main one', () => {
    const app = `android:apk-key-hash:${'A'.repeat(43)}`;
    const made = from(['https://admin.x.org/', 'https://www.x.org', app], {
      rpId: 'X.org',
      topOrigins: ['https://Shop.example/'],
    });
    expect(made).toEqual({
      ok: true,
      party: {
        id: 'x.org',
        name: 'App',
        origins: ['https://admin.x.org', 'https://www.x.org', app],
        topOrigins: ['https://shop.example'],
      },
    });
  });

  it.each(['org', 'y.org', 'min.x.org', 'www.x.org', '', 'x.org/../y', 'x org'])(
    'takes no rpId %p for admin.x.org',
    (rpId) => {
      expect(from(['https://admin.x.org'], { rpId })).toEqual({ ok: false, problem: 'rp_id' });
    },
  );

  it('takes no top origin that is none', () => {
    expect(from(['https://x.org'], { topOrigins: ['*'] })).toEqual({ ok: false, problem: 'top_origin' });
  });
});
