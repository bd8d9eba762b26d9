import { randomInt } from 'node:crypto';
import { errorField, SecondFactorError } from '../errors';

interface Failures {
  readonly late: () => SecondFactorError;
  readonly failed: (error: unknown) => SecondFactorError;
}

/**
 * The time shared by all calls to the stores, or to functions of the app's. Only waiting for them counts, not what
 * happens between two calls: a body that arrives slowly, or an identity provider that takes three seconds, must not
 * look like a dead store.
 */
export class TimeLeft {
  private spent = 0;
  private since = 0;
  /** How to give up each call that is being waited for. All are given up at the same moment, so there is one timer. */
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;

  /** @param now a monotonic clock, in ms */
  constructor(
    private readonly ms: number,
    private readonly now: () => number,
  ) {}

  /**
   * The answer, or a rejection when the time is up: before the call, so that a store that is down is not called again,
   * or during it. An answer that comes later is dropped.
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
      if (this.left <= 0) return reject(late());
      const giveUp = (): void => {
        if (this.end(giveUp)) reject(late());
      };
      this.begin(giveUp);
      const succeed = (answer: T): void => {
        if (this.end(giveUp)) resolve(answer);
      };
      const fail = (error: unknown): void => {
        if (this.end(giveUp)) reject(failed(error));
      };
      try {
        ask().then(succeed, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  private get left(): number {
    return this.ms - this.spent - (this.waiting.size > 0 ? this.now() - this.since : 0);
  }

  private begin(giveUp: () => void): void {
    if (this.waiting.size === 0) {
      this.timer = setTimeout(() => this.giveUpAll(), this.left);
      this.since = this.now();
    }
    this.waiting.add(giveUp);
  }

  /** @returns whether it was still being waited for */
  private end(giveUp: () => void): boolean {
    if (!this.waiting.delete(giveUp)) return false;
    if (this.waiting.size > 0) return true;
    clearTimeout(this.timer);
    this.spent += this.now() - this.since;
    return true;
  }

  private giveUpAll(): void {
    for (const giveUp of this.waiting) giveUp();
  }
}

/** Someone else's store may throw anything, even what it should have kept to itself. */
function asOurs(error: unknown, store: string): SecondFactorError {
  if (error instanceof SecondFactorError) return error;
  return unavailable(
    `The ${store} store failed.`,
    `It threw ${kindOf(error)}, not a SecondFactorError. docs/write-a-store.md says what a store may throw.`,
  );
}

function ofApp(error: unknown, name: string): SecondFactorError {
  if (error instanceof SecondFactorError) return error;
  return unavailable(
    `${name} failed.`,
    `It is a function of your app and failed with ${kindOf(error)}. For a user who no longer exists, it must give false or null.`,
  );
}

const appTooLate = (name: string): SecondFactorError =>
  unavailable(
    `${name} did not answer in time.`,
    'It is a function of your app: what it depends on is down or very slow, or it does not always call back.',
  );

function kindOf(error: unknown): string {
  const name = errorField(error, 'name');
  return typeof name === 'string' && /^[A-Za-z]{1,40}$/.test(name) ? name : 'something that is no error';
}

const tooLate = (store: string): SecondFactorError =>
  unavailable(
    `The ${store} store did not answer in time.`,
    'It is down, frozen or very slow, or the app never connected to it. A change that was under way may or may not have been made.',
  );

/** `retryAfter` is random, so that those who were turned away do not all come back at the same moment. */
const unavailable = (message: string, help: string): SecondFactorError =>
  new SecondFactorError('unavailable', message, help, { retryAfter: randomInt(1, 6) });
