import type { Request } from 'express';
import { openRequestOf } from '../core/status-of';
import { baseOf } from '../session/address';
import { completeLoginOf, scopeSoFar } from '../session/request-state';
import type { Site } from '../session/runtime';
import type { RequestBanner, ViewName } from './views';

/** Where an owner who is signed in stops a request for access to their account. */
export const STOP_PATH = '/security/lost-access/cancel';

/** These are about a request themselves, perhaps the same. */
const ABOUT_REQUESTS: ReadonlySet<ViewName> = new Set<ViewName>([
  'lost-status',
  'lost-cancel',
  'lost-form',
  'ticket',
]);

/**
 * What is at the top of every page that somebody sees who is signed in while another asks for access to their account. It
 * costs no read: each of these pages has read the account for its own purpose.
 */
export function requestBanner(site: Site, req: Request, view: ViewName): RequestBanner | null {
  const complete = completeLoginOf(site, req);
  if (!complete) return null;
  const account = scopeSoFar(site, req)?.seen(complete.userId) ?? null;
  // That of a login which was ended elsewhere is nobody's page any more.
  if (account?.epoch !== complete.login.epoch || !site.settings.recovery) return null;
  const request = ABOUT_REQUESTS.has(view) ? null : openRequestOf(account, site.now());
  if (!request) return null;
  const { reference, startedAt, earliestAt } = request;
  return { reference, startedAt, earliestAt, stopUrl: `${baseOf(site, req)}${STOP_PATH}` };
}
