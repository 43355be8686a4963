// Uploads of files that a person chooses, drops on the page or pastes; and saving of files.
//
// The chat gets the name and the size of each file, and answers with an address for its upload, so
// that the content does not pass the web socket. The server counts the progress. The commands come
// from `socket-bridge.js`.
const fileTransfer = (() => {
  "use strict";

  const AT_ONCE = 3; // simultaneous uploads
  const MOST = 50; // files in one choice; the rest is ignored
  const NAME = 300; // characters of a name that are reported, from its end
  const AGAIN = 800; // milliseconds without a drag event until the drop target is hidden

  let say = () => {};
  let taking = false; // whether the open room accepts files
  let last = Date.now(); // the number of the last file; the time makes it unique across reloads
  const chosen = new Map(); // by number: the file, and the controller that stops its upload
  const waiting = [];
  let going = 0;

  // A folder is reported with the size -1.
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
      const answer = await fetch(sitePath.on(address), { method: "PUT", body: file, signal: stop.signal });
      if (!answer.ok) throw new Error(answer.status);
    } catch {
      // Report it: the request may not have reached the server at all.
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

  // Choosing. A browser opens its file chooser only just after an action of the person. If the
  // round trip to the chat took too long for that, a button asks for one more click.

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

  let target = null; // the drop target that is shown while files are dragged over the page
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
    // Without this the browser would leave the page to show the file.
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

  // A text that does not fit in the message field becomes a file: the rest would be lost.
  const FIELD = 30000; // characters (`FIELD_LIMIT` in `chat/ui/client/page_messages.py`)
  addEventListener(
    "paste",
    (event) => {
      const element = composerField.field();
      if (!taking || !element || element !== event.composedPath()[0]) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const selected = element.selectionEnd - element.selectionStart;
      if (text.length <= FIELD - element.value.length + selected) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      offer([{ file: new File([text], words("pasted text") + ".txt", { type: "text/plain" }) }]);
    },
    true,
  );

  // Pasting. Office programs copy a text together with a picture of it: the text is pasted.
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
    link.href = sitePath.on(address);
    link.download = "";
    link.click();
  }

  // A socket is open.
  function begin(through) {
    say = through;
    taking = false;
  }

  // Commands of the chat.
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
