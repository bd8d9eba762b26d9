import type { Account, WebauthnFactor } from '../account/account';
import { usableKeys } from '../account/factors';
import { CHALLENGE_LIFE, type UserVerification } from './webauthn-challenge';
import { algorithms, conveyance, type WebauthnPolicy } from './webauthn-policy';
import type { RelyingParty } from './webauthn-relying-party';

interface Descriptor {
  readonly id: string;
  readonly type: 'public-key';
  readonly transports?: readonly string[];
}

/** `PublicKeyCredentialCreationOptionsJSON`. */
export interface CreationOptions {
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly challenge: string;
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  readonly timeout: number;
  readonly excludeCredentials: readonly Descriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: 'discouraged' | 'preferred';
    readonly requireResidentKey: false;
    readonly userVerification: UserVerification;
  };
  readonly attestation: 'none' | 'direct';
  readonly extensions: { readonly credProps: true };
}

/** `PublicKeyCredentialRequestOptionsJSON`. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly allowCredentials: readonly Descriptor[];
  readonly userVerification: UserVerification;
}

/**
 * What a browser needs to add a key. A key that is only a second factor is not asked to store anything, as it has few
 * slots for that.
 *
 * @param handle the account's, or the one it will get with its first key
 */
export const creationOptions = (
  account: Account,
  user: { readonly handle: string; readonly name: string },
  challenge: string,
  asked: { readonly passkeys: boolean; readonly userVerification: UserVerification },
  { party, policy }: { readonly party: RelyingParty; readonly policy: WebauthnPolicy },
): CreationOptions => ({
  rp: { id: party.id, name: party.name },
  user: { id: user.handle, name: user.name, displayName: user.name },
  challenge,
  pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
  timeout: CHALLENGE_LIFE,
  excludeCredentials: usableKeys(account, party.id).map(descriptor),
  authenticatorSelection: {
    residentKey: asked.passkeys ? 'preferred' : 'discouraged',
    requireResidentKey: false,
    userVerification: asked.userVerification,
  },
  attestation: conveyance(policy),
  extensions: { credProps: true },
});

/** What a browser needs to ask for one of the account's keys. Without an account: for any passkey of this site. */
export const requestOptions = (
  account: Account | null,
  challenge: string,
  userVerification: UserVerification,
  party: RelyingParty,
): RequestOptions => ({
  challenge,
  rpId: party.id,
  timeout: CHALLENGE_LIFE,
  allowCredentials: account ? usableKeys(account, party.id).map(descriptor) : [],
  userVerification,
});

const descriptor = ({ credentialId, transports }: WebauthnFactor): Descriptor => ({
  id: credentialId,
  type: 'public-key',
  // An empty list would mean that the key can't be reached at all.
  ...(transports.length > 0 && { transports }),
});
