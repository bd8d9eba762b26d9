import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { Login, Pending } from '../stores/contracts';
import { callBack, promised } from './promised';
import { requireSession } from './session-layer';
import { ownRegenerate } from './errors';

/** The record a session gets together with its new id, where it is kept, and for how long (ms). */
export interface Renewal {
  readonly pending: () => Pending;
  readonly login: Login;
  readonly life: number;
  /** The login of the old id goes on, if it was not ended meanwhile. */
  readonly goesOn: boolean;
  /** The cookie goes on, too. Otherwise it is made anew, as the app has set up its sessions. */
  readonly cookie?: SessionData['cookie'];
  /** Takes out of the old session what the new one must not take over from it. */
  readonly strip?: (before: SessionData) => void;
}

type Done = (error?: unknown) => void;

const planned = new WeakMap<Request, Renewal>();

/**
 * The next `session.regenerate` of this request writes `login` for the new id in the round trip that removes the old
 * record. Apps put something of their own in the place of `regenerate`, to keep a cart or to keep the session id. Theirs
 * is called; where it has done nothing the session is renewed all the same, and keeps what that app wanted to keep.
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

/** Gives the plan to whoever carries it out. */
export function takeRenewal(req: Request): Renewal | undefined {
  const renewal = planned.get(req);
  planned.delete(req);
  return renewal;
}

/** A new session id whatever the app has made of `regenerate`, for a session that keeps its data and its cookie. */
export async function regenerateKeeping(req: Request): Promise<void> {
  const { session: before } = req;
  await promised((done) => req.sessionStore.regenerate(req, done));
  Object.assign(req.session, dataOf(before));
  req.session.cookie = before.cookie;
}

/** What the app keeps in a session. Functions are no data: they are what it has replaced. */
export const dataOf = (session: SessionData): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(session).filter(([name, value]) => name !== 'cookie' && typeof value !== 'function'),
  );
