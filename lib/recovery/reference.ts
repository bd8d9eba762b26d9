import { createHmac, type KeyObject } from 'node:crypto';
import type { KeyRing } from '../crypto/key-ring';
import { randomLetters } from '../crypto/random';

// No I, L or O, which are mistaken for digits in handwriting.
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ';

/** Names one request, on paper and on the phone: `RA-` and 10 letters. Not a secret. */
export const randomReference = (): string => `RA-${randomLetters(LETTERS, 10)}`;

// Without what is mistaken for another in handwriting: 0 O, 1 I L.
const SIGNS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const LENGTH = 6;

/**
 * A reference's check code: with one character of either mistyped they no longer belong together, and nobody without
 * the key can make up a pair.
 */
export function createCheckCodes(ring: KeyRing) {
  const codeBy = (key: KeyObject, reference: string): string => {
    const mac = createHmac('sha256', key).update(`check code ${reference}`).digest();
    let rest = mac.readBigUInt64BE();
    let code = '';
    while (code.length < LENGTH) {
      code += SIGNS.charAt(Number(rest % BigInt(SIGNS.length)));
      rest /= BigInt(SIGNS.length);
    }
    return code;
  };
  return {
    of: (reference: string): string => codeBy(ring.first.digest, reference),
    /** As people retype them: in any case, with spaces. Any key of the ring may have made it. */
    isRight: (reference: string, code: string): boolean => {
      const [wanted, given] = [plain(reference), plain(code)];
      return ring.all.some(({ digest }) => codeBy(digest, wanted) === given);
    },
  };
}

export type CheckCodes = ReturnType<typeof createCheckCodes>;

const plain = (typed: string): string => typed.replace(/\s/g, '').toUpperCase();
