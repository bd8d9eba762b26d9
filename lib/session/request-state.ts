import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { kindOf } from '../core/kind';
import type { Kinds } from '../core/scope';
import type { Proof } from '../stores/contracts';
import type { Ahead, ReadAhead } from './read-ahead';
import type { Runtime, RequestScope } from './runtime';
import type { LoginState } from './login-state';

/** What a request may know of its own second factor: `req.twoFactor`. */
export interface RequestTwoFactor {
  /** `none`: nobody is signed in. `owed`: half signed in. `exempt`: signed in, nothing was owed. */
  readonly status: 'none' | 'owed' | 'passed' | 'exempt';
  /** The id of the user of a half login. */
  readonly owedBy?: string;
  readonly proofs: readonly Proof[];
  /** RFC 8176 names of what was proven. */
  readonly amr: readonly string[];
  readonly loginId: string | null;
}

declare global {
  namespace Express {
    interface Request {
      twoFactor?: RequestTwoFactor;
      /** Where `passport.authenticate(…, { assignProperty: 'secondFactorProof' })` leaves a proof. */
      secondFactorProof?: unknown;
    }
  }
}

/** What we know of a request so far. */
interface RequestState {
  /** Of the object that last met the request: two in one process have stores of their own. */
  scope: { readonly runtime: Runtime; readonly scope: RequestScope } | null;
  loginState: LoginState | undefined;
  /** Of the object that set the state last. */
  kinds: Kinds | null;
  /** What `req.twoFactor` gives, once somebody has read it. */
  view: RequestTwoFactor | null;
  ahead: readonly Ahead[] | null;
  mount: string;
  /** Of whom a token was found that was issued earlier. */
  vouched: unknown[] | null;
  readonly coveredBy: Runtime[];
  owedUser: { readonly loginId: string; readonly user: Promise<unknown> } | null;
}

// On the request, as Passport keeps its own: a WeakMap costs the garbage collector more than all else done here.
// A symbol, so that neither names that came with a request nor a second copy of this package can meet it.
const slot = Symbol('second factor');

const stateOf = (req: IncomingMessage & { [slot]?: RequestState }): RequestState =>
  (req[slot] ??= {
    scope: null,
    loginState: undefined,
    kinds: null,
    view: null,
    ahead: null,
    mount: '',
    vouched: null,
    coveredBy: [],
    owedUser: null,
  });

/** The stores of a request, all its calls under one deadline. */
export function scopeOf(runtime: Runtime, req: IncomingMessage): RequestScope {
  const state = stateOf(req);
  if (state.scope?.runtime !== runtime) state.scope = { runtime, scope: runtime.newScope() };
  return state.scope.scope;
}

export const knownLoginState = (req: IncomingMessage): LoginState | undefined => stateOf(req).loginState;

export function setLoginState({ kinds }: Pick<Runtime, 'kinds'>, req: Request, loginState: LoginState): void {
  const state = stateOf(req);
  if (state.kinds === null) Object.defineProperty(req, 'twoFactor', view);
  state.loginState = loginState;
  state.kinds = kinds;
  state.view = null;
}

/** Most requests never read it, so it is made when it is read. */
const view: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: Request): RequestTwoFactor | undefined {
    const state = stateOf(this);
    if (state.view === null && state.kinds && state.loginState)
      state.view = publicOf(state.kinds, state.loginState);
    return state.view ?? undefined;
  },
};

/** What was asked together with the session of this request. */
export function keepAhead(req: IncomingMessage, ahead: readonly Ahead[]): void {
  stateOf(req).ahead = ahead;
}

/** Of the session that the request has now: it may have got another one since. */
export function aheadOf(of: ReadAhead, req: Request): Ahead | null {
  const state = stateOf(req);
  for (const ahead of state.ahead ?? []) {
    if (ahead.of === of && ahead.sessionId === req.sessionID) return ahead;
  }
  return null;
}

/** Notes where `protect()` is mounted; a login route further down has another `req.baseUrl`. */
export function noteMount(req: Request): void {
  // Below a mount with a parameter a client chooses it, and every link of ours begins with it.
  stateOf(req).mount = /^\/[/\\]/.test(req.baseUrl) ? '' : req.baseUrl;
}

export const mountOf = (req: Request): string => stateOf(req).mount;

/** Those of whom a strategy of `tokenStrategies` has found a token in this request. */
export const vouchedFor = (req: Request): unknown[] => (stateOf(req).vouched ??= []);

/** What was asked of the app once in this request. */
export function keepOwedUser(req: Request, loginId: string, ask: () => Promise<unknown>): Promise<unknown> {
  const state = stateOf(req);
  if (state.owedUser?.loginId !== loginId) state.owedUser = { loginId, user: ask() };
  return state.owedUser.user;
}

/** Whether this is the first time for this request: several of our objects may meet it. */
export function isFirstCover(runtime: Runtime, req: Request): boolean {
  const { coveredBy } = stateOf(req);
  if (coveredBy.includes(runtime)) return false;
  coveredBy.push(runtime);
  return true;
}

export function publicOf(kinds: Kinds, loginState: LoginState): RequestTwoFactor {
  if (!('login' in loginState) || loginState.status === 'ended') {
    return { status: 'none', proofs: [], amr: [], loginId: null };
  }
  const { login, status } = loginState;
  const { proofs, loginId } = login;
  if (status === 'owed') return { status, owedBy: login.userId, proofs: [], amr: [], loginId };
  return {
    status,
    // The record may be of other requests as well.
    proofs: proofs.map((proof) => ({ ...proof })),
    amr: amrOf(kinds, proofs, login.accepted?.methods ?? []),
    loginId,
  };
}

function amrOf(kinds: Kinds, proofs: readonly Proof[], accepted: readonly string[]): string[] {
  const names = proofs.flatMap((proof) => kindOf(kinds, proof.type)?.amr(proof) ?? []);
  return [...new Set([...accepted, ...names, ...(proofs.length > 0 ? ['mfa'] : [])])];
}
