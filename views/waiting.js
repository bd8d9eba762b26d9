// Besides script.js, where a sign-in waits for its link, which may be opened in another tab. Looks after it when people come
// back to this one, and now and then.

const { waits } = document.querySelector('[data-waits]').dataset;

async function look() {
  if (document.hidden) return;
  const answer = await fetch(waits, { headers: { accept: 'application/json' } });
  const { status, url } = await answer.json();
  if (status === 'passed') location.assign(url);
  else if (answer.status === 401) location.reload();
}
const lookSafely = () => void look().catch(() => null);

document.addEventListener('visibilitychange', lookSafely);
setInterval(lookSafely, 15_000);
