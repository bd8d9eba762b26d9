import { refuse, type Refusal } from '../errors';
import type { Login } from '../stores/contracts';
import type { Scope } from './scope';

/** The tries of one login: wrong proofs of any kind, and among them the guesses at codes. */
export interface CountedTry {
  /** Wrong guesses of this login before this one; what a right one gives back to the lane. */
  readonly guessesBefore: number;
  /** What is left if this one is wrong. */
  readonly leftAfter: number;
  /** It turned out to be no guess (refused unread, or used before). */
  giveBack(): Promise<void>;
}

const guesses = (loginId: string): string => `${loginId}:guesses`;

/**
 * Counts a try before it is judged, so that no number of parallel ones gets more than the budget. A half
 * login ends when it is used up; a complete one waits until 10 minutes after its first wrong proof.
 */
export async function countTry(
  scope: Scope,
  login: Login,
  isGuess: boolean,
): Promise<{ readonly ok: true; readonly counted: CountedTry } | Refusal> {
  const { loginTries } = scope.settings;
  const life = lifeOf(scope, login);
  const ids = isGuess ? [login.loginId, guesses(login.loginId)] : [login.loginId];
  const [all = 0, guessed = 1] = await Promise.all(ids.map((id) => scope.pending.countTry(id, life)));
  const giveBack = async () => {
    await Promise.all(ids.map((id) => scope.pending.returnTry(id, life)));
  };
  if (all > loginTries) {
    await giveBack();
    return usedUp(scope, login);
  }
  return { ok: true, counted: { guessesBefore: guessed - 1, leftAfter: loginTries - all, giveBack } };
}

/** Whether a login has any try left, for a page that only shows. */
export async function refusedByTries(scope: Scope, login: Login): Promise<Refusal | null> {
  const { count } = await scope.pending.readTries(login.loginId);
  return count >= scope.settings.loginTries ? usedUp(scope, login) : null;
}

async function usedUp(scope: Scope, login: Login): Promise<Refusal> {
  if (login.state === 'owed') return refuse('half_login_ended');
  const { left } = await scope.pending.readTries(login.loginId);
  return refuse('locked', { retryAfter: Math.max(1, Math.ceil(left / 1000)) });
}

const lifeOf = (scope: Scope, login: Login): number =>
  login.state === 'owed' ? scope.settings.endedKnown : scope.settings.halfLogin;
