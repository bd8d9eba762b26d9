import { openRequest, type Recovery } from '../account/recovery';
import type { UserId } from '../account/terms';
import { dueIn } from '../account/outbox';
import type { Scope } from '../core/scope';
import { eachDue } from '../notices/background';
import type { Task } from '../notices/tick';
import { changeRequest } from './change';
import type { Step } from './step';
import { remindersOf } from './transitions';

/** What one run did. */
export interface RequestsDone {
  /** How many requests went a step further. */
  readonly moved: number;
}

/** More than one request can have due at once: two reminders, the end of the wait. */
const MOST_STEPS = 5;

/** The steps of requests that the clock takes, as a part of `tick`. Safe from many processes: each step is one save. */
export const requestsTask =
  (newScope: () => Scope): Task<RequestsDone> =>
  async (bounds) => {
    let moved = 0;
    const scope = newScope();
    const more = await eachDue(dueIn(scope.accounts, scope.now()), bounds, async (userId) => {
      const steps = await moveRequest(newScope(), userId);
      moved += steps;
      return steps > 0;
    });
    return { done: { moved }, more };
  };

async function moveRequest(scope: Scope, userId: UserId): Promise<number> {
  for (let moved = 0; moved < MOST_STEPS; moved += 1) {
    const account = await scope.accounts.load(userId);
    if (account?.shadowUntil !== undefined && account.shadowUntil <= scope.now()) {
      await scope.accounts.remove(userId);
      return moved + 1;
    }
    const request = account && openRequest(account);
    const step = request && dueStep(request, scope.now());
    if (!request || !step) return moved;
    const done = await changeRequest(scope, userId, request.id, step, account);
    if (!done.ok) return moved;
    if (!dueStep(done.request, scope.now())) return moved + 1;
  }
  return MOST_STEPS;
}

function dueStep(request: Recovery, now: number): Step | null {
  const { state, dueAt, reminded = 0, earliestAt = Infinity } = request;
  if (dueAt === null || now < dueAt) return null;
  const by = { as: 'process' } as const;
  if (state !== 'approved_waiting') return { act: 'expire', by };
  if (now >= earliestAt) return { act: 'become_ready', by };
  const passed = remindersOf(request).filter((at) => at <= now).length;
  if (passed <= reminded) return null;
  return { act: 'remind', by, prepare: (one) => ({ ...one, reminded: passed }) };
}
