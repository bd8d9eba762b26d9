// On every page that has no use for keys. Everything works without it.
import { preparePage } from './page.js';

preparePage();

// Counts down until another code may be requested. Announced only at the start and at the end.
const waiting = [...document.querySelectorAll('form[data-wait]')].filter((form) => form.dataset.wait > 0);
if (waiting.length > 0) {
  const buttons = waiting.flatMap((form) => [...form.querySelectorAll('button[type=submit]:not([form])')]);
  const [{ dataset }] = waiting;
  const find = (name) => waiting[0].querySelector(`[data-${name}]`);
  const end = Date.now() + Number(dataset.wait);
  const refuse = (event) => {
    event.preventDefault();
    find('countdown').classList.add('warn-text');
    find('status').textContent = find('countdown').textContent;
  };
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    const seconds = String(left % 60).padStart(2, '0');
    find('left').textContent = `${Math.floor(left / 60)}:${seconds}`;
    if (left <= 0) over();
  };
  const over = () => {
    clearInterval(timer);
    find('countdown').hidden = true;
    find('status').textContent = find('status').dataset.end;
    for (const form of waiting) form.removeEventListener('submit', refuse);
    for (const button of buttons) button.removeAttribute('aria-disabled');
  };
  find('from').hidden = true;
  find('countdown').hidden = false;
  find('status').textContent = find('status').dataset.start;
  for (const form of waiting) form.addEventListener('submit', refuse);
  for (const button of buttons) button.setAttribute('aria-disabled', 'true');
  const timer = setInterval(show, 1000);
}

// The browser offers the code from a text message that names this site. We fill it in; the user submits it.
const codeField = document.querySelector('[data-from-message]');
if (codeField && 'OTPCredential' in window) {
  const asking = new AbortController();
  const stop = () => asking.abort();
  codeField.form.addEventListener('submit', stop);
  addEventListener('pagehide', stop);
  const fillIn = (message) => Object.assign(codeField, { value: message?.code ?? '' });
  // Stopped, declined or not supported: then people type it.
  navigator.credentials
    .get({ otp: { transport: ['sms'] }, signal: asking.signal })
    .then(fillIn)
    .catch(() => null);
}

// Whether this device could have a passkey, which may be offered after a correct code.
const capable = document.querySelector('[data-capable]');
if (capable) {
  window.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.()
    .then((isThere) => Object.assign(capable, { value: isThere ? '1' : '' }))
    .catch(() => null);
}

// A sign-in waits for a link that may be opened in another tab. Looked after when people come back, and now and then.
const waits = document.querySelector('[data-waits]');
if (waits) {
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(waits.dataset.waits, { headers: { accept: 'application/json' } });
    const { status, url } = await answer.json();
    if (status === 'passed') location.assign(url);
    else if (answer.status === 401) location.reload();
  };
  const lookSafely = () => void look().catch(() => null);
  document.addEventListener('visibilitychange', lookSafely);
  setInterval(lookSafely, 15_000);
}
