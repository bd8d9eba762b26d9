import type { Request, RequestHandler, Response } from 'express';
import type { Account } from '../account/account';
import { refusedByTries } from '../core/login-tries';
import type { Scope } from '../core/scope';
import { loadAccount } from '../core/status';
import { refuse, type Refusal } from '../errors';
import { appUrl, askedFor, baseOf, withGoal } from '../session/address';
import { enrolUrl } from '../session/enrol';
import { goalOf } from '../session/goal';
import { isFormPost } from '../session/negotiate';
import { completeLoginOf, knownLoginState } from '../session/request-state';
import type { Complete, LoginState } from '../session/login-state';
import { wrongOrder } from '../session/errors';
import { isForeignRead, refuseForeign } from './csrf';
import { handler, type PageContext, type PagedKinds, rowsOf } from './page-context';
import { STOP_PATH } from './request-banner';

/** Who gets to our pages at all: someone with a login, from a page of their own. */
export const pageGuard = (context: PageContext): RequestHandler => {
  const { runtime, respond } = context;
  const paths = proofPaths(context.kinds);
  const isProof = ({ method, path }: Request): boolean => method === 'POST' && paths.has(path);
  const setsUp = setUpRoutes(context.kinds);

  /** To stop a request for access is a form of the app's own pages as well, which have no token. */
  function refuseSent(req: Request): Refusal | null {
    const refusal = refuseForeign(runtime, req);
    return refusal?.code === 'bad_form_token' && req.path === STOP_PATH ? null : refusal;
  }

  async function refusalFor(req: Request, loginState: LoginState, scope: Scope): Promise<Refusal | null> {
    if (isForeignRead(req)) return refuse('bad_origin');
    if (loginState.status === 'none' || loginState.status === 'signed-out') return refuse('sign_in_required');
    if (req.method === 'POST' && req.path === '/cancel') return refuseForeign(runtime, req);
    if (loginState.status === 'ended') return refuse('half_login_ended');
    const foreign = refuseSent(req);
    if (loginState.status === 'enrol')
      return foreign ?? (setsUp(req) ? null : refuse('enrol_first', { url: enrolUrl(runtime, req) }));
    if (foreign || loginState.status !== 'owed') return foreign;
    const over = isProof(req) ? null : await refusedByTries(scope, loginState.login);
    if (over || !isForComplete(req)) return over;
    // A URL that only takes forms has nothing to show after signing in.
    const wanted = req.method === 'GET' ? (goalOf(runtime, req) ?? askedFor(runtime, req)) : null;
    return refuse('second_factor_required', { url: withGoal(baseOf(runtime, req), wanted) });
  }

  return (req, res, next) => {
    const loginState = knownLoginState(runtime, req);
    if (!loginState) return next(wrongOrder('pages()'));
    const isForm = isFormPost(req);
    if (isForm && isOut(loginState) && isForComplete(req)) return wasSignedOut(context, req, res);
    if (isForm && loginState.status === 'none') return stepIsOver(context, req, res);
    handler(context, async (_req, _res, scope) => {
      const refusal = await refusalFor(req, loginState, scope);
      if (refusal?.code === 'bad_form_token' && isForm && isProof(req) && loginState.status !== 'owed')
        return isSignedIn(context, req, res);
      // A form of ours that was opened before the login changed.
      if (refusal?.url !== undefined && refusal.code !== 'enrol_first' && isFormPost(req))
        return res.redirect(303, refusal.url);
      if (refusal) return respond.refuse(req, res, refusal);
      next();
    })(req, res, next);
  };
};

/** Not part of the step. */
const isForComplete = ({ path }: Request): boolean => path.startsWith('/security') || AFTER_SIGN_IN.has(path);

const AFTER_SIGN_IN: ReadonlySet<string> = new Set(['/add-passkey', '/backup-code-used', '/request-ended']);

/** These check the tries themselves: a proof counts one, a message or a challenge reads them along with the rest. */
const proofPaths = (kinds: PagedKinds): ReadonlySet<string> =>
  new Set(rowsOf(kinds).flatMap(([type, { pages }]) => [`/${type}`, pages.asks ?? `/${type}`]));

/** What somebody who is let in again may do: set up a factor, and see and keep its backup codes. */
function setUpRoutes(kinds: PagedKinds): (req: Request) => boolean {
  const factors = rowsOf(kinds).flatMap(([type, { factor }]) => (factor ? [`/security/${type}`] : []));
  const codes = '/security/backup-codes';
  const posts = ['acknowledge', 'download', 'cancel'].map((one) => `${codes}/${one}`);
  return ({ method, path }) =>
    factors.some((one) => path === one || path.startsWith(`${one}/`)) ||
    (method === 'POST' ? posts.includes(path) : path === codes || path === '/enrol');
}

/** A double click, or a form opened before the sign-in was finished elsewhere: the first one succeeded. */
function stepIsOver({ runtime, respond }: PageContext, req: Request, res: Response): void {
  const href = goalOf(runtime, req) ?? appUrl(runtime, req, '/');
  respond.message(req, res, { code: 'over', next: { href, text: 'continue' } }, 401);
}

/** The same in a second tab, which still shows the step. Its code is not used up, and it goes on to where it was going. */
function isSignedIn({ runtime, respond }: PageContext, req: Request, res: Response): void {
  const href = goalOf(runtime, req) ?? appUrl(runtime, req, '/');
  respond.message(req, res, { code: 'signed_in', next: { href, text: 'continue' } }, 403);
}

const isOut = ({ status }: LoginState): boolean => status === 'none' || status === 'signed-out';

/** Parts of "Security and login" whose forms return to a page of their own. */
const PAGES: ReadonlySet<string> = new Set(['backup-codes', 'browsers', 'logins']);

/** In another tab, or by somebody who signed out all devices: a form of "Security and login" did nothing. */
function wasSignedOut({ runtime, respond, kinds }: PageContext, req: Request, res: Response): void {
  const [, , part = '', id = ''] = req.path.split('/');
  const isPage = PAGES.has(part) || Object.hasOwn(kinds, part);
  const page = part === 'factors' ? `/factors/${id}` : isPage ? `/${part}` : '';
  const href = withGoal(
    appUrl(runtime, req, runtime.options.loginUrl),
    `${baseOf(runtime, req)}/security${page}`,
  );
  respond.message(req, res, { code: 'signed_out', next: { href, text: 'sign-in' } }, 401);
}

/** The complete login and its account; if there is none, answers and gives null. */
export async function completeLogin(
  { runtime, respond }: PageContext,
  req: Request,
  res: Response,
  scope: Scope,
): Promise<{ loginState: Complete; account: Account } | null> {
  const loginState = completeLoginOf(runtime, req);
  if (!loginState) {
    respond.refuse(req, res, refuse('sign_in_required'));
    return null;
  }
  const account = await loadAccount(scope, loginState.login.userId);
  if (account.epoch === loginState.login.epoch) return { loginState, account };
  respond.refuse(req, res, refuse('sign_in_required'));
  return null;
}
