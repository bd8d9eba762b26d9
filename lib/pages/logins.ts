import type { Request, Response, Router } from 'express';
import { endOthers, tellEnded } from '../core/end-logins';
import { describeLogins, listLogins, type LoginStatus } from '../core/login-list';
import type { Scope } from '../core/scope';
import { refuse } from '../errors';
import { appUrl, baseOf } from '../session/address';
import { endLogin } from '../session/end-login';
import { leave } from '../session/enter';
import { renewLogin } from '../session/renew';
import { browserInWords } from './browser-words';
import { askAgain, findAccess, isTooOld } from './fresh-login';
import { completeLogin } from './guard';
import { leaveNotice, takeNotice } from './notice';
import { handler, iso, type PageContext } from './page-context';
import type { LoginView } from './views';

const path = '/security/logins';

/** Where the user is signed in: which logins there are, and ending one or all others. */
export function loginPages(router: Router, context: PageContext): void {
  const { runtime, respond, renderer } = context;

  router.get(
    path,
    handler(context, (req, res, scope) => show(req, res, scope, null)),
  );
  // After a proof that it asked for: by name, and not by itself.
  router.get(
    `${path}/:id/end`,
    handler(context, (req, res, scope) => show(req, res, scope, idOf(req))),
  );
  router.post(
    `${path}/:id/end`,
    handler(context, async (req, res, scope) => {
      const found = await findAccess(context, req, res, scope);
      if (!found) return;
      const { loginState } = found;
      const ended = await endLogin(scope, found.access, idOf(req));
      if (!ended.ok && isTooOld(ended))
        return askAgain(
          context,
          req,
          res,
          ended,
          pageUrl(req, respond.wantsJson(req) ? '' : `/${idOf(req)}/end`),
        );
      if (!ended.ok) return respond.refuse(req, res, ended);
      const isThis = ended.login.loginId === loginState.login.loginId;
      if (isThis) await leave(runtime, req, loginState.seam);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'ended', count: 1 });
      if (isThis) return res.redirect(303, appUrl(runtime, req, runtime.options.loginUrl));
      const name = browserInWords(renderer, req, ended.login.from?.browser ?? null);
      leaveNotice(req, loginState.login, 'login_ended', name);
      res.redirect(303, pageUrl(req));
    }),
  );
  endOthersAt(`${path}/end-others`, path, (count) => ({ status: 'ended', count }));
  endOthersAt('/security/sign-out-everywhere', '/security', () => ({ status: 'signed_out_elsewhere' }));

  /** Ends every other login; this one continues under a new session id. */
  function endOthersAt(at: string, back: string, told: (count: number) => object): void {
    const urlOf = (req: Request): string => baseOf(runtime, req) + at;
    router.get(
      at,
      handler(context, async (req, res, scope) => {
        if (!(await completeLogin(context, req, res, scope))) return;
        if (respond.wantsJson(req)) return respond.refuse(req, res, refuse('not_found'));
        const next = { href: urlOf(req), text: 'everywhere', post: true } as const;
        respond.message(req, res, { code: 'sign_out_everywhere', next });
      }),
    );
    router.post(
      at,
      handler(context, async (req, res, scope) => {
        const goBackTo = respond.wantsJson(req) ? baseOf(runtime, req) + back : urlOf(req);
        const found = await findAccess(context, req, res, scope);
        if (!found) return;
        const { login } = found.loginState;
        const others = (await listLogins(scope, login)).filter((one) => one.login.loginId !== login.loginId);
        const ended = await endOthers(scope, found.access);
        if (!ended.ok) return askAgain(context, req, res, ended, goBackTo);
        for (const other of others) tellEnded(scope, other.login, 'everywhere');
        await renewLogin(runtime, req, found.loginState, ended.account);
        if (respond.wantsJson(req)) return respond.json(req, res, told(others.length));
        leaveNotice(req, login, 'signed_out_everywhere');
        res.redirect(303, baseOf(runtime, req) + back);
      }),
    );
  }

  /** @param only the one that is to be ended; null: all */
  async function show(req: Request, res: Response, scope: Scope, only: string | null): Promise<void> {
    const found = await completeLogin(context, req, res, scope);
    if (!found) return;
    const { login } = found.loginState;
    const all = describeLogins(await listLogins(scope, login), login);
    const logins = all.filter(({ id }) => only === null || id === only);
    if (only !== null && (logins.length === 0 || respond.wantsJson(req)))
      return respond.refuse(req, res, refuse('not_found'));
    if (respond.wantsJson(req))
      return respond.json(req, res, { logins: logins.map((one) => loginJson(req, one)) });
    respond.page(req, res, 'logins', {
      logins: logins.map((one) => loginView(req, one)),
      only: only !== null,
      backUrl: only === null ? baseOf(runtime, req) + '/security' : pageUrl(req),
      endOthersUrl: pageUrl(req, '/end-others'),
      notice: takeNotice(req, login),
    });
  }

  const idOf = (req: Request): string => String(req.params.id);
  const pageUrl = (req: Request, rest = ''): string => `${baseOf(runtime, req)}${path}${rest}`;

  const loginView = (req: Request, { browser, ...login }: LoginStatus): LoginView => ({
    ...login,
    name: browserInWords(renderer, req, browser),
    endUrl: pageUrl(req, `/${login.id}/end`),
  });

  const loginJson = (req: Request, { id, browser, address, since, lastAt, isThis, proofs }: LoginStatus) => ({
    id,
    browser: browserInWords(renderer, req, browser),
    address,
    since: iso(since),
    lastAt: iso(lastAt),
    isThis,
    proofs,
  });
}
