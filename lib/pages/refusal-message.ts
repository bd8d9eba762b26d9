import type { Request } from 'express';
import { isOpenState } from '../account/recovery';
import { statusOfCode, type ErrorCode, type Refusal } from '../errors';
import { appUrl, askedFor, baseOf, withGoal } from '../session/address';
import { goalOf, wayBack } from '../session/goal';
import type { Site } from '../session/runtime';
import { completeLoginOf, knownLoginState } from '../session/request-state';
import type { MessageView } from './views';

export type Message = Pick<MessageView, 'code' | 'special' | 'most' | 'enough' | 'next' | 'goesOn'> & {
  readonly until?: number | null;
};

/** A refusal as a page says it, with the one step that goes on from there. */
export const createMessageOf = (site: Site) => {
  function messageOf(req: Request, refusal: Refusal): Message {
    const { code, reason, type, url, most, ways } = refusal;
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    const special = [
      ...(reason ? [reason] : []),
      ...aboutRequest(refusal),
      ...(type ? [`${type}.${code}`] : []),
      // People who sent a form are told that it was not done, and to send it again.
      ...(isRead ? [] : [`${code}.form`]),
    ];
    return {
      code,
      special,
      ...(most !== undefined && { most }),
      next: nextStep(req, code, url),
      until: shownUntil(refusal, site.now()),
      ...(reason === 'too_weak' && ways && { enough: ways }),
    };
  }

  function nextStep(req: Request, code: ErrorCode, url: string | undefined): MessageView['next'] {
    const isComplete = completeLoginOf(site, req) !== null;
    const back = isComplete ? `${baseOf(site, req)}/security` : appUrl(site, req, '/');
    // A login that is still there, half or whole, has to end first: signing in again would go on with it.
    if (code === 'half_login_ended' || (code === 'sign_in_required' && isComplete)) {
      return { href: withGoal(`${baseOf(site, req)}/cancel`, wanted(req)), text: 'sign-in', post: true };
    }
    if (code === 'sign_in_required') {
      return {
        href: url ?? withGoal(appUrl(site, req, site.options.loginUrl), wanted(req)),
        text: 'sign-in',
      };
    }
    if (code === 'new_browser')
      return { href: url ?? withGoal(baseOf(site, req), wanted(req)), text: 'continue' };
    if (LEADS_ON.has(code)) return { href: url ?? back, text: code === 'conflict' ? 'back' : 'confirm' };
    if (code === 'bad_form_token' && knownLoginState(site, req)?.status === 'owed')
      return { href: withGoal(baseOf(site, req), goalOf(site, req)), text: 'retry' };
    const isAgain = statusOfCode[code] === 503 || code === 'bad_form_token';
    if (isAgain && req.method === 'GET') return { href: askedFor(site, req) ?? back, text: 'retry' };
    return { href: url ?? back, text: 'back' };
  }

  /** The goal of a page of ours, or the page that was asked for. */
  const wanted = (req: Request): string | null => goalOf(site, req) ?? wayBack(site, req);

  return messageOf;
};

/** How a request for access is, where that is why something is refused. */
export function aboutRequest({ state }: Refusal): readonly string[] {
  if (state === undefined) return [];
  if (state === 'never' || state === 'paused') return [`request_${state}`];
  return [isOpenState(state) ? 'request_open' : 'request_over'];
}

/** What is mended at `url` alone, so that a page being opened is led there at once. */
export const LEADS_ON: ReadonlySet<ErrorCode> = new Set([
  'second_factor_required',
  'step_up_required',
  'enrol_first',
  'conflict',
]);

const MINUTE = 60_000;

/** When it works again, as pages say it: by the minute, and never too early. */
export function shownUntil({ until, retryAfter }: Refusal, now: number): number | null {
  if (until === undefined && retryAfter === undefined) return null;
  return Math.ceil((until ?? now + (retryAfter ?? 0) * 1000) / MINUTE) * MINUTE;
}
