import type { Request } from 'express';
import type { UserId } from '../account/account';
import { endLogins } from '../core/end-logins';
import type { Host } from './host';
import { renewOrEnd } from './renew';
import { knownStanding } from './request-state';

/** Ends every login of a user; that of `except` goes on under a new session id, if it was in force until now. */
export async function signOutEverywhere(host: Host, userId: UserId, except?: Request): Promise<void> {
  const standing = except && knownStanding(except);
  const isComplete = standing?.status === 'passed' || standing?.status === 'exempt';
  const login = isComplete ? standing.login : null;
  const { account, goesOn } = await endLogins(host.newScope(), userId, login);
  if (except && isComplete && goesOn) await renewOrEnd(host, except, standing, account);
}
