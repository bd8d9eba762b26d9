import { DeliveryError, type DeliveryErrorKind } from '../delivery-error';
import { field } from './field';
import { retryAfter } from './retry-after';

/**
 * The error of an HTTP client, told by its status, or by the code of its socket, and by nothing else of it:
 * those errors carry the request, and with it the key, the address and the code.
 */
export function httpFailure(error: unknown): DeliveryError {
  const status = statusOf(error);
  if (status === undefined) return new DeliveryError(withoutAnswer(error));
  return new DeliveryError(kindOf(status), retryAfter(field(error, 'response', 'headers')));
}

/** `response.status`, or as SendGrid has it, a `code` that is a number. */
function statusOf(error: unknown): number | undefined {
  const found = [field(error, 'response', 'status'), field(error, 'code')];
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
/** Of a socket, of a name that is not found, or of TLS. */
const NETWORK =
  /^(?:E(?!RR_)|ERR_(?:NETWORK|TLS|SSL)|UND_ERR_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_)/;

function withoutAnswer(error: unknown): DeliveryErrorKind {
  const codes = [field(error, 'code'), field(error, 'cause', 'code')].map(String);
  if ([...codes, String(field(error, 'name'))].some((one) => TIMEOUT.test(one))) return 'timeout';
  return codes.some((code) => NETWORK.test(code)) ? 'network' : 'provider';
}
