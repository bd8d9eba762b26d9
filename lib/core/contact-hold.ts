import type { Account, FactorType } from '../account/account';
import { isCodeType } from '../account/factors';
import { refuseUntil, type Refusal } from '../errors';
import type { Scope } from './scope';

type Holding = Pick<Scope, 'settings' | 'now'>;

/** Until when what matters waits, after access was given again (ms); null: it need not. */
export function holdUntil({ settings, now }: Holding, { recoveredAt }: Account): number | null {
  if (recoveredAt === undefined) return null;
  const until = recoveredAt + (settings.recovery?.hold ?? 0);
  return now() < until ? until : null;
}

/**
 * For that long, addresses that codes are sent to are neither added nor removed: if the wrong person was let in, the owner
 * can still be reached.
 */
export function refuseContact(scope: Holding, account: Account, type: FactorType): Refusal | null {
  const until = isCodeType(type) ? holdUntil(scope, account) : null;
  if (until === null) return null;
  return { ...refuseUntil('changes_held', until, scope.now()), reason: 'contacts_held' };
}
