import type { Request, Response } from 'express';
import type { Proof } from '../stores/contracts';
import type { Host } from './host';
import type { Seam } from './passport-seam';
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

export const endSession = (req: Request): Promise<void> => promised((done) => req.session.regenerate(done));
