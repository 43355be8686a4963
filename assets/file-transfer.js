// Files that somebody chooses, drops on the window or pastes, on their way to the chat; and those
// that they save.
//
// The chat is told how they are called and how large they are, and says where each is to be sent to:
// the bytes go past the socket. How far they are is counted where they arrive. `socket-bridge.js` brings what
// is said to the chat, and what the chat asks.
const fileTransfer = (() => {
  "use strict";

  const AT_ONCE = 3; // so many are sent at the same time
  const MOST = 50; // of more, only these are told of
  const NAME = 300; // characters
  const AGAIN = 800; // milliseconds: while something is held over the page, it says so more often

  let say = () => {};
  let taking = false; // whether the room on the screen takes files
  let last = Date.now(); // what the last one is called here: another number after a reload
  const chosen = new Map(); // by that number: the file, and how to stop sending it
  const waiting = [];
  let going = 0;

  // A folder is told of with a size that no file has.
  function offer(list) {
    const told = [...list].slice(0, MOST).map(({ file, folder }) => {
      last++;
      if (!folder) chosen.set(last, { file, stop: new AbortController() });
      return [last, file.name.slice(-NAME), folder ? -1 : file.size];
    });
    if (told.length) say("f" + JSON.stringify(told));
  }

  async function send(number, address) {
    const { file, stop } = chosen.get(number);
    try {
      const answer = await fetch(address, { method: "PUT", body: file, signal: stop.signal });
      if (!answer.ok) throw new Error(answer.status);
    } catch {
      // The chat knows by itself of what it refused, or of what came in part.
      if (chosen.has(number)) say("f" + number);
    }
    chosen.delete(number);
  }

  async function goOn() {
    if (going >= AT_ONCE || !waiting.length) return;
    const [number, address] = waiting.shift();
    if (chosen.has(number)) {
      going++;
      await send(number, address);
      going--;
    }
    goOn();
  }

  function forget(number) {
    const known = chosen.get(number);
    chosen.delete(number);
    known?.stop.abort();
  }

  // Choosing. A browser opens its list of files only for somebody who has just touched the page; if
  // the way to the chat and back took too long for that, they touch it once more.

  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  input.addEventListener("change", () => {
    offer([...input.files].map((file) => ({ file })));
    input.value = ""; // the same file may be chosen again
  });

  function choose() {
    try {
      input.showPicker();
    } catch {
      askToChoose();
    }
  }

  const COLOURS = "background:#4F46E5;color:#fff;font:500 16px/24px Roboto,system-ui,sans-serif;";
  const LABEL = COLOURS + "padding:12px 24px;border:0;border-radius:28px;box-shadow:0 2px 12px rgb(0 0 0/.35)";

  function veil() {
    const whole = document.createElement("div");
    whole.style.cssText =
      "position:fixed;inset:0;z-index:2147483646;display:flex;align-items:center;" +
      "justify-content:center;background:rgb(79 70 229/.22)";
    return whole;
  }

  function askToChoose() {
    const whole = veil();
    const button = document.createElement("button");
    button.style.cssText = LABEL + ";cursor:pointer";
    button.textContent = words("Choose files");
    button.addEventListener("click", () => input.click());
    whole.addEventListener("click", () => whole.remove());
    whole.addEventListener("keydown", (event) => event.key === "Escape" && whole.remove());
    whole.append(button);
    document.body.append(whole);
    button.focus();
  }

  // Dropping.

  let target = null; // what is seen while files are held over the page
  let gone;

  function showTarget() {
    clearTimeout(gone);
    gone = setTimeout(hideTarget, AGAIN);
    if (target) return;
    target = veil();
    target.id = "drop-target";
    target.style.pointerEvents = "none";
    target.style.boxShadow = "inset 0 0 0 4px #4F46E5";
    const label = document.createElement("div");
    label.setAttribute("role", "status");
    label.style.cssText = LABEL;
    label.textContent = words("Drop the files to send them");
    target.append(label);
    document.body.append(target);
  }

  function hideTarget() {
    clearTimeout(gone);
    target?.remove();
    target = null;
  }

  const brings = (event) => event.dataTransfer?.types.includes("Files");

  function held(event) {
    if (!brings(event)) return;
    // Else the browser would leave the page to show the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = taking ? "copy" : "none";
    if (taking) showTarget();
  }

  function dropped(event) {
    if (!brings(event)) return;
    event.preventDefault();
    hideTarget();
    if (!taking) return;
    const found = [...event.dataTransfer.items].filter((each) => each.kind === "file");
    offer(
      found
        .map((each) => ({ file: each.getAsFile(), folder: each.webkitGetAsEntry?.()?.isDirectory }))
        .filter(({ file }) => file),
    );
  }

  addEventListener("dragenter", held, true);
  addEventListener("dragover", held, true);
  addEventListener("dragleave", (event) => event.relatedTarget || hideTarget(), true);
  addEventListener("drop", dropped, true);

  // Pasting. What is copied in an office program is a text, and a picture of that text, too: there
  // the text is meant.
  addEventListener(
    "paste",
    (event) => {
      const { files: pasted, types } = event.clipboardData ?? { files: [], types: [] };
      const isText = types.includes("text/plain") && types.includes("text/html");
      if (!taking || !pasted.length || isText) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      offer([...pasted].map((file) => ({ file })));
    },
    true,
  );

  function save(address) {
    const link = document.createElement("a");
    link.href = address;
    link.download = "";
    link.click();
  }

  // A socket is open.
  function begin(through) {
    say = through;
    taking = false;
  }

  // What the chat asks.
  function handle(kind, text) {
    if (kind === "t") taking = text === "1";
    else if (kind === "c") choose();
    else if (kind === "x") forget(Number(text));
    else if (kind === "d") save(text);
    else if (kind === "u") {
      waiting.push(JSON.parse(text));
      goOn();
    }
  }

  return { begin, handle };
})();
