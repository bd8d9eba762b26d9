import type { Account, CodeType, SentCodeFactor } from '../account/account';
import { codeIdOf } from '../crypto/digest';
import { refuse, type Refusal } from '../errors';
import { codeFactors, openAddress } from '../factors/one-time-code';
import type { Login } from '../stores/contracts';
import { dispatchCode, sentView, type SendRequest, type Sent } from './dispatch-code';
import { purposeOf, refusedOver, sentCodes } from './login-tries';
import { isOffered } from './offer';
import type { Scope } from './scope';
import { loadAccount } from './status';

/** In seconds. Only the app can fix it, so trying sooner is pointless. */
const AN_HOUR = 3600;
const LONGEST_ID = 64;

/**
 * Sends a code to an address that was proven at enrolment, whatever the app's own record says now.
 *
 * @param factorId which of several; by default the preferred one, or else the one used last
 */
export async function sendCode(
  scope: Scope,
  request: SendRequest,
  type: CodeType,
  factorId: unknown,
): Promise<Sent | Refusal> {
  const { login } = request;
  if (!isId(factorId)) return (await refusedOver(scope, login)) ?? refuse('malformed', { field: 'factorId' });
  const account = await loadAccount(scope, login.userId);
  if (login.epoch !== account.epoch) return refuse('sign_in_required');
  const factor = choose(account, type, factorId);
  if (!factor || !isOffered(scope, login, account, type))
    return (await refusedOver(scope, login)) ?? refuse('not_found');
  const read = scope.delivery.read(type, openAddress(account, factor, scope.seal));
  // The app no longer sends to the country of this number.
  if (!read.ok)
    return (await refusedOver(scope, login)) ?? refuse('delivery_failed', { retryAfter: AN_HOUR });
  return dispatchCode(scope, request, account, {
    type,
    purpose: purposeOf(login),
    to: read.address,
    factorId: factor.id,
    usedUpTo: factor.usedUpTo,
  });
}

/** The code that was sent to this login and is still valid. */
export async function sentCode(
  scope: Scope,
  login: Login,
  account: Account,
  type: CodeType,
): Promise<Sent | null> {
  const issued = await scope.pending.codes.read(codeIdOf(login.loginId, purposeOf(login), type));
  for (const sent of sentCodes(issued)) {
    const factor = codeFactors(account, type).find(({ id }) => id === sent.factorId);
    if (factor && sent.until > scope.now() && sent.issuedAt > factor.usedUpTo)
      return sentView(scope, factor.hint, sent);
  }
  return null;
}

const isId = (id: unknown): id is string | null | undefined =>
  id === undefined || id === null || (typeof id === 'string' && id.length <= LONGEST_ID);

function choose(account: Account, type: CodeType, id: string | null | undefined): SentCodeFactor | undefined {
  const factors = codeFactors(account, type);
  if (id) return factors.find((factor) => factor.id === id);
  const lastUsed = factors.toSorted((one, other) => (other.lastUsedAt ?? 0) - (one.lastUsedAt ?? 0))[0];
  return factors.find((factor) => factor.id === account.preferred) ?? lastUsed;
}
