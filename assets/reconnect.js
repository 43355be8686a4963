// Reconnect after a lost socket.
//
// Flet's client answers a lost socket with an opaque spinner, waits up to minutes between attempts,
// and forgets what is typed meanwhile. It is therefore not told. The history stays readable below a
// bar, the server is polled once a second, the draft is saved, and the page reloads.
//
// The same happens when Flutter's renderer has crashed: WebAssembly does not go on after that, and the
// page would stay as it is.
const reconnect = (() => {
  "use strict";

  const POLL_INTERVAL = 1000; // milliseconds
  const STABLE = 5000; // milliseconds until an open socket counts as connected
  const LAST_CHANCE = 4000; // milliseconds for a silent socket, after the server has answered
  const ATTEMPTS = "flet-chat.tries";

  let away = false;

  const bar = document.createElement("div");
  bar.id = "connection-bar";
  bar.setAttribute("role", "status");

  const SIGN = "background:#3f3d4d;color:#fff";
  const BAR = "background:#9a3412;color:#fff";

  function showBar(text, colour = BAR) {
    bar.style.cssText =
      "position:fixed;top:10px;left:50%;transform:translateX(-50%);z-index:2147483647;" +
      "box-sizing:border-box;width:max-content;max-width:calc(100vw - 24px);padding:8px 18px;border-radius:18px;" +
      "text-align:center;pointer-events:none;font:500 14px/20px Roboto,system-ui,sans-serif;" +
      `box-shadow:0 2px 10px rgb(0 0 0/.35);${colour}`;
    if (bar.textContent !== text) bar.textContent = text;
    if (!bar.isConnected) document.body.append(bar);
  }

  function lostText() {
    return outbox.isEmpty()
      ? words("Connection lost. You can read and write on; reconnecting…")
      : words("Connection lost. What you sent is sent as soon as it is back; reconnecting…");
  }

  // The socket is open, and the chat does not answer on it: `heartbeat.js` waits. Nothing is lost yet,
  // so the page stays as it is if the chat answers after all.
  let doubting = null; // the number of this doubt, while there is a bar
  let doubts = 0;

  function doubt(isLong) {
    if (away) return;
    if (!isLong && doubting === null) {
      showBar(words("Waiting for the chat…"), SIGN);
    } else if (isLong) {
      showBar(lostText());
      if (doubting === null) findOut((doubting = ++doubts));
    }
  }

  // If the server answers, and the socket does not, then the socket is dead.
  async function findOut(number) {
    outbox.keep();
    while (doubting === number && !(await isBack())) await sleep(POLL_INTERVAL);
    await sleep(LAST_CHANCE);
    if (doubting === number) connectionLost();
  }

  const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

  // The chat has answered on the socket.
  function trust() {
    if (away) return;
    doubting = null;
    bar.remove();
  }

  async function isBack() {
    try {
      const answer = await fetch(sitePath.on("/healthz"), { cache: "no-store", signal: AbortSignal.timeout(4000) });
      // Also where nothing can be stored: people can read, and writing may work again.
      const state = await answer.json();
      return "boot" in state && !state.draining; // one that is about to stop would send the page away again
    } catch {
      return false;
    }
  }

  let polling = false;
  async function poll() {
    if (!away || polling) return;
    polling = true;
    if (await isBack()) {
      await outbox.save();
      location.reload();
    } else {
      polling = false;
    }
  }

  function attempts() {
    return Number(sessionStorage.getItem(ATTEMPTS)) || 0;
  }

  function connectionLost(isRefused) {
    if (isRefused) {
      reloadSoon(words("Too many pages of this chat are open in this network. This page tries again by itself; close others to come in sooner."));
      return;
    }
    reloadSoon(lostText());
    // A text that is sent from now on changes the sentence.
    addEventListener("keyup", () => showBar(lostText()));
  }

  // Errors after which a WebAssembly module cannot go on; Dart's own exceptions are of another type.
  const FATAL = /memory access out of bounds|out of memory|unreachable|table index is out of bounds/i;

  function onError(error) {
    if (error instanceof WebAssembly.RuntimeError && FATAL.test(error.message)) {
      reloadSoon(words("The page has failed. It is loaded again…"));
    }
  }

  addEventListener("error", (event) => onError(event.error));
  addEventListener("unhandledrejection", (event) => onError(event.reason));

  function reloadSoon(text) {
    if (away) return;
    away = true;
    outbox.keep();
    showBar(text);
    // The delay grows, so that a server that refuses the socket is not asked in a loop.
    const wait = Math.min(30000, 250 * 2 ** attempts());
    sessionStorage.setItem(ATTEMPTS, String(attempts() + 1));
    setTimeout(() => {
      poll();
      setInterval(poll, POLL_INTERVAL);
    }, wait);
  }

  addEventListener("online", poll);
  document.addEventListener("visibilitychange", () => document.hidden || poll());

  // A socket is open: it counts as connected if it stays open.
  function connected(isOpen) {
    setTimeout(() => {
      if (isOpen()) sessionStorage.removeItem(ATTEMPTS);
    }, STABLE);
  }

  return { connected, connectionLost, doubt, trust, isAway: () => away || doubting !== null };
})();
