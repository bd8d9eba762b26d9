import { blankAccount, type Sealed, type UserId } from '../account/account';
import { keysUsedUpTo } from '../account/factors';
import { isUserHandle, randomVisitorName } from '../crypto/random';
import type { Seal } from '../crypto/seal';
import type { Refusal } from '../errors';
import { readClientData } from '../factors/client-data';
import { checkAssertion } from '../factors/webauthn-assertion';
import { type Ceremony, CHALLENGE_LIFE, type LiveChallenge, recordOf } from '../factors/webauthn-challenge';
import { requestOptions, type RequestOptions } from '../factors/webauthn-options';
import { readAssertion } from '../factors/webauthn-response';
import { visitOf } from './browser';
import { judgeAnswer, keyRefusal, refuseKey } from './judge-key';
import type { KeySettings, Scope } from './scope';
import { update } from './update';
import { applyVerdict, type Verified } from './verify';

const ceremony: Ceremony = 'passkey';
const userVerification = 'required';

/**
 * What a browser needs to ask for a passkey of any user, as nobody knows yet who it is. The answer counts only for this
 * visitor.
 */
export const askPasskey = (scope: Scope, { party }: KeySettings, visitor: Visitor): RequestOptions =>
  requestOptions(
    null,
    scope.visitorChallenges.make(contextOf(visitor), scope.now()),
    userVerification,
    party,
  );

export interface PasskeyAnswered {
  readonly verified: Verified | Refusal;
  /** The visitor this browser is from now on; null if it stays the same. */
  readonly visitor: Visitor | null;
}

/**
 * Whose passkey is this, and is its answer right? Only the account with the given user handle is checked. A key that
 * verified its owner is both factors in one (NIST SP 800-63B-4 §3.1.7).
 */
export async function verifyPasskey(
  scope: Scope,
  keys: KeySettings,
  visitor: Visitor,
  response: unknown,
  tokens: readonly string[],
): Promise<PasskeyAnswered> {
  const read = readAssertion(response);
  if (!read.ok) return refused(keyRefusal(read, {}));
  const { userHandle, clientDataJSON } = read.answer;
  const account = userHandle === null ? null : await scope.accounts.findByHandle(userHandle);
  const live = liveChallenge(scope, visitor, clientDataJSON);
  const issued = { userId: null, loginId: visitor.name, ceremony, live };
  // If there is no such account, this takes just as long and is just as wrong.
  const checked = await checkAssertion(account ?? blankAccount(nobody), response, {
    ...keys,
    issued,
    now: scope.now(),
  });
  const why = !checked.ok && checked.problem === 'wrong' ? checked.reason : null;
  // The challenge belongs to another browser: a new one helps.
  if (why === 'challenge') return refused(refuseKey('code_used'));
  // Only a key that named its user can be reported as unknown. One that was imported may have its own name for them,
  // and the browser must not be told to forget it: names made here are longer than those most others make.
  const isOurs = account !== null || (userHandle !== null && isUserHandle(userHandle));
  // A suspended one may be used again, so its device must not forget it.
  const { id: answering } = read.answer;
  const isSuspended = account?.suspended?.some(
    (one) => one.type === 'webauthn' && one.credentialId === answering,
  );
  if (why === 'credential' && isOurs && !isSuspended)
    return refused(refuseKey('wrong_code', { unknownCredential: true }));
  if (!account) return refused(checked.ok ? refuseKey('wrong_code') : keyRefusal(checked, {}));
  // The challenge is older than the last use, or that one came from a clock ahead of ours. The next one will be newer.
  const isOutdated = !checked.ok && checked.problem === 'stale' && checked.why === 'used';
  if (isOutdated) return refused(keyRefusal(checked, {}), { ...visitor, after: keysUsedUpTo(account) });

  const judge = judgeAnswer(keys, checked);
  const { verified } = await update<{ verified: Verified | Refusal }>(
    scope,
    account.userId,
    (current, now) => {
      const judged = judge({ account: current, now, lane: 'others', counted: null, login: null, scope });
      const { note } = visitOf(current, tokens, scope);
      return applyVerdict(scope, current, judged, 'webauthn', now, (proven) =>
        note(proven, now, { signsIn: true }),
      );
    },
    account,
  );
  if (!verified.ok) return refused(verified);
  if (!verified.proof.userVerified) return refused(refuseKey('wrong_code'));
  return { verified, visitor: newVisitor(keysUsedUpTo(verified.account)) };
}

const refused = (verified: Refusal, visitor: Visitor | null = null): PasskeyAnswered => ({
  verified,
  visitor,
});

/** The challenge that is answered, if it was made for this visitor; it contains the time it was made. */
function liveChallenge(scope: Scope, visitor: Visitor, clientDataJSON: string): LiveChallenge[] {
  const client = readClientData(Buffer.from(clientDataJSON, 'base64url'));
  const madeAt = client && scope.visitorChallenges.madeAt(contextOf(visitor), client.challenge);
  if (!client || madeAt === null) return [];
  const given = { issuedAt: Math.max(madeAt, visitor.after + 1), userVerification } as const;
  // Made before a clock was set back by more than its life: nobody can tell how old it is.
  const until = madeAt - scope.now() > CHALLENGE_LIFE ? 0 : madeAt + CHALLENGE_LIFE;
  return [recordOf({ userId: null, loginId: visitor.name, ceremony }, client.challenge, given, until)];
}

// Includes everything that decides when it counts as asked: otherwise it would be fresh again under another `after`.
const contextOf = ({ name, after }: Visitor): string => `${name} ${after}`;

const nobody = 'nobody' as UserId;

/** A browser in which nobody is known yet, kept in its own cookie: nothing about it is stored here. */
export interface Visitor {
  readonly name: string;
  /** What it is asked counts as asked after this time, whatever our clock says. ms */
  readonly after: number;
}

export const newVisitor = (after = 0): Visitor => ({ name: randomVisitorName(), after });

export const sealVisitor = (seal: Seal, visitor: Visitor): string =>
  seal.close(Buffer.from(JSON.stringify(visitor)), context);

/** The visitor of this cookie; null if we did not make it, or the key that sealed it is gone. */
export function openVisitor(seal: Seal, text: string | null): Visitor | null {
  if (text === null) return null;
  try {
    return JSON.parse(seal.open(text as Sealed, context).toString()) as Visitor;
  } catch {
    return null;
  }
}

const context = { user: '', factor: '', purpose: 'visitor' } as const;
