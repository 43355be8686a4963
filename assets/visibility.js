// Visibility of the page: active, unfocused, hidden, or idle. The chat derives from it who is away
// and what is read.
const visibility = (() => {
  "use strict";

  const IDLE = 5 * 60 * 1000; // milliseconds without a touch

  let send = () => {};

  // "l": the page is active. "v": it is in view, but another window has the focus. "b": it is
  // hidden. "i": it is idle.
  let state = null;
  let touched = Date.now();

  function report() {
    const left = touched + IDLE - Date.now();
    let now = left > 0 ? "l" : "i";
    if (now === "l" && !document.hasFocus()) now = "v";
    if (document.hidden) now = "b";
    if (now === state) return;
    state = now;
    send(state);
  }

  // Report again when the page may have become idle.
  function wait() {
    const left = touched + IDLE - Date.now();
    setTimeout(() => (report(), wait()), left > 0 ? left : IDLE);
  }

  function touch() {
    touched = Date.now();
    if (state !== "l") report();
  }

  for (const kind of ["pointerdown", "pointermove", "wheel", "keydown", "touchstart"]) {
    addEventListener(kind, touch, { capture: true, passive: true });
  }
  // Of the window itself: fields also get the focus without an action of the person.
  addEventListener("focus", touch);
  addEventListener("blur", report);
  document.addEventListener("visibilitychange", report);
  wait();

  // A socket is open.
  function begin(through) {
    send = through;
    state = null;
    report();
  }

  return { begin };
})();
