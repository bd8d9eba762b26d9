import { Router, type Request, type Response } from 'express';
import { changePassword, SHORTEST_PASSWORD } from '../change-password';
import type { Passwords } from '../passwords';
import type { Problem } from '../problems';
import { sendProblem, wantsJson } from '../respond';
import { requireSignIn, userOf } from '../signed-in';
import type { TwoFactor } from '../two-factor';
import type { Users } from '../users';
import { textField } from './text-field';

/** The account page and the change of the password. */
export function accountRoutes(users: Users, passwords: Passwords, twoFactor: TwoFactor): Router {
  const router = Router();

  router.get('/account', requireSignIn, (req, res) => {
    show(res, { isChanged: req.query.notice === 'password-changed', problem: undefined });
  });

  router.post('/account/password', requireSignIn, async (req, res) => {
    const user = userOf(req);
    if (!user) return;
    const problem = await changePassword(users, passwords, user, {
      currentPassword: textField(req.body, 'currentPassword'),
      newPassword: textField(req.body, 'newPassword'),
    });
    if (problem) return refuse(req, res, problem);
    await twoFactor.signOutEverywhere(user.id, { except: req });
    if (wantsJson(req)) return void res.json({ status: 'changed' });
    res.redirect(303, '/account?notice=password-changed');
  });

  return router;
}

function show(res: Response, shown: { isChanged: boolean; problem: Problem | undefined }): void {
  res.render('account', { ...shown, shortestPassword: SHORTEST_PASSWORD });
}

function refuse(req: Request, res: Response, problem: Problem): void {
  if (wantsJson(req)) return sendProblem(req, res, problem);
  res.status(422);
  show(res, { isChanged: false, problem });
}
