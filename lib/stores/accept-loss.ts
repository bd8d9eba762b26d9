import { bad, requireOptions } from '../options/checks';
import { take } from '../options/take';

export interface AcceptLoss {
  /** Has to be `true` where NODE_ENV is `production`: a restart forgets what this store holds. */
  readonly acceptLoss?: boolean;
}

/**
 * Checks the options of an in-memory store. In production it has to be asked for explicitly: once a restart forgets the
 * factors, the password alone is enough, and nobody would notice. Nor would they miss what happened before.
 *
 * @throws SecondFactorError `bad_option`
 */
export function requireAcceptedLoss(
  store: 'memoryAccounts' | 'memoryPending' | 'memoryActivity' | 'memoryAudit' | 'memoryEvidence',
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
