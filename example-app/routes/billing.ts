import { Router } from 'express';
import { wantsJson } from '../respond';
import { requireSignIn } from '../signed-in';
import type { TwoFactor } from '../two-factor';

const INVOICES = [
  { number: 'WA-2026-003', date: '2026-10-01', amount: '€ 96.00' },
  { number: 'WA-2026-002', date: '2026-07-01', amount: '€ 96.00' },
  { number: 'WA-2026-001', date: '2026-04-01', amount: '€ 72.00' },
] as const;

/** A page that needs a proof no more than five minutes old. */
export function billingRoutes(twoFactor: TwoFactor): Router {
  const router = Router();
  router.get('/billing', requireSignIn, twoFactor.requireProof({ within: '5m' }), (req, res) => {
    if (wantsJson(req)) res.json({ invoices: INVOICES });
    else res.render('billing', { invoices: INVOICES });
  });
  return router;
}
