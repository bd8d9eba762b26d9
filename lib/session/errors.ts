import { SecondFactorError } from '../errors';

export const wrongOrder = (what: string): SecondFactorError =>
  new SecondFactorError(
    'wrong_setup',
    `${what} runs before the session step.`,
    'Mount protect() right after passport.session(), above every route.',
  );

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

export const storeDown = () =>
  new SecondFactorError(
    'unavailable',
    'There is no session although express-session ran: the session store is down.',
    'Look at the store that express-session was given.',
    { retryAfter: 2 },
  );

export const noSession = () =>
  new SecondFactorError(
    'wrong_setup',
    'There is no session.',
    'Mount express-session, then passport.session(), then protect(). With them in this order: the session store is down.',
  );

export const noStore = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session has no store that can end it: it has no id, or it cannot be regenerated, saved and destroyed.',
    'Use express-session with a store. cookie-session keeps everything in the cookie, so that no logout and no "sign out everywhere" can end it, whatever is put in for its missing regenerate().',
  );

export const noResponse = () =>
  new SecondFactorError(
    'wrong_setup',
    'The response is none that Express made.',
    'In a websocket handshake run express-session and passport.session(), and then ask: await twoFactor.statusFrom(req).',
  );

/** The app's own `regenerate` gave the session an id that has no login. */
export const ownRegenerate = () =>
  new SecondFactorError(
    'wrong_setup',
    'The session got another id, but not by the regenerate() of express-session.',
    'Where your app replaces req.session.regenerate, have it call the one that was there before.',
  );
