import type { Request, RequestHandler, Response } from 'express';
import type { RequestScope, Runtime } from '../session/runtime';
import { refuse, type Refusal } from '../errors';
import { findRequest, type Found } from '../recovery/requests';
import { scopeOf } from '../session/request-state';
import { refuseForeignByToken } from './csrf';
import { handler, type PageContext } from './page-context';

type Work = (req: Request, res: Response, scope: RequestScope) => Promise<void>;

/** A page about requests for access, which needs no login. There is none where the app takes no requests. */
export const openPage = (
  context: PageContext,
  refuseForeign: (runtime: Runtime, req: Request) => Refusal | null,
  work: Work,
): RequestHandler =>
  handler(context, async (req, res) => {
    const { runtime, respond } = context;
    const foreign = refuseForeign(runtime, req);
    if (foreign) return respond.refuse(req, res, foreign);
    if (!runtime.settings.recovery) return respond.refuse(req, res, refuse('not_found'));
    await work(req, res, scopeOf(runtime, req));
  });

/** The same, of the request that its address leads to. */
export const pageOfRequest = (
  context: PageContext,
  leadsTo: 'status' | 'cancel',
  work: (req: Request, res: Response, scope: RequestScope, found: Found) => Promise<void>,
): RequestHandler =>
  openPage(context, refuseForeignByToken, async (req, res, scope) => {
    const target = context.links.open(leadsTo, req.params.token);
    const found = target && (await findRequest(scope, target.userId, target.id));
    if (!found) return context.respond.refuse(req, res, refuse('not_found'));
    await work(req, res, scope, found);
  });
