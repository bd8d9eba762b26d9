import type { UserId } from '../account/terms';
import type { Scope } from '../core/scope';
import { unchanged, update } from '../core/update';
import type { Refusal } from '../errors';
import { type Step, type Stepped, takeStep } from './step';

/** The only way a request changes: a step of the table, its notices and its audit record in one save. */
export async function changeRequest(
  scope: Scope,
  userId: UserId,
  id: string,
  step: Step,
): Promise<Stepped | Refusal> {
  const done = await update<Stepped | Refusal>(scope, userId, (account, now) => {
    const stepped = takeStep(scope.settings.recovery, account, id, step, now);
    return stepped.ok
      ? { account: stepped.account, outcome: stepped, events: stepped.events }
      : unchanged(stepped);
  });
  if (done.ok) await scope.documents?.drop(done.dropped);
  return done;
}
