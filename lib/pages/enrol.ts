import type { Request, Response, Router } from 'express';
import type { FactorType } from '../account/account';
import type { Confirmed } from '../core/confirm-setup';
import { cancelSetup } from '../core/setup';
import type { Refusal } from '../errors';
import { spellCode } from '../factors/code-text';
import { baseOf } from '../session/address';
import { renewLogin } from '../session/renew';
import { askAgain, findSettingUp, isTooOld, setUpsUrl, type SettingUp } from './fresh-login';
import { leaveNotice } from './notice';
import { handler, iso, type PageContext } from './page-context';

/** Answers a confirmed factor: it is in force, or its backup codes come next. */
export async function answerConfirmed(
  { runtime, respond }: PageContext,
  req: Request,
  res: Response,
  { login, complete }: SettingUp,
  { factor, codes, account, tokens }: Confirmed,
): Promise<void> {
  runtime.browser.keepTokens(res, { tokens });
  if (account && complete) await renewLogin(runtime, req, complete, account);
  if (!respond.wantsJson(req)) {
    const base = `${baseOf(runtime, req)}/security`;
    if (!codes) leaveNotice(req, login, 'factor_added', factor.label);
    return res.redirect(303, codes ? `${base}/backup-codes` : base);
  }
  const { id, type, label, createdAt, hint } = factor;
  const shown = { id, type, label, createdAt: iso(createdAt), ...(hint !== null && { hint }) };
  respond.json(req, res, { factor: shown, backupCodes: codes?.map(spellCode) ?? null }, 201);
}

/**
 * Answers a refused code: directly in JSON, or if the set-up is gone or closed; otherwise `show` shows the form again.
 */
export async function answerUnconfirmed(
  context: PageContext,
  req: Request,
  res: Response,
  type: FactorType,
  refusal: Refusal,
  show: () => Promise<void>,
): Promise<void> {
  const { runtime, respond } = context;
  const back = setUpsUrl(context, req);
  const page = `${baseOf(runtime, req)}/security/${type}`;
  if (isTooOld(refusal)) return askAgain(context, req, res, refusal, page, 'setup_closed');
  const isGivenUp = refusal.triesLeft === 0;
  const isExpired = refusal.reason === 'setup_expired';
  const isOver = refusal.code === 'conflict' || refusal.code === 'limit_reached';
  if (respond.wantsJson(req) || (isOver && !isExpired)) {
    const isGone = isGivenUp || isOver;
    const kinds = refusal.reason ? [`enrol-${type}`, type] : [];
    return respond.refuse(req, res, isGone ? { ...refusal, url: back } : refusal, kinds);
  }
  if (!isGivenUp && !isExpired) return show();
  const code = isExpired ? 'setup_expired' : 'setup_restarted';
  const next = { href: back, text: 'back' } as const;
  respond.message(req, res, { code, special: [`${type}.${code}`], next }, isExpired ? 409 : 422);
}

/** A set-up, or its backup codes, was given up. */
export function answerCancelled(
  context: PageContext,
  req: Request,
  res: Response,
  { login, complete }: SettingUp,
): void {
  const { respond } = context;
  if (respond.wantsJson(req)) return respond.json(req, res, { status: 'cancelled' });
  if (complete) leaveNotice(req, login, 'setup_cancelled');
  res.redirect(303, setUpsUrl(context, req));
}

/** Cancels a set-up; the next one starts from scratch. */
export function cancelPage(router: Router, context: PageContext, type: FactorType): void {
  router.post(
    `/security/${type}/cancel`,
    handler(context, async (req, res, scope) => {
      const found = await findSettingUp(context, req, res, scope);
      if (!found) return;
      await cancelSetup(scope, found.login, type);
      answerCancelled(context, req, res, found);
    }),
  );
}
