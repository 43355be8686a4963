"""The HTML of the light pages. Everything in it works without JavaScript and without colours."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from chat.languages import Language
from chat.text.message_text import TEXT_LIMIT
from chat.ui.client.name_refusal import NOT_REFUSED, NameRefused
from chat.web.guard.content_policy import inline_script_hashes
from chat.web.http.plain_rows import PlainRow

LIGHT_PATH = "/light"

# Seconds between two loads of the messages in a browser without JavaScript.
REFRESH_SECONDS = 10

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="{base}/favicon.png">
<title>{title}</title>
<style>
body {{ font: 16px/1.4 sans-serif; margin: 0 auto; max-width: 45em; padding: 0 12px; }}
h1 {{ font-size: 1.25em; margin: 12px 0; }}
input, button, iframe {{ font: inherit; box-sizing: border-box; }}
input {{ padding: 8px; min-height: 44px; }}
button {{ padding: 8px 16px; min-height: 44px; }}
label {{ display: block; margin: 0 0 6px; }}
iframe {{ border: 1px solid #888; width: 100%; height: 60vh; }}
details {{ margin: 16px 0; }}
.words {{ width: 70%; }}
.refusal {{ font-weight: bold; }}
nav a {{ display: inline-block; padding: 10px 12px 10px 0; }}
ul {{ list-style: none; margin: 8px; padding: 0; }}
li {{ margin: 0 0 6px; white-space: pre-wrap; overflow-wrap: anywhere; word-wrap: break-word; }}
</style>
{head}</head>
<body>
{body}</body>
</html>
"""

# It sends the form without loading the page anew, so that typing can go on. A refused text is sent
# once more by the form itself: the answer is a page that has the text and says why.
_FORM_SCRIPT = """<script>
(function () {
  var form = document.getElementById("message-form");
  var field = form.elements.text, id = form.elements.client_id;
  var firstId = id.value, count = 0, unsent = [];
  function sendNext() {
    var names = ["key", "room", "client_id"], body = ["text=" + encodeURIComponent(unsent[0])];
    for (var i = 0; i < names.length; i += 1) {
      body.push(names[i] + "=" + encodeURIComponent(form.elements[names[i]].value));
    }
    var request = new XMLHttpRequest();
    request.onreadystatechange = function () {
      if (request.readyState !== 4) { return; }
      if (request.status !== 200) {
        field.value = unsent.join(" ");
        form.submit();
        return;
      }
      unsent.shift();
      id.value = firstId + (count += 1);
      if (unsent.length) { sendNext(); }
    };
    request.open("POST", form.action, true);
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.send(body.join("&"));
  }
  form.onsubmit = function () {
    unsent.push(field.value);
    field.value = "";
    if (unsent.length === 1) { sendNext(); }
    return false;
  };
})();
</script>
"""

# For browsers of any age: it waits for the next message, then loads the list anew.
_SCRIPT = """<script>
(function () {
  var body = document.body, root = document.documentElement;
  window.scrollTo(0, body.scrollHeight);
  function load() {
    // A browser keeps the position of a page that it loads again: who reads above stays there.
    var isAtEnd = window.pageYOffset + window.innerHeight > root.scrollHeight - 40;
    var next = body.getAttribute("data-next") + "&t=" + new Date().getTime() + "#end";
    if (isAtEnd) { location.replace(next); } else { location.reload(); }
  }
  function ask() {
    var request = new XMLHttpRequest();
    request.onreadystatechange = function () {
      if (request.readyState !== 4) { return; }
      if (request.status === 200) { load(); }
      else if (request.status === 204) { ask(); }
      else if (request.status === 401) { top.location.href = "../light"; }
      else { setTimeout(ask, 5000); }
    };
    request.open("GET", body.getAttribute("data-wait"), true);
    request.send(null);
  }
  ask();
})();
</script>
"""

# What the content security policies of the page of a room, and of its messages, allow.
FORM_SCRIPT_HASHES = inline_script_hashes(_FORM_SCRIPT)
ROWS_SCRIPT_HASHES = inline_script_hashes(_SCRIPT)


