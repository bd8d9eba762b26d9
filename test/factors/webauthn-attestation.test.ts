import { createPublicKey, hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import type { WebauthnPolicy } from '../../lib/factors/webauthn-policy';
import type { Cbor } from '../support/cbor';
import { certificate, der as item, integer, sequence, type Certified } from '../support/certificate';
import { softKey, type Lies, type SoftKey } from '../support/soft-key';
import { webauthnServer } from '../../lib/factors/webauthn-server';
import { register, withKeys } from './key-ceremony';

const model = Buffer.from('08987058cadc4b81b6e130de50dcbe96', 'hex');
const aaguid = '08987058-cadc-4b81-b6e1-30de50dcbe96';
const root = certificate('Root', { isCa: true });
const middle = certificate('Middle', { isCa: true, issuer: root });
const batch = certificate('Batch', { issuer: middle, aaguid: model });
const key = softKey(-7, randomBytes(32), model);

const packed = (signer: KeyObject, ...chain: readonly Certified[]): Lies => ({
  format: 'packed',
  statement: (signed) =>
    new Map<string, Cbor>([
      ['alg', -7],
      ['sig', sign('sha256', signed, signer)],
      ...(chain.length > 0 ? [['x5c', chain.map(({ der }) => der)] as const] : []),
    ]),
});
const genuine = packed(batch.privateKey, batch, middle);
const made = async (lies: Lies, policy: Partial<WebauthnPolicy> = {}) => {
  const check = await register(withKeys([]), key, lies, { policy });
  return check.ok ? { attested: check.key.attested } : check;
};
const refused = { ok: false, problem: 'refused', reason: 'attestation' };
const trusting = { roots: [root.pem] };

describe('the maker’s word', () => {
  it.each<[string, Lies]>([
    ['none', {}],
    ['packed', genuine],
    ['packed and forged', packed(key.privateKey, batch)],
    ['fido-u2f and broken', { format: 'fido-u2f', statement: () => new Map([['x', 1]]) }],
    ['apple and broken', { format: 'apple', statement: () => new Map([['x5c', [Buffer.alloc(3)]]]) }],
    ['of no known format', { format: 'made-up', statement: () => new Map([['x', 'y']]) }],
    ['none with something in it', { statement: () => new Map([['x', 1]]) }],
  ])('F14: is not read where nobody asked for it: %s', async (_what, lies) => {
    expect(await made(lies)).toEqual({ attested: false });
  });

  it('F14: counts when it leads to a trusted root', async () => {
    expect(await made(genuine, trusting)).toEqual({ attested: true });
    const others = [certificate('Other', { isCa: true }).pem, root.pem];
    expect(await made(packed(batch.privateKey, batch, middle, root), { roots: others })).toEqual({
      attested: true,
    });
    expect(await made(genuine, { roots: [middle.pem] })).toEqual({ attested: true });
  });

  const impostor = certificate('Root', { isCa: true });
  const forged = certificate('Batch', { issuer: impostor, aaguid: model });
  const notCa = certificate('Leaf', { issuer: root, aaguid: model });
  const below = certificate('Batch', { issuer: notCa, aaguid: model });
  const old = certificate('Batch', { issuer: root, aaguid: model, validTo: '20210101000000Z' });
  const alien = certificate('Batch', { issuer: root, aaguid: Buffer.alloc(16, 9) });
  it.each<[string, Lies]>([
    [
      'a self-signed root that comes along (GHSA-6hxq-p678-4hr2)',
      packed(forged.privateKey, forged, impostor),
    ],
    ['a leaf of a root of the same name', packed(forged.privateKey, forged)],
    ['a gap', packed(batch.privateKey, batch)],
    ['the real chain behind a forged leaf', packed(forged.privateKey, forged, middle)],
    ['a leaf that made a certificate', packed(below.privateKey, below, notCa)],
    ['an expired certificate', packed(old.privateKey, old)],
    ['a certificate of another model', packed(alien.privateKey, alien)],
    ['another’s signature', packed(key.privateKey, batch, middle)],
    ['no certificate', packed(key.privateKey)],
    ['no word at all', {}],
    ['seven certificates', packed(batch.privateKey, batch, middle, middle, middle, middle, middle, middle)],
    ['a format nobody knows', { ...genuine, format: 'made-up' }],
    [
      'certificates that are none',
      {
        format: 'packed',
        statement: () =>
          new Map<string, Cbor>([
            ['alg', -7],
            ['sig', Buffer.alloc(70)],
            ['x5c', [1]],
          ]),
      },
    ],
  ])('F14: %s does not', async (_what, lies) => {
    expect(await made(lies, trusting)).toEqual(refused);
  });

  it('F14: counts for nothing when the root has expired or is no certificate', async () => {
    const gone = certificate('Gone', { isCa: true, validTo: '20210101000000Z' });
    const leaf = certificate('Batch', { issuer: gone, aaguid: model });
    expect(await made(packed(leaf.privateKey, leaf), { roots: [gone.pem] })).toEqual(refused);
    expect(await made(genuine, { roots: ['-----BEGIN CERTIFICATE-----'] })).toEqual(refused);
  });

  it('F14: without roots a wrong word is refused, and a right one vouches for nothing', async () => {
    const direct = { attestation: 'direct' } as const;
    expect(await made(genuine, direct)).toEqual({ attested: false });
    expect(await made({}, direct)).toEqual({ attested: false });
    expect(await made(packed(key.privateKey, batch), direct)).toEqual(refused);
    expect(await made({ format: 'made-up' }, direct)).toEqual(refused);
  });
});

/** A certificate of the key itself, made for this one answer. */
const ofKey = (
  one: SoftKey,
  issuer: Certified,
  extensions: readonly (readonly [string, Buffer])[],
): Certified =>
  certificate('Credential', { issuer, extensions, vouchesFor: createPublicKey(one.privateKey) });

/** WebAuthn 3 §8.8: the leaf carries the digest of what was signed. */
const apple = (one: SoftKey, issuer: Certified, ...rest: readonly Certified[]): Lies => ({
  format: 'apple',
  statement: (signed) => {
    const nonce = sequence(item(0xa1, item(0x04, hash('sha256', signed, 'buffer'))));
    const leaf = ofKey(one, issuer, [['2a864886f763640802', nonce]]);
    return new Map<string, Cbor>([['x5c', [leaf, issuer, ...rest].map((each) => each.der)]]);
  },
});

/** §8.4: the leaf carries the digest of the client data, and the key itself signs. */
const android = (one: SoftKey, issuer: Certified, ...rest: readonly Certified[]): Lies => ({
  format: 'android-key',
  statement: (signed) => {
    const [none, level] = [item(0x04, Buffer.alloc(0)), item(0x0a, Buffer.from([1]))];
    const challenge = item(0x04, signed.subarray(-32));
    const lists = [sequence(), sequence()];
    const description = sequence(integer(3), level, integer(4), level, challenge, none, ...lists);
    const leaf = ofKey(one, issuer, [['2b06010401d679020111', description]]);
    return new Map<string, Cbor>([
      ['alg', -7],
      ['sig', sign('sha256', signed, one.privateKey)],
      ['x5c', [leaf, issuer, ...rest].map((each) => each.der)],
    ]);
  },
});

/** §8.6: the model signs for a key without one. */
const fidoU2f = (one: SoftKey, issuer: Certified, ...rest: readonly Certified[]): Lies => ({
  format: 'fido-u2f',
  statement: (signed) => {
    const leaf = certificate('Token', { issuer });
    const { x = '', y = '' } = createPublicKey(one.privateKey).export({ format: 'jwk' });
    const point = [Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
    const id = Buffer.from(one.id, 'base64url');
    const said = Buffer.concat([
      Buffer.from([0]),
      signed.subarray(0, 32),
      signed.subarray(-32),
      id,
      ...point,
    ]);
    return new Map<string, Cbor>([
      ['sig', sign('sha256', said, leaf.privateKey)],
      ['x5c', [leaf, issuer, ...rest].map((each) => each.der)],
    ]);
  },
});

describe('the root that an operator gives', () => {
  const ours = certificate('Our root', { isCa: true });
  const between = certificate('Between', { isCa: true, issuer: ours });
  const other = certificate('Other root', { isCa: true });
  const formats = { apple, 'android-key': android, 'fido-u2f': fidoU2f };
  const plain = softKey();
  const vouched = async (lies: Lies, roots: readonly string[]) => {
    const check = await register(withKeys([]), plain, lies, { policy: { roots } });
    return check.ok ? { attested: check.key.attested } : check;
  };

  describe.each(Object.entries(formats))('of the format %s', (_format, statedBy) => {
    it.each<[string, Lies, readonly string[]]>([
      ['is enough', statedBy(plain, between), [ours.pem]],
      ['may come along', statedBy(plain, between, ours), [ours.pem]],
      ['may be one among several', statedBy(plain, between), [other.pem, root.pem, ours.pem]],
      ['may be one below another', statedBy(plain, between), [between.pem]],
      ['may have signed the key itself', statedBy(plain, ours), [ours.pem]],
    ])('%s', async (_how, lies, roots) => {
      expect(await vouched(lies, roots)).toEqual({ attested: true });
    });

    it('counts for this site alone: another one with other roots refuses the same key', async () => {
      expect(await vouched(statedBy(plain, between), [ours.pem])).toEqual({ attested: true });
      expect(await vouched(statedBy(plain, between), [other.pem])).toEqual(refused);
      expect(await vouched(statedBy(plain, other), [ours.pem])).toEqual(refused);
    });

    it('vouches for no statement that is wrong', async () => {
      const foreign = statedBy(softKey(), between);
      expect(await vouched(foreign, [ours.pem])).toEqual(refused);
      const replayed = (signed: Buffer) =>
        statedBy(plain, between).statement?.(Buffer.concat([signed, signed]).fill(1)) ?? new Map();
      expect(await vouched({ ...statedBy(plain, between), statement: replayed }, [ours.pem])).toEqual(
        refused,
      );
    });
  });

  it('is added to what the library trusts, which may be the app’s own, and takes nothing from it', async () => {
    const { SettingsService } = webauthnServer();
    const before = SettingsService.getRootCertificates({ identifier: 'apple' });
    expect(before.length).toBeGreaterThan(0);
    const own = certificate('Own', { isCa: true });
    expect(await vouched(apple(plain, own), [own.pem])).toEqual({ attested: true });
    expect(await vouched(apple(plain, own), [own.pem])).toEqual({ attested: true });
    const after = SettingsService.getRootCertificates({ identifier: 'apple' });
    expect([after.slice(0, before.length), after.length]).toEqual([before, before.length + 1]);
    expect(SettingsService.getRootCertificates({ identifier: 'packed' })).toEqual([]);
  });

  it('is not added for a chain that does not lead to it', async () => {
    const { SettingsService } = webauthnServer();
    const before = SettingsService.getRootCertificates({ identifier: 'apple' });
    const own = certificate('Own', { isCa: true });
    expect(await vouched(apple(plain, other), [own.pem])).toEqual(refused);
    expect(SettingsService.getRootCertificates({ identifier: 'apple' })).toEqual(before);
  });

  it('may be the certificate of the model itself', async () => {
    expect(await made(packed(batch.privateKey, batch), { roots: [batch.pem] })).toEqual({ attested: true });
  });
});

describe('models', () => {
  const zero = '00000000-0000-0000-0000-000000000000';
  const unlisted = { ok: false, problem: 'refused', reason: 'model' };

  it('a list takes those that are on it, in any case of letters, and no others', async () => {
    expect(await made({}, { models: [aaguid.toUpperCase()] })).toEqual({ attested: false });
    expect(await made({}, { models: [zero] })).toEqual(unlisted);
    expect(await made({}, { models: [] })).toEqual(unlisted);
    const silent = await register(withKeys([]), softKey(), {}, { policy: { models: [aaguid] } });
    expect(silent).toEqual(unlisted);
  });

  it('a list of those denied refuses them, and takes those that say nothing', async () => {
    expect(await made({}, { deniedModels: [aaguid] })).toEqual(unlisted);
    expect((await register(withKeys([]), softKey(), {}, { policy: { deniedModels: [aaguid] } })).ok).toBe(
      true,
    );
  });
});
