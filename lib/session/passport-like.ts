/** A Passport instance of the app: `passport`, or `new Passport()`. */
export interface PassportLike {
  use: unknown;
  authenticate: unknown;
  serializeUser: unknown;
  deserializeUser: unknown;
}
