import type { Router } from 'express';
import type { Account, FactorType } from '../account/account';
import { isCodeUseOpen } from '../account/backup-codes';
import { heldUntil } from '../account/objections';
import { factorTypesOf } from '../core/kind';
import { listLogins } from '../core/login-list';
import { isOn, refuseFull } from '../core/offer';
import { awaitingCodes } from '../core/pending-codes';
import type { Scope } from '../core/scope';
import { unprovenSetups } from '../core/setup';
import { describe, type FactorStatus } from '../core/status';
import { type OpenRequest, openRequestOf } from '../core/status-of';
import { baseOf } from '../session/address';
import { userName } from '../session/app-functions';
import { activityGlance } from './activity';
import { replaceUrl } from './code-used';
import { completeLogin } from './guard';
import { factorView, signalView } from './key-view';
import { takeNotice } from './notice';
import { takesVouchers } from './vouchers';
import { handler, inOrder, iso, type PageContext, stepsJson } from './page-context';
import type { TypeView } from './views';

/** "Security and login": what is on, and what can be changed. */
export function securityPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;

  router.get(
    '/security',
    handler(context, async (req, res, scope) => {
      const found = await completeLogin(context, req, res, scope);
      if (!found) return;
      const { loginState, account } = found;
      const base = `${baseOf(runtime, req)}/security`;
      const status = describe(scope, account);
      if (respond.wantsJson(req)) return respond.json(req, res, statusJson(context, scope, account));
      const [unfinished, unproven, logins, activity] = await Promise.all([
        awaitingCodes(scope, loginState.login, account),
        unprovenSetups(scope, loginState.login, account),
        listLogins(scope, loginState.login),
        activityGlance(context, account.userId, base),
      ]);
      const name = userName(runtime, loginState.seam.userOf(req), account.userId);
      const until = heldUntil(account, runtime.now());
      respond.page(req, res, 'security', {
        user: name,
        enabled: status.enabled,
        types: inOrder(context.kinds, factorTypesOf(context.kinds)).map((type) => ({
          ...typeView(context, scope, account, type, status.factors, base),
          unfinished: unproven.includes(type),
        })),
        backupCodes: status.backupCodes,
        backupCodesUrl: `${base}/backup-codes`,
        replaceUrl: isCodeUseOpen(account) ? replaceUrl(context.kinds, scope, account, base) : null,
        unfinishedUrl: unfinished ? `${base}/backup-codes` : null,
        notice: takeNotice(req, loginState.login),
        factorUrl: `${base}/factors`,
        signOutEverywhereUrl: `${base}/sign-out-everywhere`,
        held: until === null ? null : { until, liftUrl: `${base}/hold/lift` },
        suspended: account.suspended ?? [],
        browsers: { count: account.browsers.length, url: `${base}/browsers` },
        logins: { count: logins.length, url: `${base}/logins` },
        activity,
        ownerAccessUrl: runtime.settings.recovery && status.enabled ? `${base}/lost-access` : null,
        vouchersUrl: takesVouchers(runtime) ? `${base}/vouchers` : null,
        signal: signalView(scope, account, name),
      });
    }),
  );
}

const typeView = (
  { kinds }: PageContext,
  scope: Scope,
  account: Account,
  type: FactorType,
  factors: readonly FactorStatus[],
  base: string,
): Omit<TypeView, 'unfinished'> => ({
  type,
  available: isOn(scope, type),
  factors: factors.filter((factor) => factor.type === type).map(factorView),
  enrolUrl: `${base}/${type}`,
  canAdd: isOn(scope, type) && !refuseFull(scope, account, type),
  full: refuseFull(scope, account, type)?.most ?? null,
  isOnPhone: kinds[type].isOnPhone,
});

export function statusJson({ kinds }: PageContext, scope: Scope, account: Account) {
  const { enabled, factors, backupCodes } = describe(scope, account);
  const until = heldUntil(account, scope.now());
  const request = scope.settings.recovery && openRequestOf(account, scope.now());
  const suspended = (account.suspended ?? []).map(({ id, type, label }) => ({ id, type, label }));
  return {
    enabled,
    ...(until !== null && { heldUntil: iso(until) }),
    ...(request && { request: requestJson(request) }),
    ...(suspended.length > 0 && { suspended }),
    types: inOrder(kinds, factorTypesOf(kinds)).map((type) => ({
      type,
      available: isOn(scope, type),
      factors: factors.filter((factor) => factor.type === type).map(factorJson),
    })),
    backupCodes: backupCodes && { ...backupCodes, createdAt: iso(backupCodes.createdAt) },
  };
}

const requestJson = ({ reference, state, startedAt, earliestAt, steps }: OpenRequest) => ({
  reference,
  state,
  startedAt: iso(startedAt),
  earliestAt: iso(earliestAt),
  steps: stepsJson(steps),
});

export const factorJson = ({
  id,
  type,
  label,
  hint,
  createdAt,
  lastUsedAt,
  preferred,
  key,
  weak,
}: FactorStatus) => ({
  id,
  type,
  label,
  hint,
  createdAt: iso(createdAt),
  lastUsedAt: iso(lastUsedAt),
  preferred,
  ...(key && { key }),
  ...(weak && { weak }),
});
