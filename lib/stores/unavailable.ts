import { SecondFactorError } from '../errors';

/**
 * A store failed. The driver's own error is left out on purpose: it holds commands, addresses of servers and
 * what was to be stored, and would end up in a log.
 */
export const accountsDown = (): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    'The account store did not answer.',
    'Check that MongoDB can be reached from here and that its user may read, write and create indexes.',
  );

export const pendingDown = (): SecondFactorError =>
  new SecondFactorError(
    'unavailable',
    'The pending store did not answer.',
    'Check that Redis can be reached from here, is version 6.2 or newer, and that its user may run the commands.',
  );
