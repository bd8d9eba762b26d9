import type { ErrorRequestHandler } from 'express';
import { inWords } from './errors';
import { problemOf } from './problems';
import { sendProblem } from './respond';

/** Express recognises an error handler by its four parameters. */
export const errorHandler: ErrorRequestHandler = (error: unknown, req, res, _next) => {
  const problem = problemOf(error);
  if (problem.status >= 500) console.error(`${req.method} ${req.path}: ${problem.status} ${inWords(error)}`);
  // express-session saves at the end of a response, so its store may fail when it is too late to answer.
  if (!res.headersSent) sendProblem(req, res, problem);
  else if (!res.writableEnded) res.destroy();
};
