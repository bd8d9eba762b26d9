import type { Request } from 'express';
import type { Login } from '../stores/contracts';

/** What was just done, as "Security and login" says it. `label` is the name of what it concerns. */
export interface Notice {
  readonly code: (typeof CODES)[number];
  readonly label: string | null;
}

const CODES = [
  'enabled',
  'factor_added',
  'factor_renamed',
  'factor_preferred',
  'factor_removed',
  'codes_renewed',
  'setup_cancelled',
  'signed_out_everywhere',
  'changes_released',
  'factor_restored',
  'browser_forgotten',
  'browsers_forgotten',
  'login_ended',
  'access_rules_changed',
  'request_stopped',
  'vouched',
  'admin_suspended',
  'admin_unlocked',
  'admin_logins_ended',
  'admin_begun',
  'admin_confirmed',
  'admin_handled',
  'admin_judged',
] as const;

declare module 'express-session' {
  interface SessionData {
    /** For the next visit to "Security and login", by the same login. */
    secondFactorNotice?: Notice & { readonly loginId: string };
  }
}

/**
 * Leaves it for the next page, in the session, as anyone could put it into a link. Call it after the login has got its
 * new session, if it gets one.
 */
export function leaveNotice(
  req: Request,
  { loginId }: Login,
  code: Notice['code'],
  label: string | null = null,
): void {
  req.session.secondFactorNotice = { code, label, loginId };
}

/** Shown once. An app may keep session data across a sign-in, so one that another login left is not shown. */
export function takeNotice(req: Request, { loginId }: Login): Notice | null {
  const { secondFactorNotice: left } = req.session;
  // A HEAD request shows nothing.
  if (!left || req.method !== 'GET') return null;
  delete req.session.secondFactorNotice;
  // Another version may have left one that this one has no text for.
  return left.loginId === loginId && CODES.includes(left.code) ? left : null;
}
