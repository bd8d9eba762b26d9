import type { Request, Response } from 'express';
import type { Account, Factor, FactorId } from '../account/account';
import { countBackupCodes } from '../account/backup-codes';
import { isKept } from '../account/factors';
import { usableFactors } from '../core/offer';
import type { Scope } from '../core/scope';
import { describe } from '../core/status';
import { refuse, type Refusal } from '../errors';
import { baseOf } from '../session/address';
import type { Runtime } from '../session/runtime';
import { completeLogin } from './guard';
import { field } from './input';
import { formError, type PageContext } from './page-context';
import { factorView } from './key-view';
import { factorJson } from './security';

export const idOf = (req: Request): FactorId => String(req.params.id) as FactorId;
export const securityUrl = (runtime: Runtime, req: Request): string => `${baseOf(runtime, req)}/security`;
export const factorUrl = (runtime: Runtime, req: Request): string =>
  `${securityUrl(runtime, req)}/factors/${encodeURIComponent(idOf(req))}`;

/** Shows one factor of the user's own; after a refusal, with the error beside its field. */
export function createFactorView(context: PageContext) {
  const { runtime, respond, renderer } = context;

  async function show(req: Request, res: Response, scope: Scope, refusal: Refusal | null): Promise<void> {
    const found = await completeLogin(context, req, res, scope);
    if (!found) return;
    const factor = describe(scope, found.account).factors.find(({ id }) => id === idOf(req));
    if (!factor) return respond.refuse(req, res, refuse('not_found'));
    if (respond.wantsJson(req)) return respond.json(req, res, { factor: factorJson(factor) });
    const label = field(req, 'label');
    const usable = usableFactors(scope, found.account);
    const rest = usable.filter(({ id }) => id !== factor.id);
    respond.page(
      req,
      res,
      'factor',
      {
        factor: factorView(factor),
        renameUrl: `${factorUrl(runtime, req)}/rename`,
        preferUrl: `${factorUrl(runtime, req)}/prefer`,
        removeUrl: `${factorUrl(runtime, req)}/remove`,
        backUrl: securityUrl(runtime, req),
        enrolUrl: `${securityUrl(runtime, req)}/${factor.type}`,
        remaining: remaining(req, found.account, rest),
        last: rest.length === 0,
        kept: isKept(idOf(req), usable, runtime.settings.limits),
        label: typeof label === 'string' ? label : factor.label,
        error: refusal && formError(refusal, runtime.now()),
      },
      refusal ? 422 : 200,
    );
  }

  function remaining(req: Request, account: Account, rest: readonly Factor[]): string[] {
    const others = rest.map((factor) => factor.label);
    const left = others.length > 0 ? (countBackupCodes(account)?.left ?? 0) : 0;
    const lang = renderer.languageOf(req);
    return left > 0 ? [...others, renderer.text(lang, 'security.codes')] : others;
  }

  return show;
}
