import type { Request } from 'express';
import type { Account } from '../account/account';
import { usableKeys } from '../account/factors';
import type { Scope } from '../core/scope';
import { describe, type FactorStatus } from '../core/status';
import { placeOf } from '../factors/key-name';
import { baseOf, needOf, withNeed } from '../session/address';
import type { Runtime } from '../session/runtime';
import type { FactorView, KeysView, SignalView, WayView } from './views';

export const factorView = ({ key, ...factor }: FactorStatus): FactorView => ({
  ...factor,
  key: key && {
    place: placeOf(key.transports),
    synced: key.synced,
    madeFor: key.usable ? null : key.rpId,
  },
});

/** The keys that work here, as pages list them. */
export const usableKeyViews = (scope: Scope, account: Account): FactorView[] =>
  describe(scope, account)
    .factors.filter(({ key }) => key?.usable)
    .map(factorView);

export const keysView = (
  { runtime, req }: { readonly runtime: Runtime; readonly req: Request },
  scope: Scope,
  account: Account,
  ways: readonly WayView[],
): KeysView => ({
  optionsUrl: withNeed(`${baseOf(runtime, req)}/webauthn/options`, needOf(req)),
  factors: usableKeyViews(scope, account),
  otherWays: ways.filter(({ type }) => type !== 'webauthn'),
});

/** For an account that ever had a key: every key that still works; none may be missing. */
export function signalView(
  { settings }: Scope,
  { handle, ...account }: Account,
  name: string,
): SignalView | null {
  const { keys } = settings;
  if (!keys || handle === undefined) return null;
  // A suspended key may be used again: its device must not forget it.
  const { factors, suspended = [] } = account;
  const all = { ...account, factors: [...factors, ...suspended] };
  const credentialIds = usableKeys(all, keys.party.id).map(({ credentialId }) => credentialId);
  return { rpId: keys.party.id, userId: handle, name, credentialIds };
}
