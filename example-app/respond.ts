import type { Request, Response } from 'express';
import { speechOf } from './language';
import type { Problem } from './problems';

/** JSON where the client prefers it or sent it, and everywhere under `/api`; a page otherwise. */
export function wantsJson(req: Request): boolean {
  if (req.path.startsWith('/api/') || req.path.endsWith('.json')) return true;
  return Boolean(req.is(['json', '+json'])) || req.accepts(['html', 'json']) === 'json';
}

/** Answers with a problem: `{ error }`, or a page that says what happened and offers one next step. */
export function sendProblem(req: Request, res: Response, problem: Problem): void {
  const { status, ...error } = { ...problem, message: speechOf(req).t(problem.message) };
  res.status(status);
  if (problem.retryAfter !== undefined) res.set('Retry-After', String(problem.retryAfter));
  if (wantsJson(req)) return void res.json({ error });
  res.render('problem', { problem });
}
