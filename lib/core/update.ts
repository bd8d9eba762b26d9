import { type Account, blankAccount, type Rev, type UserId } from '../account/account';
import { withoutOutdatedTrust } from '../account/browsers';
import { withDueAt } from '../account/outbox';
import { userKeyOf } from '../crypto/digest';
import { randomRev } from '../crypto/random';
import { SecondFactorError } from '../errors';
import type { PlannedEvent } from '../events';
import { withLongestWait } from '../recovery/step';
import { reseal } from './reseal';
import type { Scope } from './scope';

/** What a rule does to an account. */
export interface Changed<Outcome> {
  /** The account to save; null: save nothing, see `unchanged`. */
  readonly account: Account | null;
  readonly outcome: Outcome;
  readonly events?: readonly PlannedEvent[];
}

/** Saves nothing; the outcome stands. */
export const unchanged = <Outcome>(
  outcome: Outcome,
  events: readonly PlannedEvent[] = [],
): Changed<Outcome> => ({ account: null, outcome, events });

export type Change<Outcome> = (account: Account, now: number) => Changed<Outcome>;

/** One of the writers wins each round, and a lane lets only ten write, so twice that is more than enough. */
const ATTEMPTS = 20;
const LONGEST_PAUSE = 15;

/**
 * The only way an account changes: load, apply the rule, save if nobody else did, otherwise try again with the new
 * state. Nobody learns the outcome before its save has won.
 *
 * A save that failed may still have been carried out. Each attempt has its own `rev`, so a reload that finds one of
 * ours shows that it was.
 *
 * @param known the account as loaded a moment ago, to avoid loading it again; the save finds out if it is stale
 * @throws SecondFactorError `busy` after too many lost races, `conflict` if the account was deleted meanwhile
 */
export async function update<Outcome>(
  scope: Scope,
  userId: UserId,
  change: Change<Outcome>,
  known: Account | null = null,
): Promise<Outcome> {
  const ours = new Map<Rev, Saved<Outcome>>();
  let existed = known !== null;

  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stored = (attempt === 1 && known) || (await scope.accounts.load(userId));
    const won = stored && ours.get(stored.rev);
    if (won) return tell(scope, userId, won, stored.rev);
    if (!stored && existed) throw vanished();
    existed ||= stored !== null;

    const before = stored ?? blankAccount(userId);
    const now = scope.now();
    const { account: changed, outcome, events = [] } = change(before, now);
    if (changed === null) return tell(scope, userId, { outcome, events });

    const trusted = withoutOutdatedTrust(before, changed);
    const planned = await scope.notices.plan({ before, account: trusted, events, now });
    const account = withDueAt(withLongestWait(scope.settings.recovery, planned.account, now), now);
    const saving = { ...planned, outcome };
    const rev = randomRev();
    ours.set(rev, saving);
    // From before the save on, readers must ask the account; if that can't be arranged, nothing is saved.
    if (account.epoch !== before.epoch) {
      await scope.pending.epochs.suspend(userKeyOf(userId));
      scope.endLogins();
    }
    const saved = await scope.accounts
      .save({ ...reseal(scope.kinds, account, scope.seal), rev }, stored?.rev ?? null)
      .catch(unknownOutcome);
    if (saved === true) return tell(scope, userId, saving, rev);
    // Losing the race to create an account means that there is one.
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

/** A refusal by the store is final; after any other failure nobody knows whether the write was made. */
function unknownOutcome(error: unknown): 'unknown' {
  if (error instanceof SecondFactorError && error.code !== 'unavailable') throw error;
  return 'unknown';
}

/** What is told once it is saved. */
interface Saved<Outcome> {
  readonly outcome: Outcome;
  readonly events: readonly PlannedEvent[];
  readonly written?: () => void;
}

function tell<Outcome>(scope: Scope, userId: UserId, saved: Saved<Outcome>, rev?: Rev): Outcome {
  const happened = { userId, at: scope.now(), ...(rev && { rev }) };
  for (const event of saved.events) scope.events.emit(event, happened);
  saved.written?.();
  return saved.outcome;
}

const vanished = () =>
  new SecondFactorError('conflict', 'The account was deleted in the meantime.', 'Sign in again.');
