import { SecondFactorError } from '../errors';

export const secondFactorRequired = (url?: string): SecondFactorError =>
  new SecondFactorError(
    'second_factor_required',
    'The password was right and a second factor is owed.',
    'A browser goes on at `url`. A strategy used with `session: false` that checks a token issued earlier has to be named in tokenStrategies; one that checks a password can log in only with a session.',
    url === undefined ? {} : { url },
  );

export const proofIsNoUser = () =>
  new SecondFactorError(
    'wrong_setup',
    'A proof of the second factor was given to req.logIn as a user.',
    "Use passport.authenticate('totp', { assignProperty: 'secondFactorProof' }), then finishLogin(req, res); or twoFactor.authenticate('totp').",
  );
