import { DeliveryError, type DeliveryErrorKind } from '../delivery-error';
import { field } from './field';

/** The statuses of developer.vonage.com/api-errors/sms; any other is the provider's own trouble. */
const KINDS: Readonly<Record<string, DeliveryErrorKind>> = {
  // Faster than the account may, and too many connections at once.
  1: 'rate-limited',
  10: 'rate-limited',
  // Wrong credentials, account barred, account not enabled for this, wrong signature, signature not allowed.
  4: 'auth',
  8: 'auth',
  11: 'auth',
  14: 'auth',
  32: 'auth',
  // Invalid parameter, unknown prefix, barred number, too long, sender not allowed there, wrong network, not
  // on the list of a trial account, number given up.
  3: 'rejected',
  6: 'rejected',
  7: 'rejected',
  12: 'rejected',
  15: 'rejected',
  22: 'rejected',
  29: 'rejected',
  33: 'rejected',
};

/** Why a message, or a part of it, was not taken; nothing if all of it was. Half a message is none. */
export function vonageRefusal(messages: unknown): DeliveryError | null {
  const parts: readonly unknown[] = Array.isArray(messages) ? messages : [];
  const statuses = parts.map((part) => field(part, 'status'));
  const failed = statuses.find((status) => status !== '0');
  if (parts.length > 0 && failed === undefined && !statuses.includes(undefined)) return null;
  const kind = typeof failed === 'string' && Object.hasOwn(KINDS, failed) ? KINDS[failed] : undefined;
  return new DeliveryError(kind ?? 'provider');
}
