import type { Request, Response, Router } from 'express';
import type { Account } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { loadAccount } from '../core/status';
import { refuse, statusOfCode, type Refusal } from '../errors';
import { appUrl, baseOf } from '../session/address';
import { safePath, withGoal } from '../session/destination';
import { endSession } from '../session/finish';
import { knownStanding, scopeOf } from '../session/request-state';
import type { Standing } from '../session/standing';
import { goal } from './input';
import { maskName } from './mask';
import { formError, handler, iso, type Parts } from './parts';
import { factorsJson, stepTypes, waysFor, type StepType } from './ways';

type Proving = Extract<Standing, { status: 'owed' | 'passed' | 'exempt' }>;

/** The step page, its chooser, and "confirm it's you": they differ in what the login owes, not in what they do. */
export function stepPages(router: Router, parts: Parts): void {
  const { host, respond } = parts;

  router.get(
    '/',
    handler(parts, async (req, res) => {
      const standing = provingOf(req);
      if (standing.status === 'owed') return show(req, res, null);
      const url = safePath(goal(req), host.options.origin) ?? homeOf(req, standing);
      return respond.wantsJson(req)
        ? respond.json(req, res, { status: 'passed', url })
        : res.redirect(303, url);
    }),
  );
  router.get(
    '/confirm',
    handler(parts, (req, res) => show(req, res, null)),
  );
  router.get(
    '/choose',
    handler(parts, (req, res) => show(req, res, 'choose')),
  );
  for (const type of stepTypes) {
    router.get(
      `/${type}`,
      handler(parts, (req, res) => show(req, res, type)),
    );
    router.post(`/${type}`, (req, res, next) => {
      host.prove(
        type,
        req,
        res,
        (refusal, proof) => {
          answer(parts, req, res, refusal, proof, type).catch(next);
        },
        next,
      );
    });
  }
  router.post(
    '/cancel',
    handler(parts, async (req, res) => {
      await endSession(req);
      const url = withGoal(
        appUrl(host, req, host.options.loginUrl),
        safePath(goal(req), host.options.origin),
      );
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled', url });
      res.redirect(303, url);
    }),
  );

  async function answer(
    _: Parts,
    req: Request,
    res: Response,
    refusal: Refusal | null,
    proof: unknown,
    type: StepType,
  ): Promise<void> {
    const outcome = refusal ?? (await parts.proving.complete(req, res, proof, goal(req)));
    if (!outcome.ok) return refused(req, res, outcome, type);
    if (!respond.wantsJson(req)) return res.redirect(303, outcome.url);
    respond.json(req, res, { status: 'passed', url: outcome.url });
  }

  async function refused(req: Request, res: Response, refusal: Refusal, type: StepType): Promise<void> {
    const isOver = refusal.triesLeft === 0 && knownStanding(req)?.status === 'owed';
    if (respond.wantsJson(req) || !isRetry(refusal)) return respond.refuse(req, res, refusal);
    if (isOver) return respond.refuse(req, res, refuse('half_login_ended'));
    if (refusal.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    await show(req, res, type, refusal);
  }

  async function show(
    req: Request,
    res: Response,
    page: StepType | 'choose' | null,
    refusal?: Refusal,
  ): Promise<void> {
    const standing = provingOf(req);
    const account = await loadAccount(scopeOf(host, req), standing.login.userId);
    if (standing.login.epoch !== account.epoch) return respond.refuse(req, res, refuse('sign_in_required'));
    const to = safePath(goal(req), host.options.origin);
    const base = baseOf(host, req);
    const ways = waysFor(account, base, to);
    const type = page ?? stepTypes.find((one) => one === ways[0]?.type) ?? 'choose';
    if (ways.length === 0) return respond.refuse(req, res, refuse('sign_in_required'));
    if (type !== 'choose' && !ways.some((way) => way.type === type) && !refusal) {
      return respond.refuse(req, res, refuse('not_found'));
    }
    const mode = standing.status === 'owed' ? 'sign-in' : 'confirm';
    const user = await nameOf(req, standing);
    if (user === null) return respond.refuse(req, res, refuse('sign_in_required'));
    if (respond.wantsJson(req)) return respond.json(req, res, stepJson(standing, account, maskName(user)));

    const shared = { mode, user: maskName(user), to: to ?? '', cancelUrl: `${base}/cancel` } as const;
    if (type === 'choose') return respond.page(req, res, 'choose', { ...shared, ways });
    respond.page(
      req,
      res,
      'step',
      {
        ...shared,
        type,
        entry: type === 'totp' ? `${host.options.appName} (${maskName(user)})` : null,
        action: `${base}/${type}`,
        error: refusal ? formError(refusal, host.now()) : null,
        serverTime: (refusal?.triesLeft ?? 9) <= 3 && type === 'totp' ? host.now() : null,
        chooseUrl: ways.length > 1 ? withGoal(`${base}/choose`, to) : null,
      },
      refusal ? statusFor(refusal) : 200,
    );
  }

  function stepJson({ login, status }: Proving, account: Account, user: string) {
    return {
      status: status === 'owed' ? 'owed' : 'confirm',
      user,
      ...factorsJson(account),
      backupCodesLeft: countBackupCodes(account)?.left ?? 0,
      expiresAt: status === 'owed' ? iso(login.since + host.settings.halfLogin) : null,
    };
  }

  async function nameOf(req: Request, { seam, login }: Proving): Promise<string | null> {
    const user = login.owed ? await seam.deserialize(login.owed.user, req) : seam.userOf(req);
    return user === null || user === undefined ? null : host.options.users.name(user);
  }

  const homeOf = (req: Request, { seam }: Proving): string =>
    appUrl(host, req, host.options.home?.(seam.userOf(req), req) ?? '/');
}

/** The router lets nobody else in. */
function provingOf(req: Request): Proving {
  const standing = knownStanding(req);
  if (standing?.status === 'owed' || standing?.status === 'passed' || standing?.status === 'exempt')
    return standing;
  throw new TypeError('the step pages need a login');
}

/** What the same form can mend. */
const isRetry = ({ code }: Refusal): boolean =>
  ['malformed', 'wrong_code', 'code_used', 'clock_off', 'locked', 'codes_closed'].includes(code);

const statusFor = ({ code }: Refusal): number => (statusOfCode[code] >= 429 ? statusOfCode[code] : 422);
