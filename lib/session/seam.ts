import type { Request, Response } from 'express';

export type Middleware = (req: Request, res: Response, next: (error?: unknown) => void) => void;

/** What a strategy ended with: what it succeeded with, or why it failed. */
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
  /** Puts something of ours in the place of each named strategy, whenever one is about to run. */
  replaceStrategies(replace: (strategy: object, name: string) => object): void;
  hasStrategy(name: string): boolean;
  /** Whether it was this Passport that last met the request: null where none has. */
  isOf(req: Request): boolean | null;
  /** Whether this names the property of the request that its user is in. */
  isUserProperty(req: Request, name: unknown): boolean;
  /** Gives a request `logIn` and the rest of what Passport adds, where it has not yet. */
  prepare(req: Request, res: Response): void;
  /** Whether this session holds a user of this Passport. */
  hasUser(session: object): boolean;
  /** Empties Passport's key, as a half login has it. */
  clearUser(session: object): void;
  userOf(req: Request): unknown;
  setUser(req: Request, user: unknown): void;
  serialize(user: unknown, req: Request): Promise<unknown>;
  /** @returns null when the user is not there any more */
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

/** How `req.logIn` was called, as far as it matters here. */
export interface LogInOptions {
  readonly keepSessionInfo?: boolean;
  /** Whatever is not `undefined` counts as true or false. */
  readonly session?: unknown;
  readonly successRedirect?: string;
  readonly successReturnToOrRedirect?: string;
}
