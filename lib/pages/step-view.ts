import type { Request, Response } from 'express';
import type { Account, ProofType } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { isCodeType, owesFactor } from '../account/factors';
import { kindOf } from '../core/kind';
import { isEnoughToChange, refuseStale } from '../core/freshness';
import { halfLoginEnd, isWaiting } from '../core/half-login';
import { loadAccount } from '../core/status';
import { refuse, type Refusal } from '../errors';
import { baseOf, needOf, withGoal, withNeed } from '../session/address';
import { goalOf } from '../session/goal';
import { wantsRemembered } from '../session/prove';
import { shutTypes } from '../core/offer';
import type { Scope } from '../core/scope';
import { owedUser, userName } from '../session/app-functions';
import { knownLoginState, scopeOf } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import type { LoginState } from '../session/login-state';
import { liveCodeUrl } from './live-code';
import { maskName } from './mask';
import { formError, formStatus, iso, type PageContext } from './page-context';
import type { StepView, WayView } from './views';
import { createWaitingView } from './waiting';
import { factorsJson, shutView, waysFor } from './ways';
import { endSession } from '../session/enter';

/** A login that can give a proof: a half one is finished by it, a complete one confirmed ("it's you"). */
export type ProvingLogin = Extract<LoginState, { status: 'owed' | 'passed' | 'exempt' }>;

/** Shows the page of one type, the chooser, or (null) the user's preferred one; after a refusal, with the error. */
export function createStepView(context: PageContext) {
  const { runtime, kinds, respond } = context;
  const showWaiting = createWaitingView(context);

  async function show(
    req: Request,
    res: Response,
    page: ProofType | 'choose' | null,
    refusal?: Refusal,
  ): Promise<void> {
    const loginState = provingOf(runtime, req);
    const scope = scopeOf(runtime, req);
    const { login } = loginState;
    const account = await loadAccount(scope, login.userId);
    // Of a user who was forgotten meanwhile, too.
    const isOver = login.epoch !== account.epoch || (loginState.status === 'owed' && !owesFactor(account));
    if (isOver) return respond.refuse(req, res, refuse('sign_in_required'));
    const to = goalOf(runtime, req);
    const base = baseOf(runtime, req);
    // People who confirm in order to change factors are not offered what would not be enough for that.
    const isForFactors = loginState.status !== 'owed' && (to ?? '').startsWith(`${base}/security`);
    const need = needOf(req);
    const ways = waysFor(scope, login, account, base, to)
      .filter((way) => !isForFactors || isEnoughToChange(scope, account, way.type))
      .filter((way) => loginState.status === 'owed' || !need.types || need.types.includes(way.type))
      .map((way) => ({ ...way, href: withNeed(way.href, need) }));
    const type = page ?? ways[0]?.type ?? 'choose';
    const isOffered = type === 'choose' || ways.some((way) => way.type === type);
    const hasNone =
      page !== null && page !== 'choose' && kindOf(kinds, page)?.countOf(scope, account) === null;
    const waits =
      isWaiting(login) &&
      !hasNone &&
      (!isOffered || page === null || ways.length === 0 || respond.wantsJson(req));
    // If the last backup code has just been used, its refusal is still shown; for a code that nobody can send it is
    // not.
    if (!waits && !isOffered && (!refusal || isCodeType(type))) {
      return respond.refuse(req, res, refuse('not_found'));
    }
    if (!owesFactor(account))
      return respond.refuse(req, res, refuse('sign_in_required', { reason: 'reauthenticate' }));
    const mode = loginState.status === 'owed' ? 'sign-in' : 'confirm';
    const user = await nameOf(req, loginState);
    if (user === null) {
      // Deleted meanwhile: the gate would keep sending this browser back here until the half login expires.
      await endSession(req);
      return respond.refuse(req, res, refuse('sign_in_required'));
    }
    if (waits) return showWaiting(req, res, login, { user: maskName(user), ways, refusal });
    if (respond.wantsJson(req))
      return respond.json(req, res, stepJson(scope, loginState, account, maskName(user), ways));

    const shut = shutView(scope, login, account, ways);
    const shared = { mode, user: maskName(user), to: to ?? '', cancelUrl: `${base}/cancel`, shut } as const;
    if (type === 'choose') {
      const stopped = (account.suspended ?? []).length > 0;
      return respond.page(req, res, 'choose', {
        ...shared,
        ways,
        stopped,
        liveCodeUrl: liveCodeUrl(runtime, req),
      });
    }
    const { pages } = kinds[type];
    const shown = {
      runtime,
      req,
      scope,
      login,
      account,
      base,
      user: maskName(user),
      ways,
      refusal: refusal ?? null,
    };
    respond.page(
      req,
      res,
      'step',
      {
        ...shared,
        isTooWeak: isForFactors && refuseStale(scope, login, account)?.reason === 'too_weak',
        type,
        field: pages.field,
        ...blankStep,
        ...(await pages.step(shown)),
        asksCapable: loginState.status === 'owed' && scope.settings.keys?.passkeys === true,
        remember: rememberView(req, loginState, kinds[type].factor !== null),
        action: withNeed(`${base}/${type}`, need),
        hereUrl: withNeed(withGoal(`${base}/${type}`, to), need),
        error: refusal ? formError(refusal, runtime.now()) : null,
        chooseUrl: ways.length > 1 ? withNeed(withGoal(`${base}/choose`, to), need) : null,
      },
      refusal ? formStatus(refusal) : 200,
    );
  }

  function stepJson(
    scope: Scope,
    { login, status }: ProvingLogin,
    account: Account,
    user: string,
    ways: readonly WayView[],
  ) {
    const types = ways.map(({ type }) => type);
    const shut = shutTypes(scope, login, account);
    return {
      status: status === 'owed' ? 'owed' : 'confirm',
      user,
      ...factorsJson(scope, account, types),
      ...(shut.length > 0 && { shut }),
      backupCodesLeft: countBackupCodes(account)?.left ?? 0,
      expiresAt: status === 'owed' ? iso(halfLoginEnd(runtime.settings, login)) : null,
      remember: status === 'owed' ? rememberOffer() : null,
    };
  }

  /** For how long people may choose not to be asked, in whole days. */
  function rememberOffer(): { readonly days: number } | null {
    const { rememberBrowser } = runtime.settings;
    return rememberBrowser === null ? null : { days: Math.floor(rememberBrowser / DAY) };
  }

  /** Not with a backup code: people who need one have lost what is asked for. */
  function rememberView(req: Request, { status }: ProvingLogin, isFactor: boolean): StepView['remember'] {
    const offer = status === 'owed' && isFactor ? rememberOffer() : null;
    return offer && { ...offer, ticked: wantsRemembered(req) };
  }

  async function nameOf(req: Request, loginState: ProvingLogin): Promise<string | null> {
    const isOwed = loginState.status === 'owed';
    const user = isOwed ? await owedUser(runtime, req, loginState) : loginState.seam.userOf(req);
    return user === null || user === undefined ? null : userName(runtime, user, loginState.login.userId);
  }

  return show;
}

const DAY = 24 * 3_600_000;

const blankStep = { hint: null, sending: null, entry: null, keys: null, serverTime: null };

/** The router lets no other login in. */
export function provingOf(runtime: Runtime, req: Request): ProvingLogin {
  const loginState = knownLoginState(runtime, req);
  if (loginState?.status === 'owed' || loginState?.status === 'passed' || loginState?.status === 'exempt')
    return loginState;
  throw new TypeError('the step pages need a login');
}
