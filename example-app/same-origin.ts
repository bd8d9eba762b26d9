import type { RequestHandler } from 'express';
import { badOrigin } from './problems';
import { sendProblem } from './respond';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what another site made a browser send (CSRF), forms and JSON alike, going by the headers that no
 * page can forge. Every current browser sends one of the two with a POST, so a request with neither comes
 * from a program, which has no cookies but its own.
 */
export function sameOrigin(origin: string): RequestHandler {
  return (req, res, next) => {
    if (SAFE_METHODS.has(req.method)) return next();
    const site = req.get('Sec-Fetch-Site');
    const from = req.get('Origin');
    const isOurs =
      site === undefined ? from === undefined || from === origin : site === 'same-origin' || site === 'none';
    return isOurs ? next() : sendProblem(req, res, badOrigin);
  };
}
