import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { loginKeyOf } from '../crypto/digest';
import type { Pending } from '../stores/contracts';
import type { Runtime } from './runtime';
import { isMarked, setMark } from './session-layer';
import { callBack, promised } from './promised';
import { takeRenewal, type Renewal } from './renewal';
import { knownLoginState } from './request-state';
import { letGo, signOut, succeed } from './succession';

type GuardedStore = Store & { generate(req: Request): void };

interface Guard {
  /** Several of our objects may share a store, each with records of its own. */
  readonly pendings: Set<() => Pending>;
  /** Ends a session whose login is over by itself, or by a change made elsewhere: nobody has signed out. */
  drop(req: Request): Promise<void>;
}

const guards = new WeakMap<Store, Guard>();
const made = new WeakMap<object, { readonly req: Request; isSaved: boolean }>();

/**
 * Keeps the app's session store and the login records in step, once per store. Without it a request that
 * began before a logout or a step-up, and ends after it, would bring the old session back.
 */
export function guardStore(store: Store, pending: () => Pending): Guard {
  let guard = guards.get(store);
  if (!guard) {
    guard = putOn(store as GuardedStore);
    guards.set(store, guard);
  }
  guard.pendings.add(pending);
  return guard;
}

/** From the first request on that meets Passport, and so above every route that comes below it. */
export function guardSessions({ pending }: Runtime, { sessionStore }: Request): void {
  if (sessionStore) guardStore(sessionStore, pending);
}

function putOn(inner: GuardedStore): Guard {
  const pendings = new Set<() => Pending>();
  const destroy = inner.destroy.bind(inner);
  const set = inner.set.bind(inner);
  const regenerate = inner.regenerate.bind(inner);

  const everywhere = <Answer>(ask: (one: Pending) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all([...pendings].map((one) => ask(one())));

  // The record first: while it lives, whoever writes the session back sees no reason not to.
  inner.destroy = (sid, done = () => undefined) => {
    callBack(
      everywhere((one) => signOut(one, loginKeyOf(sid))),
      () => destroy(sid, done),
      done,
    );
  };

  inner.set = (sid, session, done = () => undefined) => {
    if (!isMarked(session) || isUnknownYet(session)) return set(sid, session, done);
    callBack(setIfAlive(sid, session), () => done(), done);
  };

  // Write, then look: a check before the write could be passed between the two.
  const setIfAlive = async (sid: string, session: SessionData): Promise<void> => {
    await promised((done) => set(sid, session, done));
    const alive = await everywhere((one) => one.logins.has(loginKeyOf(sid)));
    if (!alive.includes(true)) await promised((done) => destroy(sid, done));
  };

  inner.regenerate = (req, done) => {
    const renewal = takeRenewal(req);
    if (renewal) callBack(renew(req, renewal), () => void done(), done);
    else regenerate(req, done);
  };

  async function renew(req: Request, renewal: Renewal): Promise<void> {
    const before = { id: req.sessionID, session: req.session };
    inner.generate(req);
    try {
      await succeed(renewal, loginKeyOf(before.id), loginKeyOf(req.sessionID), isAdopted(req));
    } catch (error) {
      // A store that is down must sign nobody out.
      req.sessionID = before.id;
      req.session = before.session;
      throw error;
    }
    renewal.strip?.(before.session);
    if (renewal.cookie) req.session.cookie = renewal.cookie;
    setMark(req.session);
    made.set(req.session, { req, isSaved: false });
    await promised((finished) => destroy(before.id, finished));
  }

  return {
    pendings,
    async drop(req) {
      const { sessionID } = req;
      await everywhere((one) => letGo(one, loginKeyOf(sessionID)));
      await promised((done) => destroy(sessionID, done));
      inner.generate(req);
    },
  };
}

function isAdopted(req: Request): boolean {
  const loginState = knownLoginState(req);
  return loginState !== undefined && 'login' in loginState && loginState.login.adopted === true;
}

/** Nobody can have ended a session whose id has not left this process: there is nothing to look for. */
function isUnknownYet(session: object): boolean {
  const fresh = made.get(session);
  if (fresh) fresh.isSaved = true;
  return fresh?.req.res?.headersSent === false;
}

/** Saves the session that a login has just made where its own `save` has not: an app may have replaced that. */
export async function ensureSaved({ session, sessionID, sessionStore }: Request): Promise<void> {
  if (made.get(session)?.isSaved === false)
    await promised((done) => sessionStore.set(sessionID, session, done));
}
