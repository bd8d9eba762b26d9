import type { ErrorRequestHandler, Router } from 'express';
import { refuse } from '../../errors';
import { express } from '../../session/express';
import { mountedAt } from '../../session/address';
import { bodyReader } from '../page-context';
import { securityHeaders } from '../respond';
import { auditPage } from './audit';
import { type AdminContext, adminGuard } from './desk';
import { requestPage } from './request';
import { requestsPage } from './requests';
import { userPage } from './user';
import { usersPages } from './users';

/** The pages of those who help others in again, for mounting anywhere below `protect()`. */
export function createAdminRouter(context: AdminContext): Router {
  const { runtime, respond } = context.pages;
  const router = express().Router({ caseSensitive: true, strict: true });
  router.use(securityHeaders);
  router.use(bodyReader(runtime));
  router.use(adminGuard(context));
  router.get('/', (req, res) => res.redirect(303, `${mountedAt(runtime, req)}/requests`));
  usersPages(router, context);
  userPage(router, context);
  auditPage(router, context);
  requestsPage(router, context);
  requestPage(router, context);
  router.use((req, res) => respond.refuse(req, res, refuse('not_found')));
  const badlyEncoded: ErrorRequestHandler = (error, req, res, next) =>
    error instanceof URIError ? respond.refuse(req, res, refuse('not_found')) : next(error);
  router.use(badlyEncoded);
  return router;
}
