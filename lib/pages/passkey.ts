import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { askPasskey, verifyPasskey } from '../core/passkey';
import { refuseKey } from '../core/key-refusal';
import { SecondFactorError } from '../errors';
import { cookieOf } from '../session/cookie';
import { express } from '../session/express';
import { knownStanding } from '../session/request-state';
import { logInByPasskey } from '../session/passkey-login';
import { wrongOrder } from '../session/wrong-order';
import { refuseForeign } from './csrf';
import { field, bodyReader } from './input';
import { signalView } from './key-view';
import { handler, type Parts } from './parts';
import { securityHeaders } from './headers';

/** "Sign in with a passkey" on the app's own login page: the answers to its script. */
export function createPasskeySignIn(parts: Parts): RequestHandler {
  const { host, respond, renderer, proving } = parts;
  const { keys } = host.settings;
  if (!keys?.passkeys) throw switchedOff();
  const cookie = visitorCookie(host.options.origin);
  const path = `${host.options.path}/passkey`;
  const router = express().Router({ caseSensitive: true, strict: true });

  router.use(path, securityHeaders, bodyReader(host), (req, res, next) => {
    const refusal = knownStanding(req) ? refuseForeign(host, req) : null;
    if (!knownStanding(req)) return next(wrongOrder('passkeySignIn()'));
    if (refusal) return respond.refuse(req, res, refusal);
    next();
  });

  router.post(
    `${path}/options`,
    handler(parts, async (req, res, scope) => {
      const options = await askPasskey(scope, keys, cookie.make(req, res));
      const lang = renderer.languageOf(req);
      const word = (name: (typeof words)[number]) => [name, renderer.text(lang, `passkey.${name}`)] as const;
      respond.json(req, res, { options, words: Object.fromEntries(words.map(word)) });
    }),
  );

  router.post(
    path,
    handler(parts, async (req, res, scope) => {
      const visitor = cookie.read(req);
      // Without it the challenge was another browser's, or 5 minutes are over.
      if (visitor === null) return respond.refuse(req, res, refuseKey('code_used'));
      const verified = await verifyPasskey(
        scope,
        keys,
        visitor,
        field(req, 'response'),
        proving.tokensOf(req),
      );
      if (!verified.ok) return respond.refuse(req, res, verified);
      proving.keepTokens(res, verified);
      const done = await logInByPasskey(host, req, res, verified);
      if (!done.ok) return respond.refuse(req, res, done);
      if (!respond.wantsJson(req)) return res.redirect(303, done.url);
      const user = host.seams[0]?.userOf(req);
      // `onSignedIn` may have signed them out again.
      const signal =
        user === undefined ? null : signalView(scope, verified.account, host.options.users.name(user));
      respond.json(req, res, { status: 'passed', url: done.url, ...(signal && { signal }) });
    }),
  );

  return (req, res, next) => (req.path.startsWith(path) ? router(req, res, next) : next());
}

const words = ['nothing', 'failed', 'unsupported', 'offline'] as const;

const switchedOff = (): SecondFactorError =>
  new SecondFactorError('bad_option', 'passkeySignIn() without passkeys.', 'Give the option passkeys: true.');

const seconds = 5 * 60;

/**
 * Ties a challenge to the browser that asked for it, where there is no login yet. A cookie of its own: the app's
 * session is not begun for everybody who looks at the login page, nor shared with what others put into it.
 */
function visitorCookie(origin: URL) {
  const cookie = cookieOf(origin, { name: 'visitor', seconds, sameSite: 'Strict' });
  const read = (req: Request): string | null => /^[\w-]{22}$/.exec(cookie.read(req) ?? '')?.[0] ?? null;
  return {
    read,
    make(req: Request, res: Response): string {
      const visitor = read(req) ?? randomBytes(16).toString('base64url');
      cookie.write(res, visitor);
      return visitor;
    },
  };
}
