// A menu closes by Escape, and by a click on anything else. Without this, its own button closes it.

const open = () => document.querySelectorAll('.wa-menu[open]');

document.addEventListener('click', ({ target }) => {
  for (const menu of open()) if (!menu.contains(target) || target.closest('a')) menu.open = false;
});

document.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
