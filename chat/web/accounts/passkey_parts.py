"""The parts of pages with which a browser makes a passkey, and signs in with one."""

from datetime import datetime
from html import escape

from chat.accounts.passkeys import LABEL_LIMIT
from chat.model.accounts import Passkey
from chat.web.accounts.frame import Frame, button, section, weak
from chat.web.guard.content_policy import inline_script_hashes

# It asks the chat for the options, and the device for its answer, which the form then sends.
PASSKEY_SCRIPT = """<script>
(function () {
  "use strict";
  var form = document.getElementById("passkey");
  var problem = form.querySelector("[role=alert]"), button = form.querySelector("button");
  function say(text) { problem.textContent = text; problem.hidden = !text; }
  if (!window.PublicKeyCredential || !window.fetch) {
    button.disabled = true;
    say(form.dataset.missing);
    return;
  }
  function decode(text) {
    var bytes = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(bytes, function (each) { return each.charCodeAt(0); });
  }
  function encode(buffer) {
    var bytes = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(bytes).replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  }
  function listed(each) { return Object.assign({}, each, { id: decode(each.id) }); }
  function options(given) {
    var made = Object.assign({}, given, { challenge: decode(given.challenge) });
    if (given.user) { made.user = Object.assign({}, given.user, { id: decode(given.user.id) }); }
    ["excludeCredentials", "allowCredentials"].forEach(function (name) {
      if (given[name]) { made[name] = given[name].map(listed); }
    });
    return made;
  }
  function asJson(credential) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(
      function (name) {
        if (credential.response[name]) { response[name] = encode(credential.response[name]); }
      });
    return JSON.stringify({ id: credential.id, rawId: encode(credential.rawId),
      type: credential.type, clientExtensionResults: {}, response: response });
  }
  function ask(given) {
    var publicKey = options(given.publicKey), wallet = navigator.credentials;
    return given.publicKey.user ? wallet.create({ publicKey: publicKey })
      : wallet.get({ publicKey: publicKey });
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    say("");
    var done = document.querySelector("[role=status]");
    if (done) { done.hidden = true; }
    button.disabled = true;
    fetch(form.action + "/begin", { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .then(function (answer) {
        return answer.json().then(function (given) {
          if (!answer.ok) { throw new Error(given.error); }
          return ask(given);
        });
      })
      .then(function (credential) {
        form.elements.credential.value = asJson(credential);
        form.submit();
      })
      .catch(function (error) {
        button.disabled = false;
        var words = { NotAllowedError: form.dataset.cancelled, AbortError: form.dataset.cancelled,
          InvalidStateError: form.dataset.known };
        say(words[error.name] || error.message || form.dataset.cancelled);
      });
  });
})();
</script>
"""

PASSKEY_SCRIPT_HASHES = inline_script_hashes(PASSKEY_SCRIPT)


def passkey_form(frame: Frame, path: str, *parts: str) -> str:
    """A form whose button asks the device for a passkey."""
    t = frame.t
    words = {
        "missing": t("This browser has no passkeys."),
        "cancelled": t("The device has not answered, or you did not want to. Try it again."),
        "known": t("This device has a passkey of yours for the chat already."),
    }
    data = "".join(f' data-{name}="{escape(text)}"' for name, text in words.items())
    form = frame.form(path, '<p class="refusal" role="alert" hidden></p>\n', *parts, credential="")
    return form.replace("<form ", f'<form id="passkey"{data} ', 1)


def passkey_button(frame: Frame) -> str:
    """The button that signs in with a passkey."""
    label = frame.t("Sign in with a passkey")
    return passkey_form(frame, "/passkey-sign-in", button(label, is_quiet=True))


def passkey_section(frame: Frame, passkeys: tuple[Passkey, ...], problem: str) -> str:
    """The passkeys of a person, each with a button that removes it, and the form of a new one."""
    t = frame.t
    items = "".join(_item(frame, each) for each in passkeys)
    explanation = t(
        "With a passkey you sign in by the lock of your device: a finger, a face or its code."
    )
    new = weak(problem)
    if not problem:
        field = (
            f'<label for="label">{escape(t("Name of the passkey, as My phone"))}</label>\n'
            f'<input type="text" id="label" name="label" maxlength="{LABEL_LIMIT}" required>\n'
        )
        new = passkey_form(frame, "/passkeys", field, button(t("Add a passkey")))
    return section(t("Passkeys"), weak(explanation), f"<ul>\n{items}</ul>\n" if items else "", new)


def _day(moment: datetime) -> str:
    """A day, which stays on one line."""
    return moment.date().isoformat().replace("-", "\u2011")


def _item(frame: Frame, passkey: Passkey) -> str:
    t = frame.t
    where = t("for {host}, since {day}", host=passkey.rp_id, day=_day(passkey.made_at))
    if passkey.used_at is not None:
        where = t("for {host}, used on {day}", host=passkey.rp_id, day=_day(passkey.used_at))
    label = passkey.label or t("Passkey")
    remove = frame.form(
        "/passkeys/remove",
        f'<button type="submit" class="quiet" aria-label="'
        f'{escape(t("Remove the passkey {name}", name=label))}">{escape(t("Remove"))}</button>\n',
        passkey=str(passkey.id),
    )
    return f"<li><span>{escape(label)}<small>{escape(where)}</small></span>{remove}</li>\n"
