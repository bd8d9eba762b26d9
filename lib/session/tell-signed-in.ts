import type { Request, Response } from 'express';
import type { Proof } from '../stores/contracts';
import type { Host } from './host';
import type { Seam } from './seam';
import { promised } from './promised';
import { setStanding } from './request-state';

/** A hook that throws refuses the login: what it was to do (a block list, a cookie) was not done. */
export async function tellSignedIn(
  host: Host,
  seam: Seam,
  req: Request,
  res: Response,
  user: unknown,
  proofs: readonly Proof[],
): Promise<string | null> {
  try {
    return (await host.options.onSignedIn?.(req, res, { user, proofs })) ?? null;
  } catch (error) {
    seam.setUser(req, undefined);
    await endSession(req);
    setStanding(req, { status: 'none' });
    throw error;
  }
}

/** A new, empty session, also where the app has put something that does nothing in the place of `regenerate`. */
export async function endSession(req: Request): Promise<void> {
  const { sessionID } = req;
  await promised((done) => req.session.regenerate(done));
  if (req.sessionID === sessionID) await promised((done) => req.sessionStore.regenerate(req, done));
}
