import type { Account, CodeType, Factor, FactorType, ProofType } from '../account/account';
import { isCodeType } from '../account/factors';
import { isShutByReset } from '../account/reset';
import { type Refusal, refuse } from '../errors';
import type { Login } from '../stores/contracts';
import { factorKind, factorTypesOf, kindOf, typesOf } from './kind';
import type { Offering } from './scope';

/** Whether this kind of proof is switched on in the app. */
export const isOn = (app: Offering, type: ProofType): boolean => kindOf(app.kinds, type)?.isOn(app) ?? false;

/**
 * Whether this login may use this kind of proof. A factor of a kind that is switched off, or that already served as the
 * first factor, stays enrolled and its user still owes a second one; it is just not accepted. A login that waits for its
 * link has no use for another proof that would have to wait too.
 */
export function isOffered(app: Offering, login: Login | null, account: Account, type: ProofType): boolean {
  const kind = kindOf(app.kinds, type);
  if (!kind?.isOn(app) || isShut(login, account, type)) return false;
  if (login?.waiting && !kind.resistsPhishing) return false;
  return login !== null || !kind.isIssued;
}

/**
 * Whether this kind already served as the first factor: through a reset noted in the account, or in this very login.
 */
const isShut = (login: Login | null, account: Account, type: ProofType): boolean =>
  isShutByReset(account, type) ||
  (login?.usedChannel === type && login.proofs.every((proof) => proof.type === type));

/** The types of codes that would let the user in, had they not served as the first factor. */
export const shutTypes = (app: Offering, login: Login | null, account: Account): CodeType[] =>
  usableTypes(app, account)
    .filter((type) => isCodeType(type))
    .filter((type) => isShut(login, account, type));

/** The factors that let their user in: of a kind that is on, and usable at the app's domain. */
export const usableFactors = (app: Offering, { factors }: Account): Factor[] =>
  factors.filter(
    (factor) => isOn(app, factor.type) && factorKind(app.kinds, factor.type)?.isUsable(app.settings, factor),
  );

/** The types that let the user in, each once. */
export const usableTypes = (app: Offering, account: Account): FactorType[] => [
  ...new Set(usableFactors(app, account).map(({ type }) => type)),
];

/** How many factors of a type let the user in; null if none of that type is enrolled. */
export const countUsable = (app: Offering, account: Account, type: FactorType): number | null =>
  usableFactors(app, account).filter((factor) => factor.type === type).length || null;

/**
 * Whether the user may have no more of them. A factor that is of no use at this domain has to be replaced, so it takes
 * no room.
 */
export function refuseFull(app: Offering, account: Account, type: FactorType): Refusal | null {
  const kind = factorKind(app.kinds, type);
  if (!kind) return refuse('conflict');
  const most = kind.most(app.settings);
  const ofType = account.factors.filter((factor) => factor.type === type);
  const usable = ofType.filter((factor) => kind.isUsable(app.settings, factor));
  return usable.length < most ? null : refuse('limit_reached', { most });
}

/** What a login can use as its second factor, the preferred first, then by strength. */
export function waysOf(app: Offering, login: Login | null, account: Account): ProofType[] {
  const preferred = account.factors.find((factor) => factor.id === account.preferred)?.type;
  const all = typesOf(app.kinds);
  const inOrder = [...all.filter((type) => type === preferred), ...all.filter((type) => type !== preferred)];
  return inOrder.filter(
    (type) =>
      (kindOf(app.kinds, type)?.countOf(app, account) ?? 0) > 0 && isOffered(app, login, account, type),
  );
}

/** The ones that can't be guessed. */
export const surerWays = (app: Offering, login: Login | null, account: Account): ProofType[] =>
  waysOf(app, login, account).filter((type) => !kindOf(app.kinds, type)?.isGuess(account));

/** The types a user can set up in this app, the strongest first. */
export const typesOnOffer = (app: Offering): FactorType[] =>
  factorTypesOf(app.kinds).filter((type) => isOn(app, type));
