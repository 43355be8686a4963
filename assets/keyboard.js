// Keys that Flutter sees late or not at all, or is not to see: what the chat is told of them.
//
// `composer-field.js` has the field that they are pressed in, and `socket-bridge.js` brings what the chat asks.
const keyboard = (() => {
  "use strict";

  let say = () => {};
  let capturing = false; // whether the chat chooses from a list with the keys of PICKS

  let choosing = false; // whether a dialog has a list that ↑ and ↓ choose from

  const CHOICES = { ArrowUp: "lu", ArrowDown: "ld" };

  const PICKS = { ArrowUp: "gu", ArrowDown: "gd", Tab: "gt", Enter: "ge", Escape: "gx" };

  // Said again and again while they are held down.
  const REPEATED = new Set(["gu", "gd", "lu", "ld", "ru", "rd"]);

  const WRITTEN_IN = /^(input|textarea)$/i;

  let byCtrlEnter = false; // whether Ctrl+Enter sends, and Enter alone begins a new line

  // Keys that Flutter has not seen go down: nor does it see them repeated, or go up.
  const swallowed = new Set();

  function swallow(event) {
    if (!event.repeat) swallowed.add(event.code);
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Ctrl+K and Cmd+K, by the letter, and where the keyboard has no Latin ones by the place.
  function jumps(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return false;
    return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() === "k" : event.code === "KeyK";
  }

  // Keys that an input method takes: Enter confirms what is composed, arrows choose. Browsers say so
  // in the event; Safari tells of the end before the key that made it, which has this code then.
  const METHOD = 229;
  const composes = (event) => event.isComposing || event.keyCode === METHOD;

  // Ctrl+/ and Cmd+/ anywhere, on keyboards where that needs Shift too; `?` where nothing is written.
  function asksForKeys(event) {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return event.key === "/" || event.key === "?";
    return event.key === "?" && !WRITTEN_IN.test(event.composedPath()[0].tagName);
  }

  // To another room by Alt and an arrow.
  function steps(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return { ArrowUp: event.shiftKey ? "wu" : "ru", ArrowDown: event.shiftKey ? "wd" : "rd" }[event.key];
  }

  // In a dialog's list, from its field.
  function chooses(event) {
    if (!choosing || !(event.composedPath()[0] instanceof HTMLInputElement)) return undefined;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return composes(event) ? undefined : CHOICES[event.key];
  }

  // Enter, which a list above the field comes before. What stands in the field is sent from here:
  // Flutter takes notice of the key a moment later, when more may have been typed, or not at all.
  function lineOrSend(event, element) {
    if (!element || event.key !== "Enter") return undefined;
    const held = event.ctrlKey || event.metaKey;
    if (byCtrlEnter ? held : !event.shiftKey) {
      return () => event.repeat || say("s" + element.value);
    }
    const plain = byCtrlEnter && !event.shiftKey && !event.altKey;
    return plain ? () => composerField.insert(element, "\n") : undefined;
  }

  // Enter that was pressed before the field was there.
  function laterEnter(event) {
    if (byCtrlEnter || event.shiftKey) return (element) => composerField.insert(element, "\n");
    return (element) => say("ge" + standing(element));
  }

  // What stands in the field, and before it where the cursor is.
  const standing = (element) => `${element.selectionStart} ${element.value}`;

  // What the chat is told of instead of Flutter, if it is such a key.
  function instead(event, element) {
    if (jumps(event)) return "k";
    if (asksForKeys(event)) return "?";
    if (event.key === "Escape" && event.shiftKey) return "m";
    const step = steps(event) ?? chooses(event);
    if (step) return step;
    const pick = capturing && element && !event.shiftKey ? PICKS[event.key] : undefined;
    // What is meant by these hangs on what stands there, which the chat may not have heard yet.
    return pick === "ge" || pick === "gt" ? pick + standing(element) : pick;
  }

  function tellOfKey(event, element) {
    if (event.repeat) return;
    if (event.key === "ArrowUp" && element?.value === "") say("u");
    if (event.key === "Escape" && closes(event)) say(element ? "x" : "d");
  }

  // Flutter closes no dialog at an Escape that comes while the browser moves the focus into it.
  const closes = (event) => !(event.ctrlKey || event.altKey || event.metaKey || composes(event));

  addEventListener(
    "keydown",
    (event) => {
      if (composerField.interceptKey(event, laterEnter(event))) {
        swallowed.add(event.code);
        return;
      }
      const field = composerField.field();
      const element = field === event.composedPath()[0] ? field : null;
      if (element && composes(event)) {
        if (event.key in PICKS || event.code in PICKS) {
          // The input method's alone: Flutter would send at Enter, whatever it is for.
          swallowed.add(event.code);
          event.stopImmediatePropagation();
        }
        return;
      }
      const ours = instead(event, element);
      const here = ours ? undefined : lineOrSend(event, element);
      if (ours) {
        swallow(event);
        if (!event.repeat || REPEATED.has(ours)) say(ours);
      } else if (here) {
        swallow(event);
        here();
      } else if (event.repeat && swallowed.has(event.code)) {
        swallow(event);
      } else {
        swallowed.delete(event.code);
        if (event.key === "Tab") composerField.leave();
        tellOfKey(event, element);
      }
    },
    true,
  );

  addEventListener(
    "keyup",
    (event) => swallowed.delete(event.code) && event.stopImmediatePropagation(),
    true,
  );

  const inField = (event) => flutterInput.isField(event.composedPath()[0]);

  // A right click on a message asks the chat what can be done with it; in the field the browser's
  // own menu is wanted.
  addEventListener("contextmenu", (event) => inField(event) || event.preventDefault(), true);

  // Whoever clicks a name in the list above the field goes on composerField.
  addEventListener("mousedown", (event) => capturing && !inField(event) && event.preventDefault(), true);
  addEventListener("pointerdown", (event) => capturing || inField(event) || composerField.leave(), true);

  // What is chosen elsewhere comes to where the cursor is; Flutter does not say where.
  function tellCursor(element) {
    if (element?.value) say(`p${element.selectionStart} ${element.selectionEnd}`);
  }
  addEventListener("pointerdown", (event) => inField(event) || tellCursor(composerField.field()), true);
  addEventListener("focusout", (event) => inField(event) && tellCursor(event.composedPath()[0]), true);

  return {
    begin(to) {
      say = to;
      capturing = choosing = false;
    },
    handle(kind, text) {
      if (kind === "g") capturing = text === "1";
      else if (kind === "l") choosing = text === "1";
      else byCtrlEnter = text === "1";
    },
  };
})();
