// The message field: its text, the changes that the chat makes to it, and keys that wait for it.
//
// With a screen reader the field is part of the semantics tree, which Flutter rebuilds, and the focus
// falls to the page when a dialog closes. This script then gives the focus back to a person who was
// writing, and keeps their keys until the field is there. `flutter-input.js` knows whether Flutter
// listens to the field. The keys come from `keyboard.js`, the commands from `socket-bridge.js`.
const composerField = (() => {
  "use strict";

  // Times in milliseconds.
  const LASTS = 10000; // keys wait this long for the field
  const AWAITED = 2000; // the field is awaited this long after the chat asked for the focus
  const CLOSING = 60000; // a dialog may take this long to close, on a slow computer
  const AGAIN = 50; // between two attempts to find the field
  const UNHEARD = 1500; // keys wait this long for Flutter to listen
  const ASKED = 1000; // between two requests for the focus while keys wait for the field
  const AWAY = 300; // the focus is removed this long, so that Flutter starts to listen
  const MADE_ANEW = 500; // the removal of a stored text waits this long for a field that is made anew
  const MOMENT = 500; // a field that lost the focus this long ago still has the text of a press
  const PRESSES = new Set([" ", "?"]); // keys that act on what has the focus, or on the chat
  const LATE = 1000; // after a key, Flutter may still act on a click before it
  const TRIES = 3; // the number of times that the focus is removed
  const RETURNS = { most: 5, within: 3000 }; // the pace of returns if something else takes the focus

  const fine = matchMedia("(pointer: fine)");

  let say = () => {};
  let typed = null; // the whole text of the field after the last input
  let typedAt = -1; // the time of that input
  let leftAt = 0; // the time of the last click outside of the field

  const { isField, insert, insertAt, replaceAt, write } = flutterInput;
  const tree = () => document.querySelector("flt-semantics-host");

  // Takes the focus for a moment, so that the browser pastes; see `interceptPaste`.
  const pasteTarget = document.createElement("textarea");
  pasteTarget.style.cssText = "position:fixed;left:-9999px;width:1px;height:1px";
  pasteTarget.setAttribute("aria-hidden", "true");
  pasteTarget.tabIndex = -1;

  function focused() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  }

  // The field that has the focus, if it can be edited.
  function field() {
    const element = focused();
    const isOurs = isField(element) && element !== pasteTarget;
    return isOurs && !element.disabled && !element.readOnly ? element : null;
  }

  // With a screen reader there is a semantics tree. It contains the message field, except while a
  // dialog is open.
  const isRead = () => !!tree()?.firstElementChild;
  const home = () => tree()?.querySelector("textarea:not([disabled])") ?? null;
  const dialog = () => tree()?.querySelector("[role$=dialog]") ?? null;
  const inDialog = () => dialog() !== null;

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
      typedAt = performance.now();
      if (!flutterInput.isListening(element)) wakeSoon();
    },
    true,
  );

  // Keys that wait for the field, each as `act`, the function to apply to it, or as `text` to insert.
  const waiting = [];
  let since = 0;
  let askedAt = 0;
  let looking = false;

  function wait(key) {
    const isFirst = !waiting.length;
    if (isFirst) since = performance.now();
    waiting.push(key);
    flush();
    if (isFirst && waiting.length) askForFocus();
  }

  // Without a screen reader the page has no element of the field while Flutter has the focus
  // elsewhere: the chat then gives the focus to Flutter's field, or answers that it cannot.
  function askForFocus() {
    if (isRead() || field()) return;
    askedAt = performance.now();
    say("e");
  }

  function flush() {
    if (!waiting.length) return;
    const element = field();
    const waited = performance.now() - since;
    if (element && !isComposing() && (flutterInput.isListening(element) || waited > UNHEARD)) {
      // If Flutter does not listen yet, `flutter-input.js` restores them once it does.
      for (const key of waiting.splice(0)) key.act ? key.act(element) : enter(element, key);
    } else if (!element && waited > LASTS) {
      waiting.length = 0;
    } else {
      if (!element) home()?.focus();
      // Flutter may have given the focus away again before the page had the element of the field.
      if (performance.now() - askedAt > ASKED) askForFocus();
      if (!looking) setTimeout(() => ((looking = false), flush()), AGAIN);
      looking = true;
    }
  }

  // Insert a text that waited; one from a removed field goes to the place that it had there.
  function enter(element, { text, whole, at }) {
    if (whole === undefined) insert(element, text);
    else insertAt(element, at, whole.slice(0, at), text);
  }

  // Flutter may not listen to a field although it has the focus. It starts to listen if the focus
  // leaves and returns after a moment. The number of attempts is limited: in WebKit with a screen
  // reader they are in vain, and each one makes it announce the field.
  let tries = 0;
  let waking = false; // whether an attempt is scheduled
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

  // Insert text that was typed into a removed field into the next one.
  function rescue() {
    const lost = flutterInput.lostInput();
    if (lost) wait(lost);
  }

  // Whether the person is writing: they entered the field and did not leave it themselves. The focus
  // may be elsewhere, because Flutter moves it.
  let isWriting = false;
  let last = null; // the field that lost the focus last, and when
  let awaited = 0;
  let closing = null; // the dialog that was open when the chat asked for the focus
  let closingUntil = 0;
  let returns = [];
  let laterReturn = null; // the timer of the next return, if there were too many

  function leave() {
    leftAt = performance.now();
    isWriting = false;
    awaited = closingUntil = 0;
  }

  // Whether the focus is at a place that the person did not choose.
  function isNowhere(element) {
    if (isCovered()) return false;
    if (performance.now() < awaited) return true;
    return !inDialog() && isPage(element);
  }

  // Whether a dialog has opened since the field was to have the focus. The one before is closing.
  function isCovered() {
    return inDialog() && dialog() !== closing;
  }

  function isPage(element) {
    const page = [null, document.body, document.documentElement];
    return page.includes(element) || element.tagName === "FLUTTER-VIEW";
  }

  // Whether what is typed here is for the message field: no other field has the focus, and no dialog
  // is open. Without a screen reader only the chat knows of dialogs.
  function isForField(element) {
    if (element instanceof HTMLInputElement || inDialog()) return false;
    return isPage(element) || !!tree()?.contains(element);
  }

  addEventListener(
    "focusin",
    (event) => {
      const [element] = event.composedPath();
      if (isField(element)) {
        isWriting = true;
        // Later: `flutter-input.js` first mends what Flutter wrote into it.
        if (isRead()) flush();
        else queueMicrotask(flush);
        // With a screen reader Flutter may not notice that a field has the focus again.
        if (isRead() && !flutterInput.isListening(element)) wakeSoon();
      } else if (element instanceof HTMLInputElement) {
        leave();
        selectInput(element);
      }
    },
    true,
  );
  addEventListener(
    "focusout",
    (event) => {
      const [element] = event.composedPath();
      if (isField(element)) last = { element, at: performance.now() };
      // A button that had the focus may be gone, too, as the one that sends.
      if (isField(element) || !event.relatedTarget) setTimeout(comeBack, AGAIN);
    },
    true,
  );

  function comeBack() {
    rescue();
    if (isAway || !fine.matches || !document.hasFocus() || field()) return;
    // Flutter may act on a click when the person types again already.
    const isLate = typedAt > leftAt && performance.now() - typedAt < LATE && isForField(document.activeElement);
    if (isLate) askForFocus();
    else if (!isWriting || !isNowhere(document.activeElement)) return;
    const now = performance.now();
    returns = returns.filter((at) => now - at < RETURNS.within);
    if (returns.length >= RETURNS.most) {
      laterReturn ??= setTimeout(() => ((laterReturn = null), comeBack()), RETURNS.within);
      return;
    }
    returns.push(now);
    home()?.focus();
    if (isRead()) say("e"); // the field may be made anew only later
    else if (!isLate) askForFocus();
  }

  // Focus the field. With a screen reader it is missing until a dialog has closed, and the focus falls
  // to the page.
  function begin() {
    isWriting = true;
    // Flutter moves its own focus, however long it takes to make the field on a busy computer. (It
    // writes the text only into a field that has the focus.)
    say("e");
    if (!isRead()) return;
    awaited = performance.now() + AWAITED;
    closing = dialog();
    closingUntil = closing ? performance.now() + CLOSING : 0;
    look();
  }

  function look() {
    if (isCovered()) {
      awaited = closingUntil = 0;
      return;
    }
    const now = performance.now();
    if (closingUntil && !closing.isConnected) {
      closingUntil = 0;
      awaited = now + AWAITED;
    }
    const element = home();
    if (element) {
      if (field() !== element) element.focus();
    } else if (now < Math.max(awaited, closingUntil)) {
      setTimeout(look, AGAIN);
    }
  }

  // Redirect a key that was pressed outside of the field, if it belongs into the field. Where the
  // field exists, the focus moves and the browser inserts the key; else the key waits. The space bar
  // and Enter press what has the focus, unless the person is writing.
  function interceptKey(event, enter) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    rescue();
    flush();
    const [target] = event.composedPath();
    const letter = [...event.key].length === 1;
    const dead = event.isComposing || event.key === "Dead" || event.key === "Process";
    if (field()) {
      if (!waiting.length) return false;
    } else {
      if (target instanceof HTMLInputElement) return false;
      const goesOn = waiting.length || (isRead() && isWriting && isNowhere(target));
      const starts = (dead || (letter && !PRESSES.has(event.key))) && isForField(target);
      if (!goesOn && !starts) return false;
      if (dead) askForFocus();
    }
    const edit = (field) => field.value === "" && say("u");
    const acts = { Enter: enter, Backspace: eraseBack, ArrowUp: edit };
    const key = letter ? { text: event.key } : acts[event.key] && { act: acts[event.key] };
    const element = home();
    if (!key && !(dead && element)) return false;
    if (element && !waiting.length && (letter || dead)) {
      element.focus();
      say("e"); // Flutter moves its own focus, too
    } else if (key) {
      event.preventDefault();
      wait(key);
    }
    event.stopImmediatePropagation();
    return true;
  }

  // Replace a text in the field, if it is at that place.
  function put(at, old, text) {
    const element = field() ?? (isWriting ? home() : null);
    return element !== null && replaceAt(element, at, old, text);
  }

  // Remove a text that the server has stored from the start of the field. A field that Flutter has
  // removed gets the rest when it is there again; the server then removes the text itself.
  function cut(id, text) {
    const whole = (field() ?? home())?.value ?? "";
    const done = put(0, text, "");
    if (done) {
      if (!isRead()) flutterInput.removed(whole, whole.slice(text.length));
    } else {
      flutterInput.forget();
      if (last?.element.value.startsWith(text)) last = null; // it is not sent once more
      if (typed?.startsWith(text)) typed = typed.slice(text.length);
      // What Flutter has not received of it is not put back.
      rescue();
      const [lost] = waiting;
      if (lost?.whole?.startsWith(text)) {
        lost.text = lost.whole = lost.whole.slice(text.length);
        lost.at = 0;
      }
    }
    outbox.settle(id, true);
    return done;
  }

  // Changes to an input, the field of a dialog or a panel: to the one that has the focus, or that gets
  // it next.
  let selectsUntil = 0; // when an input that gets the focus is not to have its text selected any more

  function handleInput(kind, text) {
    if (kind === "s") selectsUntil = performance.now() + AWAITED;
    else putInInput(...JSON.parse(text));
  }

  function putInInput(at, old, text) {
    const element = focused();
    if (element instanceof HTMLInputElement && composed !== element) replaceAt(element, at, old, text);
  }

  // Later, when Flutter has written the text; no key event can come in between. (Flet itself would
  // select the text again whenever it draws the field, and a letter that was typed with it.)
  function selectInput(element) {
    if (performance.now() < selectsUntil) queueMicrotask(() => element.select());
    selectsUntil = 0;
  }

  function cutStored(message) {
    const end = message.indexOf(" ");
    return cut(message.slice(0, end), message.slice(end + 1));
  }

  // Writing to the field ends the composition of an input method. The removal of a stored text
  // therefore waits for its end; a replacement is dropped. The removal also waits for a field that
  // Flutter makes anew: it gets the text that was typed into the one before, stored or not.
  let composed = null; // the field in which an input method composes
  const asked = [];
  let askedSince = 0; // the time of the oldest of them
  const isComposing = () => composed !== null && composed === field();

  function isMadeAnew() {
    if (isRead() || !fine.matches || !document.hasFocus()) return false;
    const isRecent = last !== null && performance.now() - last.at < MADE_ANEW;
    const element = field();
    return element === null ? isRecent : !flutterInput.isListening(element);
  }

  function goOn() {
    if (!asked.length || isComposing()) return;
    if (isMadeAnew() && performance.now() - askedSince < MADE_ANEW) setTimeout(goOn, AGAIN);
    else asked.splice(0).forEach((call) => call());
  }

  function settled(call) {
    if (!asked.length) askedSince = performance.now();
    asked.push(call);
    goOn();
  }
  addEventListener("compositionstart", (event) => (composed = event.composedPath()[0]), true);
  addEventListener(
    "compositionend",
    () => {
      composed = null;
      // Later: Flutter has to get the end of the composition, and the text, first.
      setTimeout(() => {
        goOn();
        flush();
      });
    },
    true,
  );

  // A text that is pasted outside of the field goes where a typed one would. A browser pastes only
  // into an element that can be edited.
  function interceptPaste(event) {
    const isPaste = (event.ctrlKey || event.metaKey) && event.code === "KeyV" && !event.altKey;
    if (!isPaste || field() || !isForField(event.composedPath()[0])) return;
    const element = home();
    if (element) return element.focus();
    if (!pasteTarget.isConnected) document.body.append(pasteTarget);
    pasteTarget.focus();
  }

  pasteTarget.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain");
    if (!text) return;
    event.preventDefault();
    wait({ text });
  });

  // Write a text in place of the draft that it began with. If the field has another one by now, the
  // text comes after it.
  function replaceDraft(element, draft, text) {
    const isChanged = element.value !== draft;
    const added = text.startsWith(draft) ? text.slice(draft.length) : text;
    write(element, () => {
      element.value = isChanged ? element.value + added : text;
      element.setSelectionRange(element.value.length, element.value.length);
    });
  }

  return {
    begin(to) {
      say = to;
    },
    field,
    // The text of the field, or of the one that had the focus a moment ago; null if there is none.
    // (Flutter may move the focus while a person types, or make the field anew, and has not received
    // the text then.)
    text() {
      const isThere = last !== null && (last.element.isConnected || !isRead());
      const isRecent = isThere && performance.now() - last.at < MOMENT;
      return (field() ?? (isRecent ? last.element : null))?.value ?? null;
    },
    insert,
    leave,
    // No dialog is open any more: a person who was writing before goes on.
    dialogsClosed: () => setTimeout(comeBack, AGAIN),
    interceptKey,
    interceptPaste,
    // Insert a text as soon as the field has the focus.
    type: (text) => wait({ text }),
    // The whole text of the field, if something was typed since it got a text from the chat.
    get typed() {
      return typed === null ? null : (field()?.value ?? typed);
    },
    // Focus the field again, where that opens no on-screen keyboard. With a screen reader Flutter has
    // to move its own focus: that of the page alone would go back and forth.
    goOn() {
      if (!fine.matches || field()) return;
      isWriting = true;
      say("e");
    },
    // Texts that were typed before Flutter's field existed: `sent` ones, each with Enter after it, and
    // the `rest`. The field may hold the `draft`, which they began with.
    takeOver(draft, sent, rest) {
      if (!sent.length && rest === draft) return;
      const [first, ...others] = [...sent, rest];
      wait({ act: (element) => replaceDraft(element, draft, first) });
      for (const text of others) {
        wait({ act: keyboard.enter });
        if (text) wait({ text });
      }
    },
    // Whether keys still wait for the field.
    isWaiting: () => waiting.length > 0,
    forgetTyped() {
      typed = null;
      flutterInput.forget();
    },
    handle(kind, text) {
      if (kind === "c") settled(() => say(cutStored(text) ? "y" : "n"));
      else if (kind === "s") isComposing() || put(...JSON.parse(text));
      else if (kind === "u") handleInput(text[0], text.slice(1));
      else if (text === "0") waiting.length = 0;
      else if (text !== "1" || fine.matches) begin();
    },
  };
})();
