// The browser's and the phone's Back button: it closes the topmost dialog, picture or drawer.
//
// Only the chat knows whether one is open. So an entry is kept above the page's own one, with the same
// address: Back removes it, and the chat is asked. If it has closed something, the entry is put there
// again; else Back goes on. Flutter never sees this entry.
const backButton = (() => {
  "use strict";

  const PATIENCE = 1000; // milliseconds for the chat's answer

  let say = () => {};
  let asked = 0; // the timer of a question without an answer
  const push = history.pushState.bind(history);
  const replace = history.replaceState.bind(history);
  let last = history.state; // of the entry before a change

  const isGuard = (state) => state?.guard === true;
  const guard = () => push({ ...history.state, guard: true }, "", location.href);
  const remember = () => (last = history.state);

  // A new address takes the place of the guard, and gets one of its own.
  history.pushState = (state, title, url) => {
    if (isGuard(history.state)) {
      replace(state, title, url);
      guard();
    } else {
      push(state, title, url);
    }
    remember();
  };
  history.replaceState = (state, title, url) => {
    replace(isGuard(history.state) ? { ...state, guard: true } : state, title, url);
    remember();
  };

  // Only after an action of the person: a browser skips entries that a page has added by itself, and
  // a new entry removes those that Forward leads to.
  function arm(event) {
    if (!event.isTrusted || isGuard(history.state) || history.state === null || asked) return;
    guard();
    remember();
  }
  // A key that writes opens nothing: Forward goes on working while a person writes.
  const isWritten = (event) => flutterInput.isField(event.composedPath()[0]);
  const opens = (event) =>
    event.ctrlKey || event.metaKey || (["?", " ", "Enter"].includes(event.key) && !isWritten(event));
  addEventListener("pointerdown", (event) => isWritten(event) || arm(event), true);
  addEventListener("keydown", (event) => opens(event) && arm(event), true);

  addEventListener("popstate", (event) => {
    const before = last;
    remember();
    if (isGuard(before) === isGuard(history.state)) return;
    if (before?.serialCount !== history.state?.serialCount) return;
    event.stopImmediatePropagation();
    if (isGuard(before)) ask();
  });

  function ask() {
    asked = setTimeout(handle, PATIENCE, "0");
    say("t");
  }

  function handle(text) {
    if (!asked) return;
    clearTimeout(asked);
    asked = 0;
    if (text === "0") return history.back();
    guard();
    remember();
  }

  return {
    begin(to) {
      say = to;
    },
    handle,
    replacePath: (path) => history.replaceState(history.state, "", sitePath.on(path)),
  };
})();
