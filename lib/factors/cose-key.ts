import { createPublicKey } from 'node:crypto';
import type { KeyAlgorithm } from '../account/account';
import { isOurAlgorithm } from './webauthn-policy';

/** The algorithm that a COSE key says it signs with, if we support it. */
export function algorithmOf(key: ReadonlyMap<unknown, unknown>): KeyAlgorithm | null {
  const algorithm = key.get(3);
  return isOurAlgorithm(algorithm) ? algorithm : null;
}

/**
 * Whether the key fits its algorithm: each goes with one type of key (WebAuthn 3 §5.8.5), and a point must be on its
 * curve. Anything else would be stored and then never sign in.
 */
export function fits(key: ReadonlyMap<unknown, unknown>, algorithm: KeyAlgorithm): boolean {
  const jwk = jwkOf(key, algorithm);
  return jwk !== null && isImportable(jwk);
}

/** RFC 9053 §7.1, §7.2 and RFC 8230 §4: 1 is the type, −1 the curve or modulus, −2 and −3 the rest. */
function jwkOf(key: ReadonlyMap<unknown, unknown>, algorithm: KeyAlgorithm): Record<string, string> | null {
  const [kind, first] = [key.get(1), key.get(-1)];
  const [x, y] = [text(key.get(-2)), text(key.get(-3))];
  if (algorithm === -7) return kind === 2 && first === 1 ? { kty: 'EC', crv: 'P-256', x, y } : null;
  if (algorithm === -8) return kind === 1 && first === 6 ? { kty: 'OKP', crv: 'Ed25519', x } : null;
  return kind === 3 && isModulus(first) && isExponent(key.get(-2))
    ? { kty: 'RSA', n: text(first), e: x }
    : null;
}

/** At least 2048 bits (NIST SP 800-57), and at most what can be checked quickly. */
const isModulus = (value: unknown): boolean =>
  value instanceof Uint8Array && value.length >= 256 && value.length <= 512;

/** Odd, at least 3, and short (RFC 8017 §3.1, NIST FIPS 186-5 §5.1). */
const isExponent = (value: unknown): boolean =>
  value instanceof Uint8Array &&
  value.length > 0 &&
  value.length <= 8 &&
  (value.at(-1) ?? 0) % 2 === 1 &&
  (value.length > 1 || (value[0] ?? 0) >= 3);

const text = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : '';

function isImportable(jwk: Record<string, string>): boolean {
  try {
    createPublicKey({ key: jwk, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}
