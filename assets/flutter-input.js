// What Flutter isListening of the field, and what it would write over.
//
// It isListening of what is written only while it edits a field, and with a screen reader it begins so a
// moment after the field has the focus: then it first writes what it knows of, and what was typed
// before is put back. `composer-field.js` has the field.
const flutterInput = (() => {
  "use strict";

  let call = () => {};

  const isField = (element) => element instanceof HTMLTextAreaElement;

  let stood = { element: null, before: "" }; // before what is written now
  let isOurs = false; // what is written

  // Change a field as a key would.
  function write(element, change) {
    stood = { element, before: element.value };
    isOurs = true;
    change();
    isOurs = false;
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function insert(element, text) {
    const place = [element.selectionStart, element.selectionEnd];
    write(element, () => element.setRangeText(text, ...place, "end"));
  }

  const ears = new WeakMap();
  const isListening = (element) => (ears.get(element) ?? 0) > 0;
  let unheard = null; // a field in which it has not heard all, and what stood there before

  for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
    const original = EventTarget.prototype[name];
    HTMLTextAreaElement.prototype[name] = function (kind, ...more) {
      if (kind === "input") listens(this, by);
      return original.call(this, kind, ...more);
    };
  }

  function listens(element, by) {
    ears.set(element, Math.max(0, (ears.get(element) ?? 0) + by));
    // Not before what it writes over is put back.
    if (by > 0) setTimeout(call);
  }

  // Once it listens, it first writes what it knows of; and sometimes when the focus is elsewhere.
  const value = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  Object.defineProperty(HTMLTextAreaElement.prototype, "value", {
    ...value,
    set(text) {
      const ours = value.get.call(this);
      value.set.call(this, text);
      if (isOurs || unheard?.element !== this) return;
      const { before } = unheard;
      unheard = isListening(this) ? null : { element: this, before: text };
      // No key comes between this and what is done here; Flutter moves the cursor.
      queueMicrotask(() => putBack(this, before, ours));
    },
  });

  // How one text came from another: what was added, what it took the place of, and where.
  function change(before, after) {
    const most = Math.min(before.length, after.length);
    let from = 0;
    while (from < most && before[from] === after[from]) from++;
    let to = 0;
    while (to < most - from && before.at(-1 - to) === after.at(-1 - to)) to++;
    const end = after.length - to;
    return { added: after.slice(from, end), gone: before.slice(from, before.length - to), end };
  }

  function putBack(element, before, ours) {
    const { added, gone, end } = change(before, ours);
    if (element.value === ours) return;
    if (element.value === before) {
      write(element, () => {
        element.value = ours;
        element.setSelectionRange(end, end);
      });
    } else if (!gone) {
      insert(element, added);
    }
  }

  addEventListener(
    "beforeinput",
    (event) => {
      const [element] = event.composedPath();
      if (isField(element)) stood = { element, before: element.value };
    },
    true,
  );
  addEventListener(
    "input",
    (event) => {
      const [element] = event.composedPath();
      if (!isField(element)) return;
      const known = unheard?.element === element;
      if (!isListening(element)) unheard = known || stood.element !== element ? unheard : stood;
      else if (known) unheard = null;
    },
    true,
  );

  return {
    isField,
    write,
    insert,
    // Whether it isListening of what is written in a field.
    isListening,
    // Have something done whenever it begins to.
    whenever(it) {
      call = it;
    },
    // Text that was typed into a field that Flutter has removed since, and that it never received.
    lostInput() {
      if (!unheard || unheard.element.isConnected) return "";
      const { added } = change(unheard.before, unheard.element.value);
      unheard = null;
      return added;
    },
  };
})();
