import { clientAddress } from '../delivery/client-address';
import type { RequestContext } from '../events';
import type { LoginPlace } from '../stores/contracts';

/** Where a request comes from, as its user recognises it. The rest of an IPv6 address changes by the day. */
export function placeOf(request: RequestContext | null): LoginPlace {
  const address = clientAddress(request?.address);
  return { browser: request?.browser ?? null, address: address === 'unknown' ? null : address };
}
