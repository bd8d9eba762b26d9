import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import { SecondFactorError } from '../errors';

/**
 * Finds out a session layer that no login can live in, before anything is used up for it: a session that has no id of
 * its own, or that nobody can end.
 *
 * @param hasMet this place has met a session before, so the order is right and the session store is down
 * @throws SecondFactorError `wrong_setup` with the cure; `unavailable` where it is the store
 */
export function requireSession(req: IncomingMessage, hasMet = false): void {
  const { session, sessionID, sessionStore } = req as Partial<Request>;
  if (!session) throw hasMet || sessionStore ? storeDown() : noSession();
  const isWhole = can(session, ['regenerate', 'save']) && can(sessionStore, ['generate', 'destroy', 'set']);
  if (!isWhole || typeof sessionID !== 'string') throw noStore();
}

/** A websocket handshake has a response that Express did not make, or none. */
export function requireResponse(req: Request, res: Response): void {
  if (req.res !== undefined && can(res, ['status', 'redirect']) && typeof res.locals === 'object') return;
  throw noResponse();
}

const can = (thing: unknown, methods: readonly string[]): boolean =>
  typeof thing === 'object' &&
  thing !== null &&
  methods.every((method) => typeof Reflect.get(thing, method) === 'function');

const storeDown = () =>
  new SecondFactorError(
    'unavailable',
    'There is no session although express-session ran: the session store is down.',
    'Look at the store that express-session was given.',
    { retryAfter: 2 },
  );

const noSession = () =>
  new SecondFactorError(
    'wrong_setup',
    'There is no session.',
    'Mount express-session, then passport.session(), then protect(). With them in this order: the session store is down.',
  );

const noStore = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session has no store that can end it: it has no id, or it cannot be regenerated, saved and destroyed.',
    'Use express-session with a store. cookie-session keeps everything in the cookie, so that no logout and no "sign out everywhere" can end it, whatever is put in for its missing regenerate().',
  );

export const noResponse = () =>
  new SecondFactorError(
    'wrong_setup',
    'The response is none that Express made.',
    'In a websocket handshake run express-session and passport.session(), and then ask: await twoFactor.statusFrom(req).',
  );

/** The app's own `regenerate` gave the session an id that has no login. */
export const ownRegenerate = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session got another id, but not by the regenerate() of express-session.',
    'Where your app replaces req.session.regenerate, have it call the one that was there before.',
  );
