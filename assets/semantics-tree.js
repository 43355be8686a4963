// Flutter's semantics tree, which screen readers read: whether it is there, and what it lacks.
//
// The chat marks its landmarks with identifiers (`Landmark` in `chat/ui/theme/widgets.py`), which
// Flutter puts into an attribute; their roles are added here. A dialog has its name at a node within
// it, where a screen reader does not look; and no key reaches a list that only scrolls.
const semanticsTree = (() => {
  "use strict";

  const IDENTIFIER = "flt-semantics-identifier";
  const LANDMARKS = {
    rooms: { role: "navigation", name: words("Rooms and people") },
    room: { role: "main", name: words("Room") },
    "side-pane": { role: "complementary", name: words("Side pane") },
  };
  const WATCHED = ["role", "aria-label", "aria-owns", "tabindex", "style", IDENTIFIER];
  const DIALOGS = "[role=dialog], [role=alertdialog]";

  let send = () => {};
  let isFound = false; // once the tree is there, it stays

  const host = () => document.querySelector("flt-semantics-host");

  function nameLandmark(element) {
    const landmark = LANDMARKS[element.getAttribute(IDENTIFIER)];
    if (landmark) set(element, { role: landmark.role, "aria-label": landmark.name });
  }

  // (A value that is set again would be a change, and called for the next one.)
  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
  }

  function nameDialog(dialog) {
    const inner = dialog.querySelector("[aria-label]")?.getAttribute("aria-label");
    if (inner && !dialog.hasAttribute("aria-label")) dialog.setAttribute("aria-label", inner);
  }

  // Flutter's lists of messages: their rows are buttons, but no tab stops.
  function nameList(list) {
    if (list.style.overflowY === "scroll") set(list, { tabindex: "0", "aria-label": words("Messages") });
  }

  // Flutter leaves the number of a tooltip that is gone.
  function forgetOwned(owner) {
    const isThere = (id) => document.getElementById(id) !== null;
    if (!owner.getAttribute("aria-owns").split(" ").every(isThere)) owner.removeAttribute("aria-owns");
  }

  // Flutter moves parts of the tree, as when a list appears beside a field, and browsers take the
  // focus from an element that is moved. Flutter would then end the editing of its field, and the
  // letters that are typed next would be lost.
  keepFocus(Element.prototype, "append", 1);
  keepFocus(Node.prototype, "insertBefore", 2);

  // Whether an element with the focus is being moved, in a browser without `moveBefore`: nobody
  // hears that it has lost the focus, and has it again.
  let isMoving = false;
  for (const kind of ["blur", "focusout", "focus", "focusin"]) {
    addEventListener(kind, (event) => isMoving && event.stopImmediatePropagation(), true);
  }

  function keepFocus(prototype, name, count) {
    const original = prototype[name];
    prototype[name] = function (...given) {
      const [moved, before] = given;
      const element = document.activeElement;
      const hasFocus = this.isConnected && moved instanceof Element && moved.contains(element);
      if (!hasFocus) return original.apply(this, given);
      if (this.moveBefore && given.length === count) {
        this.moveBefore(moved, before ?? null);
      } else {
        isMoving = true;
        original.apply(this, given);
        element.focus({ preventScroll: true });
        isMoving = false;
      }
      return moved;
    };
  }

  let waiting = 0; // the frame in which the tree is completed: Flutter changes it in many steps

  let hadDialog = false;

  function complete() {
    waiting = 0;
    const hasDialog = document.querySelector(DIALOGS) !== null;
    if (hadDialog && !hasDialog) composerField.dialogsClosed();
    hadDialog = hasDialog;
    document.querySelectorAll(`[${IDENTIFIER}]`).forEach(nameLandmark);
    document.querySelectorAll(DIALOGS).forEach(nameDialog);
    document.querySelectorAll("[role=main] [role=group]").forEach(nameList);
    document.querySelectorAll("[aria-owns]").forEach(forgetOwned);
  }

  const changes = new MutationObserver(() => (waiting ||= requestAnimationFrame(complete)));

  const arrival = new MutationObserver(() => {
    if (!host()?.firstElementChild) return;
    arrival.disconnect();
    isFound = true;
    changes.observe(host(), { attributeFilter: WATCHED, childList: true, subtree: true });
    complete();
    send("hs");
  });
  arrival.observe(document.documentElement, { childList: true, subtree: true });

  return {
    // A socket is open.
    begin(through) {
      send = through;
      if (isFound) send("hs");
    },
  };
})();
