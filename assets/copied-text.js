// Copied messages: a line each, with author and time.
//
// Flutter copies the texts of a selection without anything between them. Marks, which draw nothing,
// stand before the parts of a row: chat/ui/theme/copied_text.py.
(() => {
  "use strict";

  const HEADER = "\u2060\u200b\u2060"; // author and time of a message follow
  const LINE = "\u2060\u200b\u200b\u2060"; // a line of a message follows
  const PADDING = "\u2060\u00a0\u2060"; // a space that is drawn and not copied
  const MARK = /(\u2060\u200b{1,3}\u2060)/; // the third one: what follows nobody said

  const shorten = (header) => header.trim().replace(/,$/, "").replace(/\s{2,}/g, ", ");

  // The text of one message alone is copied without its author.
  function format(selected) {
    const copied = selected.replaceAll(PADDING, "");
    const [start, ...parts] = copied.split(MARK);
    if (!parts.length) return copied;
    const messages = [{ header: "", lines: [start] }];
    for (let n = 0; n < parts.length; n += 2) {
      const [mark, text] = [parts[n], parts[n + 1]];
      if (mark === HEADER) messages.push({ header: shorten(text), lines: [] });
      else if (mark === LINE) messages.at(-1).lines.push(text);
    }
    const said = messages
      .map(({ header, lines }) => ({ header, text: lines.filter(Boolean).join("\n") }))
      .filter(({ text }) => text.trim());
    if (!said.length) return messages.map(({ header }) => header).join("");
    if (said.length === 1) return said[0].text;
    return said.map(({ header, text }) => (header ? `${header}: ${text}` : text)).join("\n");
  }

  // The text of the copy event that follows.
  let next = null;
  document.addEventListener(
    "copy",
    (event) => {
      if (next === null) return;
      event.clipboardData.setData("text/plain", next);
      event.preventDefault();
    },
    true,
  );

  // Browsers give a page without https no clipboard, and Flutter then copies nothing. A copy event has
  // one everywhere; some browsers send none if nothing is selected.
  function copyByEvent(text) {
    const place = document.createElement("span");
    place.textContent = ".";
    place.style.cssText = "position:fixed;left:-9999px;user-select:text";
    place.setAttribute("aria-hidden", "true");
    document.body.append(place);
    const selection = getSelection();
    const before = selection.rangeCount ? selection.getRangeAt(0) : null;
    selection.selectAllChildren(place);
    next = text;
    const done = document.execCommand("copy");
    next = null;
    selection.removeAllRanges();
    if (before) selection.addRange(before);
    place.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("the browser did not copy"));
  }

  const { clipboard } = navigator;
  if (clipboard?.writeText) {
    const write = clipboard.writeText.bind(clipboard);
    clipboard.writeText = (text) => write(format(text));
  } else {
    const unavailable = () => Promise.reject(new Error("this page cannot read the clipboard"));
    const value = { writeText: (text) => copyByEvent(format(text)), readText: unavailable };
    Object.defineProperty(navigator, "clipboard", { value, configurable: true });
  }
})();
