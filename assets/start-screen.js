// The page until Flutter has drawn the chat: a form that asks a stranger for a name, or the room of a
// person who is signed in, as plain text, with a field that can be written in.
//
// Flutter's first frame is empty, and its second one is a spinner of Flet. So the page stays above
// Flutter's until the chat says that its screen was sent (`o1`), and Flutter has drawn it. Then the
// message field gets what was typed here. The answers that are shown here are texts, never HTML.
const startScreen = (() => {
  "use strict";

  // Times in milliseconds.
  const UNDRAWN = 3; // frames that Flutter may have begun before it got what was sent
  const QUIET = 120; // without a further frame
  const UNBUILT = 3000; // Flutter's field is awaited; a room that only can be read has none
  const RESTING = 800; // the same after fewer frames than UNDRAWN
  const UNSEEN = 400; // where frames cannot be seen
  const LATEST = 10000; // after the screen was sent, whatever happens
  const UNREPORTED = 20000; // after Flutter's first frame, if the chat says nothing
  const PATIENCE = 10000; // for the answer to a name
  const FADING = 200;
  const NAME = "flet-chat.name";
  const TEXT = "flet-chat.first-text";

  const page = document.documentElement;
  let root = null; // #loading, from the end of the page's loading until the chat is drawn
  let isOver = false;
  let say = null; // sends a frame, once there is a socket
  let hasStarted = false; // whether Flutter's app has started: a name goes to the socket then
  let signingIn = null; // the promise of a request
  let entered = null; // the name that waits for the socket
  let draft = ""; // the text that the field began with; `sent` are the texts of Enter
  const sent = [];
  let isHandedOver = false;

  const $ = (selector) => root.querySelector(selector);
  const isForm = () => page.dataset.visitor === "stranger";
  // The name is entered: what is typed from now on is for the room.
  const isJoining = () => root.classList.contains("joining");
  const field = () => $("textarea");

  // A browser may forbid storage.
  function stored(action) {
    try {
      return action(sessionStorage);
    } catch {
      return null;
    }
  }

  // The first view of a room. It is asked for while the page is still being read.
  const askForRoom = () =>
    fetch(sitePath.on(`/first-view?path=${encodeURIComponent(sitePath.here())}`), { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : null))
      .catch(() => null);
  const asked = isForm() ? null : askForRoom();

  addEventListener("DOMContentLoaded", () => {
    root = document.getElementById("loading");
    $(".about").textContent = words("Talk with everyone who is here.");
    root.setAttribute("aria-busy", "true");
    if (isForm()) showForm();
    else showRoom(asked);
  });

  // A part of the address, which is removed from it. A name is only offered, as any page may have such
  // a link.
  function takeFromAddress(key) {
    const address = new URL(location);
    const value = address.searchParams.get(key);
    if (value === null) return null;
    address.searchParams.delete(key);
    history.replaceState(history.state, "", address);
    return value;
  }

  function showForm() {
    const [form, input] = [$("form"), $("input")];
    $("label").textContent = words("Enter your name to join the chat");
    $("form > button").textContent = words("Join chat");
    showSignIn("");
    input.value = takeFromAddress("username") ?? stored((storage) => storage.getItem(NAME)) ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      signIn(input.value);
    });
    form.hidden = false;
    input.focus();
    input.select();
    if (takeFromAddress("signed-out") === null) return;
    refuse(words("This device was signed out. To come in again, add it on another device of yours, in Settings, Devices."));
  }

  function setBusy(isBusy) {
    root.classList.toggle("joining", isBusy);
    $("form").classList.toggle("joining", isBusy);
    $("form > button").textContent = isBusy ? words("Joining…") : words("Join chat");
    $("input").readOnly = isBusy;
  }

  // Free names are offered with one tap each; the name that was typed stays in the field.
  function refuse(sentence, suggestions = [], hint = "", signIn = "") {
    setBusy(false);
    field().value = "";
    $("form .refusal").textContent = sentence;
    $("form .hint").textContent = hint;
    showSignIn(signIn, $("input").value);
    $("form .names").replaceChildren(...suggestions.map(suggestionButton));
    $("input").focus();
    $("input").select();
  }

  // The page where somebody signs in who is here already: as one person, or with any name.
  function showSignIn(label, name = "") {
    const link = $("form .sign-in");
    const isOffered = page.dataset.accounts !== undefined;
    link.textContent = label || (isOffered ? words("I have an account here") : "");
    link.classList.toggle("chosen", Boolean(label));
    const query = name && label ? `?name=${encodeURIComponent(name)}` : "";
    link.href = sitePath.on("/account") + query;
  }

  function suggestionButton(name) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => {
      $("input").value = name;
      signIn(name);
    });
    return button;
  }

  function forgetRefusal() {
    $("form .refusal").textContent = $("form .hint").textContent = "";
    $("form .names").replaceChildren();
    showSignIn("");
  }

  function signIn(name) {
    if (root.classList.contains("joining")) return;
    setBusy(true);
    forgetRefusal();
    if (hasStarted) giveToSocket(name);
    else signingIn = post(name).finally(() => (signingIn = null));
  }

  function giveToSocket(name) {
    if (say) say("j" + name);
    else entered = name;
  }

  // Before the app has started a name goes by HTTP: the socket then brings the person's cookie.
  async function post(name) {
    let answer;
    try {
      answer = await fetch(sitePath.on("/sign-in"), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name, owner: new URL(location).searchParams.get("owner") ?? "" }),
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 422) {
        const { sentence, suggestions, hint, sign_in } = await answer.json();
        return refuse(sentence, suggestions, hint, sign_in);
      }
      if (answer.status === 200) askToReplace(name, (await answer.json()).name);
    } catch {
      return refuse(words("The chat does not answer. Try again."));
    }
    if (answer.status === 409) location.replace(sitePath.on(`/?username=${encodeURIComponent(name)}`));
    else if (answer.ok) enterRoom();
    else giveToSocket(name); // as in a browser without cookies
  }

  // Another tab of this browser has signed in: the chat asks whether the person is somebody else.
  function askToReplace(name, known) {
    if (name.trim() === known) return;
    const address = new URL(location);
    address.searchParams.set("username", name);
    history.replaceState(history.state, "", address);
  }

  function enterRoom() {
    stored((storage) => storage.removeItem(NAME));
    page.dataset.visitor = "known";
    showRoom(askForRoom());
  }

  // The room, empty until its answer is here.
  async function showRoom(asked) {
    $(".start").setAttribute("role", "status");
    $(".start").setAttribute("aria-label", words("Loading"));
    field().setAttribute("aria-label", words("Message"));
    field().value = (stored((storage) => storage.getItem(TEXT)) ?? "") + field().value;
    stored((storage) => storage.removeItem(TEXT));
    if (matchMedia("(pointer: fine)").matches) field().focus();
    const view = await asked;
    if (!view || isOver || isHandedOver) return;
    $(".start").hidden = true;
    $("header span").textContent = view.is_public ? "#" : "";
    $("header h1").textContent = view.title;
    $("header p").textContent = view.topic;
    $(".rows").append(...view.rows.map(row));
    $(".room").lang = view.language;
    if (!view.writable) return ($(".composer").style.visibility = "hidden");
    field().placeholder = view.hint;
    draft = view.draft;
    field().value = draft + field().value;
    field().setSelectionRange(field().value.length, field().value.length);
  }

  function row({ text, is_day, time, name, initials, colour, mark }) {
    const element = document.createElement("div");
    if (is_day || !time) {
      element.className = is_day ? "day" : "event";
      element.textContent = text;
      return element;
    }
    element.className = name ? "message first" : "message";
    if (name) {
      const [author, at] = [document.createElement("b"), document.createElement("small")];
      author.textContent = name;
      at.textContent = `  ${time}`;
      element.dataset.initials = initials;
      element.style.setProperty("--face", colour);
      element.append(author);
      if (mark) {
        const program = document.createElement("i");
        program.textContent = mark;
        element.append(" ", program);
      }
      element.append(at, "\n");
    }
    element.append(text);
    return element;
  }

  // Enter in the field: the text is sent as soon as the chat is there.
  function send() {
    const text = field().value;
    if (!text.trim()) return;
    sent.push(text);
    const element = row({ text, time: " " });
    element.classList.add("waiting");
    $(".rows").append(element);
    field().value = "";
  }

  // The page may be loaded again before Flutter's field has the texts.
  addEventListener("pagehide", () => {
    if (!root || isForm() || isHandedOver) return;
    const texts = [...sent, ...(field().value === draft ? [] : [field().value])];
    if (texts.length) stored((storage) => storage.setItem(TEXT, texts.join("\n")));
  });

  // Flutter, and the scripts of its field, get no event of this page.
  const KINDS = ["keydown", "keyup", "keypress", "beforeinput", "input", "focusin", "focusout", "paste"];
  KINDS.push("compositionstart", "compositionend", "pointerdown", "pointerup", "mousedown", "contextmenu");
  for (const kind of KINDS) addEventListener(kind, keep, true);

  function keep(event) {
    if (!root || isOver) return;
    const [element] = event.composedPath();
    const isOurs = root.contains(element);
    if (isOurs) event.stopImmediatePropagation();
    if (isForm() && isOurs && event.type === "input") onName(element.value);
    if (isHandedOver) return;
    if (event.type === "keydown") onKey(event, isOurs);
    if (event.type === "focusin" && !isOurs) onFocus(element);
  }

  // Flutter takes the focus when its app starts, and gives it to its field later.
  function onFocus(element) {
    const isField = flutterInput.isField(element);
    if (isForm() && !(isField && isJoining())) $("input").focus();
    else if (isField) handOver();
    else if (matchMedia("(pointer: fine)").matches) field().focus();
  }

  function onName(name) {
    forgetRefusal();
    stored((storage) => storage.setItem(NAME, name));
  }

  // A key that is pressed elsewhere in the page belongs into the field, too.
  function onKey(event, isOurs) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isLetter = [...event.key].length === 1;
    const isText = isLetter || ["Dead", "Process"].includes(event.key);
    if (isForm() && isJoining()) {
      if (isLetter) field().value += event.key;
      event.stopImmediatePropagation();
      event.preventDefault();
      return;
    }
    if (isText && !isOurs) {
      event.stopImmediatePropagation();
      (isForm() ? $("input") : field()).focus();
    }
    const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
    if (!isEnter || isForm()) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    send();
  }

  // Flutter's field gets what was typed here.
  function handOver() {
    if (isHandedOver) return;
    isHandedOver = true;
    const rest = field().value;
    field().disabled = true;
    composerField.takeOver(draft, sent, rest);
  }

  // Flutter shows each frame that it has drawn on another thread in a canvas. It does so in browsers
  // of this vendor; in others its frames cannot be seen.
  let frames = 0;
  let lastFrame = 0;
  const isSeen = navigator.vendor === "Google Inc.";
  const context = isSeen ? window.ImageBitmapRenderingContext?.prototype : null;
  const transfer = context?.transferFromImageBitmap;
  if (transfer) {
    context.transferFromImageBitmap = function (...given) {
      frames++;
      lastFrame = performance.now();
      return transfer.apply(this, given);
    };
  }

  // The screen was sent: leave when it is drawn, and the field has what was typed.
  function leave() {
    if (isOver || leave.since) return;
    const since = (leave.since = performance.now());
    if (!isForm()) handOver();
    else setBusy(true); // as when a moderator has let somebody in
    let before = null; // the number of frames when Flutter has built the room: its field is there
    const isDrawn = (now) => {
      if (!transfer) return now - since > UNSEEN;
      if (document.querySelector("flutter-view textarea") || now - since > UNBUILT) before ??= frames;
      if (before === null || frames === before || composerField.isWaiting()) return false;
      return now - lastFrame > (frames - before > UNDRAWN ? QUIET : RESTING);
    };
    (function look() {
      const now = performance.now();
      if (isDrawn(now) || now - since > LATEST) remove();
      else setTimeout(look, 16);
    })();
  }

  function remove() {
    if (isOver) return;
    if (isForm()) stored((storage) => storage.removeItem(NAME));
    else handOver();
    isOver = true;
    if (context && transfer) context.transferFromImageBitmap = transfer;
    root.classList.add("drawn");
    setTimeout(() => root.remove(), FADING);
  }

  addEventListener("flutter-first-frame", () => setTimeout(() => isForm() || remove(), UNREPORTED));

  return {
    // Flutter's app may start: it opens the socket with the cookie of this moment.
    async mayStart() {
      while (signingIn) await signingIn;
      hasStarted = true;
    },
    begin(to) {
      say = to;
      if (entered !== null) say("j" + entered);
      entered = null;
    },
    handle(kind, text) {
      if (isOver) return;
      if (kind === "j") refuse(...JSON.parse(text));
      else if (text === "1") leave();
      else if (!isForm()) remove();
    },
  };
})();
