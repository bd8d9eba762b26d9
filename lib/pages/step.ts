import type { Request, Response, Router } from 'express';
import type { CodeType, ProofType } from '../account/account';
import { askKey } from '../core/ask-key';
import { isWaiting } from '../core/half-login';
import { typesOf } from '../core/kind';
import { refusedByTries } from '../core/login-tries';
import { sendCode } from '../core/send-code';
import { type ErrorCode, type Refusal, refuse } from '../errors';
import { appUrl, baseOf, needOf, withGoal } from '../session/address';
import { field } from '../session/body';
import { endSession } from '../session/enter';
import type { Finished } from '../session/finish';
import { goalOf, homeOf } from '../session/goal';
import { isFormPost, isToldByPage } from '../session/negotiate';
import { knownLoginState, scopeOf } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import { createGoingOn } from './going-on';
import { handler, type PageContext } from './page-context';
import { sendRequest, sentJson } from './sending';
import { createStepView, type ProvingLogin, provingOf } from './step-view';

/** The step page, its chooser, and "confirm it's you", which differ in what the login owes, not in what they do. */
export function stepPages(router: Router, context: PageContext): void {
  const { runtime, respond, proving, wayOut } = context;
  const goOn = createGoingOn(context);
  const show = createStepView(context);
  const refused = createStepRefusal(context, show);

  router.get(
    '/',
    handler(context, async (req, res) => {
      const loginState = provingOf(runtime, req);
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
      const loginState = provingOf(runtime, req);
      // People who confirm it's them choose here too; scripts get the list from `confirm`.
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
      handler(context, async (req, res) => {
        const isSignIn = provingOf(runtime, req).status === 'owed';
        await answer(req, res, type, isSignIn, await proving.run(type, req, res));
      }),
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
    const url = goalOf(runtime, req) ?? homeOf(runtime, req, loginState.seam.userOf(req));
    if (isToldByPage(req)) res.redirect(303, url);
    else respond.json(req, res, { status: 'passed', url });
  }

  async function answer(
    req: Request,
    res: Response,
    type: ProofType,
    isSignIn: boolean,
    outcome: Finished | Refusal,
  ): Promise<void> {
    if (!outcome.ok) return refused(req, res, outcome, type);
    goOn(req, res, outcome, isSignIn);
  }
}

/** What the browser needs to ask for a key, for signing in and for "confirm it's you". */
export function stepKeyPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  router.post(
    '/webauthn/options',
    handler(context, async (req, res, scope) => {
      const asked = await askKey(scope, provingOf(runtime, req).login, needOf(req).userVerified);
      if (asked.ok) respond.json(req, res, asked.options);
      else respond.refuse(req, res, asked, ['webauthn']);
    }),
  );
}

/** Sends the code of a step. Only by POST: merely looking at a page, or prefetching it, sends nothing. */
export function stepSendPage(router: Router, context: PageContext, type: CodeType): void {
  const { runtime, respond } = context;
  const refused = createStepRefusal(context, createStepView(context));

  router.post(
    `/${type}/send`,
    handler(context, async (req, res, scope) => {
      const request = sendRequest(context, req, provingOf(runtime, req).login);
      const sent = await sendCode(scope, request, type, field(req, 'factorId'));
      if (!sent.ok) return refused(req, res, sent, type);
      if (respond.wantsJson(req)) return respond.json(req, res, sentJson(sent));
      res.redirect(303, withGoal(`${baseOf(runtime, req)}/${type}`, goalOf(runtime, req)));
    }),
  );
}

type Show = (req: Request, res: Response, page: ProofType, refusal?: Refusal) => Promise<void>;

/** What can be fixed on the same page is shown there again; the rest ends the step. */
function createStepRefusal({ runtime, respond }: PageContext, show: Show) {
  /** It may be the lane that is used up: then other ways still work. */
  async function isOver(req: Request): Promise<boolean> {
    const loginState = knownLoginState(runtime, req);
    return (
      loginState?.status === 'owed' &&
      (await refusedByTries(scopeOf(runtime, req), loginState.login)) !== null
    );
  }

  return async (req: Request, res: Response, refusal: Refusal, type: ProofType): Promise<void> => {
    // It was right, so there is nothing to mend on this page, and reloading the next must not send it again.
    if (isOfLink(runtime, req, refusal) && isFormPost(req))
      return res.redirect(303, withGoal(baseOf(runtime, req), goalOf(runtime, req)));
    if (respond.wantsJson(req) || !ON_SAME_PAGE.has(refusal.code)) {
      return respond.refuse(req, res, refusal, [type]);
    }
    if (refusal.triesLeft === 0 && (await isOver(req)))
      return respond.refuse(req, res, refuse('half_login_ended'));
    if (refusal.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    await show(req, res, type, refusal);
  };
}

/** The proof was right, and the login waits for its link, even if that could not be sent. */
function isOfLink(runtime: Runtime, req: Request, { code }: Refusal): boolean {
  const loginState = knownLoginState(runtime, req);
  const waits = loginState?.status === 'owed' && isWaiting(loginState.login);
  return code === 'new_browser' || (code === 'delivery_failed' && waits);
}

const ON_SAME_PAGE: ReadonlySet<ErrorCode> = new Set([
  'malformed',
  'wrong_code',
  'code_used',
  'clock_off',
  'locked',
  'codes_closed',
  'resend_too_soon',
  'too_many_sends',
  'slow_down',
  'delivery_failed',
]);
