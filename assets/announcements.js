// Texts that a screen reader reads, in live regions of the page's own: those of Flutter stay empty.
const announcements = (() => {
  "use strict";

  const HIDDEN = "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";

  // Two regions take turns: the same text twice would change nothing, and would not be read.
  const regions = [0, 1].map(() => {
    const region = document.createElement("div");
    region.setAttribute("role", "status");
    region.style.cssText = HIDDEN;
    return region;
  });
  let next = 0;

  return {
    read(text) {
      for (const each of regions) {
        if (!each.isConnected) document.body.append(each);
        each.textContent = "";
      }
      regions[next].textContent = text;
      next = 1 - next;
    },
  };
})();
