// Whether the person wants less motion: a setting of their system. Flutter's own animations follow it
// by themselves; the chat scrolls its lists at once.
const motion = (() => {
  "use strict";

  const wish = matchMedia("(prefers-reduced-motion: reduce)");

  let send = () => {};

  const report = () => send(wish.matches ? "hm1" : "hm0");
  wish.addEventListener("change", report);

  // A socket is open.
  function begin(through) {
    send = through;
    if (wish.matches) report();
  }

  return { begin };
})();
