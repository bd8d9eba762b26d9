import { refuse, type Refusal } from '../errors';
import type { Account, BackupCodes, CodeType, Factor, FactorId, FactorType } from './account';
import { forgetBrowsers } from './browsers';
import { moveEpoch } from './epoch';
import type { Limits } from './limits';

/** Whether a login of this user owes a second factor. Backup codes alone are not one. */
export const owesFactor = (account: Account): boolean => account.factors.length > 0;

/** The types enrolled, each once. */
export const enrolledTypes = (account: Account): FactorType[] => [
  ...new Set(account.factors.map((factor) => factor.type)),
];

/** The factors whose proof is a code that is sent. */
export const codeTypes = ['otp-sms', 'otp-email'] as const satisfies readonly CodeType[];

export const isCodeType = (type: string): type is CodeType => codeTypes.some((one) => one === type);

export const factorOf = (account: Account, id: FactorId): Factor | undefined =>
  account.factors.find((factor) => factor.id === id);

export type FactorChange = { readonly ok: true; readonly account: Account } | Refusal;
const changed = (account: Account): FactorChange => ({ ok: true, account });

/**
 * Adds a proven factor. The first one brings the backup codes with it and switches two-factor on, which
 * changes what every login owes, so the epoch moves in the same save.
 */
export function addFactor(account: Account, factor: Factor, codes: BackupCodes | null, now: number): Account {
  const added = {
    ...account,
    factors: [...account.factors, factor],
    backupCodes: codes ?? account.backupCodes,
  };
  return owesFactor(account) ? added : moveEpoch(added, now);
}

const without = (factors: readonly Factor[], id: FactorId): Factor[] =>
  factors.filter((factor) => factor.id !== id);

/** Whether a policy keeps it: too few that let their user in would be left, and it is one, or none would be. */
export function isKept(id: FactorId, usable: readonly Factor[], limits: Limits): boolean {
  const rest = without(usable, id);
  return rest.length < limits.keepFactors && (rest.length < usable.length || rest.length === 0);
}

/**
 * Removes one factor. With the last one that lets its user in go all others and the backup codes, and two-factor is
 * off: what is left would go on asking for a proof that nobody can give. A browser is known by what was proven in it,
 * so all are strangers from then on.
 *
 * @param usable those that let their user in
 */
export function removeFactor(
  account: Account,
  id: FactorId,
  now: number,
  limits: Limits,
  usable: readonly Factor[],
): FactorChange {
  if (!factorOf(account, id)) return refuse('not_found');
  if (isKept(id, usable, limits)) return refuse('last_factor');
  const rest = without(usable, id);
  const factors = rest.length > 0 ? account.factors.filter((factor) => factor.id !== id) : [];
  const preferred = account.preferred === id ? null : account.preferred;
  const backupCodes = factors.length === 0 ? null : account.backupCodes;
  return changed(forgetBrowsers(moveEpoch({ ...account, factors, preferred, backupCodes }, now)));
}

export function renameFactor(account: Account, id: FactorId, label: string): FactorChange {
  const factor = factorOf(account, id);
  if (!factor) return refuse('not_found');
  if (factor.label === label) return changed(account);
  const others = { ...account, factors: account.factors.filter((one) => one.id !== id) };
  if (isLabelTaken(others, factor.type, label)) return refuse('duplicate', { field: 'label' });
  return changed(replaceFactor(account, { ...factor, label }));
}

export function preferFactor(account: Account, id: FactorId, preferred: boolean): FactorChange {
  if (!factorOf(account, id)) return refuse('not_found');
  const next = preferred ? id : account.preferred === id ? null : account.preferred;
  return changed(next === account.preferred ? account : { ...account, preferred: next });
}

export const replaceFactor = (account: Account, factor: Factor): Account => ({
  ...account,
  factors: account.factors.map((one) => (one.id === factor.id ? factor : one)),
});

/** Names that look alike are one. */
export const fold = (label: string): string => label.normalize('NFKC').toLowerCase();

export const isLabelTaken = (account: Account, type: FactorType, label: string): boolean =>
  account.factors.some((factor) => factor.type === type && fold(factor.label) === fold(label));
