import type { Account, CodeType } from '../account/account';
import { codeFactors, openAddress } from '../factors/one-time-code';
import type { Scope } from './scope';

type Reader = Pick<Scope, 'delivery'>;

/** Whether this address, in any spelling, is enrolled already. */
export const hasAddress = (
  scope: Reader & Pick<Scope, 'seal'>,
  account: Account,
  type: CodeType,
  address: string,
): boolean =>
  codeFactors(account, type).some((factor) =>
    isSameAddress(scope, type, openAddress(account, factor, scope.seal), address),
  );

/** One phone or mailbox, in whatever spelling. */
export function isSameAddress(
  { delivery }: Reader,
  type: CodeType,
  ...[one, other]: readonly [string | undefined, string | undefined]
): boolean {
  if (one === undefined || other === undefined) return false;
  const keyOf = (text: string): string => {
    const read = delivery.read(type, text);
    return read.ok ? read.address.key : text;
  };
  return keyOf(one) === keyOf(other);
}
