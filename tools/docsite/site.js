// What the pages do: search, theme, copying code, the menu on a wide screen. Everything else works without scripts.
import { excerpt, makeIndex } from './search.js';

const { root, index: indexAddress } = document.body.dataset;
const input = document.getElementById('site-search');
const list = document.getElementById('site-results');
let index = null;
let chosen = -1;

/** The index, fetched once, when somebody begins to search. */
function load() {
  index ??= fetch(indexAddress)
    .then((answer) => answer.json())
    .then(makeIndex)
    .catch(() => {
      index = null;
      return null;
    });
  return index;
}

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function show(results, query) {
  chosen = -1;
  list.replaceChildren();
  results.forEach((one, number) => {
    const link = element('a', '', element('strong', '', one.t));
    link.href = root + one.u;
    link.tabIndex = -1;
    if (one.p !== one.t) link.append(element('span', 'where', one.p));
    const parts = excerpt(one.b, query).map(([text, hit]) => (hit ? element('mark', '', text) : text));
    if (parts.length) link.append(element('span', 'excerpt', ...parts));
    link.id = `site-result-${number}`;
    link.setAttribute('role', 'option');
    const item = element('li', '', link);
    item.setAttribute('role', 'presentation');
    list.append(item);
  });
  if (!results.length) list.append(element('li', 'none', 'Nothing found.'));
  list.hidden = false;
  input.setAttribute('aria-expanded', 'true');
}

function hide() {
  list.hidden = true;
  chosen = -1;
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
}

function choose(step) {
  const items = [...list.querySelectorAll('[role=option]')];
  if (!items.length) return;
  chosen = (chosen + step + items.length) % items.length;
  items.forEach((item, number) => item.setAttribute('aria-selected', String(number === chosen)));
  items[chosen].scrollIntoView({ block: 'nearest' });
  input.setAttribute('aria-activedescendant', items[chosen].id);
}

input.addEventListener('focus', load);
input.addEventListener('input', async () => {
  const query = input.value.trim();
  const found = await load();
  if (query !== input.value.trim()) return;
  if (!query || !found) hide();
  else show(found.find(query), query);
});
input.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    choose(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter') {
    list.querySelectorAll('[role=option]')[Math.max(0, chosen)]?.click();
  } else if (event.key === 'Escape') {
    hide();
  }
});
document.addEventListener('click', (event) => {
  if (!event.target.closest('.search') || event.target.closest('#site-results a')) hide();
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.target.closest('input, textarea')) {
    event.preventDefault();
    input.focus();
  }
});

document.getElementById('site-theme').addEventListener('click', () => {
  const html = document.documentElement;
  const dark = html.dataset.theme ? html.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  html.dataset.theme = dark ? 'light' : 'dark';
  try {
    localStorage.setItem('docs-theme', html.dataset.theme);
  } catch {
    // The choice then lasts for this page.
  }
});

// The menu is folded on a phone and open on a desk.
const wide = matchMedia('(min-width: 60rem)');
const menu = document.querySelector('details.menu');
const unfold = () => {
  menu.open = wide.matches;
};
wide.addEventListener('change', unfold);
unfold();
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest' });

// Browsers give the clipboard to secure pages alone.
if (navigator.clipboard) {
  for (const block of document.querySelectorAll('.code')) {
    const button = element('button', 'copy', 'Copy');
    button.type = 'button';
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(block.querySelector('code').textContent);
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
    block.append(button);
  }
}
