// Notifications, their sound, and the unread count in the tab's title and on the app's icon.
//
// Flutter draws nothing in a hidden tab, not even its title, so these are the script's.
const notifications = (() => {
  "use strict";

  const TONES = [
    { pitch: 660, after: 0 }, // Hz, seconds
    { pitch: 880, after: 0.14 },
  ];

  // Of the switch on this device; the permission itself is the browser's.
  const KEY = "flet-chat.notifications";
  const OFF = "off";

  let send = () => {};

  let reported = null; // the state that was sent last

  // The switch, if the browser forbids storage.
  let switched = "";

  function isOff() {
    try {
      return localStorage.getItem(KEY) === OFF;
    } catch {
      return switched === OFF;
    }
  }

  function keepSwitch(value) {
    switched = value;
    try {
      localStorage.setItem(KEY, value);
    } catch {}
  }

  // A letter of `NotificationState`, for the browsers whose way to allow notifications is known.
  function blockedIn() {
    const agent = navigator.userAgent;
    if (/Firefox\//.test(agent)) return "f";
    if (/Chrome\//.test(agent)) return /Android/.test(agent) ? "a" : "c";
    return /Safari\//.test(agent) ? "s" : "";
  }

  // One of `NotificationState`.
  function state() {
    if (!isSecureContext) return "i";
    if (!window.Notification) {
      const isApple = /iPhone|iPad/.test(navigator.userAgent) || navigator.maxTouchPoints > 1;
      return isApple && /Safari\//.test(navigator.userAgent) ? "h" : "n";
    }
    if (Notification.permission === "denied") return "b" + blockedIn();
    if (Notification.permission === "default") return "q";
    return isOff() ? "0" : "1";
  }

  function sendState() {
    if (state() === reported) return;
    reported = state();
    send("a" + reported);
  }

  async function switchTo(on) {
    keepSwitch(on ? "on" : OFF);
    if (on && window.Notification?.permission === "default") {
      await Notification.requestPermission().catch(() => {});
    }
    reported = null; // send an answer even if nothing has changed
    sendState();
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

  // Whether the sound is audible: browsers forbid it on a page without user activation.
  async function playSound() {
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

  // In order: an earlier notification never replaces a later one of the same tag, and none is
  // shown after it was to be closed.
  let done = Promise.resolve();
  function inOrder(act) {
    done = done.then(act).catch((reason) => console.warn(`Not shown: ${reason}`));
  }

  // Those that the page shows by itself, by tag.
  const ours = new Map();

  async function show({ title, body, path, tag, sound }) {
    if (isOff()) return;
    const played = sound && (await playSound());
    if (state() !== "1") return;
    // One sound: ours, or the system's where ours is not audible.
    const silent = played || !sound;
    const icon = sitePath.on("/icons/icon-192.png");
    const options = { body, tag, icon, silent, renotify: Boolean(tag), data: path };
    // The service worker handles the click; phones accept notifications from nothing else.
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker?.active) return worker.showNotification(title, options);
    const notification = new Notification(title, options);
    ours.set(tag, notification);
    notification.onclick = () => {
      notification.close();
      ours.delete(tag);
      window.focus();
      send("o" + path);
    };
  }

  // Close the notifications with these tags, or all others: what they are about was read elsewhere.
  // Those of the page first: the browser may take long to tell those of the service worker.
  async function close(tags, others) {
    const isRead = ({ tag }) => tags.includes(tag) !== others;
    for (const each of [...ours.values()].filter(isRead)) {
      each.close();
      ours.delete(each.tag);
    }
    const worker = await navigator.serviceWorker?.getRegistration();
    const shown = (await worker?.getNotifications()) ?? [];
    shown.filter(isRead).forEach((each) => each.close());
  }

  navigator.permissions
    ?.query({ name: "notifications" })
    .then((status) => status.addEventListener("change", sendState))
    .catch(() => {}); // a browser that does not know it
  // Another tab was switched.
  addEventListener("storage", ({ key }) => key === KEY && sendState());
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data?.open === "string") send("o" + data.open);
  });

  // The unread count.

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
    send = through;
    reported = null;
    sendState();
  }

  // Commands of the chat.
  function handle(kind, text) {
    if (kind === "n") inOrder(() => show(JSON.parse(text)));
    else if (kind === "q") switchTo(text === "1");
    else if (kind === "x") inOrder(() => close(JSON.parse(text.slice(1)), text[0] === "0"));
    else if (kind === "d") showUnread(Number(text));
  }

  return { begin, handle };
})();
