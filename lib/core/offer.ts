import type { CodeType, ProofType } from '../account/account';
import type { Login } from '../stores/contracts';
import type { Scope } from './scope';

export const isCodeType = (type: string): type is CodeType => type === 'otp-sms' || type === 'otp-email';

/**
 * Whether this login may use this way. A factor of a channel that is switched off, or that already opened the first
 * door, stays enrolled and goes on making its user owe; it is only not taken.
 */
export const isOffered = (scope: Pick<Scope, 'delivery'>, login: Login | null, type: ProofType): boolean =>
  !isCodeType(type) || (login !== null && login.shut !== type && scope.delivery.isOn(type));
