import { refuse, refuseUntil, type Refusal } from '../errors';
import type { ProofType } from '../account/account';
import { codeIdOf } from '../crypto/digest';
import type { Issued, Login, Pending, SentCode } from '../stores/contracts';
import type { CountedTry, Kind, Scope } from './scope';

/** The tries of a half login end with it; the step-ups of the login it becomes have their own. */
const triesOf = (login: Login): string =>
  login.state === 'owed' ? login.loginId : `${login.loginId}:step-up`;
const guessesOf = (login: Login): string => `${triesOf(login)}:guesses`;

/** What a code or challenge of this login is for. */
export const purposeOf = (login: Login): 'sign_in' | 'confirm' =>
  login.state === 'owed' ? 'sign_in' : 'confirm';

/**
 * Counts a try before it is judged, so that no number of concurrent ones gets more than the budget. Once it is used up,
 * a half login ends; a complete one waits until 10 minutes after its first wrong proof.
 */
export async function countTry(
  scope: Scope,
  login: Login,
  type: ProofType,
  { isIssued }: Pick<Kind, 'isIssued'>,
  isGuess: boolean,
): Promise<{ readonly ok: true; readonly counted: CountedTry } | Refusal> {
  const { loginTries } = scope.settings;
  const life = lifeOf(scope, login);
  const { pending } = scope;
  const codeId = isIssued ? codeIdOf(login.loginId, purposeOf(login), type) : null;
  const [{ count: all, issued }, guessesBefore] = await Promise.all([
    codeId === null
      ? pending.tries.count(triesOf(login), life).then((count) => ({ count, issued: [] }))
      : countTryOfCode(pending, triesOf(login), life, codeId),
    isGuess ? pending.tries.read(guessesOf(login)).then(({ count }) => count) : 0,
  ]);
  const giveBack = () => pending.tries.takeBack(triesOf(login), life);
  const spend = async () => {
    if (isGuess) await pending.tries.count(guessesOf(login), life);
  };
  const settle = async () => {
    if (login.state === 'owed') return;
    const guesses = Array.from({ length: guessesBefore }, () => guessesOf(login));
    await Promise.all([triesOf(login), ...guesses].map((id) => pending.tries.takeBack(id, life)));
  };
  if (all > loginTries) {
    await giveBack();
    return usedUp(scope, login);
  }
  return {
    ok: true,
    counted: { guessesBefore, leftAfter: loginTries - all, issued, giveBack, spend, settle },
  };
}

/**
 * Counts a try and reads what it may answer, in this order and in one round trip: it is counted before anyone can judge
 * it.
 */
export async function countTryOfCode(
  { tries, codes }: Pending,
  tryId: string,
  life: number,
  codeId: string,
): Promise<{ readonly count: number; readonly issued: readonly Issued[] }> {
  const [count, issued] = await Promise.all([tries.count(tryId, life), codes.read(codeId)]);
  return { count, issued };
}

/** The codes among what was issued, newest first. */
export const sentCodes = (issued: readonly Issued[]): SentCode[] =>
  issued.filter((one) => one.kind === 'code');

/** Whether a login has any tries left, for a page that only displays. */
export async function refusedByTries(scope: Scope, login: Login): Promise<Refusal | null> {
  const { count } = await scope.pending.tries.read(triesOf(login));
  return count >= scope.settings.loginTries ? usedUp(scope, login) : null;
}

/** A half login that has used up its tries is over, whatever else is wrong. */
export const refusedOver = async (scope: Scope, login: Login | null): Promise<Refusal | null> =>
  login?.state === 'owed' ? refusedByTries(scope, login) : null;

async function usedUp(scope: Scope, login: Login): Promise<Refusal> {
  if (login.state === 'owed') return refuse('half_login_ended');
  const { left } = await scope.pending.tries.read(triesOf(login));
  return refuseUntil('locked', scope.now() + left, scope.now());
}

const lifeOf = (scope: Scope, login: Login): number =>
  login.state === 'owed' ? scope.settings.endedKnown : scope.settings.halfLogin;
