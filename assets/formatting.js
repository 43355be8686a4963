// Ctrl+B, Ctrl+I and Ctrl+E put the marks of a style around the selection, or take them away; an
// address that is pasted over a selection makes a link of it.
//
// The keys come from `keyboard.js`. The browser makes each change, so that Ctrl+Z takes it back.
const formatting = (() => {
  "use strict";

  const BOLD = "**", ITALIC = "_", CODE = "`";
  const BY_LETTER = { b: BOLD, i: ITALIC, e: CODE };
  const BY_PLACE = { KeyB: BOLD, KeyI: ITALIC, KeyE: CODE }; // on a keyboard without Latin letters

  // As long as a link may be (`chat/text/markup/links.py`), in characters.
  const LONGEST_ADDRESS = 2000;
  const ADDRESS = /^https?:\/\/[^\s\\<>]+$/i;

  function markOf(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return undefined;
    return /^[a-z]$/i.test(event.key) ? BY_LETTER[event.key.toLowerCase()] : BY_PLACE[event.code];
  }

  // Replace a part of the field, and select from `first` to `last`.
  function replace(element, [start, end], text, [first, last]) {
    element.setSelectionRange(start, end);
    const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
    if (!done) flutterInput.write(element, () => element.setRangeText(text, start, end, "end"));
    element.setSelectionRange(first, last);
  }

  // Marks have to touch the text that they format: spaces at its ends stay outside.
  function selectedText({ value, selectionStart: start, selectionEnd: end }) {
    const text = value.slice(start, end);
    const inner = text.trim();
    if (!inner) return [start, end];
    const first = start + text.indexOf(inner);
    return [first, first + inner.length];
  }

  function toggle(element, mark) {
    const { value } = element;
    const [start, end] = selectedText(element);
    const text = value.slice(start, end);
    const size = mark.length;
    const isAround = value.slice(0, start).endsWith(mark) && value.startsWith(mark, end);
    if (isAround) {
      replace(element, [start - size, end + size], text, [start - size, end - size]);
    } else if (start === end && value.startsWith(mark, end)) {
      element.setSelectionRange(end + size, end + size); // the text behind has the style no more
    } else if (text.length > 2 * size && text.startsWith(mark) && text.endsWith(mark)) {
      replace(element, [start, end], text.slice(size, -size), [start, end - 2 * size]);
    } else {
      const isBlock = mark === CODE && text.includes("\n");
      const [before, after] = isBlock ? ["```\n", "\n```"] : [mark, mark];
      const first = start + before.length;
      replace(element, [start, end], before + text + after, [first, first + text.length]);
    }
  }

  function linkOver(element, address) {
    const [start, end] = selectedText(element);
    const text = element.value.slice(start, end);
    if (!text || text.includes("\n") || ADDRESS.test(text)) return false;
    const title = text.replace(/[\\[\]]/g, "\\$&");
    const link = `[${title}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})`;
    const last = start + link.length;
    replace(element, [start, end], link, [last, last]);
    return true;
  }

  addEventListener(
    "paste",
    (event) => {
      const element = composerField.field();
      if (!element || element !== event.composedPath()[0]) return;
      const address = event.clipboardData?.getData("text/plain").trim() ?? "";
      if (address.length > LONGEST_ADDRESS || !ADDRESS.test(address) || !linkOver(element, address)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );

  return {
    // The action of a key in the field; undefined for a key without one.
    action(event, element) {
      const mark = element && markOf(event);
      return mark ? () => event.repeat || toggle(element, mark) : undefined;
    },
  };
})();
