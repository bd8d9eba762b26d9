import type { Request, RequestHandler, Response } from 'express';
import type { Scope } from '../core/scope';
import type { Refusal } from '../errors';
import { readBody } from '../session/body';
import { callBack } from '../session/promised';
import type { Proving } from '../session/prove';
import { scopeOf } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import { failWith } from '../session/step';
import type { WayOut } from '../session/way-out';
import type { PagedKinds } from './kind-pages';
import { shownUntil } from './refusal-message';
import type { Renderer } from './render';
import type { Responder } from './respond';
import type { FormError } from './views';

/** What every page is made of. */
export interface PageContext {
  readonly runtime: Runtime;
  readonly kinds: PagedKinds;
  readonly renderer: Renderer;
  readonly respond: Responder;
  readonly proving: Proving;
  readonly wayOut: WayOut;
}

/** A handler that may wait. What fails is answered as the contract says, or given to the app. */
export const handler =
  (
    { runtime }: PageContext,
    work: (req: Request, res: Response, scope: Scope) => Promise<void>,
  ): RequestHandler =>
  (req, res, next) => {
    work(req, res, scopeOf(runtime, req)).catch(failWith(runtime, req, res, next));
  };

/** Reads the body, whoever stands above us. What can't be read is refused by name, and nothing is counted. */
export const bodyReader =
  (runtime: Runtime): RequestHandler =>
  (req, res, next) =>
    callBack(readBody(req), (refusal) => (refusal ? runtime.refuse(req, res, refusal) : next()), next);

/** A refusal as the form shows it beside its field. */
export function formError(refusal: Refusal, now: number): FormError {
  const { code, reason, field, triesLeft } = refusal;
  const until = shownUntil(refusal, now);
  return {
    code: reason ?? code,
    field: field ?? 'code',
    ...(triesLeft !== undefined && { triesLeft }),
    ...(until !== null && { until }),
  };
}

/** A time as JSON carries it. */
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
