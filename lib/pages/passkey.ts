import type { RequestHandler } from 'express';
import { refuseKey } from '../core/judge-key';
import { askPasskey, newVisitor, openVisitor, sealVisitor, verifyPasskey } from '../core/passkey';
import { SecondFactorError } from '../errors';
import { CHALLENGE_LIFE } from '../factors/webauthn-challenge';
import { userName } from '../session/app-functions';
import { field } from '../session/body';
import { type Cookie, cookieOf } from '../session/cookie';
import { wrongOrder } from '../session/errors';
import { express } from '../session/express';
import { logInByPasskey } from '../session/finish';
import { knownLoginState } from '../session/request-state';
import { refuseForeign } from './csrf';
import { signalView } from './key-view';
import { bodyReader, handler, type PageContext } from './page-context';
import { byWayOfRequestEnded } from './request-ended';
import { securityHeaders } from './respond';

/** "Sign in with a passkey" on the app's own login page: answers its script. */
export function createPasskeySignIn(context: PageContext): RequestHandler {
  const { runtime, respond, renderer, wayOut } = context;
  const { keys } = runtime.settings;
  if (!keys?.passkeys) throw switchedOff();
  const cookie = visitorCookie(runtime.options.origin);
  const path = `${runtime.options.path}/passkey`;
  const router = express().Router({ caseSensitive: true, strict: true });

  router.use(path, securityHeaders, bodyReader(runtime), (req, res, next) => {
    const refusal = knownLoginState(runtime, req) ? refuseForeign(runtime, req) : null;
    if (!knownLoginState(runtime, req)) return next(wrongOrder('passkeySignIn()'));
    if (refusal) return respond.refuse(req, res, refusal);
    next();
  });

  router.post(
    `${path}/options`,
    handler(context, async (req, res, scope) => {
      const visitor = openVisitor(scope.seal, cookie.read(req)) ?? newVisitor();
      cookie.write(res, sealVisitor(scope.seal, visitor));
      const lang = renderer.languageOf(req);
      const word = (name: (typeof WORDS)[number]) => [name, renderer.text(lang, `passkey.${name}`)] as const;
      const options = askPasskey(scope, keys, visitor);
      respond.json(req, res, { options, words: Object.fromEntries(WORDS.map(word)) });
    }),
  );

  router.post(
    path,
    handler(context, async (req, res, scope) => {
      const visitor = openVisitor(scope.seal, cookie.read(req));
      // Without it the challenge was another browser's, or has expired.
      if (visitor === null) return respond.refuse(req, res, refuseKey('code_used'));
      const response = field(req, 'response');
      const answered = await verifyPasskey(scope, keys, visitor, response, runtime.browser.tokensOf(req));
      const { verified } = answered;
      if (answered.visitor) cookie.write(res, sealVisitor(scope.seal, answered.visitor));
      if (!verified.ok) return respond.refuse(req, res, verified);
      runtime.browser.keepTokens(res, verified);
      const done = await logInByPasskey(runtime, req, res, verified);
      if (!done.ok) return respond.refuse(req, res, done);
      const url = byWayOfRequestEnded(runtime, req, done.url, done);
      if (!respond.wantsJson(req)) return wayOut.leave(req, res, url);
      const user = runtime.seams[0]?.userOf(req);
      // `onSignedIn` may have signed them out again.
      const signal =
        user === undefined
          ? null
          : signalView(scope, verified.account, userName(runtime, user, verified.account.userId));
      respond.json(req, res, { status: 'passed', url, ...(signal && { signal }) });
    }),
  );

  return (req, res, next) => (req.path.startsWith(path) ? router(req, res, next) : next());
}

const WORDS = ['nothing', 'failed', 'unsupported', 'offline'] as const;

const switchedOff = (): SecondFactorError =>
  new SecondFactorError(
    'bad_option',
    'passkeySignIn() was called, but passkeys are off.',
    'Set the options passkeys: true and users.byId.',
  );

/**
 * Ties a challenge to the browser that requested it, as there is no login yet. It is a cookie of its own, so that the
 * app's session is not started for everyone who opens the login page, nor shared with what others put into it.
 */
const visitorCookie = (origin: URL): Cookie =>
  cookieOf(origin, { name: 'visitor', seconds: CHALLENGE_LIFE / 1000, sameSite: 'Strict' });
