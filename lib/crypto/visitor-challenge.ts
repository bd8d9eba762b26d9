import { createHmac, randomBytes, type KeyObject } from 'node:crypto';
import { equal } from './digest';
import type { KeyRing } from './key-ring';

/** ms since 1970 in 6 bytes, beyond the year 10000. */
const TIME_BYTES = 6;
const RANDOM_PART = 10;
const MAC_BYTES = 16;
const headBytes = TIME_BYTES + RANDOM_PART;

/**
 * Challenges for somebody whom nobody knows yet: they carry when they were made, and that it was here and for this
 * visitor. So nothing is stored for whoever asks. 32 bytes, of which nobody guesses one.
 */
export function createVisitorChallenges(ring: KeyRing) {
  const macBy = (key: KeyObject, visitor: string, head: Buffer): Buffer =>
    createHmac('sha256', key)
      .update(`visitor-challenge ${Buffer.byteLength(visitor)}:${visitor}`)
      .update(head)
      .digest()
      .subarray(0, MAC_BYTES);

  return {
    /** @param at ms */
    make(visitor: string, at: number): string {
      const head = randomBytes(headBytes);
      head.writeUIntBE(Math.max(0, Math.floor(at)), 0, TIME_BYTES);
      return Buffer.concat([head, macBy(ring.first.digest, visitor, head)]).toString('base64url');
    },
    /** When it was made for this visitor (ms); null if it was not. Any key of the ring may have signed it. */
    madeAt(visitor: string, challenge: string): number | null {
      const bytes = Buffer.from(challenge, 'base64url');
      if (bytes.length !== headBytes + MAC_BYTES) return null;
      const [head, mac] = [bytes.subarray(0, headBytes), bytes.subarray(headBytes)];
      const isOurs = ring.all.map((key) => equal(mac, macBy(key.digest, visitor, head))).includes(true);
      return isOurs ? head.readUIntBE(0, TIME_BYTES) : null;
    },
  };
}

export type VisitorChallenges = ReturnType<typeof createVisitorChallenges>;
