import { type Account, blankAccount, type Rev, type UserId } from '../account/account';
import { userKeyOf } from '../crypto/digest';
import { randomRev } from '../crypto/random';
import { SecondFactorError } from '../errors';
import type { PlannedEvent } from '../events';
import { reseal } from './reseal';
import type { Scope } from './scope';

/** What a rule made of an account. */
export interface Changed<Outcome> {
  /** What is to be saved; null: nothing is, see `unchanged`. */
  readonly account: Account | null;
  readonly outcome: Outcome;
  readonly events?: readonly PlannedEvent[];
}

/** Saves nothing, and says this. */
export const unchanged = <Outcome>(
  outcome: Outcome,
  events: readonly PlannedEvent[] = [],
): Changed<Outcome> => ({ account: null, outcome, events });

export type Change<Outcome> = (account: Account, now: number) => Changed<Outcome>;

/** One of any number of writers wins each round, and a lane lets ten write: twice that is never a queue. */
const ATTEMPTS = 20;
const LONGEST_PAUSE = 15;

/**
 * The only way an account changes: load, apply the rule, save if nobody else did, otherwise try again with the new
 * state. Nobody is told the outcome before its save has won.
 *
 * A save that failed may still have been carried out. Each attempt has a `rev` of its own, so a reload
 * that shows one of ours says that it was.
 *
 * @param known the account as loaded a moment ago, which saves loading it once more; the save finds out if it is old
 * @throws SecondFactorError `busy` after too many lost races, `conflict` when the account vanished meanwhile
 */
export async function update<Outcome>(
  scope: Scope,
  userId: UserId,
  change: Change<Outcome>,
  known: Account | null = null,
): Promise<Outcome> {
  const ours = new Map<Rev, Changed<Outcome>>();
  let existed = known !== null;

  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = (attempt === 1 && known) || (await scope.accounts.load(userId));
    const won = stored && ours.get(stored.rev);
    if (won) return tell(scope, userId, won, stored.rev);
    if (!stored && existed) throw vanished();
    existed ||= stored !== null;

    const before = stored ?? blankAccount(userId);
    const changed = change(before, scope.now());
    const { account } = changed;
    if (account === null) return tell(scope, userId, changed);

    const rev = randomRev();
    ours.set(rev, changed);
    // Readers must ask the account from before the save on; if that can't be arranged, nothing is saved.
    if (account.epoch !== before.epoch) await scope.pending.epochs.suspend(userKeyOf(userId));
    const saved = await scope.accounts
      .save({ ...reseal(scope.kinds, account, scope.seal), rev }, stored?.rev ?? null)
      .catch(unknownOutcome);
    if (saved === true) return tell(scope, userId, changed, rev);
    // Losing a race to create an account means that there is one.
    existed ||= saved === false;
    await scope.pause(Math.random() * Math.min(LONGEST_PAUSE, attempt * 3));
  }
  throw new SecondFactorError(
    'busy',
    'The account is being changed by too many requests at once.',
    'Try again.',
    {
      retryAfter: 1,
    },
  );
}

/** A refusal of the store is final; any other failure leaves open whether the write was made. */
function unknownOutcome(error: unknown): 'unknown' {
  if (error instanceof SecondFactorError && error.code !== 'unavailable') throw error;
  return 'unknown';
}

function tell<Outcome>(scope: Scope, userId: UserId, changed: Changed<Outcome>, rev?: Rev): Outcome {
  const happened = { userId, at: scope.now(), ...(rev && { rev }) };
  for (const event of changed.events ?? []) scope.events.emit(event, happened);
  return changed.outcome;
}

const vanished = () =>
  new SecondFactorError('conflict', 'The account was deleted in the meantime.', 'Sign in again.');
