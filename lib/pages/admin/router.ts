import type { Router } from 'express';
import { express } from '../../session/express';
import { mountedAt } from '../../session/address';
import { bodyReader, notFound } from '../page-context';
import { securityHeaders } from '../respond';
import { auditPage } from './audit';
import { type AdminContext, adminGuard } from './desk';
import { requestPage } from './request';
import { requestsPage } from './requests';
import { userPage } from './user';
import { usersPages } from './users';

/** The pages of those who help others in again, for mounting anywhere below `protect()`. */
export function createAdminRouter(context: AdminContext): Router {
  const { runtime } = context.pages;
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
  router.use(...notFound(context.pages));
  return router;
}
