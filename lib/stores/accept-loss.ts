import { bad, requireOptions } from '../options/checks';
import { take } from '../options/take';

export interface AcceptLoss {
  /** Where NODE_ENV is `production`, has to be `true`: a restart forgets what this store holds. */
  readonly acceptLoss?: boolean;
}

/**
 * The options of a store in memory, checked. In production it has to be asked for: factors that a restart forgets
 * leave the password alone to be enough, and nobody would notice.
 *
 * @throws SecondFactorError `bad_option`
 */
export function requireAcceptedLoss(
  store: 'memoryAccounts' | 'memoryPending',
  options: AcceptLoss,
  instead: string,
): void {
  requireOptions(store, options);
  const acceptLoss = take(`${store}.acceptLoss`, options.acceptLoss);
  if (acceptLoss || process.env.NODE_ENV !== 'production') return;
  throw bad(
    `${store}() forgets everything at a restart, and NODE_ENV is production.`,
    `Give ${instead}; or { acceptLoss: true }, if that is what you want.`,
  );
}
