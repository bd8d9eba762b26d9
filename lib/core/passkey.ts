import { blankAccount } from '../account/blank';
import type { UserId } from '../account/account';
import { codeIdOf } from '../crypto/digest';
import type { Refusal } from '../errors';
import {
  fromStored,
  challengeRemembered,
  issueChallenge,
  toStored,
  type Ceremony,
} from '../factors/webauthn-challenge';
import { requestOptions, type RequestOptions } from '../factors/webauthn-options';
import { readAssertion } from '../factors/webauthn-response';
import { checkAssertion } from '../factors/webauthn-assertion';
import { visitOf } from './browser';
import { judgeAnswer } from './judge-key';
import { keyRefusal, refuseKey } from './key-refusal';
import type { KeySettings, Scope } from './scope';
import { update } from './update';
import { told, type Verified } from './verify';

const ceremony: Ceremony = 'passkey';
const userVerification = 'required';

/**
 * What a browser is told to ask for a passkey of any user, who is not known yet. `visitor` is a random name for this
 * browser: the answer counts for it alone.
 */
export async function askPasskey(
  scope: Scope,
  { party }: KeySettings,
  visitor: string,
): Promise<RequestOptions> {
  const now = scope.now();
  const context = { userId: null, loginId: visitor, ceremony };
  const { challenge, record } = issueChallenge(context, { issuedAt: now, userVerification }, now);
  await scope.pending.putCode(codeIdOf(visitor, ceremony, 'webauthn'), toStored(record), challengeRemembered);
  return requestOptions(null, challenge, userVerification, party);
}

/**
 * Whose passkey is this, and is its answer right? Only the account that the user handle names is looked at. A key that
 * verified its owner is both factors in one (NIST SP 800-63B-4 §3.1.7).
 */
export async function verifyPasskey(
  scope: Scope,
  keys: KeySettings,
  visitor: string,
  response: unknown,
  tokens: readonly string[],
): Promise<Verified | Refusal> {
  const read = readAssertion(response);
  if ('result' in read) return keyRefusal(read, {});
  const { userHandle } = read.answer;
  const [account, codes] = await Promise.all([
    userHandle === null ? null : scope.accounts.findByHandle(userHandle),
    scope.pending.readCodes(codeIdOf(visitor, ceremony, 'webauthn')),
  ]);
  const issued = { userId: null, loginId: visitor, ceremony, live: fromStored(codes) };
  // Of nobody's account it takes as long, and is as wrong.
  const checked = await checkAssertion(account ?? blankAccount(nobody), response, {
    ...keys,
    issued,
    now: scope.now(),
  });
  const why = checked.result === 'wrong' ? checked.reason : null;
  // Another browser's, or so old that it is forgotten: a new one helps.
  if (why === 'challenge') return refuseKey('code_used');
  // Only of a key that said whose it is can be said that it is not.
  if (why === 'credential' && userHandle !== null)
    return refuseKey('wrong_code', { unknownCredential: true });
  if (!account) return checked.result === 'right' ? refuseKey('wrong_code') : keyRefusal(checked, {});

  const judge = judgeAnswer(keys, checked);
  const { verified } = await update<{ verified: Verified | Refusal }>(
    scope,
    account.userId,
    (current, now) => {
      const judged = judge({ account: current, now, lane: 'others', counted: null, login: null, scope });
      return told(judged, 'webauthn', now, visitOf(current, tokens, scope).note);
    },
    account,
  );
  if (verified.ok && !verified.proof.userVerified) return refuseKey('wrong_code');
  return verified;
}

const nobody = 'nobody' as UserId;
