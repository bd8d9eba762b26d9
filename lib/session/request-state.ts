import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { kindOf } from '../core/kind';
import type { Kinds } from '../core/scope';
import type { RequestContext } from '../events';
import type { Proof } from '../stores/contracts';
import { browserOf } from './browser-name';
import type { Ahead, ReadAhead } from './read-ahead';
import type { Runtime, RequestScope, Site } from './runtime';
import type { Complete, LoginState } from './login-state';

/** What a request may know about its second factor: `req.twoFactor`. */
export interface RequestTwoFactor {
  /** `none`: nobody is signed in. `owed`: half signed in. `exempt`: signed in, nothing was owed. */
  readonly status: 'none' | 'owed' | 'passed' | 'exempt';
  /** The id of the user of a half login. */
  readonly owedBy?: string;
  readonly proofs: readonly Proof[];
  /** What was proven, by its RFC 8176 names. */
  readonly amr: readonly string[];
  readonly loginId: string | null;
  /** It was completed without a proof, in a remembered browser. */
  readonly remembered?: true;
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

interface OwedUser {
  readonly loginId: string;
  readonly user: Promise<unknown>;
  /** null until `user` is there. */
  loaded: unknown;
}

/** One `secondFactor()` object. */
type Owner = Pick<Site, 'options' | 'kinds'>;

interface Known {
  readonly loginState: LoginState | undefined;
  readonly sessionId: string | null;
}

/** What we know of a request so far. */
export interface RequestState {
  readonly of: IncomingMessage;
  /** From the `secondFactor()` object that last saw the request: two in one process each have their own stores. */
  scope: { readonly runtime: Runtime; readonly scope: RequestScope } | null;
  loginState: LoginState | undefined;
  /** The object that has set the state, and of which session it is. */
  owner: Owner | null;
  sessionId: string | null;
  /** What those that set it before know: one object must never take the login of another for one of its own. */
  others: Map<object, Known> | null;
  /** What `req.twoFactor` gives, once something has read it. */
  view: RequestTwoFactor | null;
  ahead: readonly Ahead[] | null;
  mount: string;
  /** Users for whom a token issued earlier was found. */
  vouched: unknown[] | null;
  coveredBy: readonly Runtime[];
  owedUser: OwedUser | null;
}

// On the request, as Passport does: a WeakMap costs the garbage collector more than everything else here. A symbol, so
// that neither names that came with a request nor a second copy of this package can collide with it.
const slot = Symbol('second factor');

const nobody: readonly Runtime[] = [];

/**
 * Express gives each request a prototype of its app, and so a hidden class of its own: each access to one of its
 * properties is looked up anew, and each property added copies what describes the others. So whoever needs the state
 * more than once keeps it.
 */
export function stateOf(req: IncomingMessage & { [slot]?: RequestState }): RequestState {
  const known = req[slot];
  // A copy of a request, by its properties or its prototype, may get another session than the first has.
  if (known !== undefined && known.of === req) return known;
  const state: RequestState = {
    of: req,
    scope: null,
    loginState: undefined,
    owner: null,
    sessionId: null,
    others: null,
    view: null,
    ahead: null,
    mount: '',
    vouched: null,
    coveredBy: nobody,
    owedUser: null,
  };
  req[slot] = state;
  return state;
}

/** The stores of a request, all its calls under one deadline. */
export function scopeOf(runtime: Runtime, req: IncomingMessage): RequestScope {
  const state = stateOf(req);
  if (state.scope?.runtime !== runtime)
    state.scope = { runtime, scope: runtime.newScope({ req, context: contextOf(req) }) };
  return state.scope.scope;
}

/** The same, if anything has asked for them. */
export function scopeSoFar({ options }: Site, req: IncomingMessage): RequestScope | null {
  const { scope } = stateOf(req);
  return scope?.runtime.options === options ? scope.scope : null;
}

/** Characters. Both may be whatever a client sent, and are stored with what happened, in the account as well. */
const [LONGEST_ID, LONGEST_ADDRESS] = [200, 100];

/** Read at once: a client that hangs up has no address any more. */
export function contextOf(
  req: IncomingMessage & { readonly ip?: string | undefined; readonly id?: unknown },
): RequestContext {
  const { ip, id } = req;
  return Object.freeze({
    address: ip !== undefined && ip.length <= LONGEST_ADDRESS ? ip : null,
    browser: browserOf(req.headers['user-agent'] ?? ''),
    requestId: typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, LONGEST_ID) : null,
  });
}

/** Whose login it is, as this `secondFactor()` object knows; undefined if the request has not passed its `protect()`. */
export const knownLoginState = (site: Pick<Site, 'options'>, req: IncomingMessage): LoginState | undefined =>
  knownBy(site, req)?.loginState;

function knownBy({ options }: Pick<Site, 'options'>, req: IncomingMessage): Known | undefined {
  const state = stateOf(req);
  return state.owner?.options === options ? state : state.others?.get(options);
}

/** The login of somebody who is signed in and owes nothing, or null. */
export function completeLoginOf(site: Pick<Site, 'options'>, req: IncomingMessage): Complete | null {
  const loginState = knownLoginState(site, req);
  return loginState?.status === 'passed' || loginState?.status === 'exempt' ? loginState : null;
}

