import type { RequestHandler } from 'express';
import { wantsJson } from './respond';
import { userOf } from './signed-in';
import type { TwoFactor } from './two-factor';

/**
 * Every page tells whoever is signed in that somebody asks for access to their account, and lets them stop it: an owner may
 * not read mail for days.
 */
export const showOpenRequest =
  (twoFactor: TwoFactor): RequestHandler =>
  async (req, res, next) => {
    const user = userOf(req);
    const isPage = req.method === 'GET' && !wantsJson(req);
    res.locals.request = user && isPage ? (await twoFactor.statusOf(user.id)).request : null;
    next();
  };
