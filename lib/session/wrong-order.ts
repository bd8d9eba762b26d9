import { SecondFactorError } from '../errors';

export const wrongOrder = (what: string): SecondFactorError =>
  new SecondFactorError(
    'wrong_setup',
    `${what} runs before the session step.`,
    'Mount protect() right after passport.session(), above every route.',
  );
