// Set-up of the page: the time zone cookie, no scripts from other hosts, the service worker.
(() => {
  "use strict";

  const SETTLED = 1000; // milliseconds after the first frame until the page has loaded everything

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  document.cookie = `flet_chat_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;

  // Flet's client loads the script of an animation player from a public host. The chat does not use
  // it. The page's content security policy would block it; this setter prevents the request.
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

  // The service worker answers a reload while the server is away. Browsers allow it only over https
  // and on this computer; everything else works without it. It is registered after the first frame,
  // so that it does not delay the first load.
  if (isSecureContext && navigator.serviceWorker) {
    const register = () =>
      navigator.serviceWorker
        .register(sitePath.on("/sw.js"))
        .catch((reason) => console.warn(`There is no service worker: ${reason}`));
    addEventListener("flutter-first-frame", () => setTimeout(register, SETTLED), { once: true });
  }
})();
