const hours = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' };
const styles = {
  hour: hours,
  clock: { ...hours, hour: '2-digit', second: '2-digit' },
  moment: { ...hours, year: 'numeric', month: 'long', day: 'numeric' },
};

/** What every page has a script for. */
export function preparePage() {
  // The server does not know the reader's time zone; the browser does.
  const { lang } = document.documentElement;
  for (const time of document.querySelectorAll('time[data-time]')) {
    const style = styles[time.dataset.time];
    if (!style) continue;
    time.textContent = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : lang, style).format(
      new Date(time.dateTime),
    );
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
}
