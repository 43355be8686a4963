// The page's own script: the viewer's time zone and theme, what happens while the connection is
// away, the service worker, and what the scripts before it and the chat say to each other.
//
// Flet's client answers a lost socket with an opaque spinner, waits up to minutes between its
// tries, and forgets what is typed meanwhile. So it is not told: the history stays readable behind
// a bar, the server is asked every second whether it is back, the words in the field are handed
// over, and the page is loaded again.
(() => {
  "use strict";

  const ASK_EVERY = 1000; // milliseconds between two questions to the server
  const STEADY = 5000; // a socket that stays open this long counts as connected
  const HANDED_OVER = 15000; // how long a server that is just back may take the words of the field
  const SETTLED = 1000; // how long after the first frame the page has all that it loads
  const TRIES = "flet-chat.tries";

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  document.cookie = `flet_chat_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

  // Flet's client asks a public host for a script of its animation player, which the chat has no
  // use for. The policy of the page would stop it; this keeps it from being asked for at all.
  const source = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
  Object.defineProperty(HTMLScriptElement.prototype, "src", {
    ...source,
    set(address) {
      const foreign = new URL(address, document.baseURI).origin !== location.origin;
      if (foreign && !String(address).startsWith("blob:")) {
        setTimeout(() => this.dispatchEvent(new Event("error")));
      } else {
        source.set.call(this, address);
      }
    },
  });

  addEventListener("DOMContentLoaded", () =>
    document.getElementById("loading")?.setAttribute("aria-label", words("Loading")),
  );

  // What answers a reload while the server is away. Browsers take it only over https and from this
  // computer; everything else works without. After the first frame it is in nobody's way.
  if (isSecureContext && navigator.serviceWorker) {
    const register = () =>
      navigator.serviceWorker
        .register("/sw.js")
        .catch((reason) => console.warn(`There is no service worker: ${reason}`));
    addEventListener("flutter-first-frame", () => setTimeout(register, SETTLED), { once: true });
  }

  // The person's theme, from the first moment on: the chat tells of it only when the page is there.
  // Flutter asks the browser whether it is dark, and is told what was chosen here before.
  const theme = (() => {
    const KEY = "flet-chat.theme";
    const ask = window.matchMedia.bind(window);
    const system = ask("(prefers-color-scheme: dark)");
    const lists = [];
    let chosen = kept(() => localStorage.getItem(KEY));
    const isDark = () => (chosen === "dark" || chosen === "light" ? chosen === "dark" : system.matches);

    // A browser may keep nothing for anybody.
    function kept(what) {
      try {
        return what();
      } catch {
        return null;
      }
    }

    // What stands there before Flutter does, and the browser's own bars.
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

  let away = false;

  function showBar() {
    const bar = document.createElement("div");
    bar.id = "connection-bar";
    bar.setAttribute("role", "status");
    bar.style.cssText =
      "position:fixed;top:10px;left:50%;transform:translateX(-50%);z-index:2147483647;" +
      "box-sizing:border-box;max-width:calc(100vw - 24px);padding:8px 18px;border-radius:18px;" +
      "background:#9a3412;color:#fff;text-align:center;pointer-events:none;" +
      "font:500 14px/20px Roboto,system-ui,sans-serif;box-shadow:0 2px 10px rgb(0 0 0/.35)";
    bar.textContent = words("Connection lost. You can read and write on; reconnecting…");
    document.body.append(bar);
  }

  async function isBack() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  async function handOverWords() {
    const text = writing.typed;
    if (text === null) return;
    try {
      await fetch("/words", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ path: location.pathname, text }),
        signal: AbortSignal.timeout(HANDED_OVER),
      });
    } catch {
      // The page is loaded again all the same: the server has what was typed before.
    }
  }

  let asking = false;
  async function ask() {
    if (!away || asking) return;
    asking = true;
    if (await isBack()) {
      await handOverWords();
      location.reload();
    } else {
      asking = false;
    }
  }

  function tries() {
    return Number(sessionStorage.getItem(TRIES)) || 0;
  }

  function lost() {
    if (away) return;
    away = true;
    showBar();
    // A server that answers but refuses the socket is not asked in a circle.
    const wait = Math.min(30000, 250 * 2 ** tries());
    sessionStorage.setItem(TRIES, String(tries() + 1));
    setTimeout(() => {
      ask();
      setInterval(ask, ASK_EVERY);
    }, wait);
  }

  addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());

  // Frames between these scripts and the chat begin with 0x7f; docs/design.md has a table of them.
  const OURS = 0x7f;
  const frame = (text) => new TextEncoder().encode(String.fromCharCode(OURS) + text);

  let current = null; // the socket
  const say = (text) => current?.send(frame(text));

  function hear(kind, text) {
    if ("csw".includes(kind)) writing.hear(kind, text);
    else if ("gkl".includes(kind)) keys.hear(kind, text);
    else if (kind === "t") theme.choose(text);
    else if (kind === "f") files.hear(text[0], text.slice(1));
    else attention.hear(kind, text);
  }

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      let leaving = false;
      addEventListener("pagehide", () => (leaving = true));
      this.addEventListener("open", () => {
        current = this;
        say("h");
        writing.begin(say);
        keys.begin(say);
        attention.begin(say);
        files.begin(say);
        setTimeout(() => {
          if (this.readyState === Socket.OPEN) sessionStorage.removeItem(TRIES);
        }, STEADY);
      });
      this.addEventListener("message", (event) => {
        if (!(event.data instanceof ArrayBuffer)) return;
        const bytes = new Uint8Array(event.data);
        if (bytes[0] !== OURS) return;
        event.stopImmediatePropagation();
        const asked = new TextDecoder().decode(bytes.subarray(1));
        hear(asked[0], asked.slice(1));
      });
      for (const kind of ["close", "error"]) {
        this.addEventListener(kind, (event) => {
          event.stopImmediatePropagation();
          keys.begin(say);
          if (!leaving) lost();
        });
      }
    }

    send(data) {
      // What the client says into a lost socket would only fill the console.
      if (this.readyState === Socket.OPEN) super.send(data);
    }
  };
})();
