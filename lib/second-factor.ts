import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response, Router } from 'express';
import { Router as createRouter } from 'express';
import type { ProofType } from './account/account';
import { owesFactor } from './account/factors';
import { toUserId } from './account/user-id';
import { endLogins, forget } from './core/end-logins';
import { importFactor, type Imported, type ImportedFactor } from './core/import-factor';
import { countKeyUsage, type KeyUsage } from './core/key-usage';
import type { Scope } from './core/scope';
import { loadAccount, statusOf, type AccountStatus } from './core/status';
import { verify, type ProofInput, type Verified } from './core/verify';
import { createFormTokens } from './crypto/digest';
import { createKeyRing } from './crypto/key-ring';
import { createSeal } from './crypto/seal';
import { duration } from './duration';
import type { Refusal } from './errors';
import { createEvents, type EventName, type Listener } from './events';
import type { SecondFactorOptions } from './options';
import { createRenderer } from './pages/render';
import { createResponder } from './pages/respond';
import { createPages } from './pages/router';
import { resolveOptions } from './resolve-options';
import { createBrowserCookie } from './session/browser-cookie';
import { gate, type GateOptions } from './session/gate';
import type { Host } from './session/host';
import { logInThrough } from './session/login';
import { takeSeam } from './session/passport-seam';
import type { PassportLike } from './session/passport-like';
import { createProving } from './session/prove';
import { renewLogin } from './session/renew';
import { knownStanding, publicOf, type RequestTwoFactor } from './session/request-state';
import { requireProof, type ProofRequirement } from './session/require-proof';
import { standingOf } from './session/standing';
import { sessionStep } from './session/step';
import { coverStrategies } from './session/strategy-cover';
import { within } from './stores/deadline';
import { BackupCodeStrategy } from '../strategies/backup-code';
import { TotpStrategy } from '../strategies/totp';

/** A complete second factor for one app. */
export interface SecondFactor<User> {
  /** `[sessionStep(), pages(), gate()]`: mount it right after `passport.session()`, above the app's own CSRF check. */
  protect(options?: GateOptions): RequestHandler[];
  /** Decides whose session it is and whether its login is complete. */
  sessionStep(): RequestHandler;
  /** Our pages, under the option `path`. */
  pages(): RequestHandler;
  /** Turns pages away while a second factor is owed. */
  gate(options?: GateOptions): RequestHandler;
  /**
   * Lets a request pass whose login has proven its second factor, recently enough.
   * @example app.get('/billing', twoFactor.requireProof({ within: '5m' }), billing);
   */
  requireProof(requirement?: ProofRequirement): RequestHandler;
  /** Checks the proof in `req.body.code` and completes the login: `passport.authenticate` and `finishLogin` in one. */
  authenticate(type: ProofType): RequestHandler;
  /** Completes a login whose proof `passport.authenticate(type, { assignProperty: 'secondFactorProof' })` accepted. */
  finishLogin(req: Request, res: Response): Promise<{ url: string }>;
  /** Ends every login of a user, for a change of password; the one of `except` goes on under a new session id. */
  signOutEverywhere(userId: unknown, options?: { except?: Request }): Promise<void>;
  /** Deletes everything about a user, when the app deletes its account. */
  forget(userId: unknown): Promise<void>;
  statusOf(userId: unknown): Promise<AccountStatus>;
  /** What is known of a request that only the session middleware has seen, such as a websocket upgrade. */
  statusFrom(req: IncomingMessage): Promise<RequestTwoFactor>;
  /** Whether a login of this user owes a second factor: for tokens issued without `req.logIn`. */
  isOwedBy(user: User): Promise<boolean>;
  /** Checks a proof without a session: for apps that sign tokens. */
  verify(userId: unknown, type: ProofType, input: ProofInput): Promise<{ ok: true } | Refusal>;
  /** Takes over a factor that was proven in another system. */
  importFactor(userId: unknown, factor: ImportedFactor): Promise<Imported>;
  readonly keys: {
    /** How many accounts still hold something that each key sealed. An old key can go when it counts 0. */
    usage(): Promise<KeyUsage>;
  };
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  off<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  /** Ends what we opened ourselves; never a connection of the app's. */
  close(): Promise<void>;
}

