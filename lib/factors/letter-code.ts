import { randomInt } from 'node:crypto';
import type { RecoveryId } from '../account/recovery';
import type { Sealed, UserId } from '../account/account';
import { equal, tokenDigest } from '../crypto/digest';
import type { Seal } from '../crypto/seal';

/** Crockford's base32: no I, L, O or U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;

/** What a code in a letter is for: it is right for no other request. */
export interface LetterContext {
  readonly userId: UserId;
  readonly requestId: RecoveryId;
}

/** 60 bits. Wrong ones are counted, and what is stored can be searched by nobody without a key. */
export const makeLetterCode = (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');

/** `XXXX-XXXX-XXXX`, as people read and type it. */
export const spellLetterCode = (code: string): string => code.replace(/(.{4})(?=.)/g, '$1-');

/** What is stored of a code: its digest, sealed. */
export const letterDigest = (context: LetterContext, code: string, seal: Seal): Sealed =>
  seal.close(tokenDigest(context.userId, 'letter', code), sealContext(context));

/** Whether it is the code of the letter that this request has sent; `code` as `readLetterCode` gives it. */
export const isLetterCode = (context: LetterContext, digest: Sealed, code: string, seal: Seal): boolean =>
  equal(seal.open(digest, sealContext(context)), tokenDigest(context.userId, 'letter', code));

const sealContext = ({ userId, requestId }: LetterContext) =>
  ({ user: userId, factor: requestId, purpose: 'request' }) as const;
