import type { User } from './users';

/** What somebody may do about other people's accounts; a customer may do nothing. */
export type Role = 'admin' | 'reviewer' | 'auditor' | 'customer';

/** All that is done about a request for access, and a second person's yes to a code for live support. */
const HANDLING: ReadonlySet<string> = new Set([
  'assign',
  'more-info',
  'hold',
  'evidence',
  'recommend',
  'approve',
  'reject',
  'cancel',
  'live-code/confirm',
]);

export const isStaff = ({ role }: Pick<User, 'role'>): boolean => role !== 'customer';

/**
 * Whether one of the staff may do something about an account. Nobody changes anything of their own, and below an
 * administrator nobody changes anything of the staff's. Whatever is not known here is left to administrators.
 *
 * @param action `read`, or the verb of a change
 * @param target nobody, where the action is about no single account
 */
export function mayActOn(
  { id, role }: Pick<User, 'id' | 'role'>,
  action: string,
  target?: Pick<User, 'id' | 'role'>,
): boolean {
  if (role === 'customer') return false;
  if (action === 'read') return true;
  if (role === 'auditor' || id === target?.id) return false;
  if (role === 'admin') return true;
  return HANDLING.has(action) && (target === undefined || !isStaff(target));
}
