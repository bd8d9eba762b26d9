import type { Request } from 'express';
import type { Sealed } from '../account/account';
import { SecondFactorError } from '../errors';
import { parameter } from '../session/address';
import { completeLoginOf, scopeOf } from '../session/request-state';
import type { Runtime } from '../session/runtime';

/** In bytes: sealed, it is part of an address to come back to, which has to fit into a header line of any proxy. */
const LONGEST = 1200;

/**
 * The address of a form with what was typed into it, for when it has to wait for a proof or a sign-in: nothing is lost.
 * Names and addresses stand in no URL, so it is sealed, and opens for its user alone.
 */
export function withTyped(runtime: Runtime, req: Request, url: string, typed: unknown): string {
  const context = contextOf(runtime, req);
  if (!context || typeof typed !== 'string' || typed === '') return url;
  const bytes = Buffer.from(typed);
  return bytes.length > LONGEST
    ? url
    : `${url}?typed=${encodeURIComponent(scopeOf(runtime, req).seal.close(bytes, context))}`;
}

/** What was typed before, if this address was made by `withTyped` for this user. */
export function typedBefore(runtime: Runtime, req: Request): string | null {
  const [sealed, context] = [parameter(req, 'typed'), contextOf(runtime, req)];
  if (sealed === null || !context) return null;
  try {
    return scopeOf(runtime, req)
      .seal.open(sealed as Sealed, context)
      .toString();
  } catch (error) {
    if (error instanceof SecondFactorError) return null;
    throw error;
  }
}

function contextOf(runtime: Runtime, req: Request) {
  const complete = completeLoginOf(runtime, req);
  if (!complete) return null;
  return { user: complete.userId, factor: req.path.split('/')[2] ?? '', purpose: 'typed' } as const;
}
