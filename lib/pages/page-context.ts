import type { ErrorRequestHandler, Request, RequestHandler, Response, Router } from 'express';
import type { Activity } from '../activity/activity';
import type { Account, FactorType, ProofType } from '../account/account';
import type { Recovery } from '../account/recovery';
import type { Kind, KindOf, Scope } from '../core/scope';
import type { Links } from '../crypto/links';
import { refuse, statusOfCode, type Refusal } from '../errors';
import type { CheckCodes } from '../recovery/reference';
import { readBody } from '../session/body';
import { callBack } from '../session/promised';
import type { Proving } from '../session/prove';
import { scopeOf } from '../session/request-state';
import type { Runtime } from '../session/runtime';
import { failWith } from '../session/step';
import type { WayOut } from '../session/way-out';
import type { Login } from '../stores/contracts';
import { shownUntil } from './refusal-message';
import type { Renderer } from './render';
import type { Responder } from './respond';
import type { FormError, StepView, WayView } from './views';

/** What every page works with. */
export interface PageContext {
  readonly runtime: Runtime;
  readonly kinds: PagedKinds;
  readonly renderer: Renderer;
  readonly respond: Responder;
  readonly proving: Proving;
  readonly wayOut: WayOut;
  readonly links: Links;
  readonly checkCodes: CheckCodes;
  /** null: nothing is kept of what happens. */
  readonly activity: Activity | null;
}

/**
 * The pages of one kind of proof. Its texts in the catalogue carry its name: `type.<kind>`, `type.<kind>.hint`, and for
 * its step `step.<kind>.label`.
 */
export interface KindPages {
  /** Its place among the options of "Security and login"; null if it is not one. */
  readonly place: number | null;
  /** What its step has a field for; null if it has none. */
  readonly field: 'code' | 'backup-code' | null;
  /** What a step posts to before its proof, such as to have a code sent. */
  readonly asks: `/${string}` | null;
  /** Adds its own pages: how it is set up, and what `asks` names. */
  routes(router: Router, context: PageContext): void;
  /** What else its step shows. */
  step(shown: StepShown): StepParts | Promise<StepParts>;
}

/** What only some kinds have. */
export type StepParts = Partial<Pick<StepView, 'entry' | 'hint' | 'keys' | 'sending' | 'serverTime'>>;

export interface StepShown {
  readonly runtime: Runtime;
  readonly req: Request;
  readonly scope: Scope;
  readonly login: Login;
  readonly account: Account;
  readonly base: string;
  /** Masked. */
  readonly user: string;
  readonly ways: readonly WayView[];
  readonly refusal: Refusal | null;
}

/** The table of kinds, as far as pages know it. */
export type PagedKinds = {
  readonly [Type in ProofType]: KindOf<Type> & { readonly pages: KindPages };
};

export const rowsOf = (kinds: PagedKinds): (readonly [ProofType, Kind & { readonly pages: KindPages }])[] =>
  Object.entries(kinds) as [ProofType, Kind & { readonly pages: KindPages }][];

/** Kinds of factor in the order in which "Security and login" has them. */
export const inOrder = (kinds: PagedKinds, types: readonly FactorType[]): FactorType[] =>
  types.toSorted((one, other) => (kinds[one].pages.place ?? 0) - (kinds[other].pages.place ?? 0));

/** An asynchronous handler. Failures are answered as the contract says, or passed to the app. */
export const handler =
  (
    { runtime }: PageContext,
    work: (req: Request, res: Response, scope: Scope) => Promise<void>,
  ): RequestHandler =>
  (req, res, next) => {
    work(req, res, scopeOf(runtime, req)).catch(failWith(runtime, req, res, next));
  };

/**
 * Reads the body, whatever is mounted above us. If it can't be read, that is refused by name, and nothing is counted.
 */
export const bodyReader =
  (runtime: Runtime): RequestHandler =>
  (req, res, next) => {
    // While the client is there: its address belongs to the scope, and a guesser may hang up as soon as all is sent.
    scopeOf(runtime, req);
    callBack(readBody(req), (refusal) => (refusal ? runtime.refuse(req, res, refusal) : next()), next);
  };

/** The last of a router. `%E0` in place of an id is a bad request for Express, for us a URL that leads nowhere. */
export const notFound = ({ respond }: PageContext): readonly [RequestHandler, ErrorRequestHandler] => [
  (req, res) => respond.refuse(req, res, refuse('not_found')),
  (error, req, res, next) =>
    error instanceof URIError ? respond.refuse(req, res, refuse('not_found')) : next(error),
];

/** A refusal, as the form shows it beside its field. */
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

/** The same; what is malformed in no special way is worded by its field. */
export function fieldError(refusal: Refusal, now: number): FormError {
  const { code, reason, field } = refusal;
  const error = formError(refusal, now);
  return code === 'malformed' && reason === undefined && field !== undefined
    ? { ...error, code: field }
    : error;
}

/** The status of a page that answers a form which was refused. */
export const formStatus = ({ code }: Refusal): number =>
  statusOfCode[code] >= 429 ? statusOfCode[code] : 422;

/** How a request for access has changed, as in JSON. */
export const stepsJson = (steps: Recovery['steps']) => steps.map(({ at, state }) => ({ at: iso(at), state }));

/** A time, as in JSON. */
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
