import type { KeySettings } from './core/scope';
import { defaultPolicy, type SignCountRule, type WebauthnPolicy } from './factors/webauthn-policy';
import { relyingParty, type PartyProblem } from './factors/webauthn-relying-party';
import { bad, refuseUnknown, requireFunctions, requireObject, whole } from './option-checks';
import { isCertificate, isModel, listOf } from './option-texts';
import type { SecondFactorOptions, WebauthnOptions } from './options';

type Given = Pick<SecondFactorOptions<unknown>, 'webauthn' | 'passkeys' | 'users'>;

/** The options of security keys, checked; null where there are none. */
export function resolveKeys(given: Given, appName: string, origin: URL): KeySettings | null {
  const passkeys = flag('passkeys', given.passkeys);
  if (passkeys) requireFunctions('users', given.users, ['byId']);
  const { webauthn: options = {} } = given;
  if (options === false) return without(passkeys, 'Leave webauthn out, or passkeys.');
  refuseUnknown('webauthn.', requireObject('webauthn', options), names);
  const { origins = [], topOrigins = [], keys = 10 } = options;

  const found = relyingParty({
    name: appName,
    origins: [origin.origin, ...listOf('webauthn.origins', origins)],
    rpId: options.rpId,
    topOrigins: listOf('webauthn.topOrigins', topOrigins),
  });
  // Not asked for, and not to be had: an IP address, or a name of one label.
  if (!found.ok && found.problem !== 'origin' && given.webauthn === undefined)
    return without(passkeys, "Give an origin with a name, such as 'http://localhost:3000'.");
  if (!found.ok) throw bad(...problems[found.problem]);
  return {
    party: found.party,
    policy: policyOf(options),
    userVerification: oneOf('userVerification', options.userVerification, ['preferred', 'required']),
    passkeys,
    most: whole('webauthn.keys', keys, 1, 50),
  };
}

const names = [
  'origins',
  'rpId',
  'topOrigins',
  'userVerification',
  'keys',
  'signCount',
  'deviceBoundOnly',
  'attestation',
] as const satisfies readonly (keyof WebauthnOptions)[];

function without(passkeys: boolean, help: string): null {
  if (!passkeys) return null;
  throw bad('passkeys is on, and there are no security keys.', help);
}

const problems: { readonly [problem in PartyProblem]: readonly [message: string, help: string] } = {
  ip_address: [
    'webauthn: browsers make no keys for an IP address.',
    "Give an origin with a name, such as 'http://localhost:3000', or webauthn: false.",
  ],
  origin: [
    'webauthn.origins names no origin.',
    "Give 'https://www.example.com'; plain http works for localhost only.",
  ],
  rp_id: [
    'webauthn.rpId is not the domain of origin, nor one above it.',
    "Give a domain such as 'example.com', without https://, port or path.",
  ],
  top_origin: ['webauthn.topOrigins names no origin.', "Give 'https://portal.example.com'."],
};

function policyOf({ signCount = {}, deviceBoundOnly, attestation = {} }: WebauthnOptions): WebauthnPolicy {
  refuseUnknown('webauthn.signCount.', requireObject('webauthn.signCount', signCount), [
    'deviceBound',
    'synced',
  ]);
  refuseUnknown('webauthn.attestation.', requireObject('webauthn.attestation', attestation), [
    'roots',
    'allow',
    'deny',
  ]);
  const { allow, deny = [], roots = [] } = attestation;
  const models = allow === undefined ? null : listOf('webauthn.attestation.allow', allow, isModel);
  const deniedModels = listOf('webauthn.attestation.deny', deny, isModel);
  const rules: readonly [SignCountRule, ...SignCountRule[]] = ['reject', 'flag', 'ignore'];
  const { deviceBound = defaultPolicy.signCount.deviceBound, synced = defaultPolicy.signCount.synced } =
    signCount;
  return {
    signCount: {
      deviceBound: oneOf('signCount.deviceBound', deviceBound, rules),
      synced: oneOf('signCount.synced', synced, rules),
    },
    deviceBoundOnly: flag('webauthn.deviceBoundOnly', deviceBoundOnly),
    // Browsers may blank the model where nobody asks what the maker says.
    attestation: models || deniedModels.length > 0 ? 'direct' : 'none',
    roots: listOf('webauthn.attestation.roots', roots, isCertificate),
    models,
    deniedModels,
  };
}

function oneOf<Value extends string>(
  name: string,
  value: Value | undefined,
  allowed: readonly [Value, ...Value[]],
): Value {
  const found = value === undefined ? allowed[0] : allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw bad(`webauthn.${name} is none of those there are.`, `Give ${name} as one of: ${allowed.join(', ')}.`);
}

function flag(option: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw bad(`${option} is neither true nor false.`, `Give ${option} as one of them, or leave it out.`);
}
