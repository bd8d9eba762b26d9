import type { Request, Router } from 'express';
import { baseOf, withGoal } from '../session/address';
import { field } from '../session/body';
import { type Cookie, cookieOf } from '../session/cookie';
import type { Finished } from '../session/finish';
import { goalOf } from '../session/goal';
import { completeLogin } from './guard';
import { handler, type PageContext } from './page-context';

const path = '/add-passkey';

const offeredCookie = (origin: URL): Cookie =>
  cookieOf(origin, { name: 'passkey-offered', seconds: 30 * 24 * 60 * 60, sameSite: 'Lax' });

/**
 * After a sign-in with a code: a passkey would be easier and safer. Offered once in a while, and never during a sign-in
 * (FIDO).
 */
export function offerKeyPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const offered = offeredCookie(runtime.options.origin);
  router.get(
    path,
    handler(context, async (req, res, scope) => {
      if (!(await completeLogin(context, req, res, scope))) return;
      const base = baseOf(runtime, req);
      const to = goalOf(runtime, req) ?? `${base}/security`;
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'passed', url: to });
      offered.write(res, '1');
      respond.page(req, res, 'offer-key', { enrolUrl: `${base}/security/webauthn`, to });
    }),
  );
}

/** Where a sign-in leads: through the offer if there is one to make and the device can have a passkey. */
export function byWayOfOffer(
  { runtime }: PageContext,
  req: Request,
  { url, couldAddPasskey }: Finished,
): string {
  const canAdd = couldAddPasskey && field(req, 'capable') === '1';
  const isDue = canAdd && offeredCookie(runtime.options.origin).read(req) === null;
  return isDue ? withGoal(`${baseOf(runtime, req)}${path}`, url) : url;
}
