import type { Router } from 'express';
import { askKey } from '../core/ask-key';
import { needOf } from '../session/address';
import { handler, type Parts } from './parts';
import { provingOf } from './step-view';

/** What the browser is to ask the user's keys, for signing in and for "confirm it's you". */
export function stepKeyPages(router: Router, parts: Parts): void {
  const { respond } = parts;
  router.post(
    '/webauthn/options',
    handler(parts, async (req, res, scope) => {
      const asked = await askKey(scope, provingOf(req).login, needOf(req).userVerified);
      if (asked.ok) respond.json(req, res, asked.options);
      else respond.refuse(req, res, asked, ['webauthn']);
    }),
  );
}
