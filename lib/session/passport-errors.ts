import { SecondFactorError } from '../errors';

export const takenBefore = () =>
  new SecondFactorError(
    'bad_option',
    'secondFactor() was called with this Passport before.',
    'Call it once for each Passport; a test that builds the app anew needs a `new Passport()` too.',
  );

export const unsupported = () =>
  new SecondFactorError(
    'bad_option',
    'passport is no Passport instance of a version we know.',
    'Give the object of passport 0.6 or 0.7 that your app logs in with: `passport`, or `new Passport()`.',
  );
