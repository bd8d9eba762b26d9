import type { Request, Response, Router } from 'express';
import type { Refusal } from '../errors';
import { appUrl, withGoal } from '../session/address';
import type { Finished } from '../session/finish';
import { goalOf } from '../session/goal';
import { isToldByPage } from '../session/negotiate';
import { endSession } from '../session/enter';
import { byWayOfOffer } from './offer-key';
import type { ProofType } from '../account/account';
import { typesOf } from '../core/kind';
import { handler, type PageContext } from './page-context';
import { createStepRefusal } from './step-refusal';
import { createStepView, provingOf, type ProvingLogin } from './step-view';

/** The step page, its chooser, and "confirm it's you": they differ in what the login owes, not in what they do. */
export function stepPages(router: Router, context: PageContext): void {
  const { runtime, respond, proving, wayOut } = context;
  const show = createStepView(context);
  const refused = createStepRefusal(context, show);

  router.get(
    '/',
    handler(context, async (req, res) => {
      const loginState = provingOf(req);
      return loginState.status === 'owed' ? show(req, res, null) : showPassed(req, res, loginState);
    }),
  );
  router.get(
    '/confirm',
    handler(context, (req, res) => show(req, res, null)),
  );
  router.get(
    '/choose',
    handler(context, async (req, res) => {
      const loginState = provingOf(req);
      // People who confirm that it's them choose here too; scripts have the list from `confirm`.
      const hasChoice = loginState.login.types.length > 0 && !respond.wantsJson(req);
      return loginState.status === 'owed' || hasChoice
        ? show(req, res, 'choose')
        : showPassed(req, res, loginState);
    }),
  );
  for (const type of typesOf(context.kinds)) {
    router.get(
      `/${type}`,
      handler(context, (req, res) => show(req, res, type)),
    );
    router.post(
      `/${type}`,
      handler(context, async (req, res) => answer(req, res, type, await proving.run(type, req, res))),
    );
  }
  router.post(
    '/cancel',
    handler(context, async (req, res) => {
      await endSession(req);
      const url = withGoal(appUrl(runtime, req, runtime.options.loginUrl), goalOf(runtime, req));
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled', url });
      wayOut.leave(req, res, url);
    }),
  );

  function showPassed(req: Request, res: Response, loginState: ProvingLogin): void {
    const url = goalOf(runtime, req) ?? homeOf(req, loginState);
    if (isToldByPage(req)) res.redirect(303, url);
    else respond.json(req, res, { status: 'passed', url });
  }

  async function answer(
    req: Request,
    res: Response,
    type: ProofType,
    outcome: Finished | Refusal,
  ): Promise<void> {
    if (!outcome.ok) return refused(req, res, outcome, type);
    const { url, backupCodesLeft } = outcome;
    if (respond.wantsJson(req)) {
      return respond.json(req, res, {
        status: 'passed',
        url,
        ...(backupCodesLeft !== undefined && { backupCodesLeft }),
      });
    }
    wayOut.leave(req, res, url.startsWith('/') ? byWayOfOffer(context, req, outcome) : url);
  }

  const homeOf = (req: Request, { seam }: ProvingLogin): string =>
    appUrl(runtime, req, runtime.options.home?.(seam.userOf(req), req) ?? '/');
}
