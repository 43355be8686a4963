// The path prefix of the chat behind a proxy (`--base-path`), which the page names in its base element.
const sitePath = (() => {
  "use strict";

  const root = new URL(document.baseURI).pathname.replace(/\/$/, "");

  return {
    // A path of the chat as a path of this host.
    on: (path) => root + path,
    // The path of the page within the chat.
    here: () => (location.pathname.startsWith(`${root}/`) ? location.pathname.slice(root.length) : "/"),
  };
})();
