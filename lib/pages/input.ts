import type { Request, RequestHandler } from 'express';
import { readBody } from '../session/body';
import type { Runtime } from '../session/runtime';
import { callBack } from '../session/promised';

/** Reads the body, whoever stands above us. What can't be read is refused by name, and nothing is counted. */
export const bodyReader =
  (runtime: Runtime): RequestHandler =>
  (req, res, next) =>
    callBack(readBody(req), (refusal) => (refusal ? runtime.refuse(req, res, refusal) : next()), next);

/** A field of the body as it came; every reader of it checks type and length. */
export function field(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}
