import { Router } from 'express';
import type { Clock } from '../demo-clock';
import type { Problem } from '../problems';
import { sendProblem, wantsJson } from '../respond';
import type { TwoFactor } from '../two-factor';
import { textField } from './text-field';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** What a date can be written as everywhere. */
const LATEST = Date.UTC(2100, 0, 1);

/** More than any demo has to do; the rest is done when the minute is over. */
const MOST_RUNS = 100;

const malformed: Problem = {
  status: 400,
  code: 'malformed',
  message: 'Enter by how much the clock goes forward, such as 72h; it ends with the year 2099.',
  field: 'forward',
};

/** A clock for visitors who would rather not wait for three days. Never mounted in production. */
export function demoClockRoutes(clock: Clock, twoFactor: TwoFactor): Router {
  const router = Router();
  const shown = () => ({ now: new Date(clock.now()).toISOString() });

  router.get('/demo/clock', (_req, res) => res.json(shown()));

  router.post('/demo/clock', async (req, res) => {
    const ms = durationIn(textField(req.body, 'forward'));
    if (ms === 0 || clock.now() + ms >= LATEST) return sendProblem(req, res, malformed);
    await clock.forward(ms);
    await doWhatIsDue(twoFactor);
    if (wantsJson(req)) return void res.json(shown());
    res.redirect(303, '/outbox?notice=clock');
  });

  return router;
}

/** `72h` in ms; 0 for anything that is no duration. */
function durationIn(text = ''): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? Number(count) * UNITS[unit] : 0;
}

async function doWhatIsDue(twoFactor: TwoFactor): Promise<void> {
  for (let run = 0; run < MOST_RUNS; run += 1) if (!(await twoFactor.tick()).more) return;
}
