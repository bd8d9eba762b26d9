/** The site, as keys know it. From options only, never from a request's Host (WebAuthn 3 §7.1 step 9). */
export interface RelyingParty {
  /** The domain that keys are made for. */
  readonly id: string;
  readonly name: string;
  /** Where our pages are, exactly as browsers write it. */
  readonly origins: readonly string[];
  /** Sites that may show our pages in a frame. Empty: none. */
  readonly topOrigins: readonly string[];
}

/** Why there are no keys: the host is an IP address, for which browsers make none, or an option is wrong. */
export type PartyProblem = 'ip_address' | 'origin' | 'rp_id' | 'top_origin';

export interface PartyOptions {
  readonly name: string;
  /** The first is the main one, which determines the domain of keys. Paths, capitals and default ports are dropped. */
  readonly origins: readonly [string, ...string[]];
  /** A domain above that of the main origin, so that keys work for others below it too. */
  readonly rpId?: string | undefined;
  readonly topOrigins?: readonly string[] | undefined;
}

export function relyingParty(
  options: PartyOptions,
):
  | { readonly ok: true; readonly party: RelyingParty }
  | { readonly ok: false; readonly problem: PartyProblem } {
  const [main] = options.origins;
  const origins = options.origins.map(readOrigin);
  const topOrigins = (options.topOrigins ?? []).map(readOrigin);
  if (!origins.every(isText)) return { ok: false, problem: 'origin' };
  if (!topOrigins.every(isText)) return { ok: false, problem: 'top_origin' };

  const host = hostOf(main);
  if (host === null) return { ok: false, problem: 'origin' };
  if (isAddress(host)) return { ok: false, problem: 'ip_address' };
  const id = options.rpId === undefined ? host : readDomain(options.rpId);
  const isAbove = id !== null && (host === id || host.endsWith(`.${id}`));
  // A name with a single label is a top-level domain, which no site has to itself.
  if (!isAbove || (!id.includes('.') && id !== 'localhost')) return { ok: false, problem: 'rp_id' };
  return { ok: true, party: { id, name: options.name, origins, topOrigins } };
}

/** Android apps sign with this instead of a URL. */
const ANDROID_ORIGIN = /^android:apk-key-hash:[\w-]{43}$/;

/** An origin as browsers write it, or null. As in browsers, plain http is only for this machine. */
function readOrigin(text: string): string | null {
  if (ANDROID_ORIGIN.test(text)) return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.username || url.password) return null;
  const isLocal = isLoopback(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal) ? url.origin : null;
}

const hostOf = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && url.hostname !== '' ? url.hostname : null;
};

/** A domain with nothing around it. */
const readDomain = (text: string): string | null =>
  /^[^\s/?#@:\\]+$/.test(text) ? hostOf(`https://${text}`) : null;

const isAddress = (host: string): boolean => host.startsWith('[') || /^\d+(\.\d+){3}$/.test(host);
const isLoopback = (host: string): boolean => /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(host);
const isText = (origin: string | null): origin is string => origin !== null;
