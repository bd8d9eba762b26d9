import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { loginKeyOf } from '../crypto/digest';
import { tellEnded } from '../core/end-logins';
import type { Pending } from '../stores/contracts';
import type { Ahead } from './read-ahead';
import type { Runtime } from './runtime';
import { isMarked, isStore, removeMark, setMark } from './session-layer';
import { callBack, promised } from './promised';
import { takeRenewal, type Renewal } from './renewal';
import { contextOf, isCompleteIn, keepAhead, setLoginState } from './request-state';
import { letGo, signOut, succeed } from './succession';

const slot = Symbol('second factor');

type GuardedStore = Store & { generate(req: Request): void; [slot]?: Guard };
/** One `secondFactor()` object: several may share a session store, each with its own records. */
type Member = Pick<Runtime, 'options' | 'kinds' | 'seams' | 'mark' | 'pending' | 'readAhead' | 'newScope'>;

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
  if (sessionStore && isStore(sessionStore)) guardStore(sessionStore, member);
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

  const endAll = (which: readonly Member[], sid: string, by: Request | null): Promise<unknown> =>
    Promise.all(which.map((member) => endedBy(member, sid, by)));

  // The record goes first: while it exists, whoever writes the session back sees no reason not to.
  const end = async (sid: string, by: Request | null): Promise<void> => {
    await endAll([...members], sid, by);
    await promised((done) => destroy(sid, done));
  };

  inner.destroy = (sid, done): unknown => {
    for (const { readAhead } of members) readAhead.forget(sid);
    return toCaller(end(sid, leaving), done);
  };

  inner.set = (sid, session, done): unknown => {
    const left = leftBy(members, sid, session);
    if (left) return toCaller(setLeft(sid, left), done);
    const marked = [...members].filter((one) => isMarked(one, session));
    if (marked.length === 0 || isUnknownYet(session)) return set(sid, session, done);
    return toCaller(setIfAlive(sid, session, marked), done);
  };

  // Write, then check: after a check, the login could end before the write.
  const setIfAlive = async (sid: string, session: SessionData, by: readonly Member[]): Promise<void> => {
    await promised((done) => set(sid, session, done));
    const alive = await Promise.all(by.map(({ pending }) => pending().logins.has(loginKeyOf(sid))));
    if (!alive.includes(true)) await promised((done) => destroy(sid, done));
  };

  // Whoever takes the user out of the session signs them out. It is written first: whatever fails then, nobody is in it.
  const setLeft = async (sid: string, { req, members: by }: Left): Promise<void> => {
    for (const one of by) {
      removeMark(one, req.session);
      setLoginState(one, req, { status: 'none' });
    }
    await promised((done) => inner.set(sid, req.session, done));
    await endAll(by, sid, req);
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
    // One that has its users in the same place takes this login for its own.
    const others = [...members].filter(({ mark }) => mark !== renewal.by.mark);
    try {
      const marked = others.filter((one) => isMarked(one, before.session));
      await endAll(marked, before.id, req);
      await succeed(renewal, loginKeyOf(before.id), loginKeyOf(req.sessionID));
    } catch (error) {
      // A store that is down must not sign anyone out.
      req.sessionID = before.id;
      req.session = before.session;
      throw error;
    }
    renewal.strip?.(before.session);
    // Their logins don't come along, so neither do their users.
    for (const one of others) leaveBehind(one, before.session);
    if (renewal.cookie) req.session.cookie = renewal.cookie;
    setMark(renewal.by, req.session);
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

interface Left {
  readonly req: Request;
  readonly members: readonly Member[];
}

/** Whose login is complete in this request, while the session that it saves has no user of theirs any more. */
function leftBy(members: ReadonlySet<Member>, sid: string, session: SessionData): Left | null {
  // express-session gives each session its request.
  const { req } = session as SessionData & { readonly req?: Request };
  if (req?.session !== session) return null;
  const left = [...members].filter(
    (one) => isCompleteIn(one, req, sid) && !one.seams.some((seam) => seam.hasUser(session)),
  );
  return left.length > 0 ? { req, members: left } : null;
}

function leaveBehind(member: Member, session: SessionData): void {
  removeMark(member, session);
  for (const seam of member.seams) if (seam.hasUser(session)) seam.clearUser(session);
}

/** As stores do that know promises: without a callback there is one. If it fails and nobody waits, no process ends by it. */
function toCaller(
  work: Promise<void>,
  done: ((error?: unknown) => void) | undefined,
): Promise<void> | undefined {
  if (!done) {
    work.catch(() => undefined);
    return work;
  }
  callBack(work, () => done(), done);
  return undefined;
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
