import type { Request, Response } from 'express';
import type { Finished } from '../session/finish';
import { byWayOfCodeUsed } from './code-used';
import { byWayOfOffer } from './offer-key';
import type { PageContext } from './page-context';
import { byWayOfRequestEnded } from './request-ended';

/** Where a login goes on to whose proof counts: there at once, or by way of a page that has something to say. */
export const createGoingOn =
  (context: PageContext) =>
  (req: Request, res: Response, finished: Finished, isSignIn: boolean): void => {
    const { runtime, respond, wayOut } = context;
    const { url, backupCodesLeft } = finished;
    const left = backupCodesLeft !== undefined && { backupCodesLeft };
    if (respond.wantsJson(req)) return respond.json(req, res, { status: 'passed', url, ...left });
    if (!url.startsWith('/')) return wayOut.leave(req, res, url);
    const isCodeUsed = isSignIn && backupCodesLeft !== undefined;
    const goal = isCodeUsed ? byWayOfCodeUsed(runtime, req, url) : byWayOfOffer(context, req, finished);
    wayOut.leave(req, res, byWayOfRequestEnded(runtime, req, goal, finished));
  };
