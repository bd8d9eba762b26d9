import { randomInt } from 'node:crypto';
import { SecondFactorError } from '../errors';
import { errorField } from './error-field';

/**
 * The time that the calls to the stores share. Only waiting for them counts, not what goes on between two calls:
 * a body that arrives slowly, or an identity provider that takes three seconds, must not look like a dead store.
 */
export class TimeLeft {
  private spent = 0;
  private waiting = 0;
  private since = 0;

  /** @param now a clock that only goes forward, in ms */
  constructor(
    private readonly ms: number,
    private readonly now: () => number,
  ) {}

  /**
   * What was asked, or a rejection when the time is over: before the call, so that nothing more is asked of a
   * store that is down, or during it. An answer that comes later goes nowhere.
   */
  for<T>(store: string, ask: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const now = this.now();
      const left = this.ms - this.spent - (this.waiting > 0 ? now - this.since : 0);
      if (left <= 0) return reject(tooLate(store));
      if (this.waiting++ === 0) this.since = now;
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        if (--this.waiting === 0) this.spent += this.now() - this.since;
        settle();
      };
      const timer = setTimeout(() => end(() => reject(tooLate(store))), left);
      const fail = (error: unknown) => end(() => reject(asOurs(error, store)));
      try {
        ask().then((answer) => end(() => resolve(answer)), fail);
      } catch (error) {
        fail(error);
      }
    });
  }
}

/** A store of somebody else may throw anything, also what it should have kept to itself. */
function asOurs(error: unknown, store: string): SecondFactorError {
  if (error instanceof SecondFactorError) return error;
  const name = errorField(error, 'name');
  const kind = typeof name === 'string' && /^[A-Za-z]{1,40}$/.test(name) ? name : 'value';
  return new SecondFactorError(
    'unavailable',
    `The ${store} store failed.`,
    `It threw a ${kind} that is no SecondFactorError. docs/write-a-store.md says what a store may throw.`,
    { retryAfter: soon() },
  );
}

const tooLate = (store: string): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    `The ${store} store did not answer in time.`,
    'It is down, frozen or very slow. A change that was on its way may or may not have been made.',
    { retryAfter: soon() },
  );

/** Seconds. Not the same for all, so that those who were turned away do not come back at once. */
const soon = (): number => randomInt(1, 6);
