import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler, Response } from 'express';
import type { Channel, ProofType } from './account/account';
import type { Imported } from './core/import-factor';
import type { ImportedFactor, ProofInput } from './core/scope';
import type { KeyUsage } from './core/key-usage';
import type { AccountStatus } from './core/status';
import type { Refusal } from './errors';
import type { EventName, Listener } from './events';
import type { GateOptions } from './session/gate';
import type { RequestTwoFactor } from './session/request-state';
import type { ProofRequirement } from './session/require-proof';

/** A complete second factor for one app. */
export interface SecondFactor<User> {
  /** `sessionStep()`, `pages()` and `gate()` in turn, as one handler: mount it right after `passport.session()`, above the app's own CSRF check. */
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
  /**
   * "Sign in with a passkey" on the app's own login page: mount it after `protect()`, and put the script `<path>/assets/passkey.js`
   * on that page. Needs `passkeys: true`.
   * @throws SecondFactorError `bad_option` without it
   */
  passkeySignIn(): RequestHandler;
  /**
   * Ends every login of a user and forgets their browsers, for a change of password; the login of `except` goes on under
   * a new session id.
   */
  signOutEverywhere(userId: unknown, options?: { except?: Request }): Promise<void>;
  /**
   * Says that a message by this channel set the user's password: codes by it are not taken, in any login, until another
   * kind of proof was given with the new password. Call it before the new password counts.
   * @throws SecondFactorError `bad_option` for another channel
   * @example await twoFactor.notePasswordReset(user.id, 'email');
   */
  notePasswordReset(userId: unknown, channel: Channel): Promise<void>;
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
    /** How many accounts still hold something that each key signed or sealed. An old key can go when it counts 0. */
    usage(): Promise<KeyUsage>;
    /** Signs and seals anew, with the first key, what others had; how many accounts it changed. */
    reseal(): Promise<number>;
  };
  on<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  off<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  /** Ends what we opened ourselves; never a connection of the app's. */
  close(): Promise<void>;
}
