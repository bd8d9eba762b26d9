import type { Account, CodeType, Factor, FactorType, ProofType } from '../account/account';
import { isCodeType } from '../account/factors';
import { isShutByReset } from '../account/reset';
import type { Login } from '../stores/contracts';
import { factorKind, factorTypesOf, kindOf, typesOf } from './kind';
import type { Offering } from './scope';

/** Whether the app has this kind of proof at all. */
export const isOn = (app: Offering, type: ProofType): boolean => kindOf(app.kinds, type)?.isOn(app) ?? false;

/**
 * Whether this login may use this way. A factor of a kind that is switched off, or that already opened the first
 * door, stays enrolled and goes on making its user owe; it is only not taken.
 */
export const isOffered = (app: Offering, login: Login | null, account: Account, type: ProofType): boolean =>
  isOn(app, type) && !isShut(login, account, type) && (login !== null || !kindOf(app.kinds, type)?.isIssued);

/** Whether this way opened the first door: by a reset that the account knows of, or of this very login. */
export const isShut = (login: Login | null, account: Account, type: ProofType): boolean =>
  isShutByReset(account, type) ||
  (login?.usedChannel === type && login.proofs.every((proof) => proof.type === type));

/** The types of codes that would let the user in, had they not opened the first door. */
export const shutTypes = (app: Offering, login: Login | null, account: Account): CodeType[] =>
  usableTypes(app, account)
    .filter((type) => isCodeType(type))
    .filter((type) => isShut(login, account, type));

/** Those that let their user in: of a kind that the app has, and of use at its address. */
export const usableFactors = (app: Offering, { factors }: Account): Factor[] =>
  factors.filter(
    (factor) => isOn(app, factor.type) && factorKind(app.kinds, factor.type)?.isUsable(app.settings, factor),
  );

/** The types that let the user in, each once. */
export const usableTypes = (app: Offering, account: Account): FactorType[] => [
  ...new Set(usableFactors(app, account).map(({ type }) => type)),
];

/** How many factors of a type let the user in; null: none. */
export const countUsable = (app: Offering, account: Account, type: FactorType): number | null =>
  usableFactors(app, account).filter((factor) => factor.type === type).length || null;

/** Whether the user may have no more of them. What is of no use at this address is to be replaced, so it takes no room. */
export function isFull(app: Offering, account: Account, type: FactorType): boolean {
  const kind = factorKind(app.kinds, type);
  if (!kind) return true;
  const ofType = account.factors.filter((factor) => factor.type === type);
  return ofType.filter((factor) => kind.isUsable(app.settings, factor)).length >= kind.most(app.settings);
}

/** What a login can prove it with, the preferred first, then by strength. */
export function waysOf(app: Offering, login: Login | null, account: Account): ProofType[] {
  const preferred = account.factors.find((factor) => factor.id === account.preferred)?.type;
  const all = typesOf(app.kinds);
  const inOrder = [...all.filter((type) => type === preferred), ...all.filter((type) => type !== preferred)];
  return inOrder.filter(
    (type) =>
      (kindOf(app.kinds, type)?.countOf(app, account) ?? 0) > 0 && isOffered(app, login, account, type),
  );
}

/** The ways that can't be guessed. */
export const surerWays = (app: Offering, login: Login | null, account: Account): ProofType[] =>
  waysOf(app, login, account).filter((type) => !kindOf(app.kinds, type)?.isGuess);

/** The types a user can set up in this app, the strongest first. */
export const typesOnOffer = (app: Offering): FactorType[] =>
  factorTypesOf(app.kinds).filter((type) => isOn(app, type));
