import { randomBytes } from 'node:crypto';
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import type { KeyAlgorithm } from '../../lib/account/account';
import { readStoredCredential } from '../../lib/factors/stored-credential';
import { flag, site, softKey, type SoftKey } from '../support/soft-key';
import { asFactor, signIn, withKeys } from './key-ceremony';

/** What SimpleWebAuthn gives an app to store, laid out as its documentation does. */
async function storedBySimpleWebAuthn(key: SoftKey, flags = flag.present | flag.verified) {
  const challenge = randomBytes(32).toString('base64url');
  const { registrationInfo } = await verifyRegistrationResponse({
    response: key.create(challenge, { flags, signCount: 7 }) as never,
    expectedChallenge: challenge,
    expectedOrigin: site.origin,
    expectedRPID: site.rpId,
  });
  if (!registrationInfo) throw new Error('not verified');
  const { credential, credentialDeviceType, credentialBackedUp, aaguid } = registrationInfo;
  return {
    id: credential.id,
    publicKey: credential.publicKey,
    user: { id: 1 },
    webauthnUserID: Buffer.alloc(32, 9).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports,
    deviceType: credentialDeviceType,
    backedUp: credentialBackedUp,
    aaguid,
  };
}

/** The same as a row of better-auth's table `passkey` (its packages/passkey, 1.4). */
const asBetterAuth = ({
  id,
  publicKey,
  counter,
  transports,
  deviceType,
  backedUp,
  aaguid,
}: Awaited<ReturnType<typeof storedBySimpleWebAuthn>>) => ({
  id: 'q8ZsRowIdOfItsOwn',
  name: null,
  publicKey: Buffer.from(publicKey).toString('base64'),
  userId: 'user-1',
  credentialID: id,
  counter,
  deviceType,
  backedUp,
  transports: transports?.join(',') ?? '',
  createdAt: new Date(0),
  aaguid,
});

const read = (given: unknown) => readStoredCredential(given, site.rpId);

describe('a credential that another system stored', () => {
  it.each<KeyAlgorithm>([-8, -7, -257])(
    'is the key that SimpleWebAuthn made, by algorithm %i',
    async (algorithm) => {
      const key = softKey(algorithm);
      const stored = await storedBySimpleWebAuthn(key);
      expect(read(stored)).toEqual({
        ok: true,
        handle: stored.webauthnUserID,
        key: {
          type: 'webauthn',
          credentialId: key.id,
          publicKey: key.publicKey,
          algorithm,
          signCount: 7,
          backupEligible: false,
          backedUp: false,
          transports: ['usb', 'nfc'],
          aaguid: '00000000-0000-0000-0000-000000000000',
          rpId: site.rpId,
          userVerified: false,
          attested: false,
        },
      });
    },
  );

  it('is the same as a row of better-auth, which does not know what the key calls its user', async () => {
    const stored = await storedBySimpleWebAuthn(
      softKey(),
      flag.present | flag.verified | flag.eligible | flag.backedUp,
    );
    const { key, handle } = ofOk(read(asBetterAuth(stored)));
    expect(key).toEqual(ofOk(read(stored)).key);
    expect(key).toMatchObject({ backupEligible: true, backedUp: true });
    expect(handle).toBeNull();
  });

  it.each<[string, (publicKey: Uint8Array) => unknown]>([
    ['a Buffer', (key) => Buffer.from(key)],
    ['base64url', (key) => Buffer.from(key).toString('base64url')],
    ['base64', (key) => Buffer.from(key).toString('base64')],
  ])('may have its key as %s', async (_form, formed) => {
    const stored = await storedBySimpleWebAuthn(softKey());
    expect(read({ ...stored, publicKey: formed(stored.publicKey) })).toEqual(read(stored));
  });

  it.each([
    { counter: 7n },
    { counter: '7' },
    { backedUp: 0 },
    { transports: ['usb', 'nfc', '', 'USB!', 7] },
    { aaguid: null },
    { aaguid: 'unknown' },
  ])('may come as databases give it: %p', async (given) => {
    const stored = await storedBySimpleWebAuthn(softKey());
    expect(read({ ...stored, ...given })).toEqual(read(stored));
  });

  it('may be as little as the example server of SimpleWebAuthn keeps', async () => {
    const { id, publicKey, counter } = await storedBySimpleWebAuthn(softKey());
    const { key, handle } = ofOk(read({ id, publicKey, counter }));
    expect(key).toMatchObject({
      transports: [],
      backupEligible: false,
      backedUp: false,
      backupUnknown: true,
    });
    expect(handle).toBeNull();
  });

  it('says by its first answer whether it can be copied, if that was not kept, and from then on must stick to it', async () => {
    const synced = flag.present | flag.verified | flag.eligible;
    const key = softKey();
    const { id, publicKey, counter } = await storedBySimpleWebAuthn(key, synced);
    const { key: stored } = ofOk(read({ id, publicKey, counter }));
    const account = withKeys([asFactor(key, stored)]);
    const first = await signIn(account, key, { flags: synced, signCount: 8 });
    if (!first.ok) throw new Error('refused');
    expect(first.account.factors[0]).toMatchObject({ backupEligible: true, signCount: 8 });
    expect(first.account.factors[0]).not.toHaveProperty('backupUnknown');
    const changed = await signIn(first.account, key, { signCount: 9 });
    expect(changed).toMatchObject({ ok: false, reason: 'backup_eligibility_changed' });
  });

  it.each<[string, string, unknown]>([
    ['an id', 'id', { id: undefined }],
    ['an id', 'id', { id: 'not base64url!' }],
    ['an id', 'id', { id: 'A'.repeat(1400) }],
    ['a key', 'publicKey', { publicKey: undefined }],
    ['a key', 'publicKey', { publicKey: 'AAAA' }],
    ['a key', 'publicKey', { publicKey: Buffer.alloc(77) }],
    ['a key', 'publicKey', { publicKey: { type: 'Buffer', data: [1] } }],
    ['a count', 'counter', { counter: -1 }],
    ['a count', 'counter', { counter: 2 ** 32 }],
    ['a count', 'counter', { counter: 1.5 }],
    ['a count', 'counter', { counter: null }],
    ['a kind of device', 'deviceType', { deviceType: 'platform' }],
    ['a yes or no', 'backedUp', { backedUp: 'true' }],
    ['a handle', 'webauthnUserID', { webauthnUserID: 'A'.repeat(100) }],
    ['a handle', 'webauthnUserID', { webauthnUserID: '' }],
  ])('is malformed without %s: %s %p', async (_what, field, given) => {
    const stored = await storedBySimpleWebAuthn(softKey());
    expect(read({ ...stored, ...(given as object) })).toEqual({ ok: false, code: 'malformed', field });
  });

  it('is malformed with bytes after its key, and where it is no object', async () => {
    const stored = await storedBySimpleWebAuthn(softKey());
    const publicKey = Buffer.concat([stored.publicKey, Buffer.of(0)]);
    expect(read({ ...stored, publicKey })).toMatchObject({ field: 'publicKey' });
    for (const none of [undefined, null, 'text', 5])
      expect(read(none)).toEqual({ ok: false, code: 'malformed', field: 'credential' });
  });
});

function ofOk(result: ReturnType<typeof read>) {
  if (!result.ok) throw new Error(result.field);
  return result;
}
