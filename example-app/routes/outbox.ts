import { Router } from 'express';
import { demoCodeAt } from '../demo-code';
import type { Outbox } from '../outbox';

/** What the demo "sent", for anyone trying it out. Never mounted in production. */
export function outboxRoutes(outbox: Outbox): Router {
  const router = Router();
  router.get('/outbox', async (_req, res) =>
    res.render('outbox', { messages: await outbox.list(), appCode: demoCodeAt(Date.now()) }),
  );
  router.get('/outbox.json', async (_req, res) => res.json(await outbox.list()));
  return router;
}
