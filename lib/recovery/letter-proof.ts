import type { Recovery } from '../account/recovery';
import type { UserId } from '../account/terms';
import type { Scope } from '../core/scope';
import { codeIdOf } from '../crypto/digest';
import { refuse, refuseUntil, type Refusal } from '../errors';
import { readLetterCode } from '../factors/code-text';
import { isLetterCode } from '../factors/letter-code';
import { LOCKED_FOR, MOST_TRIES } from './codes';
import { KNOWN_FOR } from './transitions';

/**
 * Whether this is the code of the letter that was sent for the request. The try is counted before it is judged, also where
 * there was no letter.
 */
export async function checkLetterCode(
  scope: Scope,
  userId: UserId,
  { id, letter }: Pick<Recovery, 'id' | 'letter'>,
  input: unknown,
): Promise<{ readonly ok: true } | Refusal> {
  const typed = readLetterCode(input);
  if (!typed.ok) return typed;
  const count = await scope.pending.tries.count(`${codeIdOf(id, 'lost_access', 'letter')}:tries`, KNOWN_FOR);
  const now = scope.now();
  if (count > MOST_TRIES) return refuseUntil('locked', now + LOCKED_FOR, now);
  const isLive = letter !== undefined && now < letter.until;
  const isRight = isLive && isLetterCode({ userId, requestId: id }, letter.digest, typed.code, scope.seal);
  return isRight ? { ok: true } : refuse('wrong_code', { triesLeft: MOST_TRIES - count });
}