@dataclass(frozen=True, slots=True)
class RoomLink:
    """A room that a person may open."""

    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What the page of a room shows. `typed` is a text that was refused, with the `refusal`.

    `base` is the path prefix of the chat.
    """

    title: str
    slug: str
    rooms: tuple[RoomLink, ...]
    key: str
    client_id: str
    is_archived: bool = False
    typed: str = ""
    refusal: str = ""
    base: str = ""


def index_page(
    t: Language,
    title: str,
    key: str,
    name: str = "",
    refusal: NameRefused = NOT_REFUSED,
    *,
    base: str = "",
    offers_sign_in: bool = False,
) -> str:
    """The page of a stranger: a required name, which leads to the chat.

    With `offers_sign_in` it leads to the page where people sign in who are here already, too.
    """
    sign_in = ""
    if offers_sign_in and not refusal.sign_in:
        label = escape(t("I have an account here"))
        sign_in = f'<p><a href="{base}/account">{label}</a></p>\n'
    body = (
        f"<h1>{escape(t('Welcome to {title}', title=title))}</h1>\n"
        f"{_refusal(refusal.sentence)}"
        f'<form action="{base}{LIGHT_PATH}" method="post" accept-charset="utf-8">\n'
        f'<input type="hidden" name="key" value="{escape(key)}">\n'
        f'<label for="username">{escape(t("Enter your name to join the chat"))}</label>\n'
        f'<input type="text" name="username" id="username" value="{escape(name)}"'
        ' autocomplete="nickname" required autofocus>\n'
        f'<button type="submit">{escape(t("Join chat"))}</button>\n'
        f"{_offers(refusal, name, base)}</form>\n{sign_in}"
    )
    head = ""
    if refusal.is_waiting:
        address = f"{base}{LIGHT_PATH}"
        head = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS};url={address}">\n'
        body = (
            f"<h1>{escape(t('Welcome to {title}', title=title))}</h1>\n"
            f'<p role="status">{escape(refusal.hint)}</p>\n'
        )
    return _PAGE.format(language=t.tag, title=escape(title), head=head, body=body, base=base)


def chat_page(t: Language, page: ChatPage) -> str:
    """The page of a room: other rooms, the messages in a frame of their own, and the form.

    The frame loads itself anew; what is being typed stays as it is.
    """
    own_path = f"{page.base}{LIGHT_PATH}/chat"
    links = "\n".join(
        f"<b>{escape(each.title)}</b>"
        if each.slug == page.slug
        else f'<a href="{own_path}?room={quote(each.slug)}">{escape(each.title)}</a>'
        for each in page.rooms
    )
    nav = f"<nav>{links}</nav>\n" if len(page.rooms) > 1 else ""
    body = (
        f"<h1>{escape(page.title)}</h1>\n{nav}"
        f'<iframe src="{page.base}{LIGHT_PATH}/rows?room={quote(page.slug)}#end"'
        f' title="{escape(t("Messages"))}"></iframe>\n'
        f"{_refusal(page.refusal)}{_message_form(t, page)}"
        # In two steps: it cannot be undone.
        f"<details><summary>{escape(t('Leave this chat'))}</summary>\n"
        f'<form action="{page.base}{LIGHT_PATH}/leave" method="post">\n'
        f'<input type="hidden" name="key" value="{escape(page.key)}">\n'
        f'<button type="submit">{escape(t("Leave for good"))}</button>\n</form></details>\n'
    )
    return _PAGE.format(
        language=t.tag, title=escape(page.title), head="", body=body, base=page.base
    )


def rows_page(
    t: Language, rows: Iterable[PlainRow], slug: str, change_number: int, *, base: str = ""
) -> str:
    """The messages of a room."""
    items = "".join(f"<li>{_row(each)}</li>\n" for each in rows)
    address = f"{base}{LIGHT_PATH}/rows?room={quote(slug)}&amp;after={change_number}"
    head = (
        f'<noscript><meta http-equiv="refresh" content="{REFRESH_SECONDS};url={address}#end">'
        "</noscript>\n"
    )
    body = f'<ul>\n{items}</ul>\n<a id="end"></a>\n{_SCRIPT}'
    page = _PAGE.format(
        language=t.tag, title=escape(t("Messages")), head=head, body=body, base=base
    )
    wait = f"{base}{LIGHT_PATH}/wait?room={quote(slug)}&amp;after={change_number}"
    return page.replace("<body>", f'<body data-wait="{wait}" data-next="{address}">', 1)


def _message_form(t: Language, page: ChatPage) -> str:
    if page.is_archived:
        sentence = t("This room is archived: it can be read, and nothing new is said here.")
        return f"<p>{escape(sentence)}</p>\n"
    return (
        f'<form action="{page.base}{LIGHT_PATH}/chat" id="message-form" method="post"'
        ' accept-charset="utf-8">\n'
        f'<input type="hidden" name="key" value="{escape(page.key)}">\n'
        f'<input type="hidden" name="room" value="{escape(page.slug)}">\n'
        f'<input type="hidden" name="client_id" value="{escape(page.client_id)}">\n'
        f'<input class="words" type="text" name="text" value="{escape(page.typed)}"'
        f' maxlength="{TEXT_LIMIT}" aria-label="{escape(t("Message"))}"'
        ' autocomplete="off" required autofocus>\n'
        f'<button type="submit">{escape(t("Send"))}</button>\n</form>\n{_FORM_SCRIPT}'
    )


def _row(row: PlainRow) -> str:
    if row.is_day:
        return f"<b>{escape(row.text)}</b>"
    if not row.time:
        return f"<i>{escape(row.text)}</i>"
    mark = f" [{escape(row.mark)}]" if row.mark else ""
    name = f"<b>{escape(row.name)}</b>{mark} " if row.name else ""
    return f"<small>{escape(row.time)}</small> {name}{escape(row.text)}"


def _offers(refusal: NameRefused, name: str, base: str) -> str:
    """A button for each free name, and what to do for somebody who has the name already.

    They stand behind the button of the form: that one is pressed with Enter.
    """
    names = "".join(
        f'<button type="submit" name="suggestion" value="{escape(each)}">{escape(each)}</button>\n'
        for each in refusal.suggestions
    )
    sign_in = ""
    if refusal.sign_in:
        address = f"{base}/account?name={quote(name)}"
        sign_in = f'<p><a href="{address}">{escape(refusal.sign_in)}</a></p>\n'
    return f"<p>{names}</p>\n<p>{escape(refusal.hint)}</p>\n{sign_in}" if names else ""


def _refusal(sentence: str) -> str:
    return f'<p class="refusal" role="alert">{escape(sentence)}</p>\n' if sentence else ""
