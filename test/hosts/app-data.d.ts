import 'express-session';

declare module 'express-session' {
  interface SessionData {
    /** What the host apps of the tests keep in a session. */
    cart?: string;
  }
}
