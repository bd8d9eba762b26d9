import type { Account, ProofType } from '../account/account';
import type { Scope } from '../core/scope';
import { kindOf } from '../core/kind';
import { shutTypes, waysOf } from '../core/offer';
import { describe } from '../core/status';
import { withGoal } from '../session/address';
import type { Login } from '../stores/contracts';
import type { ShutView, WayView } from './views';

/** The ways to give a proof, with the URLs of their pages; preferred first. */
export const waysFor = (
  scope: Scope,
  login: Login,
  account: Account,
  base: string,
  to: string | null,
): WayView[] =>
  waysOf(scope, login, account).map((type) => {
    const factors = describe(scope, account).factors.filter(
      (factor) => factor.type === type && factor.key?.usable !== false,
    );
    return {
      type,
      labels: factors.map(({ label }) => label),
      hints: factors.flatMap(({ hint }) => hint ?? []),
      ...(!kindOf(scope.kinds, type)?.factor && {
        left: kindOf(scope.kinds, type)?.countOf(scope, account) ?? 0,
      }),
      href: withGoal(`${base}/${type}`, to),
    };
  });

/** Why some of the user's codes are not among the ways, and what is left. */
export function shutView(
  scope: Scope,
  login: Login,
  account: Account,
  ways: readonly WayView[],
): ShutView | null {
  const [type, other] = shutTypes(scope, login, account);
  if (!type) return null;
  const isCodesOnly = ways.every((way) => way.type === 'backup-code');
  const text = ways.length === 0 ? 'nothing' : isCodesOnly ? 'backup-code' : null;
  return { type: other ? 'both' : type, text };
}

/** What the step says in JSON about the factors it accepts. */
export function factorsJson(scope: Scope, account: Account, types: readonly ProofType[]) {
  return {
    factors: describe(scope, account)
      .factors.filter(({ type, key }) => types.includes(type) && key?.usable !== false)
      .map(({ type, id, label, hint }) => ({ type, id, label, hint })),
    types,
    preferred: types[0] ?? null,
  };
}
