import { challengeIssuedAt, usableKeys } from '../account/factors';
import { codeIdOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import {
  CHALLENGE_REMEMBERED,
  issueChallenge,
  toStored,
  type Ceremony,
  type UserVerification,
} from '../factors/webauthn-challenge';
import { requestOptions, type RequestOptions } from '../factors/webauthn-options';
import type { Account } from '../account/account';
import type { Login } from '../stores/contracts';
import { purposeOf, refusedByTries } from './login-tries';
import type { Scope } from './scope';
import { loadAccount } from './status';

export interface KeyAsked {
  readonly ok: true;
  readonly options: RequestOptions;
}

/** What a browser needs to ask for one of this user's keys: by POST only, since it makes a challenge. */
export async function askKey(scope: Scope, login: Login, mustVerify: boolean): Promise<KeyAsked | Refusal> {
  const { keys } = scope.settings;
  const [over, account] = await Promise.all([refusedByTries(scope, login), loadAccount(scope, login.userId)]);
  if (over) return over;
  if (login.epoch !== account.epoch) return refuse('sign_in_required');
  if (!keys || usableKeys(account, keys.party.id).length === 0) return refuse('not_found');
  const userVerification = mustVerify ? 'required' : keys.userVerification;
  const challenge = await challengeFor(scope, login, account, purposeOf(login), userVerification);
  return { ok: true, options: requestOptions(account, challenge, userVerification, keys.party) };
}

/** A new challenge, stored with the login. */
export async function challengeFor(
  scope: Scope,
  { userId, loginId }: Login,
  account: Account,
  ceremony: Ceremony,
  userVerification: UserVerification,
): Promise<string> {
  const now = scope.now();
  const given = { issuedAt: challengeIssuedAt(account, now), userVerification };
  const { challenge, record } = issueChallenge({ userId, loginId, ceremony }, given, now);
  await scope.pending.codes.put(
    codeIdOf(loginId, ceremony, 'webauthn'),
    toStored(record),
    CHALLENGE_REMEMBERED,
  );
  return challenge;
}
