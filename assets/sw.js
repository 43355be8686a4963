// The service worker: it caches the page's files, shows the offline page while the server is
// unreachable, and opens the chat from a notification.
//
// It caches only files under the prefix of its version, which never change. Everything else is
// requested each time, so that nothing old is shown. The offline page is part of the script:
// `chat/web/http/index_page.py` puts VERSION, AWAY, AWAY_SCRIPTS, the hashes of its scripts, and ROOT,
// the path prefix of the chat, before it. A new version is another script, which the browser installs
// at the next load, and which deletes the cache of the version before.
(() => {
  "use strict";

  const PATIENCE = 15000; // milliseconds for a response: a sleeping computer does not refuse
  const BASE = `${ROOT}/v${VERSION}/`;

  // The status codes of a proxy whose server does not answer.
  const GATEWAY = new Set([502, 503, 504]);

  const HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      `default-src 'none'; script-src ${AWAY_SCRIPTS}; style-src 'unsafe-inline'; img-src data:; ` +
      "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  };

  function away() {
    return new Response(AWAY, { status: 503, headers: HEADERS });
  }

  // The current page from the server, or the offline page.
  async function fresh(request) {
    const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
    try {
      const answer = await Promise.race([fetch(request), silence]);
      return answer && !GATEWAY.has(answer.status) ? answer : away();
    } catch {
      return away();
    }
  }

  // A file of this version from this cache, from the browser's own cache, or from the server. It is
  // returned even if it cannot be cached, for example on a full disk.
  async function kept(event) {
    const { request } = event;
    const here = await caches.match(request, { cacheName: VERSION }).catch(() => null);
    if (here) return here;
    const answer = await fetch(request);
    const same = answer.headers.get("cache-control")?.includes("immutable");
    if (answer.status === 200 && same) {
      event.waitUntil(keep(request, answer.clone()).catch(() => {}));
    }
    return answer;
  }

  async function keep(request, answer) {
    await (await caches.open(VERSION)).put(request, answer);
  }

  // Other caches of this origin are of an older version, or of another program on this port before.
  async function begin() {
    const old = (await caches.keys()).filter((name) => name !== VERSION);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  }

  // A clicked notification opens its path in the tab that was active last, or in a new one.
  async function lead(path) {
    const [tab] = await clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!tab) return clients.openWindow(ROOT + path);
    tab.postMessage({ open: path });
    return tab.focus();
  }

  addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil(lead(event.notification.data).catch(() => {}));
  });

  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil(begin()));
  addEventListener("fetch", (event) => {
    const { url, mode, method } = event.request;
    if (method !== "GET") return;
    if (new URL(url).pathname.startsWith(BASE)) event.respondWith(kept(event));
    else if (mode === "navigate") event.respondWith(fresh(event.request));
  });
})();
