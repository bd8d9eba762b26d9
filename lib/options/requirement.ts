import type { ProofType } from '../account/account';
import { kindOf, typesOf } from '../core/kind';
import type { Kinds } from '../core/scope';
import { bad, listOf, refuseUncalled, requireOptions, unset } from './checks';
import { cureOf } from './table';
import { duration, take } from './take';
import type { ProofRequirement, RequiredProof } from '../session/require-proof';

/**
 * Checks the options of `requireProof()` when it is called: a misspelt one would let through what it was meant to stop.
 */
export function resolveRequirement(kinds: Kinds, given: ProofRequirement = {}): RequiredProof {
  refuseUncalled('requireProof', given, "requireProof({ within: '5m' })");
  requireOptions('requireProof', given);
  // Undefined does not mean left out: that would accept any proof.
  const undecided = Object.entries(given).find(([, value]) => value === undefined);
  if (undecided) throw unset(`requireProof.${undecided[0]}`);
  const phishingResistant = take('requireProof.phishingResistant', given.phishingResistant);
  const userVerified = take('requireProof.userVerified', given.userVerified);
  const { within, types } = given;
  return {
    age: within === undefined ? Number.POSITIVE_INFINITY : duration('requireProof.within', within),
    types: wanted(kinds, types, phishingResistant || userVerified),
    phishingResistant,
    userVerified,
  };
}

/** Only keys resist phishing, and only keys say whether they verified their owner. */
function wanted(
  kinds: Kinds,
  given: readonly ProofType[] | undefined,
  onlyKeys: boolean,
): readonly ProofType[] | null {
  const all: readonly string[] = typesOf(kinds);
  if (given !== undefined)
    listOf('requireProof.types', given, `type of proof (${all.join(', ')})`, (one) => all.includes(one));
  const isKey = (type: ProofType): boolean => kindOf(kinds, type)?.resistsPhishing ?? false;
  const types = onlyKeys ? (given ?? typesOf(kinds)).filter(isKey) : given === undefined ? null : [...given];
  if (types?.length !== 0) return types;
  throw bad(
    'requireProof.types names none that would do.',
    `${cureOf('requireProof.types')} Or leave it out.`,
  );
}
