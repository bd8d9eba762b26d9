import { setTimeout as wait } from 'node:timers/promises';
import type { Account, FactorId, WebauthnFactor } from '../account/account';
import { keysOf, keysUsedUpTo } from '../account/factors';
import { refuse, type Refusal } from '../errors';
import { forLibrary, vouchedBy } from './attestation';
import { readAttestationObject } from './attestation-object';
import { checkAuthenticator, checkClient, type CheckedClient, type Expected } from './webauthn-ceremony';
import { algorithms, checkModel, conveyance } from './webauthn-policy';
import { readRegistration, type RegistrationAnswer } from './webauthn-response';
import { malformed, refused, type WebauthnFailure } from './webauthn-result';
import { webauthnServer } from './webauthn-server';

/** A proven new key, without what its owner adds. */
export type NewKey = Omit<WebauthnFactor, 'id' | 'label' | 'createdAt' | 'lastUsedAt'>;

export type RegistrationCheck = { readonly ok: true; readonly key: NewKey } | WebauthnFailure;

const LONGEST_MS = 2000;

/**
 * Is this the answer to a challenge to add a key? Pure, though asynchronous, as cryptography takes time; nothing a
 * client sends makes it throw. Whether the key is new to the account is decided by `keyFactor`, within the account's
 * save.
 */
export async function checkRegistration(
  account: Account,
  input: unknown,
  expected: Expected,
): Promise<RegistrationCheck> {
  const read = readRegistration(input);
  if (!read.ok) return read;
  const { answer } = read;
  const client = checkClient(answer.clientDataJSON, 'webauthn.create', keysUsedUpTo(account), expected);
  if (!client.ok) return client;

  const made = readAttestationObject(answer.attestationObject);
  if (!made) return malformed('attestationObject');
  if (made.credentialId !== answer.id) return malformed('id');
  const { policy, party, now } = expected;
  const failure = checkAuthenticator(made.data, party, client.asked);
  if (failure) return failure;
  if (made.algorithm === null) return refused('algorithm');
  const model = checkModel({ backupEligible: made.data.backupEligible, aaguid: made.aaguid }, policy);
  if (model) return model;

  const vouched = vouchedBy(made.certificates, policy.roots, now);
  if (policy.roots.length > 0 && !vouched) return refused('attestation');
  const isUnread = conveyance(policy) === 'none';
  const object = (): string =>
    isUnread ? made.withoutStatement() : vouched ? forLibrary(made, vouched) : answer.attestationObject;
  if (!(await isGenuine(answer, object, client, party.id)))
    return isUnread ? malformed('attestationObject') : refused('attestation');

  const { publicKey, algorithm, aaguid, data } = made;
  return {
    ok: true,
    key: {
      type: 'webauthn',
      credentialId: made.credentialId,
      publicKey,
      algorithm,
      signCount: data.signCount,
      backupEligible: data.backupEligible,
      backedUp: data.backedUp,
      transports: answer.transports,
      aaguid,
      rpId: party.id,
      userVerified: data.userVerified,
      attested: vouched !== null,
      usedUpTo: client.asked.issuedAt,
    },
  };
}

/**
 * What the library says, which repeats all steps of WebAuthn 3 §7.1 that it knows. A browser may send the
 * manufacturer's statement although nobody asked: then it is not read, whatever its format, and nothing is fetched for
 * it.
 */
async function isGenuine(
  { id, clientDataJSON }: RegistrationAnswer,
  attestationObject: () => string,
  client: CheckedClient,
  rpId: string,
): Promise<boolean> {
  const done = new AbortController();
  try {
    const checked = webauthnServer().verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        response: { clientDataJSON, attestationObject: attestationObject() },
        clientExtensionResults: {},
      },
      expectedChallenge: client.challenge,
      expectedOrigin: client.origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...algorithms],
    });
    // For two formats the library fetches revocation lists from the manufacturer, and would wait for ever.
    const tooLong = wait(LONGEST_MS, null, { ref: false, signal: done.signal });
    return (await Promise.race([checked, tooLong]))?.verified === true;
  } catch {
    return false;
  } finally {
    done.abort();
  }
}

export type KeyAdded = { readonly ok: true; readonly factor: WebauthnFactor } | Refusal;

/**
 * The factor that a proven key becomes: decided on the account that is saved over, so that only one of two answers
 * counts.
 */
export function keyFactor(
  account: Account,
  key: NewKey,
  named: { readonly id: FactorId; readonly label: string },
  now: number,
): KeyAdded {
  if (keysOf(account).some(({ credentialId }) => credentialId === key.credentialId))
    return refuse('duplicate', { field: 'response' });
  if (key.usedUpTo <= keysUsedUpTo(account)) return refuse('code_used');
  return { ok: true, factor: { ...key, ...named, createdAt: now, lastUsedAt: null } };
}
