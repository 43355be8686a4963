// The texts that were sent and that the chat has not settled, each with an id of its own.
//
// The id travels with the text to the store, so that a text is stored once, however often it is sent.
// If the connection breaks, the whole field goes to the chat by HTTP: `chat/workspace/recovery.py`
// stores what was sent, and keeps the rest as the draft. The texts survive a reload in the session
// storage, and go to the chat before Flutter registers.
const outbox = (() => {
  "use strict";

  const STORED = "flet-chat.field";
  const RESUMED = "flet-chat.resumed";
  const MOST = 50; // texts without an answer; the rest stays in the field
  const PATIENCE = 15000; // milliseconds for a server that has just started
  const AT_START = 4000; // the same while Flutter waits: the chat gives it five seconds to register

  let sent = []; // what the chat gets, as in `SentTextBody` of chat/web/http/drafts.py
  let given = null; // the field that the chat has now, while the page reloads
  let refused = null; // the last text that was settled and not removed: a repetition has its id
  // What the field is for: `ReportContext` of chat/ui/client/page_messages.py.
  let context = { path: null, edited_number: 0, quoted_number: 0, upload_ids: [] };

  // A browser may forbid storage.
  function stored(action) {
    try {
      return action(sessionStorage);
    } catch {
      return null;
    }
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Before the first room is shown the page's address stands for it.
  const path = () => context.path ?? sitePath.here();
  const isHere = (each) => each.path === path() && each.edited_number === context.edited_number;

  // The part of the field's text that is not sent.
  function unsent(text) {
    for (const each of sent) {
      if (!isHere(each) || each.edited_number) continue;
      if (!text.startsWith(each.text)) break;
      text = text.slice(each.text.length);
    }
    return text;
  }

  // Add the field's text; returns its id, or null if nothing of it is to be sent.
  function add(whole, isUncertain) {
    const text = unsent(whole);
    if (sent.length >= MOST || (!text && whole)) return null;
    const same = refused && refused.text === text && isHere(refused);
    const client_id = same ? refused.client_id : newId();
    sent.push({ ...context, path: path(), client_id, text, is_uncertain: isUncertain });
    keep();
    return client_id;
  }

  function settle(id, isRemoved) {
    const each = sent.find((one) => one.client_id === id);
    if (each) refused = isRemoved ? null : each;
    sent = sent.filter((one) => one !== each);
    keep();
  }

  // The whole field, as in `FieldBody` of chat/web/http/drafts.py.
  function field() {
    const text = composerField.typed;
    if (text === null && !sent.length) return null;
    const { edited_number, quoted_number } = context;
    return { path: path(), text, edited_number, quoted_number, sent };
  }

  // What the chat does not have of the field, or may not have.
  function remainder() {
    const state = field();
    if (!given) return sent.length || reconnect.isAway() ? state : null;
    // What was typed and sent after that.
    const newer = sent.slice(given.sent.length);
    const before = given.text ?? "";
    const more = state?.text?.startsWith(before) ? state.text.slice(before.length) : "";
    return more || newer.length ? { ...state, text: (given.left ?? "") + more, sent: newer } : null;
  }

  function keep() {
    const state = remainder();
    stored((storage) => (state ? storage.setItem(STORED, JSON.stringify(state)) : storage.removeItem(STORED)));
  }

  addEventListener("pagehide", keep);

  // Give a field to the chat. False if the chat did not answer.
  async function give(state, patience) {
    const { quoted_number, ...body } = state;
    try {
      const answer = await fetch(sitePath.on("/words"), {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
      });
      if (answer.status >= 500) return false;
      const recovered = answer.ok ? await answer.json() : { text: null, path: null };
      stored((storage) => storage.removeItem(STORED));
      resumeLater(state, recovered);
      return { ...state, left: recovered.text };
    } catch {
      return false;
    }
  }

  // After the reload the field goes on with its edit or its reply, and in the room of a command.
  function resumeLater({ path, edited_number, quoted_number }, { text, path: opened }) {
    if (opened) history.replaceState(history.state, "", sitePath.on(opened));
    else if ((edited_number || quoted_number) && text !== null) {
      const state = JSON.stringify([path, edited_number, quoted_number, text]);
      stored((storage) => storage.setItem(RESUMED, state));
    }
  }

  // What a page before this one has left, for the chat before Flutter registers.
  const left = JSON.parse(stored((storage) => storage.getItem(STORED)));
  const recovered = left ? give(left, AT_START) : Promise.resolve(null);

  return {
    recovered,
    isEmpty: () => !sent.length,
    add,
    settle,
    keep,
    // Give the field to the chat before the page reloads. It is kept if the chat does not answer.
    async save() {
      const state = field();
      if (state) given = (await give({ ...state, sent: [...sent] }, PATIENCE)) || null;
    },
    begin(say) {
      const state = stored((storage) => storage.getItem(RESUMED));
      if (!state) return;
      stored((storage) => storage.removeItem(RESUMED));
      say("r" + state);
    },
    // The number of the message that the field edits, as in the frame `s`.
    edited: () => context.edited_number,
    // The room that the field is for, as in the frames `s` and `ge`; `-` before a room was shown.
    room: () => context.path ?? "-",
    handle(text) {
      const before = context;
      const [room, edited_number, quoted_number, upload_ids] = JSON.parse(text);
      context = { path: room, edited_number, quoted_number, upload_ids };
      if (before.path === null) {
        // What was typed before the first room was shown is for it.
        for (const each of sent) each.path = room;
      } else if (room !== before.path || edited_number !== before.edited_number) {
        composerField.forgetTyped(); // the field gets another text
      }
    },
  };
})();
