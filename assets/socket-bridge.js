// The socket of the page: frames of the page-script protocol go to these scripts, all others to
// Flutter. Such frames begin with 0x7f; docs/page-script.md has a table of them.
(() => {
  "use strict";

  const PREFIX = 0x7f;
  const TOKEN_TRIES = 20;
  const TOKEN_PAUSE = 1000; // milliseconds until the next attempt
  const TRY_AGAIN_LATER = 1013; // the code of a socket that is one too many of this address
  const frame = (text) => new TextEncoder().encode(String.fromCharCode(PREFIX) + text);

  let current = null; // the socket
  const send = (text) => current?.send(frame(text));

  // The cookie of the person who has come in. The request outlives the page, should it be left now.
  // If another tab came in meanwhile (409), this page belongs to that person, too.
  async function fetchToken(code) {
    for (let again = 0; again < TOKEN_TRIES; again++) {
      try {
        const answer = await fetch(sitePath.on("/token"), { method: "POST", body: code, keepalive: true });
        if (answer.status === 409) location.reload();
        return;
      } catch {
        await new Promise((done) => setTimeout(done, TOKEN_PAUSE));
      }
    }
  }

  function handle(kind, text) {
    if (kind === "z") return; // any frame is an answer to the heartbeat
    else if (kind === "a") outbox.settle(text, false);
    else if (kind === "b") backButton.handle(text);
    else if (kind === "h") backButton.replacePath(text);
    else if (kind === "m") outbox.handle(text);
    else if (kind === "p") keyboard.pressSend(text);
    else if ("csuw".includes(kind)) composerField.handle(kind, text);
    else if ("eglkv".includes(kind)) keyboard.handle(kind, text);
    else if (kind === "r") announcements.read(text);
    else if (kind === "t") theme.choose(text);
    else if ("oj".includes(kind)) startScreen.handle(kind, text);
    else if (kind === "i") fetchToken(text);
    else if (kind === "f") fileTransfer.handle(text[0], text.slice(1));
    else notifications.handle(kind, text);
  }

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      let leaving = false;
      this.held = []; // frames that wait until the chat has what the page before this one has left
      outbox.recovered.then(() => {
        const held = this.held;
        this.held = null;
        held.forEach((data) => this.send(data));
      });
      addEventListener("pagehide", () => (leaving = true));
      this.addEventListener("open", () => {
        current = this;
        send("h" + deviceKey.read());
        const isOpen = () => this.readyState === Socket.OPEN;
        const parts = [composerField, keyboard, pointer, visibility, motion, notifications, fileTransfer, outbox, backButton, startScreen, semanticsTree];
        for (const part of parts) part.begin(send);
        heartbeat.begin(send, isOpen);
        reconnect.connected(isOpen);
      });
      this.addEventListener("message", (event) => {
        heartbeat.received();
        if (!(event.data instanceof ArrayBuffer)) return;
        const bytes = new Uint8Array(event.data);
        if (bytes[0] !== PREFIX) return;
        event.stopImmediatePropagation();
        const message = new TextDecoder().decode(bytes.subarray(1));
        handle(message[0], message.slice(1));
      });
      for (const kind of ["close", "error"]) {
        this.addEventListener(kind, (event) => {
          event.stopImmediatePropagation();
          keyboard.begin(send);
          if (!leaving) reconnect.connectionLost(event.code === TRY_AGAIN_LATER);
        });
      }
    }

    send(data) {
      // Frames for a lost socket would only fill the console.
      if (this.readyState !== Socket.OPEN) return;
      if (this.held) {
        this.held.push(data);
        return;
      }
      super.send(data);
      heartbeat.sending();
    }
  };
})();
