/** What determines the odds for someone who has the password and guesses. Times in ms. */
export interface GuessingOptions {
  /** Tries of a full lane. Default 10. */
  readonly laneTries?: number;
  /** How long until one try comes back. Default 24 h. */
  readonly laneRefill?: number;
  /** Time steps accepted at once: 3 for a window of ±1. Default 3. */
  readonly steps?: number;
  /** Authenticator apps of the user. Default 1. */
  readonly apps?: number;
  /** Default 6. */
  readonly digits?: number;
}

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * The probability that someone who has the password guesses a code within a year, using every try.
 *
 * @returns between 0 and 1; 0.0011 with the defaults
 * @example oddsPerYear({ apps: 3 }) // 0.0034
 */
export function oddsPerYear(options: GuessingOptions = {}): number {
  const { laneTries = 10, laneRefill = YEAR / 365, steps = 3, apps = 1, digits = 6 } = options;
  const guesses = laneTries + Math.floor(YEAR / laneRefill);
  return 1 - (1 - (steps * apps) / 10 ** digits) ** guesses;
}