/**
 * Puts a second factor on the logins of an Express + Passport app.
 *
 * @throws SecondFactorError `bad_option` for an option that can't work, with the cure in `help`
 * @example
 * const twoFactor = secondFactor({ passport, appName: 'WebAdmin', origin, keys, users, accounts, pending });
 * app.use(twoFactor.protect({ signOut: '/logout' }));
 */
export function secondFactor<User = Express.User>(given: SecondFactorOptions<User>): SecondFactor<User> {
  const { options, settings } = resolveOptions(given);
  const deadline = duration('deadline', given.deadline ?? 2500);
  const now = given.now?.bind(given) ?? Date.now;
  const ring = createKeyRing(given.keys);
  const seal = createSeal(ring);
  const events = createEvents();
  const renderer = createRenderer({ ...given, appName: options.appName });
  const respond = createResponder(() => host, renderer);
  const stores = () => within(given.accounts, given.pending, { ms: deadline });
  const newScope = (): Scope => ({ ...stores(), settings, seal, events, now, pause });

  const passports: readonly PassportLike[] = Array.isArray(given.passport)
    ? given.passport
    : [given.passport];
  const seams: Host['seams'][number][] = [];
  const host: Host = {
    options,
    settings,
    events,
    formTokens: createFormTokens(ring),
    seams,
    pending: () => stores().pending,
    newScope,
    now,
    refuse: respond.refuse,
    prove: (type, req, res, done, fail) => {
      const [seam] = seams;
      seam?.passport.authenticate(type, (error, proof, refusal) => {
        if (error) return fail(error);
        done(proof ? null : (refusal as Refusal), proof);
      })(req, res, fail);
    },
  };
  const proving = createProving(host, createBrowserCookie(options.origin));
  for (const [index, passport] of passports.entries()) {
    const seam = takeSeam(passport, index, logInThrough(host));
    seams.push(seam);
    coverStrategies(host, seam);
    for (const Strategy of [TotpStrategy, BackupCodeStrategy]) {
      const strategy = new Strategy(proving.verifyRequest);
      seam.passport.use(strategy.name, strategy);
    }
  }
  const router = createPages({ host, renderer, respond, proving });

  const twoFactor: SecondFactor<User> = {
    protect: (gateOptions) => [twoFactor.sessionStep(), twoFactor.pages(), twoFactor.gate(gateOptions)],
    sessionStep: () => sessionStep(host),
    pages: () => mounted(options.path, router),
    gate: (gateOptions) => gate(host, gateOptions),
    requireProof: (requirement) => requireProof(host, requirement),
    authenticate: proving.authenticate,
    finishLogin: proving.finishLogin,
    signOutEverywhere: async (userId, { except } = {}) => {
      const { epoch } = await endLogins(newScope(), toUserId(userId));
      const standing = except && knownStanding(except);
      const isTheirs = standing?.status === 'passed' || standing?.status === 'exempt';
      if (!except || !isTheirs || standing.userId !== toUserId(userId)) return;
      await renewLogin(host, standing.seam, except, { ...standing.login, epoch });
    },
    forget: (userId) => forget(newScope(), toUserId(userId)),
    statusOf: (userId) => statusOf(newScope(), toUserId(userId)),
    statusFrom: async (req) => publicOf(await standingOf(host, newScope(), req as Request)),
    isOwedBy: async (user) => owesFactor(await loadAccount(newScope(), toUserId(options.users.id(user)))),
    verify: async (userId, type, input) => {
      const prover = { userId: toUserId(userId), login: null, knownToken: null, noteToken: null };
      const verified: Verified | Refusal = await verify(newScope(), prover, type, input);
      return verified.ok ? { ok: true } : verified;
    },
    importFactor: (userId, factor) => importFactor(newScope(), toUserId(userId), factor),
    keys: { usage: () => countKeyUsage(given.accounts, ring, seal) },
    on: events.on,
    off: events.off,
    close: () => given.pending.close(),
  };
  return twoFactor;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function mounted(path: string, router: Router): Router {
  return createRouter({ caseSensitive: true }).use(path, router);
}
