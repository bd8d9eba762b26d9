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
import { handler, type Parts } from './parts';
import { createStepRefusal } from './step-refusal';
import { createStepView, provingOf, type ProvingLogin } from './step-view';

/** The step page, its chooser, and "confirm it's you": they differ in what the login owes, not in what they do. */
export function stepPages(router: Router, parts: Parts): void {
  const { runtime, respond, proving, wayOut } = parts;
  const show = createStepView(parts);
  const refused = createStepRefusal(parts, show);

  router.get(
    '/',
    handler(parts, async (req, res) => {
      const loginState = provingOf(req);
      return loginState.status === 'owed' ? show(req, res, null) : showPassed(req, res, loginState);
    }),
  );
  router.get(
    '/confirm',
    handler(parts, (req, res) => show(req, res, null)),
  );
  router.get(
    '/choose',
    handler(parts, async (req, res) => {
      const loginState = provingOf(req);
      // People who confirm that it's them choose here too; scripts have the list from `confirm`.
      const hasChoice = loginState.login.types.length > 0 && !respond.wantsJson(req);
      return loginState.status === 'owed' || hasChoice
        ? show(req, res, 'choose')
        : showPassed(req, res, loginState);
    }),
  );
  for (const type of typesOf(parts.kinds)) {
    router.get(
      `/${type}`,
      handler(parts, (req, res) => show(req, res, type)),
    );
    router.post(
      `/${type}`,
      handler(parts, async (req, res) => answer(req, res, type, await proving.run(type, req, res))),
    );
  }
  router.post(
    '/cancel',
    handler(parts, async (req, res) => {
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
    wayOut.leave(req, res, url.startsWith('/') ? byWayOfOffer(parts, req, outcome) : url);
  }

  const homeOf = (req: Request, { seam }: ProvingLogin): string =>
    appUrl(runtime, req, runtime.options.home?.(seam.userOf(req), req) ?? '/');
}
