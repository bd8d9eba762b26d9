import type { Account } from '../account/account';
import type { UserId } from '../account/terms';
import type { Scope } from '../core/scope';
import { type Change, unchanged, update } from '../core/update';
import type { Refusal } from '../errors';
import { type Step, type Stepped, takeStep } from './step';

/**
 * The only way a request changes: a step of the table, its notices and its audit record in one save.
 *
 * @param known the account as loaded a moment ago
 */
export async function changeRequest(
  scope: Scope,
  userId: UserId,
  id: string,
  step: Step,
  known: Account | null = null,
): Promise<Stepped | Refusal> {
  const take: Change<Stepped | Refusal> = (account, now) => {
    const stepped = takeStep(scope.settings.recovery, account, id, step, now);
    return stepped.ok && stepped.account !== account
      ? { account: stepped.account, outcome: stepped, events: stepped.events }
      : unchanged(stepped);
  };
  const done = await update(scope, userId, take, known);
  if (done.ok) await scope.documents?.drop(done.dropped);
  return done;
}
