import type { Router } from 'express';
import { refuse } from '../errors';
import type { PageContext } from './page-context';

/** Goes on to another site, where a form of ours may not lead by itself. For whoever has just signed in, or out. */
export function continuePage(router: Router, { wayOut, respond }: PageContext): void {
  router.get('/continue', (req, res) => {
    const href = wayOut.read(req);
    if (href === null) return respond.refuse(req, res, refuse('not_found'));
    if (respond.wantsJson(req)) return respond.json(req, res, { url: href });
    const next = { href, text: 'continue' } as const;
    respond.page(req, res, 'message', { code: 'leaving', next, goesOn: true, until: null, ways: [] });
  });
}
