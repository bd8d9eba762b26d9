// For the login page of the app: a button with data-passkey="/2fa", and the autofill of its fields.
import { askForKey, post, signalKeys, stopAsking, supportsKeys, Trouble } from './ceremony.js';

const button = document.querySelector('[data-passkey]');
const status = document.querySelector('[data-passkey-status]');
const USUAL_LIFE = 5 * 60_000;
const SHORTEST_LIFE = 10_000;

let words = {};
let turn = 0;
let isAsking = false;
let isLeft = false;
if (button && supportsKeys()) {
  button.hidden = false;
  button.addEventListener('click', () => {
    if (!isAsking) void byClick();
  });
  // Stop asking when people leave; when they come back, everything is as it was.
  addEventListener('pagehide', () => {
    isLeft = true;
    stopAsking();
  });
  addEventListener('pageshow', ({ persisted }) => {
    isLeft = false;
    if (persisted) void byAutofill();
  });
  void byAutofill();
}

/** The browser's own prompt. It replaces autofill, which comes back if it fails. */
async function byClick() {
  isAsking = true;
  turn += 1;
  stopAsking();
  button.setAttribute('aria-disabled', 'true');
  say('');
  try {
    const options = await freshOptions();
    await signIn(options, await askForKey('get', options));
  } catch (error) {
    if (isLeft) return;
    explain(error);
    void byAutofill();
  } finally {
    isAsking = false;
    button.removeAttribute('aria-disabled');
  }
}

/** Passkeys among what the browser fills in. */
async function byAutofill() {
  const mine = (turn += 1);
  // Nobody asked for it, so it fails silently if it is not supported, or was given up for the button.
  const filledIn = await fromAutofill(mine).catch(() => null);
  if (!filledIn) return;
  try {
    await signIn(filledIn.options, filledIn.response);
  } catch (error) {
    explain(error);
    if (mine === turn) void byAutofill();
  }
}

async function fromAutofill(mine) {
  if (!(await canAutofill()) || mine !== turn) return null;
  const options = await freshOptions();
  if (mine !== turn) return null;
  // A little before the challenge runs out.
  const life = 0.9 * Math.min(options.timeout ?? USUAL_LIFE, USUAL_LIFE);
  const timer = setTimeout(() => void renew(mine), Math.max(life, SHORTEST_LIFE));
  try {
    return { options, response: await askForKey('get', options, { mediation: 'conditional' }) };
  } finally {
    clearTimeout(timer);
  }
}

/** A page that nobody is looking at waits until someone does. */
async function renew(mine) {
  while (document.hidden) {
    await new Promise((resolve) => {
      document.addEventListener('visibilitychange', resolve, { once: true });
    });
  }
  if (mine !== turn || isLeft) return;
  stopAsking();
  void byAutofill();
}

async function canAutofill() {
  if (!document.querySelector("input[autocomplete$='webauthn']")) return false;
  return PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false);
}

async function freshOptions() {
  const answer = await post(`${button.dataset.passkey}/passkey/options`, {});
  words = answer.words ?? words;
  return answer.options;
}

async function signIn(options, response) {
  const to = new URLSearchParams(location.search).get('to') ?? button.dataset.to;
  try {
    const { url, signal } = await post(`${button.dataset.passkey}/passkey`, {
      response,
      ...(to && { to }),
    });
    if (signal) signalKeys(signal);
    location.assign(url);
  } catch (error) {
    // So that the browser stops offering it.
    if (error.answer?.unknownCredential === true) {
      const unknown = { rpId: options.rpId, credentialId: response.id };
      PublicKeyCredential.signalUnknownCredential?.(unknown).catch(() => null);
    }
    throw error;
  }
}

const WORD_OF = { nothing: 'nothing', offline: 'offline', unfit: 'unsupported' };

function explain(error) {
  const kind = error instanceof Trouble ? WORD_OF[error.kind] : undefined;
  // Without an answer from the server there is no text either, except what the page itself may provide.
  say(error.answer?.message ?? words[kind ?? 'failed'] ?? button.dataset[kind ?? 'failed'] ?? '');
}

function say(text) {
  if (status) status.textContent = text;
}
