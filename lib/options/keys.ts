import type { KeySettings } from '../core/scope';
import { defaultPolicy, type SignCountRule, type WebauthnPolicy } from '../factors/webauthn-policy';
import { relyingParty, type PartyProblem } from '../factors/webauthn-relying-party';
import {
  allowFunctions,
  bad,
  flag,
  isCertificate,
  listOf,
  oneOf,
  refuseUnknown,
  requireFunctions,
  requireObject,
  whole,
} from './checks';
import { cureOf } from './cures';
import { isModel } from './texts';
import type { SecondFactorOptions, WebauthnOptions } from './options';

type Given = Pick<SecondFactorOptions<unknown>, 'webauthn' | 'passkeys' | 'users'>;

/** The options of security keys, checked; null where there are none. */
export function resolveKeys(given: Given, appName: string, origin: URL): KeySettings | null {
  const passkeys = flag('passkeys', given.passkeys);
  if (passkeys) requireFunctions('users', given.users, ['byId']);
  else allowFunctions('users.', given.users, ['byId']);
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
    userVerification: oneOf('webauthn.userVerification', options.userVerification, ['preferred', 'required']),
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
  origin: ['webauthn.origins names no origin.', cureOf('webauthn.origins')],
  rp_id: ['webauthn.rpId is not the domain of origin, nor one above it.', cureOf('webauthn.rpId')],
  top_origin: ['webauthn.topOrigins names no origin.', cureOf('webauthn.topOrigins')],
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
  const models = allow === undefined ? null : listOf('webauthn.attestation.allow', allow, 'AAGUID', isModel);
  const deniedModels = listOf('webauthn.attestation.deny', deny, 'AAGUID', isModel);
  const rules: readonly [SignCountRule, ...SignCountRule[]] = ['reject', 'flag', 'ignore'];
  const { deviceBound = defaultPolicy.signCount.deviceBound, synced = defaultPolicy.signCount.synced } =
    signCount;
  return {
    signCount: {
      deviceBound: oneOf('webauthn.signCount.deviceBound', deviceBound, rules),
      synced: oneOf('webauthn.signCount.synced', synced, rules),
    },
    deviceBoundOnly: flag('webauthn.deviceBoundOnly', deviceBoundOnly),
    // Browsers may blank the model where nobody asks what the maker says.
    attestation: models || deniedModels.length > 0 ? 'direct' : 'none',
    roots: listOf('webauthn.attestation.roots', roots, 'certificate in PEM', isCertificate),
    models,
    deniedModels,
  };
}
