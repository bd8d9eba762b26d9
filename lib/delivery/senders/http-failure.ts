import { errorField } from '../../errors';
import { DeliveryError, type DeliveryErrorKind } from '../message';

/**
 * The error of an HTTP client, judged only by its status or its socket's error code: such errors carry the request, and
 * with it the key, the address and the code.
 */
export function httpFailure(error: unknown): DeliveryError {
  const status = statusOf(error);
  if (status === undefined) return new DeliveryError(withoutAnswer(error));
  return new DeliveryError(kindOf(status), retryAfter(errorField(error, 'response', 'headers')));
}

/** `response.status` or, with SendGrid, a numeric `code`. */
function statusOf(error: unknown): number | undefined {
  const found = [errorField(error, 'response', 'status'), errorField(error, 'code')];
  return found.find((status) => typeof status === 'number');
}

function kindOf(status: number): DeliveryErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 400 || status === 413 || status === 422) return 'rejected';
  return 'provider';
}

const TIMEOUT = /^(?:ECONNABORTED|ETIMEDOUT|ERR_CANCELED|AbortError|TimeoutError|UND_ERR_\w+_TIMEOUT)$/;
/** Error codes of sockets, DNS and TLS. */
const NETWORK =
  /^(?:E(?!RR_)|ERR_(?:NETWORK|TLS|SSL)|UND_ERR_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_)/;

function withoutAnswer(error: unknown): DeliveryErrorKind {
  const codes = [errorField(error, 'code'), errorField(error, 'cause', 'code')].map(String);
  if ([...codes, String(errorField(error, 'name'))].some((one) => TIMEOUT.test(one))) return 'timeout';
  return codes.some((code) => NETWORK.test(code)) ? 'network' : 'provider';
}

const DAY = 86_400;

/**
 * How long a provider asks us to wait, in whole seconds from 1 to a day: `Retry-After` as seconds or as a date (RFC
 * 9110 §10.2.3), or SendGrid's `X-RateLimit-Reset`, a Unix time in seconds.
 */
export function retryAfter(headers: unknown): number | undefined {
  const asked = headerOf(headers, 'retry-after');
  const reset = headerOf(headers, 'x-ratelimit-reset');
  const now = Date.now() / 1000;
  const seconds = asked === '' ? fromNumber(reset) - now : fromNumber(asked);
  const wait = Number.isNaN(seconds) ? Date.parse(asked) / 1000 - now : seconds;
  return Number.isFinite(wait) ? Math.min(DAY, Math.max(1, Math.ceil(wait))) : undefined;
}

/** From a `Headers`, or from a plain object with names in lower case. */
function headerOf(headers: unknown, name: string): string {
  const value: unknown = isHeaders(headers) ? headers.get(name) : errorField(headers, name);
  return typeof value === 'string' ? value.trim() : '';
}

const isHeaders = (headers: unknown): headers is Pick<Headers, 'get'> =>
  typeof errorField(headers, 'get') === 'function';

const fromNumber = (text: string): number => (/^\d{1,12}$/.test(text) ? Number(text) : NaN);
