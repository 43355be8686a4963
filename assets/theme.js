// The theme of the person from the first frame on: the chat sends it only when the page has loaded.
// Flutter asks the browser for the colour scheme, and gets the one that is stored here.
const theme = (() => {
  "use strict";

  const KEY = "flet-chat.theme";
  const ask = window.matchMedia.bind(window);
  const system = ask("(prefers-color-scheme: dark)");
  const lists = [];
  let chosen = kept(() => localStorage.getItem(KEY));
  const isDark = () => (chosen === "dark" || chosen === "light" ? chosen === "dark" : system.matches);

  // A browser may forbid storage.
  function kept(what) {
    try {
      return what();
    } catch {
      return null;
    }
  }

  // The page before Flutter draws, and the browser's own bars.
  function mark() {
    const page = document.documentElement;
    page.dataset.theme = isDark() ? "dark" : "light";
    page.style.colorScheme = page.dataset.theme;
    page.style.background = isDark() ? "#121318" : "#FAF9FE";
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
      meta.content = isDark() ? "#121318" : "#FAF9FE";
    }
  }

  window.matchMedia = (query) => {
    const list = ask(query);
    if (query.replace(/\s/g, "") !== "(prefers-color-scheme:dark)") return list;
    Object.defineProperty(list, "matches", { get: isDark });
    lists.push(list);
    return list;
  };
  system.addEventListener("change", mark);
  mark();

  return {
    choose(name) {
      const before = isDark();
      chosen = name;
      kept(() => localStorage.setItem(KEY, name));
      mark();
      if (isDark() === before) return;
      for (const list of lists) {
        list.dispatchEvent(new MediaQueryListEvent("change", { media: list.media, matches: isDark() }));
      }
    },
  };
})();
