import type { Request, Response } from 'express';
import type { ProofType } from '../account/account';
import { refusedByTries } from '../core/login-tries';
import { refuse, type ErrorCode, type Refusal } from '../errors';
import { knownLoginState, scopeOf } from '../session/request-state';
import type { PageContext } from './page-context';

type Show = (req: Request, res: Response, page: ProofType, refusal?: Refusal) => Promise<void>;

/** What the same page can mend is shown on it again; the rest ends the step. */
export function createStepRefusal({ runtime, respond }: PageContext, show: Show) {
  /** It may also be the lane that is empty: then other ways still work. */
  async function isOver(req: Request): Promise<boolean> {
    const loginState = knownLoginState(req);
    return (
      loginState?.status === 'owed' &&
      (await refusedByTries(scopeOf(runtime, req), loginState.login)) !== null
    );
  }

  return async (req: Request, res: Response, refusal: Refusal, type: ProofType): Promise<void> => {
    if (respond.wantsJson(req) || !onSamePage.has(refusal.code)) {
      return respond.refuse(req, res, refusal, [type]);
    }
    if (refusal.triesLeft === 0 && (await isOver(req)))
      return respond.refuse(req, res, refuse('half_login_ended'));
    if (refusal.retryAfter !== undefined) res.set('Retry-After', String(refusal.retryAfter));
    await show(req, res, type, refusal);
  };
}

const onSamePage: ReadonlySet<ErrorCode> = new Set([
  'malformed',
  'wrong_code',
  'code_used',
  'clock_off',
  'locked',
  'codes_closed',
  'resend_too_soon',
  'too_many_sends',
  'slow_down',
  'delivery_failed',
]);
