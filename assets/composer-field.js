// The field that messages are written in: what stands in it, what the chat puts there, and that no
// key is lost on its way to it.
//
// With a screen reader the field is a part of the tree that Flutter makes anew, and the focus falls
// to the page when a dialog goes. So whoever was writing gets the focus back, and keys wait for the
// field. `flutter-input.js` knows whether Flutter listens to it, `keyboard.js` brings the keys, and
// `socket-bridge.js` the commands of the chat.
const composerField = (() => {
  "use strict";

  const LASTS = 10000; // milliseconds that keys wait for the field
  const AWAITED = 2000; // and that the field is, once the chat asked for it
  const AGAIN = 50; // between two looks for it
  const UNHEARD = 1500; // that they wait for Flutter to listen to it
  const AWAY = 300; // that the focus is taken from it then, so that Flutter does
  const TRIES = 3; // and so often
  const RETURNS = { most: 5, within: 3000 }; // nobody is dragged to it in a circle

  const fine = matchMedia("(pointer: fine)");

  let say = () => {};
  let typed = null; // what was typed last, whole: the field's words

  const { isField, insert, write } = flutterInput;
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

  function eraseBack(element) {
    if (element.selectionStart === element.selectionEnd) {
      const before = [...element.value.slice(0, element.selectionStart)];
      const last = before.length ? before[before.length - 1].length : 0;
      element.selectionStart -= last;
    }
    insert(element, "");
  }

  addEventListener(
    "input",
    (event) => {
      const [element] = event.composedPath();
      if (!isField(element)) return;
      typed = element.value;
      if (!flutterInput.isListening(element)) wakeSoon();
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
    const waited = performance.now() - since;
    if (element && !isComposing() && (flutterInput.isListening(element) || waited > UNHEARD)) {
      // Where Flutter does not listen they are put back once it does.
      while (waiting.length) waiting.shift()(element);
    } else if (!element && waited > LASTS) {
      waiting.length = 0;
    } else {
      if (!element) home()?.focus();
      if (!looking) setTimeout(() => ((looking = false), flush()), AGAIN);
      looking = true;
    }
  }

  // Flutter may believe that it edits the field when it does not: it begins when the focus comes
  // back, if it was away long enough to be noticed. Where that is in vain (as in WebKit with a
  // screen reader, which would say each time where one is) it is left as it is.
  let tries = 0;
  let waking = false; // soon
  let isAway = false;

  flutterInput.whenever(() => {
    tries = 0;
    flush();
  });

  function wakeSoon() {
    if (!waking && fine.matches) setTimeout(wake, UNHEARD);
    waking = fine.matches;
  }

  function wake() {
    waking = false;
    const element = field();
    if (!element || flutterInput.isListening(element) || isComposing() || tries >= TRIES) return;
    tries++;
    isAway = true;
    element.blur();
    setTimeout(() => {
      isAway = false;
      comeBack();
    }, AWAY);
  }

  // What was written into a field that is gone comes into the next.
  function rescue() {
    const lost = flutterInput.lostInput();
    if (lost) wait((element) => insert(element, lost));
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
    if (isAway || !isWriting || !fine.matches || !document.hasFocus()) return;
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
  function interceptKey(event, enter) {
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
    const element = field() ?? (isWriting ? home() : null);
    if (!element || !element.value.startsWith(old, at)) return false;
    const end = at + old.length;
    const moved = (place) => (place < end ? Math.min(place, at) : place - end + at + text.length);
    const [from, to] = [moved(element.selectionStart), moved(element.selectionEnd)];
    write(element, () => {
      element.value = element.value.slice(0, at) + text + element.value.slice(end);
      element.setSelectionRange(from, to);
    });
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
    interceptKey,
    get typed() {
      return typed;
    },
    handle(kind, text) {
      if (kind === "c") settled(() => say(cut(text) ? "y" : "n"));
      else if (kind === "s") isComposing() || put(...JSON.parse(text));
      else if (text !== "1" || fine.matches) begin();
    },
  };
})();
