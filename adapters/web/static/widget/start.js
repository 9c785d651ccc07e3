function start() {
  const widget = new Widget();
  window.Frontdesk = {
    open: () => widget.open(),
    ask: (text, lang) => widget.ask(text, lang),
    close: () => widget.close(),
  };
  // So that a page needs no script of its own; our demo page's policy allows none.
  document.addEventListener("click", ({ target }) => {
    const asking = target.closest?.("[data-frontdesk-ask]");
    if (asking) widget.ask(asking.dataset.frontdeskAsk || asking.textContent, asking.closest("[lang]")?.lang);
  });
  for (const place of document.querySelectorAll("[data-frontdesk-base]")) place.textContent = BASE;
  if (SETTINGS.open === "true") widget.open(false);
}

window.Frontdesk = {}; // a second copy stops at its first line
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
