import { bad, flag, requireOptions } from '../options/checks';

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
  store: string,
  options: AcceptLoss,
  names: readonly string[],
  instead: string,
): void {
  requireOptions(store, options, ['acceptLoss', ...names]);
  const acceptLoss = flag(`${store}.acceptLoss`, options.acceptLoss);
  if (acceptLoss || process.env.NODE_ENV !== 'production') return;
  throw bad(
    `${store}() forgets everything at a restart, and NODE_ENV is production.`,
    `Give ${instead}; or { acceptLoss: true }, if that is what you want.`,
  );
}
