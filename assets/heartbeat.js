// The heartbeat of the socket: whether the chat still answers.
//
// A connection may be dead without a close: a phone slept, an address translation forgot it, or the
// server hangs. The browser does not notice that for minutes. So the page asks, and the chat answers at
// once; any other frame is an answer, too. `reconnect.js` shows what was found out.
const heartbeat = (() => {
  "use strict";

  // Times in milliseconds.
  const QUIET = 10000; // without a frame, until the page asks
  const BUSY = 3000; // between two questions while the page sends something
  const SIGN = 1000; // without an answer, until there is a sign
  const BAR = 4000; // until there is a bar: a dead connection has one within 15 seconds
  const BAR_AT_ONCE = 1500; // the same after the computer slept, or has a network again
  const TICK = 250;

  let say = () => {};
  let isOpen = () => false;
  let waited = null; // since the question without an answer
  let limit = BAR;
  let asked = -Infinity;
  let timer = 0;

  function ask(most) {
    if (!isOpen()) return;
    if (waited === null) {
      waited = 0;
      limit = most;
      asked = performance.now();
      say("z");
      setTimeout(tick, TICK, performance.now());
    } else {
      limit = Math.min(limit, most);
    }
  }

  // Time in which the page itself did not run does not count: the answer may be there already.
  function tick(before) {
    if (waited === null || !isOpen()) return;
    const now = performance.now();
    waited += Math.min(now - before, 2 * TICK);
    if (waited >= limit) reconnect.doubt(true);
    else if (waited >= SIGN) reconnect.doubt(false);
    setTimeout(tick, TICK, now);
  }

  function askLater() {
    clearTimeout(timer);
    timer = setTimeout(() => ask(BAR), QUIET);
  }

  const askAtOnce = () => document.hidden || ask(BAR_AT_ONCE);
  addEventListener("online", askAtOnce);
  addEventListener("offline", askAtOnce);
  addEventListener("focus", askAtOnce);
  addEventListener("pageshow", askAtOnce);
  document.addEventListener("visibilitychange", askAtOnce);

  return {
    begin(to, open) {
      say = to;
      isOpen = open;
      waited = null;
      askLater();
    },
    // The page sends something: the person acts, and waits for an answer.
    sending() {
      if (performance.now() - asked > BUSY) ask(BAR);
    },
    received() {
      waited = null;
      reconnect.trust();
      askLater();
    },
  };
})();
