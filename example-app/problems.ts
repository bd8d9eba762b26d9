import { SecondFactorError } from 'express-second-factor';
import { StoreUnavailable } from './errors';

/** A refusal as the client gets it: in a page, or in JSON as `{ error: … }`. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The field of the request that it is about. */
  readonly field?: string;
  /** Whole seconds. */
  readonly retryAfter?: number;
  readonly url?: string;
  readonly triesLeft?: number;
}

export const signInRequired: Problem = {
  status: 401,
  code: 'sign_in_required',
  message: 'Sign in first.',
};

export const notFound: Problem = {
  status: 404,
  code: 'not_found',
  message: 'There is nothing at this address.',
};

export const badOrigin: Problem = {
  status: 403,
  code: 'bad_origin',
  message: 'This request came from another site, so nothing was done.',
};

const unavailable: Problem = {
  status: 503,
  code: 'unavailable',
  message:
    'Part of this service is not responding right now. You have not been signed out; try again in a moment.',
  retryAfter: 5,
};

const unreadable: Problem = {
  status: 400,
  code: 'malformed',
  message: 'This request could not be read.',
};

const unexpected: Problem = {
  status: 500,
  code: 'internal_error',
  message: 'Something went wrong on our side.',
};

/** What the client is told about an error: never its own text, which may name servers or contain data. */
export function problemOf(error: unknown): Problem {
  if (error instanceof StoreUnavailable) return unavailable;
  if (error instanceof SecondFactorError) return secondFactorProblem(error);
  // Errors of Express and its parsers about what a client sent have a status.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? unreadable : unexpected;
}

function secondFactorProblem({ code, status, details }: SecondFactorError): Problem {
  if (status === 503) return { ...unavailable, code, retryAfter: details.retryAfter ?? 5 };
  if (status >= 500) return unexpected;
  return { status, code, message: 'Your second factor was not accepted for this.', ...details };
}
