import type { Request, Response } from 'express';
import { refuseWaiting, type LinkLogin } from '../core/half-login';
import type { Refusal } from '../errors';
import { baseOf, withGoal } from '../session/address';
import { goalOf } from '../session/goal';
import { scopeOf } from '../session/request-state';
import { formError, formStatus, iso, type PageContext } from './page-context';
import { viewOf } from './sending';
import type { WayView } from './views';

/** Shows a login that waits for its link where that was sent; after a refusal, with the error. */
export function createWaitingView({ runtime, respond }: PageContext) {
  return async (
    req: Request,
    res: Response,
    login: LinkLogin,
    shown: {
      readonly user: string;
      readonly ways: readonly WayView[];
      readonly refusal?: Refusal | undefined;
    },
  ): Promise<void> => {
    const { sentTo = [], expiresAt = 0, resendAt = 0 } = await refuseWaiting(scopeOf(runtime, req), login);
    if (respond.wantsJson(req))
      return respond.json(req, res, {
        status: 'owed',
        waiting: 'new_browser',
        sentTo,
        expiresAt: iso(expiresAt),
        resendAt: iso(resendAt),
      });
    const { user, ways, refusal } = shown;
    const now = runtime.now();
    const base = baseOf(runtime, req);
    const to = goalOf(runtime, req);
    const sent = viewOf({ hint: sentTo.join(', '), expiresAt, resendAt, reference: null }, now);
    respond.page(
      req,
      res,
      'waiting',
      {
        mode: 'sign-in',
        type: 'link',
        user,
        channel: sentTo.some((one) => one.includes('@')) ? 'email' : 'sms',
        sentTo,
        isOver: resendAt >= expiresAt,
        sent,
        sendUrl: `${base}/browser/send`,
        hereUrl: withGoal(base, to),
        chooseUrl: ways.length > 0 ? withGoal(`${base}/choose`, to) : null,
        to: to ?? '',
        cancelUrl: `${base}/cancel`,
        error: refusal ? formError(refusal, now) : null,
      },
      refusal ? formStatus(refusal) : 200,
    );
  };
}
