import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Session, Store } from 'express-session';
import { noResponse, noSession, noStore, storeDown } from './errors';

/**
 * Detects a session layer that cannot hold a login, before anything is used up: a session that has no id of its own, or
 * that nobody can end.
 *
 * @param hasMet a session has been seen here before, so the order is right and the session store is down
 * @returns what makes it up
 * @throws SecondFactorError `wrong_setup` with the cure; `unavailable` if the store is down
 */
export function requireSession(req: IncomingMessage, hasMet = false): SessionLayer {
  const { session, sessionID, sessionStore } = req as Partial<SessionLayer>;
  if (!session) throw hasMet || sessionStore ? storeDown() : noSession();
  if (!sessionStore || !isWhole(session, sessionStore) || typeof sessionID !== 'string') throw noStore();
  return { session, sessionID, sessionStore };
}

type SessionLayer = Pick<Request, 'session' | 'sessionID' | 'sessionStore'>;
type MakingStore = Store & { generate(req: Request): void };

function isWhole(session: Partial<Session>, store: Partial<MakingStore>): boolean {
  return isFunction(session.regenerate) && isFunction(session.save) && isStore(store);
}

/** Not one that only has the methods which express-session's own `Store` lacks: nothing could renew its sessions. */
export const isStore = (store: Partial<MakingStore>): boolean =>
  isFunction(store.generate) &&
  isFunction(store.regenerate) &&
  isFunction(store.destroy) &&
  isFunction(store.set);

/**
 * A WebSocket handshake has a response that Express did not make, or none. Express connects the two and adds `locals`.
 *
 * @returns `res.locals`
 */
export function requireResponse(req: Request, res: Response): Response['locals'] {
  const { locals }: Partial<Response> = req.res === undefined ? {} : res;
  if (typeof locals !== 'object') throw noResponse();
  return locals;
}

const isFunction = (value: unknown): boolean => typeof value === 'function';

declare module 'express-session' {
  interface SessionData {
    /**
     * Set once the login of this session has a record. It proves nothing; if there is no record, it means signed out. A
     * Passport with another key than `passport` has a mark of its own, `secondFactor:` and that key.
     */
    secondFactor?: 1;
  }
}

/** Whose mark: several `secondFactor()` objects may share a session, each with its own records. */
interface Marking {
  readonly mark: string;
}

export const isMarked = ({ mark }: Marking, session: object): boolean => Reflect.get(session, mark) === 1;

export function setMark({ mark }: Marking, session: object): void {
  Reflect.set(session, mark, 1);
}

export function removeMark({ mark }: Marking, session: object): void {
  Reflect.deleteProperty(session, mark);
}
