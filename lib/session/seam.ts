import type { Request, Response } from 'express';

export type Middleware = (req: Request, res: Response, next: (error?: unknown) => void) => void;

/** How a strategy ended: with what it succeeded, or why it failed. */
interface Authenticated {
  readonly success: unknown;
  readonly failure: unknown;
}

/** One Passport instance, seen from our side. */
export interface Seam {
  readonly index: number;
  use(name: string, strategy: object): void;
  /** Runs the strategy of this name. */
  authenticate(name: string, req: Request, res: Response): Promise<Authenticated>;
  /** Replaces each named strategy whenever it is about to run. */
  replaceStrategies(replace: (strategy: object, name: string) => object): void;
  hasStrategy(name: string): boolean;
  /** Whether this was the last Passport to see the request; null if none has. */
  isOf(req: Request): boolean | null;
  /** Whether this is the name of the request property that holds the user. */
  isUserProperty(req: Request, name: unknown): boolean;
  /** Adds `logIn` and the rest of what Passport adds to a request, unless it is there already. */
  prepare(req: Request, res: Response): void;
  /** Whether this session holds a user of this Passport. */
  hasUser(session: object): boolean;
  /** Empties Passport's key in the session, as for a half login. */
  clearUser(session: object): void;
  userOf(req: Request): unknown;
  setUser(req: Request, user: unknown): void;
  serialize(user: unknown, req: Request): Promise<unknown>;
  /** @returns null when the user no longer exists */
  deserialize(serialized: unknown, req: Request): Promise<unknown>;
  /** The user of a session that `passport.session()` has not read. */
  userFrom(req: Request): Promise<unknown>;
  /** Passport's own login: new session id, user in the session, saved. */
  logIn(req: Request, user: unknown, options: LogInOptions): Promise<void>;
}

/** A Passport instance of the app: `passport`, or `new Passport()`. */
export interface PassportLike {
  use: unknown;
  authenticate: unknown;
  serializeUser: unknown;
  deserializeUser: unknown;
}

/** The options of `req.logIn` that matter here. */
export interface LogInOptions {
  readonly keepSessionInfo?: boolean;
  /** Anything but `undefined` counts as truthy or falsy. */
  readonly session?: unknown;
  readonly successRedirect?: string;
  readonly successReturnToOrRedirect?: string;
}
