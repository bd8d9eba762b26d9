import type { Request } from 'express';
import { refuse } from '../errors';
import { baseOf } from './address';
import { withGoal } from './destination';
import type { Host } from './host';
import { secondFactorRequired } from './login-errors';
import { isFormPost, isNavigation } from './negotiate';

/** Answers the login itself: its form is sent on to the step, though it is none of ours; a script is told where that is. */
export function answerOwed(host: Host, req: Request, to: string | null): void {
  const url = withGoal(baseOf(host, req), to);
  if (host.options.owed === 'callback' || !req.res) throw secondFactorRequired(url);
  if (isNavigation(req) || isFormPost(req)) return req.res.redirect(303, url);
  host.refuse(req, req.res, refuse('second_factor_required', { url }));
}
