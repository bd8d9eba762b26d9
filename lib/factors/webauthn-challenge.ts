import type { UserId } from '../account/account';
import { challengeDigest } from '../crypto/digest';
import { randomChallenge } from '../crypto/random';

/** What a key is asked for. A challenge for one is not valid for another. */
export type Ceremony = 'enrol' | 'sign_in' | 'confirm' | 'passkey';

/** Whether the key must check a PIN, fingerprint or face, or should if it can. */
export type UserVerification = 'preferred' | 'required';

/** Who was asked, and for what. `userId` is null if the key is to say who it is. */
export interface ChallengeContext {
  readonly userId: UserId | null;
  readonly loginId: string;
  readonly ceremony: Ceremony;
}

/** A challenge that can still be answered. Times in ms. */
export interface LiveChallenge {
  readonly digest: string;
  readonly issuedAt: number;
  readonly until: number;
  /** As requested: what the answer has to match (WebAuthn 3 §7.2 step 17). */
  readonly userVerification: UserVerification;
}

export interface IssuedChallenges extends ChallengeContext {
  readonly live: readonly LiveChallenge[];
}

/** 5 min, both in the browser and on the site (WebAuthn 3 §15.1). */
export const CHALLENGE_LIFE = 5 * 60_000;

/** How long it is remembered: someone who was slow is told to start again, and it costs no try. ms */
export const CHALLENGE_REMEMBERED = 2 * CHALLENGE_LIFE;

/** A new challenge and its record. `issuedAt` is `challengeIssuedAt` of the account. */
export function issueChallenge(
  context: ChallengeContext,
  given: { readonly issuedAt: number; readonly userVerification: UserVerification },
  now: number,
): { readonly challenge: string; readonly record: LiveChallenge } {
  const challenge = randomChallenge();
  return { challenge, record: recordOf(context, challenge, given, now + CHALLENGE_LIFE) };
}

/** @param until ms */
export const recordOf = (
  context: ChallengeContext,
  challenge: string,
  given: { readonly issuedAt: number; readonly userVerification: UserVerification },
  until: number,
): LiveChallenge => ({ ...given, digest: digestOf(context, challenge), until });

/** The record of the challenge that a client claims to answer. */
export function findChallenge(issued: IssuedChallenges, challenge: string): LiveChallenge | undefined {
  const given = digestOf(issued, challenge);
  return issued.live.find(({ digest }) => digest === given);
}

const digestOf = ({ userId, loginId, ceremony }: ChallengeContext, challenge: string): string =>
  challengeDigest(userId, loginId, ceremony, challenge);

/** A challenge as pending stores keep it, beside codes that were sent. */
export interface StoredChallenge extends LiveChallenge {
  readonly kind: 'challenge';
}

export const toStored = (record: LiveChallenge): StoredChallenge => ({ kind: 'challenge', ...record });

/** The challenges among what was issued. Unless one says that verification was only preferred, it is required. */
export const fromStored = (
  issued: readonly (StoredChallenge | { readonly kind: 'code' })[],
): LiveChallenge[] =>
  issued.flatMap((one) =>
    one.kind === 'challenge'
      ? [
          {
            digest: one.digest,
            issuedAt: one.issuedAt,
            until: one.until,
            userVerification: one.userVerification === 'preferred' ? 'preferred' : 'required',
          },
        ]
      : [],
  );
