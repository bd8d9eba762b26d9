import webauthn from './webauthn.js';

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

export const supportsKeys = () => webauthn.browserSupportsWebAuthn();

/** Stops the browser's prompt, which then fails as if the user had declined. */
export const stopAsking = () => webauthn.WebAuthnAbortService.cancelCeremony();

/** Tells the browser which keys exist, so that it offers those and no others. It may ignore that. */
export function signalKeys({ rpId, userId, name, credentialIds }) {
  const tell = (method, what) => PublicKeyCredential[method]?.({ rpId, userId, ...what }).catch(() => null);
  tell('signalAllAcceptedCredentials', { allAcceptedCredentialIds: credentialIds });
  tell('signalCurrentUserDetails', { name, displayName: name });
}

/** Posts JSON and returns the JSON of the answer. */
export async function post(url, body, headers = {}) {
  const asking = new AbortController();
  const timer = setTimeout(() => asking.abort(), REACH_LIMIT);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, Accept: 'application/json', 'Content-Type': 'application/json' },
      credentials: 'same-origin',
      body: JSON.stringify(body),
      signal: asking.signal,
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
  const start = how === 'create' ? webauthn.startRegistration : webauthn.startAuthentication;
  const limit = Math.min(optionsJSON.timeout ?? USUAL_LIMIT, USUAL_LIMIT) + GRACE;
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('no answer', 'TimeoutError'));
      stopAsking();
    }, limit);
  });
  try {
    return await Promise.race([start({ optionsJSON, ...more }), late]);
  } catch (error) {
    throw new Trouble(kindOf(error, how), error);
  } finally {
    clearTimeout(timer);
  }
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
