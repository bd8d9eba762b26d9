/** How much longer to wait than the ceremony's own time-out: some browsers never answer. ms */
const GRACE = 5000;
const USUAL_LIMIT = 5 * 60_000;
const REACH_LIMIT = 15_000;

/** Why it failed. `kind` picks the text, `cause` is for support, `answer` is the server's error. */
export class Trouble extends Error {
  constructor(kind, cause, answer = null) {
    super(kind, { cause });
    this.kind = kind;
    this.answer = answer;
  }
}

export const supportsKeys = () => typeof window.PublicKeyCredential === 'function';

/** Of the prompt that is open: a browser has room for one. */
let asking = new AbortController();

/** Stops the browser's prompt, which then fails as if the user had declined. */
export const stopAsking = () => asking.abort();

/** Tells the browser which keys exist, so that it offers those and no others. It may ignore that. */
export function signalKeys({ rpId, userId, name, credentialIds }) {
  const tell = (method, what) => PublicKeyCredential[method]?.({ rpId, userId, ...what }).catch(() => null);
  tell('signalAllAcceptedCredentials', { allAcceptedCredentialIds: credentialIds });
  tell('signalCurrentUserDetails', { name, displayName: name });
}

/** Posts JSON and returns the JSON of the answer. */
export async function post(url, body, headers = {}) {
  const reaching = new AbortController();
  const timer = setTimeout(() => reaching.abort(), REACH_LIMIT);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, Accept: 'application/json', 'Content-Type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
      signal: reaching.signal,
    });
    const content = await answer.text();
    if (answer.ok) return JSON.parse(content);
    throw new Trouble('server', `HTTP ${answer.status}`, {
      status: answer.status,
      ...JSON.parse(content)?.error,
    });
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble(error instanceof SyntaxError ? 'failed' : 'offline', error);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks the browser for a key: `get` an answer of one, or `create` one. */
export async function askForKey(how, optionsJSON, more = {}) {
  stopAsking();
  asking = new AbortController();
  const { signal } = asking;
  const limit = Math.min(optionsJSON.timeout ?? USUAL_LIMIT, USUAL_LIMIT) + GRACE;
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('no answer', 'TimeoutError'));
      stopAsking();
    }, limit);
  });
  try {
    const publicKey = fromJSON(optionsJSON);
    return toJSON(await Promise.race([navigator.credentials[how]({ ...more, publicKey, signal }), late]));
  } catch (error) {
    throw new Trouble(kindOf(error, how), error);
  } finally {
    clearTimeout(timer);
  }
}

// By hand, as PublicKeyCredential.parseRequestOptionsFromJSON() and toJSON() are not in every browser, and password
// managers, which replace navigator.credentials, answer with plain objects: without methods, and with only the members
// they need.

/** Options as the browser takes them. */
function fromJSON({ challenge, user, allowCredentials, excludeCredentials, ...others }) {
  const known = (keys) => keys?.map(({ id, ...key }) => ({ ...key, id: bytesOf(id) }));
  return {
    ...others,
    challenge: bytesOf(challenge),
    ...(user && { user: { ...user, id: bytesOf(user.id) } }),
    ...(allowCredentials?.length > 0 && { allowCredentials: known(allowCredentials) }),
    ...(excludeCredentials && { excludeCredentials: known(excludeCredentials) }),
  };
}

/** The answer as the server takes it; what is missing is left out. */
function toJSON(credential) {
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  const bytes = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  return {
    id,
    rawId: textOf(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    response: {
      ...Object.fromEntries(bytes.map((name) => [name, textOf(response[name])])),
      transports: attempt(() => response.getTransports()) ?? response.transports ?? undefined,
    },
    clientExtensionResults: attempt(() => credential.getClientExtensionResults()) ?? {},
  };
}

function attempt(ask) {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** From base64url. */
function bytesOf(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** To base64url; nothing stays nothing. */
function textOf(bytes) {
  if (!bytes) return undefined;
  const base64 = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const KINDS = {
  NotAllowedError: 'nothing',
  AbortError: 'nothing',
  TimeoutError: 'nothing',
  SecurityError: 'security',
  NotSupportedError: 'unfit',
  ConstraintError: 'unfit',
};

function kindOf(error, how) {
  if (how === 'create' && error?.name === 'InvalidStateError') return 'duplicate';
  return KINDS[error?.name] ?? 'failed';
}

/** For support: not a text of ours, so not translated. */
export const causeOf = ({ cause }) => (cause?.name ? `${cause.name}: ${cause.message}` : String(cause));
