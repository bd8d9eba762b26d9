import type { AdminAction } from 'express-second-factor';
import type { User } from './users';

/** All that is done about a request for access, and a second person's yes to a code for live support. */
const HANDLING: ReadonlySet<AdminAction> = new Set<AdminAction>([
  'requests.assign',
  'requests.more-info',
  'requests.hold',
  'requests.evidence',
  'requests.letter',
  'requests.recommend',
  'requests.approve',
  'requests.reject',
  'requests.cancel',
  'users.live-code.confirm',
]);

export const isStaff = ({ role }: Pick<User, 'role'>): boolean => role !== 'customer';

/**
 * Whether one of the staff may do something about an account. Nobody changes anything of their own, and below an
 * administrator nobody changes anything of the staff's. Whatever is not known here is left to administrators.
 *
 * @param target nobody, where the action is about no single account
 */
export function mayActOn(
  { id, role }: Pick<User, 'id' | 'role'>,
  action: AdminAction,
  target?: Pick<User, 'id' | 'role'>,
): boolean {
  if (role === 'customer') return false;
  if (action.endsWith('.read')) return true;
  if (role === 'auditor' || id === target?.id) return false;
  if (role === 'admin') return true;
  return HANDLING.has(action) && (target === undefined || !isStaff(target));
}
