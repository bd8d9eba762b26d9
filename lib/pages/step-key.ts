import type { Router } from 'express';
import { askKey } from '../core/ask-key';
import { needOf } from '../session/address';
import { handler, type PageContext } from './page-context';
import { provingOf } from './step-view';

/** What the browser is to ask the user's keys, for signing in and for "confirm it's you". */
export function stepKeyPages(router: Router, context: PageContext): void {
  const { respond } = context;
  router.post(
    '/webauthn/options',
    handler(context, async (req, res, scope) => {
      const asked = await askKey(scope, provingOf(req).login, needOf(req).userVerified);
      if (asked.ok) respond.json(req, res, asked.options);
      else respond.refuse(req, res, asked, ['webauthn']);
    }),
  );
}
