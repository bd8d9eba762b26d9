/** How `req.logIn` was called, as far as it matters here. */
export interface LogInOptions {
  readonly keepSessionInfo?: boolean;
  /** Whatever is not `undefined` counts as true or false. */
  readonly session?: unknown;
  readonly successRedirect?: string;
  readonly successReturnToOrRedirect?: string;
}
