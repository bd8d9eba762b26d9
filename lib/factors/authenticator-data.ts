/** What the key itself says and signs: WebAuthn 3 §6.1. */
export interface AuthenticatorData {
  readonly rpIdHash: Buffer;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly signCount: number;
  /** A new key comes with it. */
  readonly hasKey: boolean;
  /** A key or extensions follow the fixed part. */
  readonly announcesMore: boolean;
}

const HEADER_BYTES = 37;

/**
 * The fixed part; the library reads what may follow. Null if it is cut off, if something follows that no flag
 * announces, or if it claims to be backed up without being eligible for it (§7.1 step 17, §7.2 step 18).
 */
export function readAuthenticatorData(bytes: Buffer): AuthenticatorData | null {
  if (bytes.length < HEADER_BYTES) return null;
  const flags = bytes.readUInt8(32);
  const has = (bit: number): boolean => (flags & (1 << bit)) !== 0;
  const announcesMore = has(6) || has(7);
  if (bytes.length > HEADER_BYTES !== announcesMore) return null;
  if (has(4) && !has(3)) return null;
  return {
    rpIdHash: bytes.subarray(0, 32),
    userPresent: has(0),
    userVerified: has(2),
    backupEligible: has(3),
    backedUp: has(4),
    signCount: bytes.readUInt32BE(33),
    hasKey: has(6),
    announcesMore,
  };
}
