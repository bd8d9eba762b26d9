import type { Router } from 'express';
import { blockAccount } from '../recovery/block';
import { refuseForeignByHeaders } from './csrf';
import { createTriage } from './lost';
import { openPage } from './open-page';
import type { PageContext } from './page-context';
import { refuseNameless, whoIsMeant } from './who-is-meant';

/** "My phone was stolen": ends all logins of an account, at the word of whoever says so. The answer is always the same. */
export function blockPages(router: Router, context: PageContext): void {
  const { runtime, respond } = context;
  const show = createTriage(context);

  router.post(
    '/lost/block',
    openPage(context, refuseForeignByHeaders, async (req, res, scope) => {
      const meant = refuseNameless(runtime, req) ?? (await whoIsMeant(runtime, req, scope, 'lost_block'));
      if (!meant.ok && meant.field === 'identifier' && !respond.wantsJson(req)) return show(req, res, meant);
      if (!meant.ok) return respond.refuse(req, res, meant);
      await blockAccount(scope, meant.userId);
      if (respond.wantsJson(req)) return respond.json(req, res, { status: 'received' }, 202);
      respond.message(req, res, { code: 'block_received', next: null }, 202);
    }),
  );
}
