// Keys that Flutter sees late, or not at all, or must not see: they become events for the chat.
//
// `composer-field.js` handles the message field; the commands come from `socket-bridge.js`.
const keyboard = (() => {
  "use strict";

  let say = () => {};
  let capturing = false; // whether the keys of PICKS choose from the completion list

  let choosing = false; // whether ↑ and ↓ choose from the list of a dialog

  const CHOICES = { ArrowUp: "lu", ArrowDown: "ld" };

  const PICKS = { ArrowUp: "gu", ArrowDown: "gd", Tab: "gt", Enter: "ge", Escape: "gx" };

  // Sent repeatedly while the key is held down.
  const REPEATED = new Set(["gu", "gd", "lu", "ld", "ru", "rd"]);

  const WRITTEN_IN = /^(input|textarea)$/i;

  let byCtrlEnter = false; // whether Ctrl+Enter sends, and Enter alone begins a new line

  // Pressed keys that were kept from Flutter: their repetitions and releases are kept from it, too.
  const swallowed = new Set();

  function swallow(event) {
    if (!event.repeat) swallowed.add(event.code);
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // Ctrl or Cmd with a letter: by the letter, or by the position on a keyboard without Latin letters.
  function commands(event, letter, shift) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey !== shift) return false;
    const isLatin = /^[a-z]$/i.test(event.key);
    return isLatin ? event.key.toLowerCase() === letter : event.code === `Key${letter.toUpperCase()}`;
  }

  // Keys for an input method: Enter confirms the composition, arrows choose. Browsers mark the event.
  // Safari ends the composition before the event of the key, which has this code then.
  const METHOD = 229;
  const composes = (event) => event.isComposing || event.keyCode === METHOD;

  // Ctrl+/ or Cmd+/ anywhere, also on keyboards where it needs Shift; `?` outside of text fields.
  function asksForKeys(event) {
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return event.key === "/" || event.key === "?";
    return event.key === "?" && !WRITTEN_IN.test(event.composedPath()[0].tagName);
  }

  // Alt and an arrow: to another room.
  function steps(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return { ArrowUp: event.shiftKey ? "wu" : "ru", ArrowDown: event.shiftKey ? "wd" : "rd" }[event.key];
  }

  // An arrow in the field of a dialog: to another item of its list.
  function chooses(event) {
    if (!choosing || !(event.composedPath()[0] instanceof HTMLInputElement)) return undefined;
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return composes(event) ? undefined : CHOICES[event.key];
  }

  // The action of Enter, if no completion list takes it. The text is sent from here: Flutter sees the
  // key a moment later, when more may have been typed, or not at all.
  function lineOrSend(event, element) {
    if (!element || event.key !== "Enter") return undefined;
    const held = event.ctrlKey || event.metaKey;
    if (byCtrlEnter ? held : !event.shiftKey) {
      return () => event.repeat || send(element.value);
    }
    const plain = byCtrlEnter && !event.shiftKey && !event.altKey;
    return plain ? () => composerField.insert(element, "\n") : undefined;
  }

  // The action of Enter that was pressed before the field existed.
  function laterEnter(event) {
    if (byCtrlEnter || event.shiftKey) return (element) => composerField.insert(element, "\n");
    return (element) => sendUncertain(element);
  }

  // Send the text of the field under an id of its own. Without a connection the outbox keeps it.
  function send(text) {
    const id = outbox.add(text, false);
    if (id) say(`s${id} ${outbox.edited()} ${outbox.room()} ${text}`);
  }

  // Enter that may choose from the completion list, or send.
  function sendUncertain(element) {
    const id = outbox.add(element.value, true);
    if (id) say(`ge${id} ${outbox.room()} ${standing(element)}`);
  }

  // The cursor and the text of the field, as in the frames `gt` and `ge`.
  const standing = (element) => `${element.selectionStart} ${element.value}`;

  // The event that the chat gets in place of Flutter, for a key that has one.
  function instead(event, element) {
    if (commands(event, "k", false)) return "k";
    if (commands(event, "f", true)) return "q";
    if (asksForKeys(event)) return "?";
    if (event.key === "Escape" && event.shiftKey) return "m";
    const step = steps(event) ?? chooses(event);
    if (step) return step;
    const pick = capturing && element && !event.shiftKey ? PICKS[event.key] : undefined;
    // The text is sent along, because the chat may not have received its last changes yet.
    if (pick === "ge") return () => sendUncertain(element);
    return pick === "gt" ? pick + standing(element) : pick;
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
      composerField.interceptPaste(event);
      if (composerField.interceptKey(event, laterEnter(event))) {
        swallowed.add(event.code);
        return;
      }
      const field = composerField.field();
      const element = field === event.composedPath()[0] ? field : null;
      if (element && composes(event)) {
        if (event.key in PICKS || event.code in PICKS) {
          // For the input method only: Flutter would send the message at any Enter.
          swallowed.add(event.code);
          event.stopImmediatePropagation();
        }
        return;
      }
      const ours = instead(event, element);
      const here = ours ? undefined : (formatting.action(event, element) ?? lineOrSend(event, element));
      if (ours) {
        swallow(event);
        if (ours instanceof Function) event.repeat || ours();
        else if (!event.repeat || REPEATED.has(ours)) say(ours);
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

  // A right click on a message opens the chat's menu; only the field has the browser's menu.
  addEventListener("contextmenu", (event) => inField(event) || event.preventDefault(), true);

  // A click in the completion list leaves the focus in the field.
  addEventListener("mousedown", (event) => capturing && !inField(event) && event.preventDefault(), true);
  addEventListener("pointerdown", (event) => capturing || inField(event) || composerField.leave(), true);

  // An emoji that is chosen elsewhere is inserted at the cursor, which Flutter does not report.
  function tellCursor(element) {
    if (element?.value) say(`p${element.selectionStart} ${element.selectionEnd}`);
  }
  addEventListener("pointerdown", (event) => inField(event) || tellCursor(composerField.field()), true);

  // The text of the field when something else was pressed last; null if the field was not there.
  let pressedText = null;
  const notePress = () => (pressedText = composerField.text());
  addEventListener("pointerdown", notePress, true);
  const presses = (event) => [" ", "Enter"].includes(event.key) && !inField(event);
  addEventListener("keydown", (event) => presses(event) && notePress(), true);
  addEventListener("focusout", (event) => inField(event) && tellCursor(event.composedPath()[0]), true);

  return {
    begin(to) {
      say = to;
      capturing = choosing = false;
    },
    // Enter that was pressed before the field existed.
    enter: (element) => sendUncertain(element),
    // The button that sends: as the key, with the text of the moment of the click. Flutter may not have
    // received all of it then, or more since.
    pressSend(text) {
      send(pressedText ?? text);
      composerField.goOn(); // the button has taken the focus
    },
    handle(kind, text) {
      if (kind === "g") capturing = text === "1";
      else if (kind === "l") choosing = text === "1";
      else byCtrlEnter = text === "1";
    },
  };
})();
