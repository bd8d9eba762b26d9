// Besides script.js, on "Security and login" and its set-up pages. Everything works without it.

for (const button of document.querySelectorAll('[data-copy]')) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector('[data-status]');
  let said = '';
  // A live region is announced only when its text changes, so the second time the text is different.
  const say = (first, again) => {
    said = said === first ? again : first;
    status.textContent = said;
  };
  button.hidden = false;
  const copied = () => say(button.dataset.done, button.dataset.again);
  const failed = () => {
    getSelection().selectAllChildren(source);
    say(button.dataset.failed, button.dataset.failedAgain);
  };
  button.addEventListener('click', () => {
    // Away from https:// and localhost there is no clipboard at all.
    if (!navigator.clipboard) return failed();
    navigator.clipboard.writeText(textOf(source)).then(copied, failed);
  });
}

/** A list line by line; a key without the spaces that group it. */
function textOf(source) {
  const lines = [...source.querySelectorAll('li')].map((line) => line.textContent.trim());
  return lines.length > 0 ? lines.join('\n') : source.textContent.replace(/\s/g, '');
}

for (const button of document.querySelectorAll('[data-print]')) {
  if (!window.print) continue;
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// The server does not know on which of the reader's days something happened.
const days = document.querySelector('[data-days]');
if (days) {
  const { lang } = document.documentElement;
  const format = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  });
  const sections = new Map();
  for (const entry of days.querySelectorAll('li')) {
    const day = format.format(new Date(entry.querySelector('time').dateTime));
    if (!sections.has(day)) {
      const section = entry.closest('section').cloneNode(true);
      section.querySelector('time').textContent = day;
      section.querySelector('ul').replaceChildren();
      sections.set(day, section);
    }
    sections.get(day).querySelector('ul').append(entry);
  }
  days.replaceChildren(...sections.values());
}

// Secrets are removed when people leave: a page that the browser keeps for its Back button must not hold them.
const secrets = document.querySelectorAll('[data-secret]');
if (secrets.length > 0) {
  addEventListener('pagehide', () => {
    for (const secret of secrets) secret.replaceChildren();
  });
  // Only the server knows what the page may show now.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}
