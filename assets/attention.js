// Whether somebody looks at the page, and what calls them back to it: notifications, a sound, and
// how much is unread, in the tab's title and on the app's icon.
//
// Flutter draws nothing in a hidden tab, its title neither, so all of it is done here. `page.js`
// brings what is said to the chat, and what the chat asks.
const attention = (() => {
  "use strict";

  const IDLE = 5 * 60 * 1000; // milliseconds without a touch
  const TONES = [
    { pitch: 660, after: 0 }, // Hz, seconds
    { pitch: 880, after: 0.14 },
  ];

  let say = () => {};

  // "l": the page is looked at. "v": it is in view, but another window has the focus. "b": it is
  // hidden. "i": it is idle.
  let state = null;
  let touched = Date.now();

  function look() {
    const left = touched + IDLE - Date.now();
    let now = left > 0 ? "l" : "i";
    if (now === "l" && !document.hasFocus()) now = "v";
    if (document.hidden) now = "b";
    if (now === state) return;
    state = now;
    say(state);
  }

  // Look again when the page may have become idle.
  function wait() {
    const left = touched + IDLE - Date.now();
    setTimeout(() => (look(), wait()), left > 0 ? left : IDLE);
  }

  function touch() {
    touched = Date.now();
    if (state !== "l") look();
  }

  for (const kind of ["pointerdown", "pointermove", "wheel", "keydown", "touchstart"]) {
    addEventListener(kind, touch, { capture: true, passive: true });
  }
  // Of the window itself: fields get the focus without anybody there.
  addEventListener("focus", touch);
  addEventListener("blur", look);
  document.addEventListener("visibilitychange", look);
  wait();

  // Notifications.

  let allowed = null; // what the chat was told

  function mayNotify() {
    return isSecureContext && window.Notification?.permission === "granted";
  }

  function tellIfAllowed() {
    if (mayNotify() === allowed) return;
    allowed = mayNotify();
    say(allowed ? "a1" : "a0");
  }

  async function askToNotify() {
    await window.Notification?.requestPermission().catch(() => {});
    allowed = null; // the chat is answered though nothing has changed
    tellIfAllowed();
  }

  function play(context) {
    for (const { pitch, after } of TONES) {
      const at = context.currentTime + after;
      const tone = new OscillatorNode(context, { frequency: pitch });
      const volume = new GainNode(context, { gain: 0 });
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    }
  }

  // Whether the sound is heard: browsers forbid it to a page that nobody has touched yet.
  async function ring() {
    if (!navigator.userActivation?.hasBeenActive) return false;
    try {
      const context = new AudioContext();
      setTimeout(() => context.close(), 2000);
      // Where it is forbidden, this may never end.
      await Promise.race([context.resume(), new Promise((over) => setTimeout(over, 200))]);
      if (context.state !== "running") return false;
      play(context);
      return true;
    } catch {
      return false;
    }
  }

  // One after the other: a later one of the same tag is never replaced by one before it.
  let shown = Promise.resolve();
  function notify(notice) {
    shown = shown
      .then(() => show(notice))
      .catch((reason) => console.warn(`Not shown: ${reason}`));
  }

  async function show({ title, body, path, tag, sound }) {
    const rang = sound && (await ring());
    if (!mayNotify()) return;
    // One sound: ours, or where it cannot be heard the system's.
    const silent = rang || !sound;
    const icon = "/icons/icon-192.png";
    const options = { body, tag, icon, silent, renotify: Boolean(tag), data: path };
    // Where there is a worker, it hears of the click; phones take notifications from no one else.
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker?.active) return worker.showNotification(title, options);
    const notification = new Notification(title, options);
    notification.onclick = () => {
      notification.close();
      window.focus();
      say("o" + path);
    };
  }

  navigator.permissions
    ?.query({ name: "notifications" })
    .then((status) => status.addEventListener("change", tellIfAllowed))
    .catch(() => {}); // a browser that does not know it
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string") say("o" + data.open);
  });

  // What is unread.

  const COUNT = /^\(\d+\)( |$)/;
  let unread = 0;
  let title = document.title.replace(COUNT, "");

  function writeTitle() {
    const written = unread ? `(${unread}) ${title}` : title;
    if (document.title !== written) document.title = written;
  }

  new MutationObserver(() => {
    title = document.title.replace(COUNT, "") || title;
    writeTitle();
  }).observe(document.querySelector("title"), { childList: true, characterData: true, subtree: true });

  function showUnread(count) {
    unread = count;
    writeTitle();
    const shown = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
    shown?.catch(() => {}); // a page that is not installed
  }

  // A socket is open.
  function begin(through) {
    say = through;
    state = allowed = null;
    look();
    tellIfAllowed();
  }

  // What the chat asks.
  function hear(kind, text) {
    if (kind === "n") notify(JSON.parse(text));
    else if (kind === "q") askToNotify();
    else if (kind === "d") showUnread(Number(text));
  }

  return { begin, hear };
})();
