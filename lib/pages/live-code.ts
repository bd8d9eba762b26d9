import type { Request, Response, Router } from 'express';
import { refuse, type Refusal } from '../errors';
import { useLiveCode } from '../recovery/live-code';
import { baseOf, withGoal } from '../session/address';
import { field } from '../session/body';
import { finishByStaff } from '../session/finish';
import { goalOf } from '../session/goal';
import { knownLoginState } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import { createGoingOn } from './going-on';
import { formError, handler, type PageContext } from './page-context';

const path = '/live-code';

/** A code from support, for somebody who is on the phone with them, in the place of the second factor. */
export function liveCodePages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  if (!runtime.settings.recovery?.liveCode) return;
  const goOn = createGoingOn(context);

  router.get(
    path,
    handler(context, async (req, res) => {
      if (knownLoginState(runtime, req)?.status === 'owed') show(req, res, null);
      else respond.refuse(req, res, refuse('not_found'));
    }),
  );
  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const loginState = knownLoginState(runtime, req);
      if (loginState?.status !== 'owed') return respond.refuse(req, res, refuse('sign_in_required'));
      const used = await useLiveCode(scope, loginState.login, field(req, 'code'));
      if (!used.ok) return refused(req, res, used);
      const done = await finishByStaff(runtime, req, res, used.account, goalOf(runtime, req));
      if (done.ok) goOn(req, res, done, true);
      else respond.refuse(req, res, done);
    }),
  );

  function refused(req: Request, res: Response, refusal: Refusal): void {
    const canMend =
      refusal.code === 'malformed' || (refusal.code === 'wrong_code' && refusal.triesLeft !== 0);
    if (canMend && !respond.wantsJson(req)) return show(req, res, refusal);
    respond.refuse(req, res, refusal, ['live-code']);
  }

  function show(req: Request, res: Response, refusal: Refusal | null): void {
    const url = pageUrl(runtime, req);
    const error = refusal && formError(refusal, runtime.now());
    respond.page(req, res, 'live-code', { url, error }, refusal ? 422 : 200);
  }
}

const pageUrl = (runtime: Runtime, req: Request): string =>
  withGoal(`${baseOf(runtime, req)}${path}`, goalOf(runtime, req));

/** For a page that says how else to get in; null: there are no such codes here, or nobody is half signed in. */
export const liveCodeUrl = (runtime: Runtime, req: Request): string | null =>
  runtime.settings.recovery?.liveCode && knownLoginState(runtime, req)?.status === 'owed'
    ? pageUrl(runtime, req)
    : null;
