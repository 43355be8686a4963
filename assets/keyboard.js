// Keys that Flutter sees late, or not at all, or must not see: they become events for the chat.
//
// `composer-field.js` handles the message field; the commands come from `socket-bridge.js`.
const keyboard = (() => {
  "use strict";

  let say = () => {};
  let capturing = false; // whether the keys of PICKS choose from the completion list

  let choosing = false; // whether ↑ and ↓ choose from the list of a dialog

  let completing = false; // whether the keys of COMPLETIONS choose from its completion list

  const CHOICES = { ArrowUp: "lu", ArrowDown: "ld" };
  const COMPLETIONS = { Tab: "lt", Enter: "lt", Escape: "lx" };

  const PICKS = { ArrowUp: "gu", ArrowDown: "gd", Tab: "gt", Enter: "ge", Escape: "gx" };

  // Sent repeatedly while the key is held down.
  const REPEATED = new Set(["gu", "gd", "lu", "ld", "ru", "rd"]);

  // Where keys go: "m" is a list of messages, "r" the rooms, "n" an open menu, "" the field. In a list
  // the field keeps the focus, if there is one: what is typed there is never lost.
  let area = "";
  let awaited = 0; // how often F6 was pressed without an answer that says where keys go
  const held = []; // the keys since then

  // What keys do in the list.
  const LIST_KEYS = {
    ...{ ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" },
    ...{ Home: "home", End: "end", PageUp: "pageup", PageDown: "pagedown" },
    ...{ Enter: "enter", " ": "enter", ContextMenu: "menu", Escape: "leave" },
  };
  const MESSAGE_KEYS = { r: "reply", e: "edit", t: "thread", "+": "react", Delete: "delete" };
  let beforeMenu = ""; // where keys went before the menu opened
  const MENU_STEPS = { ArrowUp: true, ArrowDown: false }; // whether Shift is held with Tab
  const MENU_ENDS = new Set(["Enter", " ", "Escape"]);

  const MOVES = new Set(["up", "down", "pageup", "pagedown"]);

  // Has the focus in a list where there is no field.
  const listTarget = document.createElement("div");
  listTarget.tabIndex = -1;

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

  const asksForSettings = (event) =>
    event.key === "," && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;

  // Alt and an arrow: to another room.
  function steps(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return undefined;
    return { ArrowUp: event.shiftKey ? "wu" : "ru", ArrowDown: event.shiftKey ? "wd" : "rd" }[event.key];
  }

  const hasCommandKey = (event) => event.ctrlKey || event.metaKey || event.altKey;

  // The letter of a key, by its place on a keyboard without Latin letters.
  const letterOf = (event) =>
    /^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key) ? event.code[3] : event.key;

  // What a key does in the list, if anything.
  function listKey(event) {
    if (hasCommandKey(event)) return undefined;
    if (event.key === "F10" && event.shiftKey) return "menu";
    const key = event.key.length === 1 ? letterOf(event).toLowerCase() : event.key;
    return LIST_KEYS[key] ?? (area === "r" ? undefined : MESSAGE_KEYS[key]);
  }

  const isTyped = (event) => [...event.key].length === 1 && !hasCommandKey(event);

  function leaveList() {
    if (area && area !== "n") say("qleave");
    area = "";
  }

  // A key in a menu. Flutter moves the focus with Tab alone. Returns whether the key was an arrow.
  function moveInMenu(event) {
    if (area !== "n" || hasCommandKey(event)) return false;
    if (MENU_ENDS.has(event.key)) area = beforeMenu;
    if (!(event.key in MENU_STEPS)) return false;
    const shiftKey = MENU_STEPS[event.key];
    const give = (kind, key, code) => {
      const options = { key, code, shiftKey, bubbles: true, cancelable: true };
      document.activeElement.dispatchEvent(new KeyboardEvent(kind, options));
    };
    if (shiftKey) give("keydown", "Shift", "ShiftLeft");
    give("keydown", "Tab", "Tab");
    give("keyup", "Tab", "Tab");
    if (shiftKey) give("keyup", "Shift", "ShiftLeft");
    return true;
  }

  // F6 and keys after it. Returns whether the key was one of them.
  function stepArea(event) {
    const isStep = event.key === "F6" && !hasCommandKey(event);
    if (inInput(event)) return false;
    if (isStep) {
      swallow(event);
      if (event.repeat) return true;
      awaited++;
      say(event.shiftKey ? "cu" : "cd");
      return true;
    }
    const waits = awaited && (isTyped(event) || listKey(event)) && !composes(event);
    if (waits) {
      swallow(event);
      held.push(event);
    }
    return waits;
  }

  // The chat says where keys go.
  function enterArea(name) {
    if (name === "n" && area !== "n") beforeMenu = area;
    area = name === "0" ? "" : name;
    awaited = Math.max(0, awaited - 1);
    if (awaited) return;
    if (area && area !== "n" && !composerField.field()) {
      if (!listTarget.isConnected) document.body.append(listTarget);
      listTarget.focus();
    } else if (!area) {
      listTarget.blur();
    }
    for (const event of held.splice(0)) {
      if (!actInList(event) && isTyped(event)) composerField.type(event.key);
    }
  }

  // A key in a list. Returns whether the list has it; else it is the field's.
  function actInList(event) {
    const name = area && listKey(event);
    if (!name) {
      if (area && (isTyped(event) || ["Tab", "Backspace"].includes(event.key))) leaveList();
      return false;
    }
    if (name === "leave") leaveList();
    else if (!event.repeat || MOVES.has(name)) say("q" + name);
    return true;
  }

  const inInput = (event) => event.composedPath()[0] instanceof HTMLInputElement;

  // A key in the field of a dialog: an arrow goes to another item of its list.
  function chooses(event) {
    if (!choosing || !inInput(event) || event.shiftKey || hasCommandKey(event) || composes(event)) {
      return undefined;
    }
    return CHOICES[event.key] ?? (completing ? COMPLETIONS[event.key] : undefined);
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
    if (commands(event, "f", true)) return "kf";
    if (asksForSettings(event)) return "k,";
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
      if (!event.isTrusted) return; // ours
      if (moveInMenu(event)) return swallow(event);
      composerField.interceptPaste(event);
      if (composerField.interceptKey(event, laterEnter(event))) {
        swallowed.add(event.code);
        return;
      }
      if (stepArea(event)) return;
      const field = composerField.field();
      const element = field === event.composedPath()[0] ? field : null;
      if (element && composes(event)) {
        leaveList();
        if (event.key in PICKS || event.code in PICKS) {
          // For the input method only: Flutter would send the message at any Enter.
          swallowed.add(event.code);
          event.stopImmediatePropagation();
        }
        return;
      }
      if ((element || event.composedPath()[0] === listTarget) && actInList(event)) {
        swallow(event);
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
  const isBeside = (event) => (capturing && !inField(event)) || (completing && !inInput(event));
  addEventListener("mousedown", (event) => isBeside(event) && event.preventDefault(), true);
  addEventListener("pointerdown", leaveList, true);
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
      capturing = choosing = completing = false;
      awaited = 0;
      enterArea("0");
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
      else if (kind === "e") completing = text === "1";
      else if (kind === "v") enterArea(text);
      else byCtrlEnter = text === "1";
    },
  };
})();
