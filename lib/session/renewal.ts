import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { Login, Pending } from '../stores/contracts';
import { callBack, promised } from './promised';
import { requireSession } from './session-layer';
import { ownRegenerate } from './errors';

/** The `secondFactor()` object whose login it is. */
interface Renewing {
  readonly pending: () => Pending;
  readonly mark: string;
}

/** The record that a session gets with its new id, where it is kept, and for how long (ms). */
export interface Renewal {
  readonly by: Renewing;
  readonly login: Login;
  readonly life: number;
  /** The login of the old id continues, if it was not ended meanwhile. */
  readonly goesOn: boolean;
  /** The old session may be written back without its mark. */
  readonly wasAdopted: boolean;
  /** The cookie is kept too. Otherwise a new one is made, as the app has configured its sessions. */
  readonly cookie?: SessionData['cookie'];
  /** Removes from the old session what the new one must not inherit. */
  readonly strip?: (before: SessionData) => void;
  /** Called if the old session had a login, which is over now. */
  readonly replaced?: () => void;
}

type Done = (error?: unknown) => void;

const planned = new WeakMap<Request, Renewal>();

/**
 * Makes the next `session.regenerate` of this request write `login` for the new id in the round trip that removes the
 * old record. Some apps replace `regenerate`, to keep a cart or the session id. Theirs is called; if it does nothing,
 * the session is renewed all the same, and keeps what the app wanted to keep.
 */
export function planRenewal(req: Request, renewal: Renewal): void {
  requireSession(req);
  planned.set(req, renewal);
  const { session, sessionID } = req;
  const theirs = session.regenerate.bind(session);
  const regenerate = (done: Done) => {
    theirs((error: unknown) => {
      if (error || !planned.has(req)) return done(error);
      if (req.sessionID === sessionID) return callBack(regenerateKeeping(req), () => done(), done);
      planned.delete(req);
      done(ownRegenerate());
    });
    return req.session;
  };
  Object.defineProperty(session, 'regenerate', { configurable: true, writable: true, value: regenerate });
}

/** Hands over the planned renewal, once. */
export function takeRenewal(req: Request): Renewal | undefined {
  const renewal = planned.get(req);
  planned.delete(req);
  return renewal;
}

/**
 * A new session id, whatever the app has replaced `regenerate` with, for a session that keeps its data and its cookie.
 */
export async function regenerateKeeping(req: Request): Promise<void> {
  const { session: before } = req;
  await promised((done) => req.sessionStore.regenerate(req, done));
  Object.assign(req.session, dataOf(before));
  req.session.cookie = before.cookie;
}

/** What the app keeps in a session. Functions are not data: they are methods that it has replaced. */
export const dataOf = (session: SessionData): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(session).filter(([name, value]) => name !== 'cookie' && typeof value !== 'function'),
  );
