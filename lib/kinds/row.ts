import type { ProofType } from '../account/account';
import type { FactorKind, KindOf } from '../core/scope';
import type { KindPages } from '../pages/page-context';
import type { ProofStrategy, VerifyRequest } from '../../strategies/base';

/** A row of the table: how a kind of proof is judged, which pages it has, and its Passport strategy. */
export type Row<Type extends ProofType> = KindOf<Type> & {
  readonly pages: KindPages;
  readonly Strategy: new (verify: VerifyRequest) => ProofStrategy;
};

/** What applies to a factor unless its kind says otherwise. */
export const ordinary = {
  isUsable: () => true,
  describe: () => ({ hint: null, key: null }),
  isLive: () => true,
  proofOf: () => ({}),
  import: null,
} satisfies Partial<FactorKind>;
