import type { ProofType } from './account/account';
import { proofTypes } from './core/proof-kinds';
import { duration } from './duration';
import { bad, flag, listOf, requireOptions, unset } from './option-checks';
import { cureOf } from './option-cures';
import type { ProofRequirement, RequiredProof } from './session/require-proof';

const key: ProofType = 'webauthn';

/** What `requireProof()` takes, checked when it is called: what is misspelt would let through what it was to stop. */
export function resolveRequirement(given: ProofRequirement = {}): RequiredProof {
  requireOptions('requireProof', given, ['within', 'types', 'phishingResistant', 'userVerified']);
  // Not as if it were left out: the gate would be open to any proof.
  const undecided = Object.entries(given).find(([, value]) => value === undefined);
  if (undecided) throw unset(`requireProof.${undecided[0]}`);
  const phishingResistant = flag('requireProof.phishingResistant', given.phishingResistant);
  const userVerified = flag('requireProof.userVerified', given.userVerified);
  const { within, types } = given;
  return {
    age: within === undefined ? Number.POSITIVE_INFINITY : duration('requireProof.within', within),
    types: typesOf(types, phishingResistant || userVerified),
    phishingResistant,
    userVerified,
  };
}

/** Only keys resist phishing, and only they say whether they verified their owner. */
function typesOf(given: readonly ProofType[] | undefined, onlyKeys: boolean): readonly ProofType[] | null {
  const all: readonly string[] = proofTypes;
  if (given !== undefined)
    listOf('requireProof.types', given, `type of proof (${all.join(', ')})`, (one) => all.includes(one));
  const types = onlyKeys ? (given ?? [key]).filter((type) => type === key) : (given ?? null);
  if (types?.length !== 0) return types;
  throw bad(
    'requireProof.types names none that would do.',
    `${cureOf('requireProof.types')} Or leave it out.`,
  );
}
