import { SecondFactorError } from '../errors';

export const wrongOrder = (what: string): SecondFactorError =>
  new SecondFactorError(
    'wrong_setup',
    `${what} runs before the session step of protect().`,
    'Mount protect() right after passport.session(), above every route.',
  );

export const takenBefore = () =>
  new SecondFactorError(
    'bad_option',
    'secondFactor() was already called with this Passport.',
    'Call it once per Passport. A test that builds the app again needs a `new Passport()` too.',
  );

export const unsupported = () =>
  new SecondFactorError(
    'bad_option',
    'passport is not a Passport instance of a supported version.',
    'Give the passport 0.6 or 0.7 object that your app logs in with: `passport`, or `new Passport()`.',
  );

export const secondFactorRequired = (url?: string): SecondFactorError =>
  new SecondFactorError(
    'second_factor_required',
    'This login still owes its second factor.',
    "A browser continues at `url`. A strategy that sets a user without a session (`session: false`, or an assignProperty that is the user's) and checks a token issued earlier must be registered by name and listed in tokenStrategies; one that checks a password can only log in with a session.",
    url === undefined ? {} : { url },
  );

export const proofIsNoUser = () =>
  new SecondFactorError(
    'wrong_setup',
    'A proof of the second factor was passed to req.logIn as a user.',
    "Use passport.authenticate('totp', { assignProperty: 'secondFactorProof' }), then finishLogin(req, res); or twoFactor.authenticate('totp').",
  );

/**
 * A login without a session, refused. It names those in tokenStrategies that no strategy has: they may be the cause.
 */
export function sessionRequired(unknown: readonly string[]): SecondFactorError {
  const { code, message, help } = secondFactorRequired();
  const hint = unknown.map((name) => ` tokenStrategies names '${name}', but no strategy has that name.`);
  return new SecondFactorError(code, message, help + hint.join(''));
}

const SOME_PATHS =
  'If your app has sessions for some paths only (by cookie.path or a condition), mount protect() for these paths.';

export const storeDown = () =>
  new SecondFactorError(
    'unavailable',
    'There is no session, although other requests have one: the session store is down, or express-session leaves this path out.',
    `Check the store that express-session was given. ${SOME_PATHS}`,
    { retryAfter: 2 },
  );

export const noSession = () =>
  new SecondFactorError(
    'wrong_setup',
    'The request has no session.',
    `Mount express-session, then passport.session(), then protect(). If they are in this order already, the session store is down. ${SOME_PATHS}`,
  );

export const noStore = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session has no store that can end it: it has no id, or it cannot be regenerated, saved and destroyed.',
    'Use express-session with a store that extends its Store. cookie-session keeps everything in the cookie, so no logout and no "sign out everywhere" can end it, whatever stands in for its missing regenerate().',
  );

export const noResponse = () =>
  new SecondFactorError(
    'wrong_setup',
    'The response was not made by Express.',
    'In a websocket handshake, run express-session and passport.session(), then call await twoFactor.statusFrom(req).',
  );

/** The app's own `regenerate` gave the session an id that has no login. */
export const ownRegenerate = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session got a new id, but not from the regenerate() of express-session.',
    'If your app replaces req.session.regenerate, make it call the original one.',
  );
