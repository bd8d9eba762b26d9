import type { RecoveryId } from '../account/recovery';
import type { Sealed, UserId } from '../account/account';
import { equal, tokenDigest } from '../crypto/digest';
import { randomCrockford } from '../crypto/random';
import type { Seal } from '../crypto/seal';
import { LETTER_CODE_LENGTH } from './code-text';

/** What a code in a letter is for: it is right for no other request. */
export interface LetterContext {
  readonly userId: UserId;
  readonly requestId: RecoveryId;
}

/** 60 bits. Wrong ones are counted, and what is stored can be searched by nobody without a key. */
export const makeLetterCode = (): string => randomCrockford(LETTER_CODE_LENGTH);

/** What is stored of a code: its digest, sealed. */
export const letterDigest = (context: LetterContext, code: string, seal: Seal): Sealed =>
  seal.close(tokenDigest(context.userId, 'letter', code), sealContext(context));

/** Whether it is the code of the letter that this request has sent; `code` as `readLetterCode` gives it. */
export const isLetterCode = (context: LetterContext, digest: Sealed, code: string, seal: Seal): boolean =>
  equal(seal.open(digest, sealContext(context)), tokenDigest(context.userId, 'letter', code));

const sealContext = ({ userId, requestId }: LetterContext) =>
  ({ user: userId, factor: requestId, purpose: 'request' }) as const;
