import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const hash = (data) => createHash('sha256').update(data).digest();

/** An ES256 key, the most common one, for a site: as a factor, and how it answers a challenge. */
export function softKey({ rpId, origin, createdAt }) {
  // Both exported at once: exporting half of a live pair occasionally hangs Node 20.
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const privateKey = createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' });
  const publicKey = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    pair.publicKey.subarray(-64, -32),
    Buffer.from('225820', 'hex'),
    pair.publicKey.subarray(-32),
  ]);
  const id = randomBytes(32).toString('base64url');
  return {
    id,
    publicKey,
    factor: {
      type: 'webauthn',
      id: `factor-${id}`,
      label: 'Key',
      createdAt,
      lastUsedAt: null,
      usedUpTo: 0,
      credentialId: id,
      publicKey: publicKey.toString('base64url'),
      algorithm: -7,
      signCount: 0,
      backupEligible: false,
      backedUp: false,
      transports: ['usb'],
      aaguid: '00000000-0000-0000-0000-000000000000',
      rpId,
      userVerified: true,
      attested: false,
    },
    answer: (challenge, signCount = 1) => {
      const text = JSON.stringify({ type: 'webauthn.get', challenge, origin, crossOrigin: false });
      const client = Buffer.from(text);
      const authData = Buffer.concat([hash(rpId), Buffer.from([5, 0, 0, 0, signCount])]);
      const signature = sign('sha256', Buffer.concat([authData, hash(client)]), privateKey);
      return {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: signature.toString('base64url'),
        },
      };
    },
  };
}
