import type { UserId } from '../../lib/account/account';
import type { Limits } from '../../lib/account/limits';
import type { Scope, Settings } from '../../lib/core/scope';
import { createKeyRing } from '../../lib/crypto/key-ring';
import { createSeal } from '../../lib/crypto/seal';
import { createEvents, type PlannedEvent } from '../../lib/events';
import { resolveOptions } from '../../lib/resolve-options';
import { memoryAccounts } from '../../lib/stores/memory-accounts';
import { memoryPending } from '../../lib/stores/memory-pending';
import type { Accounts, Login, Pending } from '../../lib/stores/contracts';
import { fakeClock, type FakeClock } from '../support/clock';

export const ada = 'ada' as UserId;
export const key = '11'.repeat(32);

export interface ToldEvent {
  readonly name: PlannedEvent['name'];
  readonly userId: UserId;
  readonly rev?: string;
  readonly [detail: string]: unknown;
}

export interface CoreScope extends Scope {
  readonly clock: FakeClock;
  /** Everything that was told, in order. */
  readonly told: ToldEvent[];
}

/** The product's own numbers, with what a test wants changed. */
export function settingsWith(given: Partial<Settings> = {}, limits: Partial<Limits> = {}): Settings {
  const { settings } = resolveOptions({
    passport: {} as never,
    appName: 'Test App',
    origin: 'https://app.example',
    keys: [key],
    users: { id: () => 'ada', name: () => 'Ada' },
    accounts: memoryAccounts(),
    pending: memoryPending(),
  });
  return { ...settings, ...given, limits: { ...settings.limits, ...limits } };
}

/** What the core works with, on memory stores, with a clock that stands still and no waiting. */
export function coreScope(
  given: {
    clock?: FakeClock;
    accounts?: Accounts;
    pending?: Pending;
    keys?: readonly string[];
    settings?: Settings;
  } = {},
): CoreScope {
  const clock = given.clock ?? fakeClock();
  const told: ToldEvent[] = [];
  return {
    settings: given.settings ?? settingsWith(),
    accounts: given.accounts ?? memoryAccounts(),
    pending: given.pending ?? memoryPending({ now: clock.now }),
    seal: createSeal(createKeyRing(given.keys ?? [key])),
    events: { emit: (event, happened) => void told.push({ ...event, ...happened }) },
    now: clock.now,
    pause: async () => undefined,
    clock,
    told,
  };
}

let logins = 0;

/** A login that is complete and fresh, of an account of this epoch. */
export const aLogin = (scope: CoreScope, given: Partial<Login> = {}): Login => ({
  userId: ada,
  state: 'exempt',
  epoch: 0,
  loginId: `login-${(logins += 1)}`,
  proofs: [],
  types: [],
  since: scope.clock.now(),
  ...given,
});

/** A scope that tells real listeners. */
export function withListeners(scope: CoreScope): { scope: Scope; events: ReturnType<typeof createEvents> } {
  const events = createEvents();
  return { scope: { ...scope, events }, events };
}
