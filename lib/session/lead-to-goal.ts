import type { Request, Response } from 'express';
import { loginGoalOf } from './goal';
import type { Host } from './host';
import { leadsToLogin } from './login-routes';
import { isFormPost, isNavigation } from './negotiate';
import type { Seam } from './seam';

/**
 * The app answers a login that owes nothing. Where it does so by a redirect, that leads to our own `to`, as it would
 * after the step: who was asked to sign in again for a page gets there, whatever the app's login route says.
 */
export function leadToGoal(host: Host, seam: Seam, req: Request, res: Response): void {
  const to = isNavigation(req) || isFormPost(req) ? loginGoalOf(host, req) : null;
  if (to === null) return;
  const redirect = res.redirect.bind(res) as (...given: readonly unknown[]) => void;
  res.redirect = (...given: readonly unknown[]): void => {
    const theirs = given.find((one) => typeof one === 'string');
    // An app that thought better of it, or wants another login, says so by where it leads.
    const isIn = seam.userOf(req) !== undefined && !leadsToLogin(host, req, String(theirs));
    return isIn ? redirect(303, to) : redirect(...given);
  };
}
