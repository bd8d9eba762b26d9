import type { KeyAlgorithm } from '../account/account';
import { readAuthenticatorData, type AuthenticatorData } from './authenticator-data';
import { isOneItem } from './cbor-item';
import { algorithmOf, fits } from './cose-key';
import { webauthnHelpers } from './webauthn-server';

/** A new key as its authenticator made it, before any of it is believed. */
export interface AttestationObject {
  readonly data: AuthenticatorData;
  /** base64url */
  readonly credentialId: string;
  /** COSE, base64url */
  readonly publicKey: string;
  /** Null if it is not one we support. */
  readonly algorithm: KeyAlgorithm | null;
  readonly aaguid: string;
  readonly format: string;
  /** The certificates that the manufacturer's statement is signed with, unchecked. */
  readonly certificates: unknown;
  /** The same object without the manufacturer's statement, base64url. */
  withoutStatement(): string;
  /** The same object with these certificates (DER) instead of its own, which no signature covers; base64url. */
  withCertificates(certificates: readonly Uint8Array[]): string;
}

/** Formats whose signature is checked with their `x5c`. In any other it would prove nothing. */
const PROVEN_BY = ['packed', 'fido-u2f', 'tpm', 'apple', 'android-key'];

/**
 * Null if it is not one: not CBOR, something missing, cut off, or something left over after it or in the authenticator
 * data.
 */
export function readAttestationObject(base64url: string): AttestationObject | null {
  try {
    return read(Buffer.from(base64url, 'base64url'));
  } catch {
    return null;
  }
}

function read(bytes: Buffer): AttestationObject | null {
  if (!isOneItem(bytes)) return null;
  const library = webauthnHelpers();
  const decoded: unknown = library.decodeAttestationObject(new Uint8Array(bytes));
  if (!(decoded instanceof Map)) return null;
  const object: ReadonlyMap<unknown, unknown> = decoded;
  const [format, authData, statement] = [object.get('fmt'), object.get('authData'), object.get('attStmt')];
  if (typeof format !== 'string' || !(authData instanceof Uint8Array) || !(statement instanceof Map))
    return null;

  const data = readAuthenticatorData(Buffer.from(authData));
  if (!data?.hasKey) return null;
  const { aaguid, credentialID, credentialPublicKey } = library.parseAuthenticatorData(
    new Uint8Array(authData),
  );
  if (!aaguid || !credentialID || credentialID.length === 0 || !credentialPublicKey) return null;
  const key: unknown = library.decodeCredentialPublicKey(credentialPublicKey);
  if (!(key instanceof Map)) return null;
  const algorithm = algorithmOf(key);
  if (algorithm !== null && !fits(key, algorithm)) return null;
  const written = (fmt: string, attStmt: ReadonlyMap<unknown, unknown>): string => {
    const parts = new Map<string, unknown>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', new Uint8Array(authData)],
    ]);
    return Buffer.from(library.isoCBOR.encode(parts as never)).toString('base64url');
  };
  return {
    data,
    credentialId: Buffer.from(credentialID).toString('base64url'),
    publicKey: Buffer.from(credentialPublicKey).toString('base64url'),
    algorithm,
    aaguid: library.convertAAGUIDToString(aaguid),
    format,
    certificates: PROVEN_BY.includes(format) ? (statement.get('x5c') as unknown) : null,
    withoutStatement: () => written('none', new Map()),
    withCertificates: (x5c) => written(format, new Map([...statement, ['x5c', x5c]])),
  };
}
