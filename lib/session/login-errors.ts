import { SecondFactorError } from '../errors';

export const secondFactorRequired = (url?: string): SecondFactorError =>
  new SecondFactorError(
    'second_factor_required',
    'The password was right and a second factor is owed.',
    "A browser goes on at `url`. A strategy that makes a user without a session (`session: false`, or an assignProperty that is the user's) and checks a token issued earlier is registered by its name and has to be named in tokenStrategies; one that checks a password can log in only with a session.",
    url === undefined ? {} : { url },
  );

export const proofIsNoUser = () =>
  new SecondFactorError(
    'wrong_setup',
    'A proof of the second factor was given to req.logIn as a user.',
    "Use passport.authenticate('totp', { assignProperty: 'secondFactorProof' }), then finishLogin(req, res); or twoFactor.authenticate('totp').",
  );

/** A login without a session, refused. A name in tokenStrategies that nothing has is told: it may be the cause. */
export function sessionRequired(unknown: readonly string[]): SecondFactorError {
  const { code, message, help } = secondFactorRequired();
  const hint = unknown.map((name) => ` tokenStrategies names '${name}', but no strategy has that name.`);
  return new SecondFactorError(code, message, help + hint.join(''));
}
