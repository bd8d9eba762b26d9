import { Router } from 'express';
import { DEMO_PASSWORD, DEMO_USERS } from '../demo-users';
import { signInRequired } from '../problems';
import { sendProblem } from '../respond';
import { userOf } from '../signed-in';

/** The public home page, and who is signed in as JSON. */
export function homeRoutes(): Router {
  const router = Router();

  router.get('/', (_req, res) => res.render('home', { demoUsers: DEMO_USERS, demoPassword: DEMO_PASSWORD }));

  router.get('/api/me', (req, res) => {
    const user = userOf(req);
    if (!user) return sendProblem(req, res, signInRequired);
    const { username, email, isAdmin } = user;
    const { enabled } = res.locals.twoFactor as { readonly enabled: boolean };
    res.json({ username, email, isAdmin, twoFactor: { enabled, amr: req.twoFactor?.amr ?? [] } });
  });

  return router;
}