/** Whether that is a login of this session: the request may have got another one since. */
export const isCompleteIn = (site: Pick<Site, 'options'>, req: IncomingMessage, sessionId: string): boolean =>
  completeLoginOf(site, req) !== null && knownBy(site, req)?.sessionId === sessionId;

export function setLoginState(
  owner: Owner,
  req: Request,
  loginState: LoginState,
  state: RequestState = stateOf(req),
): void {
  const { owner: before, loginState: known, sessionId } = state;
  if (before === null) show(req);
  else if (before.options !== owner.options)
    (state.others ??= new Map()).set(before.options, { loginState: known, sessionId });
  state.loginState = loginState;
  state.owner = owner;
  state.sessionId = req.sessionID;
  state.view = null;
}

/** The prototypes of requests that have `twoFactor`. */
const showing = new WeakSet<object>();

/** `req.twoFactor` comes from the prototype that the app's requests share, and hides whatever was put there before. */
function show(req: Request): void {
  const prototype = Object.getPrototypeOf(req) as object;
  if (!showing.has(prototype)) {
    Object.defineProperty(requestsOfApp(req), 'twoFactor', view);
    showing.add(prototype);
  }
  if (Object.hasOwn(req, 'twoFactor')) Object.defineProperty(req, 'twoFactor', view);
}

/** That of the outermost app, from which those of the apps mounted in it inherit; what Express did not make has none. */
function requestsOfApp(req: object): object {
  const up = Object.getPrototypeOf(req) as object | null;
  return up && Object.hasOwn(up, 'app') ? requestsOfApp(up) : req;
}

/** Most requests never read it, so it is computed on first access. */
const view: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get(this: Request): RequestTwoFactor | undefined {
    const state = stateOf(this);
    if (state.view === null && state.owner && state.loginState)
      state.view = publicOf(state.owner.kinds, state.loginState);
    return state.view ?? undefined;
  },
  /** An app may put something of its own there; nothing of ours reads it. */
  set(this: Request, value: unknown) {
    Object.defineProperty(this, 'twoFactor', { value, configurable: true, enumerable: true, writable: true });
  },
};

/** Keeps what was requested together with the session of this request. */
export function keepAhead(req: IncomingMessage, ahead: readonly Ahead[]): void {
  stateOf(req).ahead = ahead;
}

/** Only for the session the request has now: it may have got another one since. */
export function aheadOf(of: ReadAhead, { ahead }: RequestState, sessionId: string): Ahead | null {
  if (ahead === null) return null;
  for (const one of ahead) if (one.of === of && one.note.sessionId === sessionId) return one;
  return null;
}

/** Where this router is mounted. A parameter in that path is the client's, and links begin with it: `//` would lead away. */
export const mountPath = ({ baseUrl }: Request): string => (/^\/[/\\]/.test(baseUrl) ? '' : baseUrl);

/** Where `protect()` is mounted; a login route further down has a different `req.baseUrl`. */
export const mountOf = (req: Request): string => stateOf(req).mount;

/** The users for whom a strategy of `tokenStrategies` has found a token in this request. */
export const vouchedFor = (req: Request): unknown[] => (stateOf(req).vouched ??= []);

/** Asks the app only once per request. */
export function keepOwedUser(req: Request, loginId: string, ask: () => Promise<unknown>): Promise<unknown> {
  const state = stateOf(req);
  if (state.owedUser?.loginId === loginId) return state.owedUser.user;
  const owed: OwedUser = { loginId, user: ask().then((user) => (owed.loaded = user)), loaded: null };
  state.owedUser = owed;
  return owed.user;
}

/** The app's own object for the user of this request, without waiting: that of a half login only once it was loaded. */
export function knownUser(site: Pick<Site, 'options'>, req: Request): unknown {
  const { owedUser } = stateOf(req);
  const loginState = knownLoginState(site, req);
  if (loginState?.status === 'passed' || loginState?.status === 'exempt') return loginState.seam.userOf(req);
  const login =
    loginState?.status === 'owed'
      ? loginState.login
      : loginState?.status === 'enrol'
        ? loginState.enrolling
        : null;
  return login !== null && owedUser?.loginId === login.loginId ? owedUser.loaded : null;
}

/** Whether this is the first time for this request: several of our objects may see it. */
export function isFirstCover(runtime: Runtime, state: RequestState): boolean {
  if (state.coveredBy.includes(runtime)) return false;
  state.coveredBy = [...state.coveredBy, runtime];
  return true;
}

export function publicOf(kinds: Kinds, loginState: LoginState): RequestTwoFactor {
  if (!('login' in loginState) || loginState.status === 'ended') {
    return { status: 'none', proofs: [], amr: [], loginId: null };
  }
  const { login, status } = loginState;
  const { proofs, loginId, remembered } = login;
  if (status === 'owed') return { status, owedBy: login.userId, proofs: [], amr: [], loginId };
  return {
    status,
    // Other requests may share the record.
    proofs: proofs.map((proof) => ({ ...proof })),
    amr: amrOf(kinds, proofs, login.accepted?.methods ?? []),
    loginId,
    ...(remembered !== undefined && { remembered: true }),
  };
}

function amrOf(kinds: Kinds, proofs: readonly Proof[], accepted: readonly string[]): string[] {
  const names = proofs.flatMap((proof) => kindOf(kinds, proof.type)?.amr(proof) ?? []);
  return [...new Set([...accepted, ...names, ...(proofs.length > 0 ? ['mfa'] : [])])];
}
