// The service worker of the page: it keeps the page's files, while the server is away it shows a
// friendly page instead of an error, and it leads from a notification to the chat.
//
// What it keeps stands under the address of its own version and never changes; everything else is
// asked for each time, so that nothing old is ever shown. The friendly page stands in the script:
// `chat/web/http/index_page.py` puts VERSION and AWAY before it. Another version is another script, which the
// browser takes at the next load, and which throws away what the one before it kept.
(() => {
  "use strict";

  const PATIENCE = 15000; // milliseconds for an answer: a computer that sleeps never says no
  const BASE = `/v${VERSION}/`;

  // What a proxy says for a server that does not answer.
  const GATEWAY = new Set([502, 503, 504]);

  const HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy":
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
      "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  };

  function away() {
    return new Response(AWAY, { status: 503, headers: HEADERS });
  }

  // The page as the server has it now.
  async function fresh(request) {
    const silence = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
    try {
      const answer = await Promise.race([fetch(request), silence]);
      return answer && !GATEWAY.has(answer.status) ? answer : away();
    } catch {
      return away();
    }
  }

  // A file of this version: from here, or from the browser's own cache, or from the server. Where
  // nothing can be kept, on a full disk for one, it comes from there all the same.
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

  // What else is kept for this origin is of an older version, or of another program that had this
  // port before.
  async function begin() {
    const old = (await caches.keys()).filter((name) => name !== VERSION);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  }

  // Whoever clicks a notification goes on in the tab that they looked at last, or in a new one.
  async function lead(path) {
    const [tab] = await clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!tab) return clients.openWindow(path);
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
