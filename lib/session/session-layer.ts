import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { SessionData } from 'express-session';
import { noResponse, noSession, noStore, storeDown } from './errors';

/**
 * Detects a session layer that cannot hold a login, before anything is used up: a session that has no id of its own, or
 * that nobody can end.
 *
 * @param hasMet a session has been seen here before, so the order is right and the session store is down
 * @throws SecondFactorError `wrong_setup` with the cure; `unavailable` if the store is down
 */
export function requireSession(req: IncomingMessage, hasMet = false): void {
  const { session, sessionID, sessionStore } = req as Partial<Request>;
  if (!session) throw hasMet || sessionStore ? storeDown() : noSession();
  const isWhole =
    can(session, 'regenerate') &&
    can(session, 'save') &&
    can(sessionStore, 'generate') &&
    can(sessionStore, 'destroy') &&
    can(sessionStore, 'set');
  if (!isWhole || typeof sessionID !== 'string') throw noStore();
}

/** A WebSocket handshake has a response that Express did not make, or none. */
export function requireResponse(req: Request, res: Response): void {
  if (req.res !== undefined && can(res, 'status') && can(res, 'redirect') && typeof res.locals === 'object')
    return;
  throw noResponse();
}

const can = (thing: unknown, method: string): boolean =>
  typeof thing === 'object' &&
  thing !== null &&
  typeof (thing as Record<string, unknown>)[method] === 'function';

declare module 'express-session' {
  interface SessionData {
    /**
     * Set once the login of this session has a record. It proves nothing; if there is no record, it means signed out.
     */
    secondFactor?: 1;
  }
}

export const isMarked = (session: Partial<SessionData>): boolean => session.secondFactor === 1;

export function setMark(session: Partial<SessionData>): void {
  session.secondFactor = 1;
}

export function removeMark(session: Partial<SessionData>): void {
  delete session.secondFactor;
}
