import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyAlgorithm } from '../../lib/account/account';

const encodings = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;

const generate = {
  [-7]: () => generateKeyPairSync('ec', { namedCurve: 'P-256', ...encodings }),
  [-8]: () => generateKeyPairSync('ed25519', { ...encodings }),
  [-257]: () => generateKeyPairSync('rsa', { modulusLength: 2048, ...encodings }),
};

/**
 * Two halves that know nothing of each other: exporting one of a pair that was made together occasionally hangs Node 20
 * for ever, if garbage is collected at the time.
 */
export function keyPair(algorithm: KeyAlgorithm): {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
} {
  const made = generate[algorithm]();
  return {
    publicKey: createPublicKey({ key: written(made.publicKey), type: 'spki', format: 'der' }),
    privateKey: createPrivateKey({ key: written(made.privateKey), type: 'pkcs8', format: 'der' }),
  };
}

/** The types don't say that it is a buffer when encodings are given. */
function written(half: unknown): Buffer {
  if (Buffer.isBuffer(half)) return half;
  throw new Error('the key was not written');
}
