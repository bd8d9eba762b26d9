import type { Account, CodeType, Factor, FactorType, ProofType } from '../account/account';
import { isForeign } from '../account/keys';
import { isShutByReset } from '../account/reset';
import type { Login } from '../stores/contracts';
import type { Scope } from './scope';

export type Offering = Pick<Scope, 'delivery' | 'settings'>;

export const isCodeType = (type: string): type is CodeType => type === 'otp-sms' || type === 'otp-email';

/** Whether the app has this kind of proof at all. */
export const isOn = ({ delivery, settings }: Offering, type: ProofType): boolean =>
  type === 'webauthn' ? settings.keys !== null : !isCodeType(type) || delivery.isOn(type);

/**
 * Whether this login may use this way. A factor of a kind that is switched off, or that already opened the first
 * door, stays enrolled and goes on making its user owe; it is only not taken.
 */
export const isOffered = (
  offering: Offering,
  login: Login | null,
  account: Account,
  type: ProofType,
): boolean => isOn(offering, type) && !isShut(login, account, type) && (login !== null || !isAnswer(type));

/** Whether this way opened the first door: by a reset that the account knows of, or of this very login. */
export const isShut = (login: Login | null, account: Account, type: ProofType): boolean =>
  isShutByReset(account, type) ||
  (login?.usedChannel === type && login.proofs.every((proof) => proof.type === type));

/** The types of codes that would let the user in, had they not opened the first door. */
export const shutTypes = (offering: Offering, login: Login | null, account: Account): CodeType[] =>
  usableTypes(offering, account)
    .filter((type) => isCodeType(type))
    .filter((type) => isShut(login, account, type));

/** The proof answers something that was sent to a login, or asked of it. */
const isAnswer = (type: ProofType): boolean => isCodeType(type) || type === 'webauthn';

/** Whether it lets its user in: a key that was made for another address does not, and nothing that is switched off. */
const isUsable = (offering: Offering, factor: Factor): boolean => {
  const rpId = offering.settings.keys?.party.id;
  return isOn(offering, factor.type) && (factor.type !== 'webauthn' || !isForeign(factor, rpId ?? ''));
};

export const usableFactors = (offering: Offering, { factors }: Account): Factor[] =>
  factors.filter((factor) => isUsable(offering, factor));

/** The types that let the user in, each once. */
export const usableTypes = (offering: Offering, account: Account): FactorType[] => [
  ...new Set(usableFactors(offering, account).map(({ type }) => type)),
];
