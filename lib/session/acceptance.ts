import type { Request } from 'express';
import type { AcceptedProof } from '../options';
import type { Host } from './host';

/** An error of the hook refuses: what cannot be decided is not accepted. */
export async function acceptance(host: Host, user: unknown, req: Request): Promise<AcceptedProof | false> {
  try {
    const accepted = await host.options.accept?.(user, req);
    return accepted && Array.isArray(accepted.methods) && Number.isFinite(accepted.at) ? accepted : false;
  } catch {
    return false;
  }
}
