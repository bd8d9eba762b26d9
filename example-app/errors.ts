import { SecondFactorError } from 'express-second-factor';

/** The app can't start, for a reason that its operator can fix. The message is one line and says how. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** A store failed or did not answer. Nobody is signed out because of it; the answer is 503. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(
    readonly store: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${store}: ${reason}`, options);
  }
}

/** Where an error came from, without its properties: ioredis errors carry the commands, with sessions in them. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? String(error.stack) : String(error);

/** A store that is down needs no stack trace; a bug of ours does. */
export function inWords(error: unknown): string {
  if (error instanceof StoreUnavailable) return error.message;
  if (error instanceof SecondFactorError) return `${error.code}: ${error.message} ${error.help}`;
  return stackOf(error);
}
