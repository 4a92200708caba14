// Before anything is drawn: the theme that was chosen, where one was. Without a choice the style sheet follows the system.
(() => {
  try {
    const chosen = localStorage.getItem('docs-theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // A browser that keeps nothing follows the system.
  }
})();
