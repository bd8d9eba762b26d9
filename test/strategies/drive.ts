import type { Request } from 'express';
import type { Strategy } from 'passport-strategy';

/** What a strategy did: the one action of Passport's five that it took. */
export type Action =
  | { readonly action: 'success'; readonly user: unknown; readonly info: unknown }
  | { readonly action: 'fail'; readonly challenge: unknown; readonly status: number | undefined }
  | { readonly action: 'error'; readonly error: unknown }
  | { readonly action: 'redirect' | 'pass' };

/** Runs a strategy as Passport does, on an object made from it, without a server. */
export function drive(strategy: Pick<Strategy, 'authenticate'>, req: object): Promise<Action> {
  return new Promise((resolve) => {
    const running = Object.assign(Object.create(strategy) as Strategy, {
      success: (user: unknown, info?: unknown) => resolve({ action: 'success', user, info }),
      fail: (challenge: unknown, status?: number) => resolve({ action: 'fail', challenge, status }),
      error: (error: unknown) => resolve({ action: 'error', error }),
      redirect: () => resolve({ action: 'redirect' }),
      pass: () => resolve({ action: 'pass' }),
    });
    running.authenticate(req as Request);
  });
}
