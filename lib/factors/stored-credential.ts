import type { WebauthnFactor } from '../account/account';
import { isUuid } from '../account/user-id';
import { refuse, type Refusal } from '../errors';
import { isOneItem } from './cbor-item';
import { algorithmOf, fits } from './cose-key';
import { readTransports } from './webauthn-response';
import { webauthnHelpers } from './webauthn-server';

/** A key as another system has it, without what an account adds. */
export type StoredKey = Omit<WebauthnFactor, 'id' | 'label' | 'createdAt' | 'lastUsedAt' | 'usedUpTo'>;

export type StoredCredentialRead =
  { readonly ok: true; readonly key: StoredKey; readonly handle: string | null } | Refusal;

const LONGEST_ID = 1023;
const LONGEST_KEY = 1024;
const LONGEST_HANDLE = 64;
const HIGHEST_COUNT = 2 ** 32 - 1;
const UNKNOWN_MODEL = '00000000-0000-0000-0000-000000000000';

/**
 * A credential as apps with SimpleWebAuthn store it, or a row of better-auth. It is checked like a new key, but for
 * what only its registration could tell: whether it verified its owner, and whether its maker vouched for it.
 */
export function readStoredCredential(given: unknown, rpId: string): StoredCredentialRead {
  if (typeof given !== 'object' || given === null) return malformed('credential');
  const {
    id,
    credentialID = id,
    publicKey,
    counter,
    transports,
    deviceType,
    backedUp,
    aaguid,
    webauthnUserID,
  } = given as { readonly [field: string]: unknown };

  const credentialId = bytesOf(credentialID, LONGEST_ID);
  if (!credentialId) return malformed('id');
  const cose = bytesOf(publicKey, LONGEST_KEY);
  const algorithm = cose && algorithmIn(cose);
  if (!cose || !algorithm) return malformed('publicKey');
  const signCount = countOf(counter);
  if (signCount === null) return malformed('counter');
  const isUnknown = deviceType === undefined || deviceType === null;
  if (!isUnknown && deviceType !== 'singleDevice' && deviceType !== 'multiDevice')
    return malformed('deviceType');
  const isBackedUp = booleanOf(backedUp ?? false);
  if (isBackedUp === null) return malformed('backedUp');
  const hasHandle = webauthnUserID !== undefined && webauthnUserID !== null;
  const handle = hasHandle ? bytesOf(webauthnUserID, LONGEST_HANDLE) : null;
  if (hasHandle && !handle) return malformed('webauthnUserID');

  return {
    ok: true,
    handle: handle && handle.toString('base64url'),
    key: {
      type: 'webauthn',
      credentialId: credentialId.toString('base64url'),
      publicKey: cose.toString('base64url'),
      algorithm,
      signCount,
      backupEligible: deviceType === 'multiDevice',
      backedUp: isBackedUp,
      transports: readTransports(typeof transports === 'string' ? transports.split(',') : transports),
      aaguid: typeof aaguid === 'string' && isUuid(aaguid) ? aaguid.toLowerCase() : UNKNOWN_MODEL,
      rpId,
      userVerified: false,
      attested: false,
      ...(isUnknown && { backupUnknown: true }),
    },
  };
}

const malformed = (field: string): Refusal => refuse('malformed', { field });

/** Bytes, or base64 or base64url of them. Neither empty nor longer than `most`. */
function bytesOf(value: unknown, most: number): Buffer | null {
  const isText = typeof value === 'string' && /^[\w+/-]+=*$/.test(value) && value.length <= most * 2;
  if (!isText && !(value instanceof Uint8Array)) return null;
  // Node reads both alphabets as either.
  const bytes = isText ? Buffer.from(value, 'base64url') : Buffer.from(value);
  return bytes.length > 0 && bytes.length <= most ? bytes : null;
}

/** The algorithm of a COSE key with which it can sign in here. */
function algorithmIn(cose: Buffer): StoredKey['algorithm'] | null {
  if (!isOneItem(cose)) return null;
  try {
    const key: unknown = webauthnHelpers().decodeCredentialPublicKey(new Uint8Array(cose));
    const algorithm = key instanceof Map ? algorithmOf(key) : null;
    return algorithm !== null && fits(key as ReadonlyMap<unknown, unknown>, algorithm) ? algorithm : null;
  } catch {
    return null;
  }
}

/** Databases give large numbers as text or bigint. */
function countOf(value: unknown): number | null {
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string';
  const count = isNumber && /^\d{1,10}$/.test(String(value)) ? Number(value) : HIGHEST_COUNT + 1;
  return count <= HIGHEST_COUNT ? count : null;
}

/** Some databases have no other booleans than 0 and 1. */
const booleanOf = (value: unknown): boolean | null =>
  value === true || value === 1 ? true : value === false || value === 0 ? false : null;
