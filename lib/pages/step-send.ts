import type { Router } from 'express';
import type { CodeType } from '../account/account';
import { sendCode } from '../core/send-code';
import { baseOf, withGoal } from '../session/address';
import { goalOf } from '../session/goal';
import { field } from './input';
import { handler, type PageContext } from './page-context';
import { sendRequest, sentJson } from './sending';
import { createStepRefusal } from './step-refusal';
import { createStepView, provingOf } from './step-view';

/** Sends the code of a step. By POST alone: what is only looked at, or fetched in advance, sends nothing. */
export function stepSendPage(router: Router, context: PageContext, type: CodeType): void {
  const { runtime, respond } = context;
  const refused = createStepRefusal(context, createStepView(context));

  router.post(
    `/${type}/send`,
    handler(context, async (req, res, scope) => {
      const request = sendRequest(context, req, provingOf(req).login);
      const sent = await sendCode(scope, request, type, field(req, 'factorId'));
      if (!sent.ok) return refused(req, res, sent, type);
      if (respond.wantsJson(req)) return respond.json(req, res, sentJson(sent));
      res.redirect(303, withGoal(`${baseOf(runtime, req)}/${type}`, goalOf(runtime, req)));
    }),
  );
}
