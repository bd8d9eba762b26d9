import { Router } from 'express';
import { demoCodesAt } from '../demo-code';
import type { Stores } from '../stores';

/** What the demo "sent", its apps and its clock, for anyone trying it out. Never mounted in production. */
export function outboxRoutes({ outbox, clock }: Pick<Stores, 'outbox' | 'clock'>): Router {
  const router = Router();
  router.get('/outbox', async (req, res) => {
    const now = clock.now();
    const isMoved = req.query.notice === 'clock';
    res.render('outbox', {
      messages: await outbox.list(),
      apps: demoCodesAt(now),
      now: new Date(now),
      isMoved,
    });
  });
  router.get('/outbox.json', async (_req, res) => res.json(await outbox.list()));
  return router;
}
