import { SecondFactorError } from '../errors';

/** No two users have one key (WebAuthn 3 §7.1 step 26). */
export const keyOfAnother = (): SecondFactorError =>
  new SecondFactorError(
    'duplicate',
    'This key belongs to another account already.',
    'A security key is enrolled with one account only. Remove it there first.',
    { field: 'response', reason: 'key_elsewhere' },
  );
