// Restores input that Flutter overwrites, and knows whether Flutter listens to a field.
//
// Flutter gets the input of a field only while it edits that field. With a screen reader it starts to
// edit a moment after the field gets the focus. It then first writes the text that it knows, and this
// script restores the text that was typed before. `composer-field.js` handles the field itself.
const flutterInput = (() => {
  "use strict";

  let call = () => {};

  // The fields of dialogs are inputs. One of several lines is for code, which is not corrected. (With
  // a screen reader no field is, until Flutter edits it.) The field of the page before Flutter is
  // `start-screen.js`'s.
  const isField = (element) => element instanceof HTMLTextAreaElement && !isOther(element);
  const isOther = (element) => isForCode(element) || element.closest("#loading");
  const isForCode = (element) => element.getAttribute("autocorrect") === "off" && isListening(element);
  const KINDS = [HTMLTextAreaElement, HTMLInputElement];
  const isWritten = (element) => KINDS.some((kind) => element instanceof kind);

  let stood = { element: null, before: "" }; // the text before the current input
  let isOurs = false; // whether this script is writing

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
  // A field with input that Flutter did not get, and its text before that input.
  let unheard = null;
  // The input that Flutter did not get before it removed the field: `added` text, with the `whole` text
  // of that field and its place `at` there; null if there is none.
  let lost = null;
  // The text that Flutter will write into the next field, and what is `left` of it: Flutter did not get
  // the removal of the rest, as of a text that was stored.
  let stale = null;
  // The text that Flutter wrote last. It may write the same one twice, when it starts to listen and
  // when it has the field: what was typed in between is restored.
  const NOTHING = { element: null, text: "", at: 0 };
  let written = NOTHING;
  const TWICE = 3000; // milliseconds between the two, on a slow computer

  KINDS.forEach(watch);

  function watch({ prototype }) {
    for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
      const original = EventTarget.prototype[name];
      prototype[name] = function (kind, ...more) {
        if (kind === "input") listens(this, by);
        return original.call(this, kind, ...more);
      };
    }
    // Flutter writes the text that it knows as soon as it listens, and sometimes without the focus.
    const value = Object.getOwnPropertyDescriptor(prototype, "value");
    Object.defineProperty(prototype, "value", {
      ...value,
      set(text) {
        const ours = value.get.call(this);
        value.set.call(this, text);
        if (isOurs) return;
        const changes = [];
        noteRemovedField();
        if (isField(this) && stale?.before === text) {
          changes.push([text, stale.left]);
          stale = null;
        }
        if (unheard?.element === this) changes.push([unheard.before, ours]);
        else if (!changes.length && isRepeated(this, text)) changes.push([text, ours]);
        if (changes.length || isField(this)) written = { element: this, text, at: performance.now() };
        if (!changes.length) return;
        unheard = isListening(this) ? null : { element: this, before: text };
        // A microtask, because Flutter still moves the cursor; no key event can come in between.
        queueMicrotask(() => changes.forEach((each) => putBack(this, ...each)));
      },
    });
  }

  function isRepeated(element, text) {
    const { text: before, at } = written;
    return written.element === element && before === text && performance.now() - at < TWICE;
  }

  function listens(element, by) {
    ears.set(element, Math.max(0, (ears.get(element) ?? 0) + by));
    // Later: the text that Flutter overwrites has to be restored first.
    if (by > 0) setTimeout(call);
  }

  // The difference of two texts: the added part, its start and end, and the part that it replaces.
  function change(before, after) {
    const most = Math.min(before.length, after.length);
    let from = 0;
    while (from < most && before[from] === after[from]) from++;
    let to = 0;
    while (to < most - from && before.at(-1 - to) === after.at(-1 - to)) to++;
    const end = after.length - to;
    return { added: after.slice(from, end), gone: before.slice(from, before.length - to), from, end };
  }

  function noteRemovedField() {
    if (!unheard || unheard.element.isConnected || !isField(unheard.element)) return;
    const { before, element } = unheard;
    const whole = element.value;
    const { added, gone, from } = change(before, whole);
    unheard = null;
    lost = added ? { text: added, whole, at: from } : null;
    if (gone) stale = { before, left: before.slice(0, from) + before.slice(from + gone.length) };
  }

  function putBack(element, before, ours) {
    const { added, gone, from, end } = change(before, ours);
    if (element.value === ours) return;
    if (element.value === before) {
      write(element, () => {
        element.value = ours;
        element.setSelectionRange(end, end);
      });
    } else if (!before) {
      // The field was new and had no text yet: the cursor is where Flutter has it now.
      insert(element, ours);
    } else if (!gone) {
      insertAt(element, from, before.slice(0, from), added);
    } else if (!added && element.value.startsWith(before)) {
      replaceAt(element, from, gone, "");
    }
  }

  // Insert a text that was typed at a place behind `prefix`, if the field still begins with that: the
  // chat may have inserted an emoji behind it meanwhile. Else it is inserted at the cursor.
  function insertAt(element, place, prefix, text) {
    if (!element.value.startsWith(prefix)) return insert(element, text);
    const moved = (each) => (each < place ? each : each + text.length);
    const [from, to] = [moved(element.selectionStart), moved(element.selectionEnd)];
    write(element, () => {
      element.value = element.value.slice(0, place) + text + element.value.slice(place);
      element.setSelectionRange(from, to);
    });
  }

  // Replace a text in a field by another, if it is at that place. Returns whether it was. Only the
  // client knows the current text: keys that were pressed while the command was on its way are kept.
  function replaceAt(element, at, old, text) {
    if (!element.value.startsWith(old, at)) return false;
    const end = at + old.length;
    const moved = (place) => (place < end ? Math.min(place, at) : place - end + at + text.length);
    const [from, to] = [moved(element.selectionStart), moved(element.selectionEnd)];
    write(element, () => {
      element.value = element.value.slice(0, at) + text + element.value.slice(end);
      element.setSelectionRange(from, to);
    });
    return true;
  }

  addEventListener(
    "beforeinput",
    (event) => {
      const [element] = event.composedPath();
      if (isWritten(element)) stood = { element, before: element.value };
    },
    true,
  );
  addEventListener(
    "input",
    (event) => {
      const [element] = event.composedPath();
      if (!isWritten(element)) return;
      const known = unheard?.element === element;
      noteRemovedField();
      if (!isListening(element)) unheard = known || stood.element !== element ? unheard : stood;
      else if (known) unheard = null;
      if (isListening(element) && isField(element)) stale = null;
    },
    true,
  );

  return {
    isField,
    write,
    insert,
    insertAt,
    replaceAt,
    // Whether Flutter gets the input of a field.
    isListening,
    // Set the function that is called whenever Flutter starts to listen.
    whenever(it) {
      call = it;
    },
    // The start of the text `before` was removed, and `left` is the rest. Flutter writes it all once
    // more if it stops to listen before it has received the removal.
    removed(before, left) {
      stale = { before, left };
    },
    // The field gets another text from the chat.
    forget() {
      stale = null;
      written = NOTHING;
    },
    // `text` that was typed into a message field that Flutter has removed since, and never received,
    // the `whole` text of that field, and the place `at` which the text was there; null if there is
    // none.
    lostInput() {
      noteRemovedField();
      const found = lost;
      lost = null;
      return found;
    },
  };
})();
