// On pages that ask for a security key or passkey, in the place of script.js.
import { askForKey, causeOf, post, signalKeys, stopAsking, supportsKeys, Trouble } from './ceremony.js';
import { preparePage } from './page.js';

preparePage();
for (const form of document.querySelectorAll('form[data-key]')) {
  const alert = document.querySelector('[data-key-problem]');
  if (supportsKeys()) prepare(form, alert);
  else explain(form, alert);
}
offerPasskey(document.querySelector('[data-offer]'));
signal(document.querySelector('[data-signal]'));

/** The form stays hidden, and an explanation takes its place. */
function explain(form, alert) {
  form.before(alert);
  say(alert, new Trouble('unsupported', `isSecureContext: ${isSecureContext}`));
}

function prepare(form, alert) {
  const { key: how, options: optionsUrl } = form.dataset;
  const status = form.querySelector('[data-waiting]');
  const button = form.querySelector('[type=submit]:not([form])');
  const answer = form.elements.response;
  let isBusy = false;
  let isLeft = false;

  const show = (busy) => {
    isBusy = busy;
    // Never disabled: that would take away its focus and its name.
    if (busy) button.setAttribute('aria-disabled', 'true');
    else button.removeAttribute('aria-disabled');
    status.textContent = busy ? status.dataset.waiting : '';
  };
  const leave = () => {
    isLeft = true;
    stopAsking();
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isBusy) void ask();
  });
  async function ask() {
    isLeft = false;
    for (const old of document.querySelectorAll('.problem')) old.remove();
    show(true);
    try {
      const options = await post(optionsUrl, hiddenFields(form), appToken(form));
      if (isLeft) return show(false);
      answer.value = JSON.stringify(await askForKey(how, options));
      // The page stays as it is until the next one loads; if none does, people can try again.
      setTimeout(() => show(false), 1000);
      form.submit();
    } catch (error) {
      show(false);
      if (isLeft) return;
      if (isOver(error)) location.replace(addressOf(form));
      else say(alert, error);
    }
  }

  // Stop asking when people leave, or cancel with another form.
  addEventListener('pagehide', leave);
  document.addEventListener('submit', ({ target }) => target !== form && leave());
  addEventListener('pageshow', ({ persisted }) => persisted && show(false));

  form.hidden = false;
  if (!document.querySelector('.problem')) form.querySelector('[data-focus]')?.focus();
}

/** The page's token, what the app needs in every form, and where the form leads. */
function hiddenFields(form) {
  const fields = [...form.elements].filter(({ type, name }) => type === 'hidden' && name !== 'response');
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

/** A check of the app's that does not read JSON looks for it here. */
function appToken(form) {
  const field = form.querySelector('[data-csrf]');
  return field ? { 'X-CSRF-Token': field.value } : {};
}

/** The login has ended, or needs another proof first: the server has a page for that. */
const isOver = ({ answer }) => answer?.status === 401 || Boolean(answer?.url);

/** Not location.reload(): this page may be the answer to a form. */
function addressOf(form) {
  const address = new URL(form.action);
  const to = form.elements.to?.value;
  if (to) address.searchParams.set('to', to);
  return address;
}

/** Puts the page's prepared text for it where screen readers announce it. */
function say(alert, error) {
  const kind = error instanceof Trouble ? error.kind : 'failed';
  const words = document.querySelector(`[data-say="${kind}"]`).content.cloneNode(true);
  const message = words.querySelector('[data-message]');
  if (message && error.answer?.message) message.textContent = error.answer.message;
  const cause = words.querySelector('[data-cause]');
  if (cause) cause.textContent = error instanceof Trouble ? causeOf(error) : String(error);
  alert.replaceChildren(words);
}

/** A passkey is offered where the device can have one. */
function offerPasskey(offer) {
  if (!offer) return;
  const canHave = supportsKeys() && PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
  const goOn = () => location.replace(offer.dataset.offer);
  Promise.resolve(canHave).then((can) => can || goOn(), goOn);
}

function signal(keys) {
  if (!keys || !supportsKeys()) return;
  const { rpId, userId, name, ids } = keys.dataset;
  signalKeys({ rpId, userId, name, credentialIds: ids.split(' ').filter(Boolean) });
}
