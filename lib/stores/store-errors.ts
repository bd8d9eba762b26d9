import { errorField, SecondFactorError } from '../errors';

/**
 * A store failed. The driver's own error is left out on purpose: it contains commands, server addresses and what was to
 * be stored, and would end up in a log.
 */
const down = (store: string, help: string): SecondFactorError =>
  new SecondFactorError('unavailable', `The ${store} store did not answer.`, help);

const MONGODB =
  'Check that MongoDB can be reached from here, and that its user may read, write and create indexes.';

export const accountsDown = () => down('account', MONGODB);
export const activityDown = () => down('activity', MONGODB);
export const auditDown = () => down('audit', MONGODB);

export const pendingDown = () =>
  down(
    'pending',
    'Check that Redis can be reached from here, that it is version 6.2 or newer, and that its user may run the commands.',
  );

export const evidenceDown = () =>
  down(
    'evidence',
    'Check that its folder is there, that this process may read and write it, and that the disk is not full.',
  );

/** No two users may have the same key (WebAuthn 3 §7.1 step 26). */
export const keyOfAnother = (): SecondFactorError =>
  new SecondFactorError(
    'duplicate',
    'This key already belongs to another account.',
    'A security key can be enrolled with one account only. Remove it there first.',
    { field: 'response', reason: 'key_elsewhere' },
  );

export const errorText = (error: unknown): string => {
  const message = errorField(error, 'message');
  return typeof message === 'string' ? message : '';
};
