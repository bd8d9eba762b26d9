import type { Scope } from '../core/scope';
import { clientAddress } from '../delivery/client-address';
import { refuseUntil, type Refusal } from '../errors';

const PER_HOUR = 20;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whether another request came from there in the last days. Only a digest of the address is kept, as for the limits. */
export async function cameBefore(scope: Scope): Promise<boolean> {
  if (!scope.request?.address) return false;
  const ip = clientAddress(scope.request.address);
  const first = await scope.pending.budgets.take(
    scope.delivery.visitBudgets('lost_begun', ip, { sends: 1, per: 30 * DAY }),
  );
  return !first.ok;
}

/** Counts what anyone may do without a login, by where they come from; why it may not be done now, or null. */
export async function countVisit(
  scope: Scope,
  what: 'lost_access' | 'lost_block' | 'lost_form',
): Promise<Refusal | null> {
  const ip = clientAddress(scope.request?.address);
  const taken = await scope.pending.budgets.take(
    scope.delivery.visitBudgets(what, ip, { sends: PER_HOUR, per: HOUR }),
  );
  const now = scope.now();
  return taken.ok ? null : refuseUntil('slow_down', now + taken.waitMs, now);
}
