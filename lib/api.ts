import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response, Router } from 'express';
import type { AdminCalls } from './admin/calls';
import type { Channel, ProofType } from './account/account';
import type { ImportOptions, Imported } from './core/import-factor';
import type { ImportedFactor } from './core/imported-factor';
import type { ProofInput } from './core/scope';
import type { KeyUsage } from './core/key-usage';
import type { AccountStatus } from './core/status-of';
import type { Refusal } from './errors';
import type { EventName, Listener } from './events';
import type { Counts } from './notices/tries';
import type { TickOptions } from './options/tick';
import type { AdminOptions } from './options/admin';
import type { GateOptions } from './session/gate';
import type { RequestTwoFactor } from './session/request-state';
import type { ProofRequirement } from './session/require-proof';
import type { ActivityEntry, ActivityQuery } from './stores/activity';

/** What one `tick()` did. */
export interface Ticked {
  readonly notices: Counts;
  readonly webhooks: Counts;
  /** How many requests for access went a step further. */
  readonly requests: { readonly moved: number };
  /** How many documents were deleted that should have been gone before. */
  readonly documents: number;
  /** How many records reached the audit store. */
  readonly audit: number;
  /** There is more to do now: its limit or its deadline was reached. */
  readonly more: boolean;
}

/** The second factor of one app. */
export interface SecondFactor<User> {
  /** `sessionStep()`, `pages()` and `gate()` in turn, as one handler: mount it right after `passport.session()`, above the app's own CSRF check. */
  protect(options?: GateOptions): RequestHandler[];
  /** Works out whose session it is and whether its login is complete. */
  sessionStep(): RequestHandler;
  /** Our pages, under the option `path`. */
  pages(): RequestHandler;
  /** Turns pages away while a second factor is owed. */
  gate(options?: GateOptions): RequestHandler;
  /**
   * Lets a request through if its login has proven its second factor, and recently enough.
   * @example app.get('/billing', twoFactor.requireProof({ within: '5m' }), billing);
   */
  requireProof(requirement?: ProofRequirement): RequestHandler;
  /**
   * The pages, and the JSON, of those who help others in again (docs/administrators.md): mount it anywhere below
   * `protect()`. `authorize` says who may do what to whom; it needs `users.byId` and `users.find`.
   * @throws SecondFactorError `bad_option` without them
   * @example app.use('/admin/2fa', twoFactor.adminRouter({ authorize: (req) => req.user.isAdmin }));
   */
  adminRouter(options: AdminOptions<User>): Router;
  /** The same for an app's own pages and scripts: who may do it is for the caller to check. */
  readonly admin: AdminCalls;
  /** Checks the proof in `req.body.code` and completes the login: `passport.authenticate` and `finishLogin` in one. */
  authenticate(type: ProofType): RequestHandler;
  /** Completes a login whose proof `passport.authenticate(type, { assignProperty: 'secondFactorProof' })` accepted. */
  finishLogin(req: Request, res: Response): Promise<{ url: string }>;
  /**
   * "Sign in with a passkey" on the app's own login page: mount it after `protect()`, and put the script `<path>/assets/passkey.js`
   * on that page. Needs `passkeys: true`.
   * @throws SecondFactorError `bad_option` without it
   */
  passkeySignIn(): RequestHandler;
  /**
   * Ends every login of a user and forgets their browsers, as after a change of password; the login of `except`
   * continues under a new session id.
   */
  signOutEverywhere(userId: unknown, options?: { except?: Request }): Promise<void>;
  /**
   * Records that the user's password was set through a message on this channel: no login accepts codes from it until
   * another kind of proof has been given with the new password. Call it before the new password takes effect.
   * @throws SecondFactorError `bad_option` for another channel
   * @example await twoFactor.notePasswordReset(user.id, 'email');
   */
  notePasswordReset(userId: unknown, channel: Channel): Promise<void>;
  /**
   * Deletes everything about a user. Call it when the app deletes the user's account. Only what others did to it stays,
   * under a pseudonym, if there is an `audit`.
   */
  forget(userId: unknown): Promise<void>;
  /**
   * What happened to a user, newest first: 50 entries, or `limit` (at most 1 000). `before` is the id of an entry to
   * continue from, and `type` selects one kind of proof. Needs the option `activity`.
   * @throws SecondFactorError `bad_option` without it
   * @example const page = await twoFactor.activityOf(user.id, { limit: 20 });
   * const next = await twoFactor.activityOf(user.id, { limit: 20, before: page.at(-1)?.id });
   */
  activityOf(userId: unknown, query?: Partial<ActivityQuery>): Promise<readonly ActivityEntry[]>;
  /** Whether two-factor is on for a user, which factors they have, and how many backup codes are left. */
  statusOf(userId: unknown): Promise<AccountStatus>;
  /**
   * What `req.twoFactor` would say of a request that only the session middleware has seen, such as a WebSocket upgrade.
   */
  statusFrom(req: IncomingMessage): Promise<RequestTwoFactor>;
  /** Whether a login of this user owes a second factor: for tokens issued without `req.logIn`. */
  isOwedBy(user: User): Promise<boolean>;
  /** Checks a proof without a session: for apps that sign tokens. */
  verify(userId: unknown, type: ProofType, input: ProofInput): Promise<{ ok: true } | Refusal>;
  /**
   * Imports what was proven in another system: an authenticator app, a key, an address, backup codes (docs/move-in.md).
   * Importing the same thing again is refused with `duplicate`, and changes nothing.
   */
  importFactor<Given extends ImportedFactor>(
    userId: unknown,
    factor: Given,
    options?: ImportOptions,
  ): Promise<Imported<Given>>;
  readonly keys: {
    /**
     * For each key, how many accounts, and ends of chains in the audit, still hold something it signed or sealed. An
     * old key can be removed once its count is 0.
     */
    usage(): Promise<KeyUsage>;
    /** Signs and seals again, with the first key, whatever another key had; returns how many accounts it changed. */
    reseal(): Promise<number>;
  };
  /**
   * Does what is due, such as notices that could not be sent at once. Call it once a minute, in as many processes as
   * you like.
   *
   * @example setInterval(() => twoFactor.tick().catch(log), 60_000).unref();
   */
  tick(options?: TickOptions): Promise<Ticked>;
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  off<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  /**
   * Writes the activity that is still waiting, closes what we opened ourselves, and ends sending; never a connection of
   * the app's.
   */
  close(): Promise<void>;
}
