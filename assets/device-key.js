// The second key of this device, in the storage of the page. Another service on this host gets the
// cookie, because browsers do not separate cookies by port; it does not get the storage.
const deviceKey = (() => {
  "use strict";

  const NAME = `flet-chat.key ${sitePath.on("/")}`;
  const BYTES = 32;

  // A browser may forbid storage: then there is no key.
  function read() {
    try {
      if (!localStorage.getItem(NAME)) {
        const bytes = [...crypto.getRandomValues(new Uint8Array(BYTES))];
        localStorage.setItem(NAME, bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
      }
      return localStorage.getItem(NAME) ?? "";
    } catch {
      return "";
    }
  }

  return { read };
})();
