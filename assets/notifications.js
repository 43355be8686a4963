// Notifications, their sound, and the unread count in the tab's title and on the app's icon.
//
// Flutter draws nothing in a hidden tab, not even its title, so these are the script's.
const notifications = (() => {
  "use strict";

  const TONES = [
    { pitch: 660, after: 0 }, // Hz, seconds
    { pitch: 880, after: 0.14 },
  ];

  let send = () => {};

  let allowed = null; // the permission that was sent last

  function mayNotify() {
    return isSecureContext && window.Notification?.permission === "granted";
  }

  function sendPermission() {
    if (mayNotify() === allowed) return;
    allowed = mayNotify();
    send(allowed ? "a1" : "a0");
  }

  async function requestPermission() {
    await window.Notification?.requestPermission().catch(() => {});
    allowed = null; // send an answer even if nothing has changed
    sendPermission();
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

  // In order: an earlier notification never replaces a later one of the same tag.
  let shown = Promise.resolve();
  function notify(notice) {
    shown = shown
      .then(() => show(notice))
      .catch((reason) => console.warn(`Not shown: ${reason}`));
  }

  async function show({ title, body, path, tag, sound }) {
    const played = sound && (await playSound());
    if (!mayNotify()) return;
    // One sound: ours, or the system's where ours is not audible.
    const silent = played || !sound;
    const icon = "/icons/icon-192.png";
    const options = { body, tag, icon, silent, renotify: Boolean(tag), data: path };
    // The service worker handles the click; phones accept notifications from nothing else.
    const worker = await navigator.serviceWorker?.getRegistration();
    if (worker?.active) return worker.showNotification(title, options);
    const notification = new Notification(title, options);
    notification.onclick = () => {
      notification.close();
      window.focus();
      send("o" + path);
    };
  }

  navigator.permissions
    ?.query({ name: "notifications" })
    .then((status) => status.addEventListener("change", sendPermission))
    .catch(() => {}); // a browser that does not know it
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
    allowed = null;
    sendPermission();
  }

  // Commands of the chat.
  function handle(kind, text) {
    if (kind === "n") notify(JSON.parse(text));
    else if (kind === "q") requestPermission();
    else if (kind === "d") showUnread(Number(text));
  }

  return { begin, handle };
})();
