import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { loginKeyOf } from '../crypto/digest';
import { tellEnded } from '../core/end-logins';
import type { Pending } from '../stores/contracts';
import type { Ahead } from './read-ahead';
import type { Runtime } from './runtime';
import { isMarked, setMark } from './session-layer';
import { callBack, promised } from './promised';
import { takeRenewal, type Renewal } from './renewal';
import { contextOf, keepAhead, knownLoginState } from './request-state';
import { letGo, signOut, succeed } from './succession';

const slot = Symbol('second factor');

type GuardedStore = Store & { generate(req: Request): void; [slot]?: Guard };
/** One `secondFactor()` object: several may share a session store, each with its own records. */
type Member = Pick<Runtime, 'pending' | 'readAhead' | 'newScope'>;

interface Guard {
  readonly members: Set<Member>;
  /** Ends a session whose login has expired or was ended by a change made elsewhere: nobody has signed out. */
  drop(req: Request): Promise<void>;
}

const made = new WeakMap<object, { readonly req: Request; isSaved: boolean }>();

/**
 * Keeps the app's session store and the login records in step, once per store. Without it, a request that began before
 * a logout or a step-up and ends after it would bring the old session back.
 */
export function guardStore(store: Store, member: Member): Guard {
  const guarded = store as GuardedStore;
  // Its own: a store may be made from a guarded one.
  const guard = (Object.hasOwn(guarded, slot) && guarded[slot]) || (guarded[slot] = putOn(guarded));
  guard.members.add(member);
  return guard;
}

/** Guards the store from the first request that reaches Passport, and so before any route below it. */
export function guardSessions(member: Member, { sessionStore }: Request): void {
  if (sessionStore) guardStore(sessionStore, member);
}

function putOn(inner: GuardedStore): Guard {
  const members = new Set<Member>();
  const destroy = inner.destroy.bind(inner);
  const set = inner.set.bind(inner);
  const regenerate = inner.regenerate.bind(inner);

  const everywhere = <Answer>(ask: (one: Pending) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all([...members].map(({ pending }) => ask(pending())));

  readAheadOf(inner, members);

  // Where a request destroys its session by making a new one: `destroy` itself knows no request.
  let leaving: Request | null = null;

  // The record goes first: while it exists, whoever writes the session back sees no reason not to.
  inner.destroy = (sid, done = () => undefined) => {
    const by = leaving;
    for (const { readAhead } of members) readAhead.forget(sid);
    callBack(
      Promise.all([...members].map((member) => endedBy(member, sid, by))),
      () => destroy(sid, done),
      done,
    );
  };

  inner.set = (sid, session, done = () => undefined) => {
    if (!isMarked(session) || isUnknownYet(session)) return set(sid, session, done);
    callBack(setIfAlive(sid, session), () => done(), done);
  };

  // Write, then check: after a check, the login could end before the write.
  const setIfAlive = async (sid: string, session: SessionData): Promise<void> => {
    await promised((done) => set(sid, session, done));
    const alive = await everywhere((one) => one.logins.has(loginKeyOf(sid)));
    if (!alive.includes(true)) await promised((done) => destroy(sid, done));
  };

  inner.regenerate = (req, done) => {
    const renewal = takeRenewal(req);
    if (renewal) return callBack(renew(req, renewal), () => void done(), done);
    leaving = req;
    try {
      regenerate(req, done);
    } finally {
      leaving = null;
    }
  };

  async function renew(req: Request, renewal: Renewal): Promise<void> {
    const before = { id: req.sessionID, session: req.session };
    inner.generate(req);
    try {
      await succeed(renewal, loginKeyOf(before.id), loginKeyOf(req.sessionID), isAdopted(req));
    } catch (error) {
      // A store that is down must not sign anyone out.
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
    members,
    async drop(req) {
      const { sessionID } = req;
      await everywhere((one) => letGo(one, loginKeyOf(sessionID)));
      await promised((done) => destroy(sessionID, done));
      inner.generate(req);
    },
  };
}

async function endedBy(member: Member, sid: string, req: Request | null): Promise<void> {
  const login = await signOut(member.pending(), loginKeyOf(sid));
  if (login)
    tellEnded(
      member.newScope(req ? { req, context: contextOf(req) } : undefined),
      login,
      login.state === 'owed' ? 'cancelled' : 'signed_out',
    );
}

function readAheadOf(inner: Store, members: ReadonlySet<Member>): void {
  if (typeof inner.get !== 'function' || typeof inner.createSession !== 'function') return;
  const get = inner.get.bind(inner);
  const createSession = inner.createSession.bind(inner);
  // A session is created from what `get` found in the same tick; only express-session runs between the two.
  let found: readonly Ahead[] | null = null;

  inner.get = (sid, done: Parameters<Store['get']>[1] | undefined) => {
    // Some stores give a promise where there is no callback.
    if (typeof done !== 'function') return (get as (sid: string) => void)(sid);
    // Sent before the session is requested, so that its answer is here when the session is.
    const asked = askAhead(members, sid);
    if (asked === null) return get(sid, done);
    return get(sid, (error, session) => {
      found = asked;
      try {
        done(error, session);
      } finally {
        found = null;
      }
    });
  };

  inner.createSession = (req, session) => {
    if (found !== null) keepAhead(req, found);
    found = null;
    return createSession(req, session);
  };
}

function askAhead(members: ReadonlySet<Member>, sid: string): readonly Ahead[] | null {
  let asked: readonly Ahead[] | null = null;
  for (const { readAhead } of members) {
    const ahead = readAhead.ask(sid);
    if (ahead) asked = asked ? [...asked, ahead] : [ahead];
  }
  return asked;
}

function isAdopted(req: Request): boolean {
  const loginState = knownLoginState(req);
  return loginState !== undefined && 'login' in loginState && loginState.login.adopted === true;
}

/**
 * Nobody can have signed out of a session whose id has not left this process, so there is nothing to check. If it was
 * ended in the list of logins, its next request finds that out.
 */
function isUnknownYet(session: object): boolean {
  const fresh = made.get(session);
  if (fresh) fresh.isSaved = true;
  return fresh?.req.res?.headersSent === false;
}

/** Saves the session that a login has just made if its own `save` has not: the app may have replaced that. */
export async function ensureSaved({ session, sessionID, sessionStore }: Request): Promise<void> {
  if (made.get(session)?.isSaved === false)
    await promised((done) => sessionStore.set(sessionID, session, done));
}
