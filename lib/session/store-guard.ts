import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { loginKeyOf, userKeyOf } from '../crypto/digest';
import { SecondFactorError } from '../errors';
import type { Login, Pending } from '../stores/contracts';
import { isMarked, setMark } from './mark';
import { callBack, promised } from './promised';

/** The record a session gets together with its new id, where it is kept, and for how long (ms). */
interface Renewal {
  readonly pending: () => Pending;
  readonly login: Login;
  readonly life: number;
  /** The login of the old id goes on, if it was not ended meanwhile. */
  readonly goesOn: boolean;
  /** Takes out of the old session what the new one must not take over from it. */
  readonly strip?: (before: SessionData) => void;
}

type GuardedStore = Store & { generate(req: Request): void };

const renewals = new WeakMap<object, Renewal>();
const made = new WeakMap<object, Request>();
const guarded = new WeakMap<object, Set<() => Pending>>();

/** The next `session.regenerate` of this request writes `login` for the new id in the round trip that removes the old record. */
export function planRenewal(req: Request, renewal: Renewal): void {
  renewals.set(req, renewal);
}

/**
 * Keeps the app's session store and the login records in step, once per store; several of our objects may
 * share one, each with records of its own. Without it a request that
 * began before a logout or a step-up, and ends after it, would bring the old session back.
 */
export function guardStore(store: Store, pending: () => Pending): void {
  const known = guarded.get(store);
  if (known) return void known.add(pending);
  const all = new Set([pending]);
  guarded.set(store, all);
  const inner = store as GuardedStore;
  const destroy = inner.destroy.bind(inner);
  const set = inner.set.bind(inner);
  const regenerate = inner.regenerate.bind(inner);

  // The record first: while it lives, whoever writes the session back sees no reason not to.
  inner.destroy = (sid, done = () => undefined) => {
    callBack(
      everywhere((one) => one.removeLogin(loginKeyOf(sid))),
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
    const alive = await everywhere((one) => one.hasLogin(loginKeyOf(sid)));
    if (!alive.includes(true)) await promised((done) => destroy(sid, done));
  };

  const everywhere = <Answer>(ask: (one: Pending) => Promise<Answer>): Promise<Answer[]> =>
    Promise.all([...all].map((one) => ask(one())));

  inner.regenerate = (req, done) => {
    const renewal = renewals.get(req);
    if (!renewal) {
      regenerate(req, done);
      return;
    }
    renewals.delete(req);
    callBack(renew(req, renewal), () => void done(), done);
  };

  async function renew(req: Request, renewal: Renewal): Promise<void> {
    const { pending: records, login, life, goesOn, strip } = renewal;
    const before = { id: req.sessionID, session: req.session };
    inner.generate(req);
    try {
      const key = loginKeyOf(req.sessionID);
      const old = loginKeyOf(before.id);
      const wasThere = await records().writeLogin(key, login, userKeyOf(login.userId), life, old);
      // Signed out meanwhile, or gone on under another id by a request beside this one.
      if (goesOn && !wasThere) {
        await records().removeLogin(key);
        throw ended();
      }
    } catch (error) {
      // A store that is down must sign nobody out.
      req.sessionID = before.id;
      req.session = before.session;
      throw error;
    }
    strip?.(before.session);
    setMark(req.session);
    made.set(req.session, req);
    await promised((finished) => destroy(before.id, finished));
  }
}

const ended = () =>
  new SecondFactorError('sign_in_required', 'The login was ended while it was to go on.', 'Sign in again.');

/** Nobody can have ended a session whose id has not left this process: there is nothing to look for. */
const isUnknownYet = (session: object): boolean => made.get(session)?.res?.headersSent === false;
