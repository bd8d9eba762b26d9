import { isIPv4, isIPv6 } from 'node:net';

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is the least one customer has (RFC
 * 6177), but for this machine itself. The address comes from Express, by the app's own `trust proxy`; all unreadable ones count as one client.
 */
export function clientAddress(ip: string | null | undefined): string {
  const address = withoutPort((ip ?? '').trim()).replace(/%.*$/s, '');
  if (isIPv4(address)) return address;
  return isIPv6(address) ? ofIPv6(groupsOf(address)) : 'unknown';
}

/** Some proxies write the port into X-Forwarded-For: `192.0.2.1:5678`, `[2001:db8::1]:443`. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  return bracketed ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
}

function ofIPv6(groups: readonly number[]): string {
  const before = groups.slice(0, 6).join();
  if (V4_INSIDE.includes(before))
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.');
  if (groups.join() === LOOPBACK) return '::1';
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** Prefixes before an IPv4 address: `::ffff:0:0/96` of a dual-stack socket, `64:ff9b::/96` of NAT64 (RFC 6052). */
const V4_INSIDE = ['0,0,0,0,0,65535', '100,65435,0,0,0,0'];

const LOOPBACK = '0,0,0,0,0,0,0,1';

/** The eight groups of an address in any of its spellings. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = withoutDots(address).split('::');
  const first = numbersOf(head);
  const last = numbersOf(tail ?? '');
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

const numbersOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** The last four bytes may be written as an IPv4 address. */
const withoutDots = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
