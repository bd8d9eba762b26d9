import { hash } from 'node:crypto';
import type { AuthenticatorData } from './authenticator-data';
import { readClientData } from './client-data';
import { findChallenge, type IssuedChallenges, type LiveChallenge } from './webauthn-challenge';
import type { WebauthnPolicy } from './webauthn-policy';
import type { RelyingParty } from './webauthn-relying-party';
import { malformed, refused, stale, wrong, type WebauthnFailure } from './webauthn-result';

/** What an answer has to match. */
export interface Expected {
  readonly party: RelyingParty;
  readonly policy: WebauthnPolicy;
  readonly issued: IssuedChallenges;
  /** ms */
  readonly now: number;
}

/** What the browser said, all of it checked. */
export interface CheckedClient {
  readonly ok: true;
  readonly challenge: string;
  readonly origin: string;
  readonly asked: LiveChallenge;
}

/** Checks what the browser says, in both ceremonies: WebAuthn 3 §7.1 steps 5 to 11, §7.2 steps 8 to 14. */
export function checkClient(
  clientDataJSON: string,
  type: 'webauthn.create' | 'webauthn.get',
  usedUpTo: number,
  { party, issued, now }: Expected,
): CheckedClient | WebauthnFailure {
  const client = readClientData(Buffer.from(clientDataJSON, 'base64url'));
  if (!client) return malformed('clientDataJSON');
  if (client.type !== type) return wrong('type');
  const asked = findChallenge(issued, client.challenge);
  if (!asked) return wrong('challenge');
  if (!party.origins.includes(client.origin)) return wrong('origin');
  if (!isFrameAllowed(client, party.topOrigins)) return refused('cross_origin');
  if (asked.issuedAt <= usedUpTo) return stale('used');
  if (now >= asked.until) return stale('expired');
  return { ok: true, challenge: client.challenge, origin: client.origin, asked };
}

/** Framing by another site is allowed only if that site is listed; never if the browser does not name it. */
function isFrameAllowed(
  { crossOrigin, topOrigin }: { readonly crossOrigin: boolean; readonly topOrigin: string | null },
  topOrigins: readonly string[],
): boolean {
  if (!crossOrigin) return topOrigin === null;
  return topOrigin !== null && topOrigins.includes(topOrigin);
}

/** Checks what the key says, in both ceremonies: §7.1 steps 14 to 16, §7.2 steps 15 to 17. */
export function checkAuthenticator(
  data: AuthenticatorData,
  party: RelyingParty,
  asked: LiveChallenge,
): WebauthnFailure | null {
  if (!data.rpIdHash.equals(hash('sha256', party.id, 'buffer'))) return wrong('rp_id');
  if (!data.userPresent) return refused('user_presence');
  if (asked.userVerification === 'required' && !data.userVerified) return refused('user_verification');
  return null;
}
