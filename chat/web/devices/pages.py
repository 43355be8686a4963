"""The HTML with which another device comes in: a question, a number, or why it may not come in.

It works without JavaScript and in browsers of any age.
"""

from dataclasses import dataclass
from html import escape

from chat.languages import Language
from chat.web.guard.content_policy import inline_script_hashes

# Below it are the pages. `/device/<secret>` is the link.
DEVICE_PATH = "/device"

# Seconds between two looks of a device that waits, without JavaScript and with it.
REFRESH_SECONDS, _LOOK_SECONDS = 3, 1

_STYLE = """
:root { color-scheme: light dark; --surface: #faf9fe; --card: #fff; --text: #1b1b21;
  --faint: #56555f; --line: #dcdae4; --button: #4f46e5; --on-button: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --surface: #121318; --card: #1b1c22; --text: #e4e1e9; --faint: #c4c2cd; --line: #3a3a44;
    --button: #bdc2ff; --on-button: #1f2359; }
}
* { box-sizing: border-box; }
body { margin: 0; background: #faf9fe; background: var(--surface); color: #1b1b21;
  color: var(--text); font: 16px/1.5 Roboto, system-ui, sans-serif; }
main { max-width: 420px; margin: 0 auto; padding: 12vh 20px 48px; text-align: center;
  overflow-wrap: anywhere; }
main > svg { width: 72px; height: 72px; }
h1 { margin: 16px 0 8px; font-size: 24px; line-height: 1.25; text-wrap: balance; }
p { margin: 0 0 16px; text-wrap: pretty; }
.faint { color: #56555f; color: var(--faint); font-size: 14px; }
.number { margin: 24px auto; padding: 12px 0; width: 200px; border: 1px solid #dcdae4;
  border-color: var(--line); border-radius: 20px; background: #fff; background: var(--card);
  font-size: 72px; font-weight: 600; line-height: 1.2; letter-spacing: .12em;
  text-indent: .12em; font-variant-numeric: tabular-nums; }
.button { display: inline-block; min-height: 48px; padding: 11px 24px; border: 0;
  border-radius: 24px; background: #4f46e5; background: var(--button); color: #fff;
  color: var(--on-button); font: inherit; font-weight: 600; text-decoration: none;
  cursor: pointer; }
form, .action { margin: 24px 0; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 3px; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="theme-color" content="#FAF9FE" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#121318" media="(prefers-color-scheme: dark)">
<link rel="icon" href="{base}/favicon.png">
<title>{title}</title>
<style>{style}</style>
{head}</head>
<body>
<main>
{logo}
{body}</main>
</body>
</html>
"""

# For browsers of any age: it looks until the first device has answered, and loads the page anew.
_SCRIPT = f"""<script>
(function () {{
  var address = document.body.getAttribute("data-state");
  function look() {{
    var request = new XMLHttpRequest();
    request.onreadystatechange = function () {{
      if (request.readyState !== 4) {{ return; }}
      if (request.status === 200) {{ location.reload(); }}
      else {{ setTimeout(look, {1000 * _LOOK_SECONDS}); }}
    }};
    request.open("GET", address, true);
    request.send(null);
  }}
  setTimeout(look, {1000 * _LOOK_SECONDS});
}})();
</script>
"""

WAITING_SCRIPT_HASHES = inline_script_hashes(_SCRIPT)


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What all pages have: the title of the chat, its logo as an SVG, and its path prefix."""

    title: str
    logo: str
    base: str = ""


def question_page(t: Language, frame: PageFrame, name: str, secret: str, key: str) -> str:
    """Asks whether this device is to come in as `name`. Only the form spends the link."""
    explanation = t(
        "You see a number next. Type it on the device where you are signed in: then this one comes "
        "in, too."
    )
    warning = t("Did somebody else send you this link? Then close this page.")
    body = (
        f"<h1>{escape(t('Come in as {name} on this device?', name=name))}</h1>\n"
        f"<p>{escape(explanation)}</p>\n"
        f'<form action="{frame.base}{DEVICE_PATH}" method="post" accept-charset="utf-8">\n'
        f'<input type="hidden" name="key" value="{escape(key)}">\n'
        f'<input type="hidden" name="secret" value="{escape(secret)}">\n'
        f'<button class="button" type="submit" autofocus>{escape(t("Show the number"))}</button>\n'
        f'</form>\n<p class="faint">{escape(warning)}</p>\n'
    )
    return _page(t, frame, t("Another device"), body)


def number_page(t: Language, frame: PageFrame, name: str, number: int, key: str) -> str:
    """Shows the number, and looks whether it was confirmed."""
    explanation = t(
        "Type this number on the device where you are signed in as {name}. This page goes on by "
        "itself.",
        name=name,
    )
    # A screen reader reads the digits one by one.
    digits = " ".join(str(number))
    body = (
        f"<h1>{escape(t('Your number'))}</h1>\n"
        f'<p class="number" role="img" aria-label="{digits}">{number}</p>\n'
        f"<p>{escape(explanation)}</p>\n{_SCRIPT}"
    )
    head = f'<noscript><meta http-equiv="refresh" content="{REFRESH_SECONDS}"></noscript>\n'
    page = _page(t, frame, t("Another device"), body, head)
    state = f"{frame.base}{DEVICE_PATH}/state/{key}"
    return page.replace("<body>", f'<body data-state="{escape(state)}">', 1)


def refusal_page(t: Language, frame: PageFrame, sentence: str) -> str:
    """Why this device does not come in, with the way to the chat."""
    body = (
        f"<h1>{escape(t('This device is not in'))}</h1>\n"
        f'<p role="alert">{escape(sentence)}</p>\n'
        f'<p class="action"><a class="button" href="{frame.base}/">{escape(t("Open the chat"))}'
        "</a></p>\n"
    )
    return _page(t, frame, t("Another device"), body)


def _page(t: Language, frame: PageFrame, subject: str, body: str, head: str = "") -> str:
    return _PAGE.format(
        language=t.tag,
        title=escape(f"{subject} – {frame.title}"),
        base=frame.base,
        style=_STYLE,
        head=head,
        logo=frame.logo,
        body=body,
    )
