import { isUuid } from '../account/user-id';
import type { KeySettings } from '../core/scope';
import type { WebauthnPolicy } from '../factors/webauthn-policy';
import { relyingParty, type PartyProblem } from '../factors/webauthn-relying-party';
import { allowFunctions, bad, isCertificate, listOf, requireFunctions, requireGroup } from './checks';
import { cureOf } from './table';
import { take } from './take';
import type { SecondFactorOptions, WebauthnOptions } from './options';

type Given = Pick<SecondFactorOptions<unknown>, 'webauthn' | 'passkeys' | 'users'>;

/** Checks the options of security keys; null if they are off. */
export function resolveKeys(given: Given, appName: string, origin: URL): KeySettings | null {
  const passkeys = take('passkeys', given.passkeys);
  if (passkeys) requireFunctions('users', given.users, ['byId']);
  else allowFunctions('users.', given.users, ['byId']);
  const { webauthn: options = {} } = given;
  if (options === false) return without(passkeys, 'Leave out webauthn: false, or passkeys.');
  requireGroup('webauthn', options);

  const found = relyingParty({
    name: appName,
    origins: [origin.origin, ...take('webauthn.origins', options.origins)],
    rpId: options.rpId,
    topOrigins: take('webauthn.topOrigins', options.topOrigins),
  });
  // Not asked for, and not possible: the host is an IP address, or a name with a single label.
  if (!found.ok && found.problem !== 'origin' && given.webauthn === undefined)
    return without(passkeys, "Give an origin with a name, such as 'http://localhost:3000'.");
  if (!found.ok) throw bad(...problems[found.problem]);
  return {
    party: found.party,
    policy: webauthnPolicy(options),
    userVerification: take('webauthn.userVerification', options.userVerification),
    passkeys,
    most: take('webauthn.keys', options.keys),
  };
}

function without(passkeys: boolean, help: string): null {
  if (!passkeys) return null;
  throw bad('passkeys is on, but security keys are off.', help);
}

const problems: { readonly [problem in PartyProblem]: readonly [message: string, help: string] } = {
  ip_address: [
    'webauthn: browsers do not make keys for an IP address.',
    "Give an origin with a name, such as 'http://localhost:3000', or webauthn: false.",
  ],
  origin: ['webauthn.origins contains something that is not an origin.', cureOf('webauthn.origins')],
  rp_id: ['webauthn.rpId is neither the domain of origin nor a parent of it.', cureOf('webauthn.rpId')],
  top_origin: [
    'webauthn.topOrigins contains something that is not an origin.',
    cureOf('webauthn.topOrigins'),
  ],
};

/** What the site requires of a key, by these options. */
export function webauthnPolicy({
  signCount = {},
  deviceBoundOnly,
  attestation = {},
}: WebauthnOptions): WebauthnPolicy {
  requireGroup('webauthn.signCount', signCount);
  requireGroup('webauthn.attestation', attestation);
  const { allow, deny = [], roots = [] } = attestation;
  const models = allow === undefined ? null : listOf('webauthn.attestation.allow', allow, 'AAGUID', isUuid);
  const deniedModels = listOf('webauthn.attestation.deny', deny, 'AAGUID', isUuid);
  return {
    signCount: {
      deviceBound: take('webauthn.signCount.deviceBound', signCount.deviceBound),
      synced: take('webauthn.signCount.synced', signCount.synced),
    },
    deviceBoundOnly: take('webauthn.deviceBoundOnly', deviceBoundOnly),
    // Browsers may blank out the model unless an attestation is asked for.
    attestation: models || deniedModels.length > 0 ? 'direct' : 'none',
    roots: listOf('webauthn.attestation.roots', roots, 'PEM certificate', isCertificate),
    models,
    deniedModels,
  };
}
