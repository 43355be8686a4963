// The place of each press of a mouse or a finger. Flutter does not tell where most of its buttons
// were clicked, and the chat opens menus at that place.
const pointer = (() => {
  "use strict";

  const LIMIT = 99999; // pixels

  let send = () => {};

  const place = (value) => Math.min(Math.max(Math.round(value), 0), LIMIT);

  // (In the capturing phase: the chat receives the place before the click.)
  addEventListener(
    "pointerdown",
    (event) => send(`c${place(event.clientX)} ${place(event.clientY)}`),
    { capture: true, passive: true },
  );

  // A socket is open.
  function begin(through) {
    send = through;
  }

  return { begin };
})();
