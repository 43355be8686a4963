// The page's own script: the viewer's time zone, keys that Flutter is not to see, what happens while
// the connection is away, and the service worker. `languages.js`, `attention.js` and `files.js` stand
// before it.
//
// Flet's client answers a lost socket with an opaque spinner, waits up to minutes between its
// tries, and forgets what is typed meanwhile. So it is not told: the history stays readable behind
// a bar, the server is asked every second whether it is back, the words in the field are handed
// over, and the page is loaded again.
(() => {
  "use strict";

  const ASK_EVERY = 1000; // milliseconds between two questions to the server
  const STEADY = 5000; // a socket that stays open this long counts as connected
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
  let typed = null; // what was typed last, whole: the field's words

  document.addEventListener(
    "input",
    (event) => {
      const field = event.composedPath()[0];
      if (field instanceof HTMLTextAreaElement) typed = field.value;
    },
    true,
  );

  // The field that is being written in, if it has the focus.
  function field() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const open = element instanceof HTMLTextAreaElement && !element.disabled && !element.readOnly;
    return open ? element : null;
  }

  // Give the field the focus. Flutter does so itself when a dialog is gone, but not with a screen
  // reader: then the field is away until the dialog is, and the focus falls to the page.
  function write(until = performance.now() + 2000) {
    const host = document.querySelector("flt-semantics-host");
    const element = host?.querySelector("textarea:not([disabled])");
    if (element) {
      if (field() !== element) element.focus();
    } else if (performance.now() < until) {
      setTimeout(write, 50, until);
    }
  }

  // Put a text into the place of another in the field, if that stands there. Only here is it known
  // what stands in it: keys that were pressed while the server thought stay.
  function put(at, old, text) {
    const element = field();
    if (!element || !element.value.startsWith(old, at)) return false;
    const end = at + old.length;
    const moved = (place) => (place < end ? Math.min(place, at) : place - end + at + text.length);
    const [from, to] = [moved(element.selectionStart), moved(element.selectionEnd)];
    element.value = element.value.slice(0, at) + text + element.value.slice(end);
    element.setSelectionRange(from, to);
    element.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  // Take a text that the server has stored off the front of the field.
  function cut(text) {
    const done = put(0, text, "");
    if (!done && typed === text) typed = null;
    return done;
  }

  // What an input method composes ends if the field is written to. So a text that is stored waits
  // to be taken out, and what is asked for meanwhile is asked for in vain.
  let composed = null; // the field in which something is
  const waiting = [];
  const isComposing = () => composed !== null && composed === field();
  const goOn = () => isComposing() || waiting.splice(0).forEach((call) => call());
  const settled = (call) => {
    waiting.push(call);
    goOn();
  };
  addEventListener("compositionstart", (event) => (composed = event.composedPath()[0]), true);
  addEventListener(
    "compositionend",
    () => {
      composed = null;
      // Flutter hears of the end, and of the text, first.
      setTimeout(goOn);
    },
    true,
  );

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
    if (typed === null) return;
    try {
      await fetch("/words", {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ path: location.pathname, text: typed }),
        signal: AbortSignal.timeout(4000),
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
  let capturing = false; // whether the chat chooses from a list with the keys of PICKS
  const say = (text) => current?.send(frame(text));

  const PICKS = { ArrowUp: "gu", ArrowDown: "gd", Tab: "gt", Enter: "ge", Escape: "gx" };

  // Said again and again while they are held down.
  const REPEATED = new Set(["gu", "gd", "ru", "rd"]);

  const WRITTEN_IN = /^(input|textarea)$/i;

  let byCtrlEnter = false; // whether Ctrl+Enter sends, and Enter alone begins a new line

  // Keys that Flutter has not seen go down: nor does it see them repeated, or go up.
  const swallowed = new Set();

  function swallow(event) {
    if (!event.repeat) swallowed.add(event.code);
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Ctrl+K and Cmd+K, by the letter, and where the keyboard has no Latin ones by the place.
  function jumps(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
    return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() === "k" : event.code === "KeyK";
  }

  // Keys that an input method takes: Enter confirms what is composed, arrows choose. Browsers say so
  // in the event; Safari tells of the end before the key that made it, which has this code then.
  const METHOD = 229;
  const composes = (event) => event.isComposing || event.keyCode === METHOD;
  // Ctrl+/ and Cmd+/ anywhere, on keyboards where that needs Shift too; `?` where nothing is written.
  function asksForKeys(event) {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return event.key === "/" || event.key === "?";
    return event.key === "?" && !WRITTEN_IN.test(event.composedPath()[0].tagName);
  }

  // To another room by Alt and an arrow.
  function steps(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return { ArrowUp: event.shiftKey ? "wu" : "ru", ArrowDown: event.shiftKey ? "wd" : "rd" }[event.key];
  }

  // What is done in the field itself where Ctrl+Enter sends; a list above it comes first.
  function lineOrSend(event, element) {
    if (!byCtrlEnter || !element || event.code !== "Enter") return undefined;
    if (event.ctrlKey || event.metaKey) return () => event.repeat || say("s" + element.value);
    if (event.shiftKey || event.altKey) return undefined;
    return () => {
      element.setRangeText("\n", element.selectionStart, element.selectionEnd, "end");
      element.dispatchEvent(new Event("input", { bubbles: true }));
    };
  }

  // What the chat is told of instead of Flutter, if it is such a key.
  function instead(event, element) {
    if (jumps(event)) return "k";
    if (asksForKeys(event)) return "?";
    if (event.key === "Escape" && event.shiftKey) return "m";
    const step = steps(event);
    if (step) return step;
    const picks = capturing && element && !event.shiftKey;
    return picks ? PICKS[event.key] : undefined;
  }

  // Flutter takes notice of Enter a moment later, when more may have been typed.
  function tellOfKey(event, element) {
    // Exactly what Flet takes for sending.
    if (event.repeat) return;
    if (event.code === "Enter" && !event.shiftKey) say("e" + element.value);
    if (event.code === "ArrowUp" && !element.value) say("u");
    if (event.code === "Escape") say("x");
  }

  addEventListener(
    "keydown",
    (event) => {
      const element = field() === event.composedPath()[0] ? field() : null;
      if (element && composes(event)) {
        if (event.key in PICKS || event.code in PICKS) {
          // The input method's alone: Flutter would send at Enter, whatever it is for.
          swallowed.add(event.code);
          event.stopImmediatePropagation();
        }
        return;
      }
      const ours = instead(event, element);
      const here = ours ? undefined : lineOrSend(event, element);
      if (ours) {
        swallow(event);
        if (!event.repeat || REPEATED.has(ours)) say(ours);
      } else if (here) {
        swallow(event);
        here();
      } else if (event.repeat && swallowed.has(event.code)) {
        swallow(event);
      } else {
        swallowed.delete(event.code);
        if (element) tellOfKey(event, element);
      }
    },
    true,
  );

  addEventListener(
    "keyup",
    (event) => swallowed.delete(event.code) && event.stopImmediatePropagation(),
    true,
  );

  const inField = (event) => event.composedPath()[0] instanceof HTMLTextAreaElement;

  // A right click on a message asks the chat what can be done with it; in the field the browser's
  // own menu is wanted.
  addEventListener("contextmenu", (event) => inField(event) || event.preventDefault(), true);

  // Whoever clicks a name in the list above the field goes on writing.
  addEventListener("mousedown", (event) => capturing && !inField(event) && event.preventDefault(), true);

  function hear(kind, text) {
    if (kind === "c") settled(() => say(cut(text) ? "y" : "n"));
    else if (kind === "s") isComposing() || put(...JSON.parse(text));
    else if (kind === "g") capturing = text === "1";
    else if (kind === "k") byCtrlEnter = text === "1";
    else if (kind === "t") theme.choose(text);
    else if (kind === "f") files.hear(text[0], text.slice(1));
    else if (kind === "w") write();
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
        capturing = false;
        say("h");
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
          capturing = false;
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
