import type { Request, Response } from 'express';
import { enrolledTypes } from '../account/factors';
import type { Confirmed } from '../core/confirm-setup';
import type { Refusal } from '../errors';
import { baseOf } from '../session/address';
import { renewLogin } from '../session/renew';
import type { Complete } from './guard';
import { iso, type Parts } from './parts';

/** Answers a factor that was confirmed: it is in force, or its backup codes come next. */
export async function answerConfirmed(
  { host, respond, proving }: Parts,
  req: Request,
  res: Response,
  { login, seam }: Complete,
  { factor, codes, account, tokens }: Confirmed,
): Promise<void> {
  proving.keepTokens(res, { tokens });
  if (account) {
    await renewLogin(host, seam, req, { ...login, types: enrolledTypes(account) });
  }
  if (!respond.wantsJson(req)) {
    const base = `${baseOf(host, req)}/security`;
    return res.redirect(303, codes ? `${base}/backup-codes` : `${base}?done=factor_added`);
  }
  const { id, type, label, createdAt, hint } = factor;
  const shown = { id, type, label, createdAt: iso(createdAt), ...(hint !== null && { hint }) };
  respond.json(req, res, { factor: shown, backupCodes: spelled(codes) }, 201);
}

/** A refused code: in JSON, or where the set-up is gone, at once; else `show` has the form again. */
export async function answerUnconfirmed(
  { host, respond }: Parts,
  req: Request,
  res: Response,
  refusal: Refusal,
  show: () => Promise<void>,
): Promise<void> {
  const back = `${baseOf(host, req)}/security`;
  const isGivenUp = refusal.triesLeft === 0;
  const isExpired = refusal.reason === 'setup_expired';
  if (respond.wantsJson(req) || (refusal.code === 'conflict' && !isExpired)) {
    const isGone = isGivenUp || refusal.code === 'conflict';
    return respond.refuse(req, res, isGone ? { ...refusal, url: back } : refusal);
  }
  if (!isGivenUp && !isExpired) return show();
  const code = isExpired ? 'setup_expired' : 'setup_restarted';
  const next = { href: back, text: 'back' } as const;
  respond.page(req, res, 'message', { code, next, until: null, ways: [] }, isExpired ? 409 : 422);
}

export const spelled = (codes: readonly string[] | null): string[] | null =>
  codes && codes.map((code) => code.replace(/(.{4})(?=.)/g, '$1-'));
