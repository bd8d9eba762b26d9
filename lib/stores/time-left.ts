import { randomInt } from 'node:crypto';
import { SecondFactorError } from '../errors';
import { errorField } from './error-field';

interface Failures {
  readonly late: () => SecondFactorError;
  readonly failed: (error: unknown) => SecondFactorError;
}

/**
 * The time that the calls to the stores share, or to functions of the app's. Only waiting for them counts, not what goes on between two calls:
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
    return this.wait(ask, { late: () => tooLate(store), failed: (error) => asOurs(error, store) });
  }

  /** The same for a function of the app's, such as `passport.deserializeUser`. */
  forApp<T>(name: string, ask: () => Promise<T>): Promise<T> {
    return this.wait(ask, { late: () => appTooLate(name), failed: (error) => ofApp(error, name) });
  }

  private wait<T>(ask: () => Promise<T>, { late, failed }: Failures): Promise<T> {
    return new Promise((resolve, reject) => {
      const now = this.now();
      const left = this.ms - this.spent - (this.waiting > 0 ? now - this.since : 0);
      if (left <= 0) return reject(late());
      if (this.waiting++ === 0) this.since = now;
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        if (--this.waiting === 0) this.spent += this.now() - this.since;
        settle();
      };
      const timer = setTimeout(() => end(() => reject(late())), left);
      const fail = (error: unknown) => end(() => reject(failed(error)));
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
  return new SecondFactorError(
    'unavailable',
    `The ${store} store failed.`,
    `It threw a ${kindOf(error)} that is no SecondFactorError. docs/write-a-store.md says what a store may throw.`,
    { retryAfter: soon() },
  );
}

function ofApp(error: unknown, name: string): SecondFactorError {
  if (error instanceof SecondFactorError) return error;
  return new SecondFactorError(
    'unavailable',
    `${name} failed.`,
    `It is your function, and gave a ${kindOf(error)}. For a user who is not there any more it gives false or null.`,
    { retryAfter: soon() },
  );
}

const appTooLate = (name: string): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    `${name} did not answer in time.`,
    'It is your function: what it asks is down or very slow, or it does not call back in every case.',
    { retryAfter: soon() },
  );

function kindOf(error: unknown): string {
  const name = errorField(error, 'name');
  return typeof name === 'string' && /^[A-Za-z]{1,40}$/.test(name) ? name : 'value';
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
