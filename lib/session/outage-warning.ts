import type { SecondFactorError } from '../errors';

const ONCE_IN = 60_000;

/**
 * A store that is down is answered 503, which says nothing of it to whoever asked; without this nobody would know. Once
 * a minute, as an outage fails every request.
 */
export function createOutageWarning(now: () => number): (error: SecondFactorError) => void {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return ({ code, message, help }) => {
    if (code !== 'unavailable' || now() < quietUntil) return;
    quietUntil = now() + ONCE_IN;
    process.emitWarning(message, {
      type: 'SecondFactorWarning',
      code: 'SECOND_FACTOR_UNAVAILABLE',
      detail: help,
    });
  };
}
