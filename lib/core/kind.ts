import type { FactorType, ProofType } from '../account/account';
import type { FactorKind, Kind, Kinds } from './scope';

export const typesOf = (kinds: Kinds): ProofType[] => Object.keys(kinds) as ProofType[];

/** The kinds a user can enrol. */
export const factorTypesOf = (kinds: Kinds): FactorType[] =>
  typesOf(kinds).filter((type): type is FactorType => kinds[type].factor !== null);

/** Own properties only: an app may pass on whatever a client sent, such as `constructor`. */
export const kindOf = (kinds: Kinds, type: ProofType): Kind | undefined =>
  // Each row is typed by its own key, which TypeScript does not track through a variable.
  (Object.hasOwn(kinds, type) ? kinds[type] : undefined) as Kind | undefined;

/** How a factor of this type is kept; undefined if only a newer version knows it. */
export const factorKind = (kinds: Kinds, type: FactorType): FactorKind | undefined =>
  kindOf(kinds, type)?.factor ?? undefined;
