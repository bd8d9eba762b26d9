import type { IncomingMessage } from 'node:http';

type Done = (error?: unknown) => void;

/** The part of Passport's session manager that is wrapped; private to Passport 0.6 and 0.7. */
export interface SessionManager {
  _key: string;
  logIn(req: IncomingMessage, user: unknown, options: unknown, done: Done): void;
  logOut(req: IncomingMessage, options: unknown, done: Done): void;
}

/** A Passport instance of the app: `passport`, or `new Passport()`. */
export interface PassportLike {
  use: unknown;
  authenticate: unknown;
  serializeUser: unknown;
  deserializeUser: unknown;
}
