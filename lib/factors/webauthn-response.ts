import { malformed, type Malformed, type WebauthnField } from './webauthn-result';

/** A browser's answer to a creation. Every string is canonical base64url. */
export interface RegistrationAnswer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** A browser's answer to a request. */
export interface AssertionAnswer {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | null;
}

/** The maximum of each, in bytes; anything longer is not read. 1023: WebAuthn 3 §7.1 step 25. */
const most = {
  id: 1023,
  clientDataJSON: 4096,
  attestationObject: 20_480,
  authenticatorData: 4096,
  signature: 1024,
  userHandle: 64,
} as const;
const LONGEST_JSON = 32_768;

type Read<Answer> = { readonly ok: true; readonly answer: Answer } | Malformed;

/**
 * `RegistrationResponseJSON`, as an object or as text. What we don't need may be missing, and unknown members are
 * allowed.
 */
export function readRegistration(input: unknown): Read<RegistrationAnswer> {
  const read = readCredential(input);
  if (!read.ok) return read;
  const { id, inner } = read;
  const [clientDataJSON, attestationObject] = [
    bytes(inner, 'clientDataJSON'),
    bytes(inner, 'attestationObject'),
  ];
  if (clientDataJSON === null) return malformed('clientDataJSON');
  if (attestationObject === null) return malformed('attestationObject');
  const transports = readTransports(member(inner, 'transports'));
  return { ok: true, answer: { id, clientDataJSON, attestationObject, transports } };
}

/** `AuthenticationResponseJSON`, as an object or as text. */
export function readAssertion(input: unknown): Read<AssertionAnswer> {
  const read = readCredential(input);
  if (!read.ok) return read;
  const { id, inner } = read;
  const clientDataJSON = bytes(inner, 'clientDataJSON');
  const authenticatorData = bytes(inner, 'authenticatorData');
  const signature = bytes(inner, 'signature');
  if (clientDataJSON === null) return malformed('clientDataJSON');
  if (authenticatorData === null) return malformed('authenticatorData');
  if (signature === null) return malformed('signature');
  const hasHandle = isGiven(member(inner, 'userHandle'));
  const userHandle = hasHandle ? bytes(inner, 'userHandle') : null;
  if (userHandle === null && hasHandle) return malformed('userHandle');
  return { ok: true, answer: { id, clientDataJSON, authenticatorData, signature, userHandle } };
}

function readCredential(
  input: unknown,
): { readonly ok: true; readonly id: string; readonly inner: unknown } | Malformed {
  const credential = typeof input === 'string' ? parsed(input) : input;
  const inner = member(credential, 'response');
  if (typeof inner !== 'object' || inner === null) return malformed('response');
  const id = bytes(credential, 'id');
  if (id === null) return malformed('id');
  // The same value again, for clients that predate the JSON form. Password managers may leave it out.
  const rawId = member(credential, 'rawId');
  if (isGiven(rawId) && rawId !== id) return malformed('rawId');
  if (member(credential, 'type') !== 'public-key') return malformed('type');
  return { ok: true, id, inner };
}

/** What a client lacks it leaves out, or sends as null or as an empty string. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Own properties only: what a prototype has was not sent. */
const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;

function bytes(of: unknown, name: WebauthnField & keyof typeof most): string | null {
  const text = member(of, name);
  if (typeof text !== 'string' || text === '' || text.length > Math.ceil((most[name] * 4) / 3)) return null;
  return Buffer.from(text, 'base64url').toString('base64url') === text ? text : null;
}

function parsed(text: string): unknown {
  if (text.length > LONGEST_JSON) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * A hint for browsers, which may send anything or nothing. Unknown values are kept (WebAuthn 3 §5.8.4), empty ones are
 * not.
 */
export const readTransports = (given: unknown): string[] =>
  Array.isArray(given)
    ? [
        ...new Set(
          given.filter((one): one is string => typeof one === 'string' && /^[a-z0-9-]{1,32}$/.test(one)),
        ),
      ].slice(0, 8)
    : [];
