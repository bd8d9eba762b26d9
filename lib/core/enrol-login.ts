import type { Account } from '../account/account';
import { requestOf } from '../account/recovery';
import type { Login } from '../stores/contracts';
import { isLasting } from './age';

/** The login of somebody who is let in again by a request for access. It can set up new factors, and nothing else. */
export type EnrolLogin = Login & { readonly enrol: string };

export const isEnrolLogin = (login: Login): login is EnrolLogin => login.enrol !== undefined;

/** How long it may take, ms: enough to get an app, and to keep backup codes. */
export const ENROL_LIFE = 60 * 60_000;

/**
 * Whether it is still in force: its request is what it was, its link was not replaced, and nothing has ended the logins of
 * its user.
 */
export function isEnrolOpen(login: EnrolLogin, account: Account, now: number): boolean {
  const request = requestOf(account, login.enrol);
  return (
    login.userId === account.userId &&
    login.epoch === account.epoch &&
    isLasting(login.since, ENROL_LIFE, now) &&
    request?.state === 'ready' &&
    request.ticket?.usedBy === login.loginId &&
    (request.dueAt === null || now < request.dueAt)
  );
}
