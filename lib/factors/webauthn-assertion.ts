import { hash } from 'node:crypto';
import type { Account, FactorId, WebauthnFactor } from '../account/account';
import { keysUsedUpTo, usableKeys } from '../account/factors';
import { type AuthenticatorData, readAuthenticatorData } from './authenticator-data';
import { checkAuthenticator, checkClient, type Expected } from './webauthn-ceremony';
import { type AssertionAnswer, readAssertion } from './webauthn-response';
import { malformed, type WebauthnFailure, wrong } from './webauthn-result';
import { webauthnHelpers } from './webauthn-server';

/** A valid signature by one of the account's keys. It counts once `useAssertion` says so, within the save. */
export interface Assertion {
  readonly factorId: FactorId;
  /** When its challenge was issued, ms. */
  readonly issuedAt: number;
  /** When the newest challenge of the same login was issued: using this one uses up all of them. */
  readonly newestIssuedAt: number;
  readonly signCount: number;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  /** By PIN, fingerprint or face. Without that it is one factor and never two (NIST SP 800-63B-4 App. B). */
  readonly userVerified: boolean;
}

export type AssertionCheck = { readonly ok: true; readonly assertion: Assertion } | WebauthnFailure;

/**
 * Is this an answer by one of the account's keys to a challenge of this login? Pure, though asynchronous, as
 * cryptography takes time; nothing a client sends makes it throw. No other account is looked at, whatever the answer
 * says.
 */
export async function checkAssertion(
  account: Account,
  input: unknown,
  expected: Expected,
): Promise<AssertionCheck> {
  const read = readAssertion(input);
  if (!read.ok) return read;
  const { answer } = read;
  const data = readAuthenticatorData(Buffer.from(answer.authenticatorData, 'base64url'));
  if (!data) return malformed('authenticatorData');
  const client = checkClient(answer.clientDataJSON, 'webauthn.get', keysUsedUpTo(account), expected);
  if (!client.ok) return client;
  const failure = checkAuthenticator(data, expected.party, client.asked);
  if (failure) return failure;

  const { issued, party } = expected;
  const key = usableKeys(account, party.id).find(({ credentialId }) => credentialId === answer.id);
  // An unknown key takes as long as a wrong signature (WebAuthn 3 §14.6.2).
  const isSigned = await isGenuine(answer, data, key ?? decoyKey);
  if (!key) return wrong('credential');
  const mustSay = issued.userId === null;
  // One with a name of its own for its user proves whose it is to nobody.
  const isWrong = key.otherHandle ? mustSay : !isOwner(account, answer.userHandle, mustSay);
  if (isWrong) return wrong('user_handle');
  if (!isSigned) return wrong('signature');
  return { ok: true, assertion: assertionOf(key, data, client.asked.issuedAt, expected) };
}

const assertionOf = (
  key: WebauthnFactor,
  { signCount, backupEligible, backedUp, userVerified }: AuthenticatorData,
  issuedAt: number,
  { issued }: Expected,
): Assertion => ({
  factorId: key.id,
  issuedAt,
  newestIssuedAt: Math.max(issuedAt, ...issued.live.map((challenge) => challenge.issuedAt)),
  signCount,
  backupEligible,
  backedUp,
  userVerified,
});

/** Whether the key says it belongs to this user; it must say so if nothing else did (§7.2 step 6, YSA-2026-02). */
const isOwner = (account: Account, userHandle: string | null, mustSay: boolean): boolean =>
  userHandle === null ? !mustSay : userHandle === account.handle;

/**
 * Checks the signature over exactly the bytes that were read (§7.2 steps 20 and 21). Nothing else of the library is
 * needed: its other steps were done above, and it does two of them in threads of their own.
 */
async function isGenuine(
  { clientDataJSON, authenticatorData, signature }: AssertionAnswer,
  data: AuthenticatorData,
  key: Pick<WebauthnFactor, 'publicKey'>,
): Promise<boolean> {
  const { parseAuthenticatorData, verifySignature } = webauthnHelpers();
  const [authData, client] = [decoded(authenticatorData), decoded(clientDataJSON)];
  try {
    if (data.announcesMore) parseAuthenticatorData(new Uint8Array(authData));
    return await verifySignature({
      data: new Uint8Array(Buffer.concat([authData, hash('sha256', client, 'buffer')])),
      signature: new Uint8Array(decoded(signature)),
      credentialPublicKey: new Uint8Array(decoded(key.publicKey)),
    });
  } catch {
    return false;
  }
}

const decoded = (text: string): Buffer => Buffer.from(text, 'base64url');

/** A key (ES256) whose private half was thrown away when it was made: no signature is valid for it. */
const decoyKey = {
  publicKey:
    'pQECAyYgASFYIB_c5rQNeIrFUA6FqleMSi754tpy4qQh8xVzLvgrKMyVIlggPgpelcSl2JqyCiRlpDIhqlG6C3qKbaRTPzCsHrtFTjs',
} as const;
