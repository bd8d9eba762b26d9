import { Router } from 'express';
import type { Clock } from '../demo-clock';
import { DEMO_PASSWORD, demoUsers } from '../demo-users';
import { hostingAt } from '../hosting';
import { signInRequired } from '../problems';
import { sendProblem } from '../respond';
import { userOf } from '../signed-in';

/** The public home page, and `/api/me`: who is signed in, as JSON. */
export function homeRoutes(production: boolean, { now }: Clock): Router {
  const router = Router();
  const shown = { demoUsers: demoUsers(production), demoPassword: DEMO_PASSWORD };

  router.get('/', (_req, res) => res.render('home', { ...shown, ...hostingAt(now()) }));

  router.get('/api/me', (req, res) => {
    const user = userOf(req);
    if (!user) return sendProblem(req, res, signInRequired);
    const { username, email, isAdmin } = user;
    const { enabled } = res.locals.twoFactor as { readonly enabled: boolean };
    res.json({ username, email, isAdmin, twoFactor: { enabled, amr: req.twoFactor?.amr ?? [] } });
  });

  return router;
}
