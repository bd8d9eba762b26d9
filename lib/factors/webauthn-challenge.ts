import type { UserId } from '../account/account';
import { challengeDigest } from '../crypto/digest';
import { randomChallenge } from '../crypto/random';

/** What a key is asked for. A challenge of one is none of another. */
export type Ceremony = 'enrol' | 'sign_in' | 'confirm' | 'passkey';

/** Whether the key has to see a PIN, fingerprint or face, or only may. */
export type UserVerification = 'preferred' | 'required';

/** Who was asked, and for what. `userId` is null where the key is to say who it is. */
export interface ChallengeContext {
  readonly userId: UserId | null;
  readonly loginId: string;
  readonly ceremony: Ceremony;
}

/** A challenge that may still be answered. Times in ms. */
export interface LiveChallenge {
  readonly digest: string;
  readonly issuedAt: number;
  readonly until: number;
  /** As it was asked for: what the answer is held to (WebAuthn 3 §7.2 step 17). */
  readonly userVerification: UserVerification;
}

export interface IssuedChallenges extends ChallengeContext {
  readonly live: readonly LiveChallenge[];
}

/** 5 min, the same for browser and site (WebAuthn 3 §15.1). */
export const CHALLENGE_LIFE = 5 * 60_000;

/** How long it is remembered: who was slow is told to ask anew, and pays no try. ms */
export const CHALLENGE_REMEMBERED = 2 * CHALLENGE_LIFE;

/** A new challenge, and the record of it. `issuedAt` is `challengeIssuedAt` of the account. */
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

/** The record of a challenge that a client says it was given. */
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

/** The challenges among what was issued. Whatever does not say that verification was only preferred is held to it. */
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
