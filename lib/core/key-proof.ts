import type { Factor } from '../account/account';
import type { KeyProof } from '../stores/contracts';

/** What a proof says of the key that gave it. */
export const keyProof = (factor: Factor | undefined, userVerified = false): KeyProof => ({
  ...(userVerified && { userVerified }),
  ...(factor?.type === 'webauthn' && factor.attested && !factor.backupEligible && { hardware: true }),
});
