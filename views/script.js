// On every page. Keys need it; everything else works without it.
import { prepareKeys } from './keys.js';

prepareKeys();

// The server does not know the reader's time zone; the browser does.
const hours = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' };
const styles = {
  hour: hours,
  clock: { ...hours, second: '2-digit' },
  moment: { ...hours, year: 'numeric', month: 'long', day: 'numeric' },
};
const { lang } = document.documentElement;
for (const time of document.querySelectorAll('time[data-time]')) {
  const style = styles[time.dataset.time];
  if (!style) continue;
  time.textContent = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, style).format(
    new Date(time.dateTime),
  );
}

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

// A form that was refused is answered by its own page. Back and Reload open that by GET, and never ask to send it again.
const here = document.querySelector('meta[name=here]');
if (here) history.replaceState(null, '', here.content);

// A double click sends once. The button is never disabled: that would take away its focus and its name.
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented) return;
  const { target: form, submitter } = event;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 'yes';
  submitter?.setAttribute('aria-disabled', 'true');
  setTimeout(() => {
    delete form.dataset.sent;
    submitter?.removeAttribute('aria-disabled');
  }, 1000);
});
