import { field } from './field';

const DAY = 86_400;

/**
 * How long a provider asks to wait, in whole seconds from 1 to a day: `Retry-After` as seconds or as a date
 * (RFC 9110 §10.2.3), else SendGrid's `X-RateLimit-Reset`, a moment in seconds.
 */
export function retryAfter(headers: unknown): number | undefined {
  const asked = headerOf(headers, 'retry-after');
  const reset = headerOf(headers, 'x-ratelimit-reset');
  const now = Date.now() / 1000;
  const seconds = asked === '' ? fromNumber(reset) - now : fromNumber(asked);
  const wait = Number.isNaN(seconds) ? Date.parse(asked) / 1000 - now : seconds;
  return Number.isFinite(wait) ? Math.min(DAY, Math.max(1, Math.ceil(wait))) : undefined;
}

/** Of a `Headers`, or of a plain object with names in lower case. */
function headerOf(headers: unknown, name: string): string {
  const value: unknown = isHeaders(headers) ? headers.get(name) : field(headers, name);
  return typeof value === 'string' ? value.trim() : '';
}

const isHeaders = (headers: unknown): headers is Pick<Headers, 'get'> =>
  typeof field(headers, 'get') === 'function';

const fromNumber = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) : NaN);
