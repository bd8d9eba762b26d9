import type { Request } from 'express';
import type { Account } from '../account/account';
import type { Recovery } from '../account/recovery';
import { baseOf } from './address';
import { enter } from './enter';
import { scopeOf } from './request-state';
import type { Runtime, Site } from './runtime';
import { guardStore } from './store-guard';

/** Where somebody who is let in again chooses what to set up. */
export const enrolUrl = (site: Site, req: Request): string => `${baseOf(site, req)}/enrol`;

/**
 * Begins the login of somebody who is let in again, under a new session id. Passport's key in the session stays empty, so
 * for the app nobody is signed in.
 *
 * @param loginId for which the link was used
 */
export async function enterToEnrol(
  runtime: Runtime,
  req: Request,
  { userId, epoch }: Account,
  { id }: Recovery,
  loginId: string,
): Promise<void> {
  const [seam] = runtime.seams;
  if (!seam) throw new TypeError('there is no Passport');
  guardStore(req.sessionStore, runtime);
  const since = scopeOf(runtime, req).now();
  await enter(runtime, req, {
    login: { userId, state: 'owed', enrol: id, epoch, loginId, proofs: [], types: [], since },
    seam,
    user: null,
    goesOn: false,
  });
}
