import type { Request, RequestHandler } from 'express';
import { refuse } from '../errors';
import type { Host } from '../session/host';
import { express } from './express';

const limit = '32kb';

/** Reads the body if the app has not. What can't be read is refused by name, and nothing is counted. */
export function readBody(host: Host): RequestHandler {
  const { json, urlencoded } = express();
  const readJson = json({ limit });
  const readForm = urlencoded({ extended: false, limit });
  return (req, res, next) => {
    if (req.body !== undefined || req.method === 'GET' || req.method === 'HEAD') return next();
    const refused = (error: unknown) => (error ? host.refuse(req, res, unreadable) : next());
    readJson(req, res, (error: unknown) => (error ? refused(error) : readForm(req, res, refused)));
  };
}

const unreadable = refuse('malformed', { field: 'body' });

/** A field of the body as it came; every reader of it checks type and length. */
export function field(req: Request, name: string): unknown {
  const body: unknown = req.body;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}

/** The goal: in the address, or as a field. */
export const goal = (req: Request): string | null => {
  const to = req.query.to ?? field(req, 'to');
  return typeof to === 'string' ? to : null;
};
