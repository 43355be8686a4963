// The field that messages are written in: what stands in it, what the chat puts there, and that no
// key is lost on its way to it.
//
// Flutter hears of what is written only while it edits a field. With a screen reader the field is a
// part of the tree that Flutter makes anew: the focus falls to the page when a dialog goes, and what
// is typed before Flutter listens again is written over. So whoever was writing gets the focus back,
// keys wait for the field, and what was written over is put back. `keys.js` brings the keys, and
// `page.js` what the chat asks.
const writing = (() => {
  "use strict";

  const LASTS = 10000; // milliseconds that keys wait for the field
  const AWAITED = 2000; // and that the field is, once the chat asked for it
  const AGAIN = 50; // between two looks for it
  const RETURNS = { most: 5, within: 3000 }; // nobody is dragged to it in a circle

  const fine = matchMedia("(pointer: fine)");

  let say = () => {};
  let typed = null; // what was typed last, whole: the field's words

  const isField = (element) => element instanceof HTMLTextAreaElement;
  const tree = () => document.querySelector("flt-semantics-host");

  // The field that is being written in, if it has the focus.
  function field() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return isField(element) && !element.disabled && !element.readOnly ? element : null;
  }

  // With a screen reader there is a tree that it reads, and the field is in it, but not while a
  // dialog is before it.
  const isRead = () => !!tree()?.firstElementChild;
  const home = () => tree()?.querySelector("textarea:not([disabled])") ?? null;
  const inDialog = () => !!tree()?.querySelector("[role$=dialog]");

  function wrote(element) {
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function insert(element, text) {
    element.setRangeText(text, element.selectionStart, element.selectionEnd, "end");
    wrote(element);
  }

  function eraseBack(element) {
    if (element.selectionStart === element.selectionEnd) {
      const before = [...element.value.slice(0, element.selectionStart)];
      const last = before.length ? before[before.length - 1].length : 0;
      element.selectionStart -= last;
    }
    insert(element, "");
  }

  // Whether Flutter hears of what is written in a field.
  const ears = new WeakMap();
  const hears = (element) => (ears.get(element) ?? 0) > 0;
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
    if (by > 0) queueMicrotask(flush);
  }

  // Once it listens, it first writes what it knows of.
  const value = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  Object.defineProperty(HTMLTextAreaElement.prototype, "value", {
    ...value,
    set(text) {
      const ours = value.get.call(this);
      value.set.call(this, text);
      if (!hears(this) || unheard?.element !== this) return;
      const { before } = unheard;
      unheard = null;
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
      element.value = ours;
      element.setSelectionRange(end, end);
      wrote(element);
    } else if (!gone) {
      insert(element, added);
    }
  }

  // What was written into a field that Flutter has thrown away comes into the next.
  function rescue() {
    if (!unheard || unheard.element.isConnected) return;
    const { added } = change(unheard.before, unheard.element.value);
    unheard = null;
    if (added) wait((element) => insert(element, added));
  }

  let stood = { element: null, before: "" }; // before what is written now
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
      typed = element.value;
      const known = unheard?.element === element;
      if (!hears(element)) unheard = known || stood.element !== element ? unheard : stood;
      else if (known) unheard = null;
    },
    true,
  );

  // Keys that wait for the field, each as what it does there.
  const waiting = [];
  let since = 0;
  let looking = false;

  function wait(act) {
    if (!waiting.length) since = performance.now();
    waiting.push(act);
    flush();
  }

  function flush() {
    if (!waiting.length) return;
    const element = field();
    if (element && hears(element) && !isComposing()) {
      while (waiting.length) waiting.shift()(element);
    } else if (performance.now() - since > LASTS) {
      waiting.length = 0;
    } else {
      if (!element) home()?.focus();
      if (!looking) setTimeout(() => ((looking = false), flush()), AGAIN);
      looking = true;
    }
  }

  // Whether the person is writing: they were in the field, and did not leave it themselves. The
  // focus may be elsewhere, because Flutter moves it.
  let isWriting = false;
  let awaited = 0;
  let returns = [];

  function leave() {
    isWriting = false;
    awaited = 0;
  }

  // Nobody has chosen to be there.
  function isNowhere(element) {
    if (performance.now() < awaited) return true;
    const page = [null, document.body, document.documentElement];
    return !inDialog() && (page.includes(element) || element.tagName === "FLUTTER-VIEW");
  }

  addEventListener(
    "focusin",
    (event) => {
      const [element] = event.composedPath();
      if (isField(element)) {
        isWriting = true;
        flush();
      } else if (element instanceof HTMLInputElement) {
        leave();
      }
    },
    true,
  );
  addEventListener(
    "focusout",
    (event) => {
      const [element] = event.composedPath();
      if (isField(element)) setTimeout(comeBack, AGAIN);
    },
    true,
  );

  function comeBack() {
    rescue();
    if (!isWriting || !fine.matches || !document.hasFocus()) return;
    if (!isNowhere(document.activeElement)) return;
    const now = performance.now();
    returns = returns.filter((at) => now - at < RETURNS.within);
    if (returns.length >= RETURNS.most) return;
    returns.push(now);
    home()?.focus();
  }

  // Give the field the focus. Flutter does so itself when a dialog is gone, but not with a screen
  // reader: then the field is away until the dialog is, and the focus falls to the page.
  function begin() {
    if (!isRead()) return;
    isWriting = true;
    awaited = performance.now() + AWAITED;
    look();
  }

  function look() {
    const element = home();
    if (element) {
      if (field() !== element) element.focus();
    } else if (performance.now() < awaited) {
      setTimeout(look, AGAIN);
    }
  }

  // Take a key that went down where nothing is written, if it belongs into the field. The browser
  // writes it there where it can.
  function takes(event, enter) {
    if (!isRead() || event.ctrlKey || event.metaKey || event.altKey) return false;
    rescue();
    flush();
    const there = field() !== null;
    if (there ? !waiting.length : !isWriting || !isNowhere(event.composedPath()[0])) return false;
    const letter = [...event.key].length === 1;
    const dead = event.isComposing || event.key === "Dead" || event.key === "Process";
    const acts = { Enter: enter, Backspace: eraseBack };
    const act = letter ? (element) => insert(element, event.key) : acts[event.key];
    if (!act && !dead) return false;
    const element = home();
    if (element && !waiting.length && (letter || dead)) {
      element.focus();
    } else if (act) {
      event.preventDefault();
      wait(act);
    }
    event.stopImmediatePropagation();
    return true;
  }

  // Put a text into the place of another in the field, if that stands there. Only here is it known
  // what stands in it: keys that were pressed while the server thought stay.
  function put(at, old, text) {
    const element = field();
    if (!element || !element.value.startsWith(old, at)) return false;
    const end = at + old.length;
    const moved = (place) => (place < end ? Math.min(place, at) : place - end + at + text.length);
    const [from, to] = [moved(element.selectionStart), moved(element.selectionEnd)];
    element.value = element.value.slice(0, at) + text + element.value.slice(end);
    element.setSelectionRange(from, to);
    wrote(element);
    return true;
  }

  // Take a text that the server has stored off the front of the field.
  function cut(text) {
    const done = put(0, text, "");
    if (!done && typed === text) typed = null;
    return done;
  }

  // What an input method composes ends if the field is written to. So a text that is stored waits
  // to be taken out, and what is asked for meanwhile is asked for in vain.
  let composed = null; // the field in which something is
  const asked = [];
  const isComposing = () => composed !== null && composed === field();
  const goOn = () => isComposing() || asked.splice(0).forEach((call) => call());
  function settled(call) {
    asked.push(call);
    goOn();
  }
  addEventListener("compositionstart", (event) => (composed = event.composedPath()[0]), true);
  addEventListener(
    "compositionend",
    () => {
      composed = null;
      // Flutter hears of the end, and of the text, first.
      setTimeout(() => {
        goOn();
        flush();
      });
    },
    true,
  );

  return {
    begin(to) {
      say = to;
    },
    field,
    insert,
    leave,
    takes,
    get typed() {
      return typed;
    },
    hear(kind, text) {
      if (kind === "c") settled(() => say(cut(text) ? "y" : "n"));
      else if (kind === "s") isComposing() || put(...JSON.parse(text));
      else if (text !== "1" || fine.matches) begin();
    },
  };
})();
