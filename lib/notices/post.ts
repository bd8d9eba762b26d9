import dns, { type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { attempt } from '../delivery/attempt';
import type { NotSent } from '../delivery/hand-over';
import { DeliveryError } from '../delivery/message';
import { httpFailure } from '../delivery/senders/http-failure';

export interface Posting {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
  /** It may go to machines that only this network reaches. */
  readonly allowPrivate: boolean;
  /** ms */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Posts to an address that somebody else named. No redirect is followed, nothing of the answer but its status and
 * `Retry-After` is read, and no machine is reached that only this network can reach: the addresses that the connection
 * uses are the very ones that were looked at, so a name that is looked up anew can't lead elsewhere.
 *
 * @returns why it was not accepted; null if it was, by any 2xx
 */
export async function post({ timeout, signal, ...posting }: Posting): Promise<NotSent | null> {
  try {
    await attempt((until) => exchange(posting, until), { timeout, signal, rebuild: httpFailure });
    return null;
  } catch (error) {
    const { kind, retryAfter } = error instanceof DeliveryError ? error : new DeliveryError('provider');
    return { kind, retryAfter: retryAfter ?? null };
  }
}

type Exchange = Omit<Posting, 'timeout' | 'signal'>;

function exchange({ url, headers, body, allowPrivate }: Exchange, signal: AbortSignal): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A connection to a literal address looks nothing up.
  if (!allowPrivate && isIP(host) && !isPublic(host)) return Promise.reject(new DeliveryError('rejected'));
  const { request } = url.protocol === 'http:' ? http : https;
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // No connection is shared: one that was opened earlier was checked for another name.
      agent: false,
      signal,
      ...(!allowPrivate && { lookup: publicOnly() }),
    });
    asked.on('error', reject);
    asked.on('response', ({ statusCode = 0, headers: answered }) => {
      asked.destroy();
      if (statusCode >= 200 && statusCode < 300) return resolve();
      reject(httpFailure({ response: { status: statusCode, headers: answered } }));
    });
    asked.end(body);
  });
}

type LookUp = (
  host: string,
  options: LookupOptions & { readonly all: true },
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/** Looks a name up as usual, and gives out nothing if one of its addresses is not public. */
export const publicOnly =
  (lookUp: LookUp = dns.lookup): LookupFunction =>
  (host, options, done) => {
    lookUp(host, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error) return done(error, '', 0);
      if (!first || !found.every(({ address }) => isPublic(address)))
        return done(new DeliveryError('rejected'), '', 0);
      if (options.all) done(null, found);
      else done(null, first.address, first.family);
    });
  };

/** By the registries of special addresses (RFC 6890). */
const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, prefix, 'ipv4');
// 2001::/23 is for protocols, such as Teredo; 2002::/16 leads to any IPv4 address.
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, prefix, 'ipv6');

/** All public IPv6 addresses so far (RFC 4291 §2.4); those that embed an IPv4 address are not among them. */
const unicast = new BlockList();
unicast.addSubnet('2000::', 3, 'ipv6');

/** Whether an address is reached from anywhere. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && unicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
