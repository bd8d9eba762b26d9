import type { ErrorRequestHandler, RequestHandler, Router } from 'express';
import { refuse } from '../errors';
import { express } from '../session/express';
import { backupCodePages } from './backup-codes';
import { continuePage } from './continue';
import { enrolCodePages } from './enrol-code';
import { enrolKeyPages } from './enrol-key';
import { enrolTotpPages } from './enrol-totp';
import { factorPages } from './factor';
import { pageGuard } from './guard';
import { securityHeaders } from './headers';
import { bodyReader } from './input';
import { offerKeyPages } from './offer-key';
import type { Parts } from './parts';
import { securityPages } from './security';
import { stepPages } from './step';
import { stepKeyPages } from './step-key';
import { stepSendPages } from './step-send';

/** Every page of ours, for mounting at `path`. */
export function createPages(parts: Parts): Router {
  const router = express().Router({ caseSensitive: true, strict: true });
  router.use('/assets', parts.renderer.assets.handler);
  // Answered by `passkeySignIn()`, where the app has mounted it.
  if (parts.host.settings.keys?.passkeys)
    router.post(['/passkey', '/passkey/options'], (_req, _res, next) => next('router'));
  router.use(securityHeaders);
  continuePage(router, parts);
  router.use(bodyReader(parts.host), pageGuard(parts));
  stepPages(router, parts);
  stepSendPages(router, parts);
  stepKeyPages(router, parts);
  offerKeyPages(router, parts);
  securityPages(router, parts);
  enrolTotpPages(router, parts);
  enrolCodePages(router, parts);
  enrolKeyPages(router, parts);
  backupCodePages(router, parts);
  factorPages(router, parts);
  router.use((req, res) => parts.respond.refuse(req, res, refuse('not_found')));
  router.use(badlyEncoded(parts));
  return router;
}

/** `%E0` in the place of an id: to Express an error of the request, to us an address that leads nowhere. */
const badlyEncoded =
  ({ respond }: Parts): ErrorRequestHandler =>
  (error, req, res, next) =>
    error instanceof URIError ? respond.refuse(req, res, refuse('not_found')) : next(error);

/** Most requests are the app's own: they need not go through a router to find that out. */
export function mounted(path: string, pages: Router): RequestHandler {
  const router = express().Router({ caseSensitive: true }).use(path, pages);
  return (req, res, next) => (req.path.startsWith(path) ? router(req, res, next) : next());
}
