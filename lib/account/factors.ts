import { type Refusal, refuse } from '../errors';
import {
  type Account,
  type BackupCodes,
  type CodeType,
  type Factor,
  type FactorId,
  type FactorType,
  type Limits,
  moveEpoch,
  type WebauthnFactor,
} from './account';
import { forgetBrowsers } from './browsers';

/** Whether a login of this user owes a second factor. Backup codes alone don't count; suspended factors do. */
export const owesFactor = ({ factors, suspended = [] }: Account): boolean =>
  factors.length + suspended.length > 0;

/** The types enrolled, each once. */
export const enrolledTypes = (account: Account): FactorType[] => [
  ...new Set(account.factors.map((factor) => factor.type)),
];

/** The factors whose proof is a code that is sent. */
const codeTypes = ['otp-sms', 'otp-email'] as const satisfies readonly CodeType[];

export const isCodeType = (type: string): type is CodeType => codeTypes.some((one) => one === type);

/** A factor in use: what judges a proof never sees a suspended one. */
export const factorOf = (account: Account, id: FactorId): Factor | undefined =>
  account.factors.find((factor) => factor.id === id);

export const suspendedOf = ({ suspended = [] }: Account, id: FactorId): Factor | undefined =>
  suspended.find((factor) => factor.id === id);

/** What its owner calls it, for an event about it; nothing if there is no such factor. */
export function labelOf(account: Account, id: string | null): { readonly label?: string } {
  const factor = account.factors.find((one) => one.id === id);
  return factor ? { label: factor.label } : {};
}

export type FactorChange = { readonly ok: true; readonly account: Account } | Refusal;
const changed = (account: Account): FactorChange => ({ ok: true, account });

/**
 * Adds a proven factor. The first one comes with the backup codes and turns two-factor on, which changes what every
 * login owes, so the epoch moves in the same save.
 */
export function addFactor(account: Account, factor: Factor, codes: BackupCodes | null, now: number): Account {
  const added = { ...withFactor(account, factor), backupCodes: codes ?? account.backupCodes };
  return owesFactor(account) ? added : moveEpoch(added, now);
}

/** The same without ending a login. */
export const withFactor = (account: Account, factor: Factor): Account => ({
  ...account,
  factors: [...account.factors, factor],
});

const without = (factors: readonly Factor[], id: FactorId): Factor[] =>
  factors.filter((factor) => factor.id !== id);

/** Whether a policy keeps it: it lets its user in and too few that do would be left, or none would. */
export function isKept(id: FactorId, usable: readonly Factor[], limits: Limits): boolean {
  const rest = without(usable, id);
  return rest.length < limits.keepFactors && (rest.length < usable.length || rest.length === 0);
}

/**
 * Removes one factor, in use or suspended. If it is the last one that lets its user in, all others and the backup codes
 * go too, and two-factor is off: what is left would keep asking for a proof nobody can give. Browsers are known by what was
 * proven in them, so all are unknown from then on.
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
  const { suspended = [] } = account;
  if (suspendedOf(account, id) && (account.factors.length > 0 || suspended.length > 1))
    return changed({ ...account, suspended: without(suspended, id) });
  if (suspendedOf(account, id)) return removeLast(account, now, limits);
  if (!factorOf(account, id)) return refuse('not_found');
  if (isKept(id, usable, limits)) return refuse('last_factor');
  const rest = without(usable, id);
  const factors = rest.length > 0 ? without(account.factors, id) : [];
  const preferred = account.preferred === id ? null : account.preferred;
  const backupCodes = factors.length === 0 ? null : account.backupCodes;
  const { suspended: _, ...left } = { ...account, factors, preferred, backupCodes };
  const after = factors.length === 0 || suspended.length === 0 ? left : { ...left, suspended };
  return changed(forgetBrowsers(moveEpoch(after, now)));
}

/** Nothing but a suspended factor was left: two-factor is off. */
function removeLast({ suspended: _, ...account }: Account, now: number, limits: Limits): FactorChange {
  if (limits.keepFactors > 0) return refuse('last_factor');
  return changed(forgetBrowsers(moveEpoch({ ...account, backupCodes: null, preferred: null }, now)));
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

/** Names that look alike count as the same. */
const fold = (label: string): string => label.normalize('NFKC').toLowerCase();

export const isLabelTaken = (account: Account, type: FactorType, label: string): boolean =>
  account.factors.some((factor) => factor.type === type && fold(factor.label) === fold(label));

/** `Phone`, or `Phone 2` if there is one already. */
export function freeLabel(account: Account, type: FactorType, wanted: string): string {
  const numbered = [wanted, ...account.factors.map((_, position) => `${wanted} ${position + 2}`)];
  return numbered.find((label) => !isLabelTaken(account, type, label)) ?? wanted;
}

/**
 * The replay rule: a proof at or below `usedUpTo` has been used. It is decided inside the account's save, so of any
 * number of parallel uses, one wins.
 */
export const isUsed = (factor: Factor, at: number): boolean => at <= factor.usedUpTo;

export const markUsed = (account: Account, factor: Factor, at: number, now: number): Account =>
  replaceFactor(account, { ...factor, usedUpTo: Math.max(factor.usedUpTo, at), lastUsedAt: now });

/** The user's security keys, including those of another address. */
export const keysOf = (account: Account): WebauthnFactor[] =>
  account.factors.filter((factor): factor is WebauthnFactor => factor.type === 'webauthn');

/** It was made when the app had another address, so browsers won't use it here. */
export const isForeign = (key: Pick<WebauthnFactor, 'rpId'>, rpId: string): boolean => key.rpId !== rpId;

/** The keys that work at this address: what is offered, asked for and looked up. */
export const usableKeys = (account: Account, rpId: string): WebauthnFactor[] =>
  keysOf(account).filter((key) => !isForeign(key, rpId));

/** Any key can answer a challenge, so what one of them has used up is used up for all. ms. */
export const keysUsedUpTo = (account: Account): number =>
  Math.max(0, ...keysOf(account).map(({ usedUpTo }) => usedUpTo));

/** When a challenge counts as issued: never at or below what is used up, whatever the clock says. */
export const challengeIssuedAt = (account: Account, now: number): number =>
  Math.max(now, keysUsedUpTo(account) + 1);

/**
 * Authenticator apps tell entries apart by issuer and account only, and many let a second entry with the same name
 * replace the first. So each app of a user has its own entry: the first is the plain account, the next `account (2)`,
 * or the name its owner gave it before scanning.
 */
export const entriesOf = ({ factors }: Account): string[] =>
  factors.flatMap((factor) => (factor.type === 'totp' ? [factor.entry ?? ''] : []));

export const isEntryTaken = (account: Account, entry: string): boolean =>
  entriesOf(account).some((one) => fold(one) === fold(entry));

/** Empty for the first, otherwise the lowest free number. */
export function freeEntry(account: Account): string {
  const numbered = ['', ...entriesOf(account).map((_, position) => String(position + 2))];
  return numbered.find((entry) => !isEntryTaken(account, entry)) ?? '';
}
