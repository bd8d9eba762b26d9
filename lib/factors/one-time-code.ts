import type { Account, CodeType, FactorId, SentCodeFactor, UserId } from '../account/account';
import { isUsed, replaceFactor } from '../account/factors';
import type { CodeDigests } from '../crypto/digest';
import type { Seal } from '../crypto/seal';
import { refuse, type Refusal } from '../errors';

/** A code of this login that is still valid. Times in ms. */
export interface LiveCode {
  readonly digest: string;
  readonly factorId: string;
  readonly issuedAt: number;
  readonly until: number;
}

export type CodeCheck =
  { readonly ok: true; readonly factorId: FactorId; readonly account: Account } | Refusal;

export const codeFactors = (account: Account, type: CodeType): SentCodeFactor[] =>
  account.factors.filter((factor): factor is SentCodeFactor => factor.type === type);

/**
 * Is this one of the codes that were sent to this login? The right one uses up all codes of the login, including those
 * still on their way. All are compared, so that the time taken does not reveal which one it was.
 */
export function checkSentCode(
  account: Account,
  login: { readonly loginId: string; readonly purpose: string; readonly codes: readonly LiveCode[] },
  type: CodeType,
  code: string,
  now: number,
  digests: CodeDigests,
): CodeCheck {
  const { loginId, purpose, codes } = login;
  const factors = codeFactors(account, type);
  const context = (factorId: string) => ({ userId: account.userId, loginId, purpose, factorId });
  const matches = codes.filter(
    ({ digest, factorId, until }) => digests.isRight(digest, context(factorId), code) && now < until,
  );
  const found = matches.flatMap((match) => {
    const factor = factors.find(({ id }) => id === match.factorId);
    return factor ? [{ factor, isOver: isUsed(factor, match.issuedAt) }] : [];
  });
  const right = found.find(({ isOver }) => !isOver);
  if (!right) return refuse(found.length > 0 ? 'code_used' : 'wrong_code');
  return {
    ok: true,
    factorId: right.factor.id,
    account: useUp(account, factors, codes, right.factor, now),
  };
}

function useUp(
  account: Account,
  factors: readonly SentCodeFactor[],
  codes: readonly LiveCode[],
  used: SentCodeFactor,
  now: number,
): Account {
  const newestOf = (id: FactorId) =>
    Math.max(0, ...codes.filter(({ factorId }) => factorId === id).map(({ issuedAt }) => issuedAt));
  return factors.reduce(
    (next, factor) =>
      replaceFactor(next, {
        ...factor,
        usedUpTo: Math.max(factor.usedUpTo, newestOf(factor.id)),
        lastUsedAt: factor.id === used.id ? now : factor.lastUsedAt,
      }),
    account,
  );
}

export const sealAddress = (userId: UserId, factorId: string, address: string, seal: Seal) =>
  seal.close(Buffer.from(address), { user: userId, factor: factorId, purpose: 'address' });

export const openAddress = (account: Account, factor: SentCodeFactor, seal: Seal): string =>
  seal.open(factor.address, { user: account.userId, factor: factor.id, purpose: 'address' }).toString();
