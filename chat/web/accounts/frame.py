"""The frame of the pages of accounts, and the parts that they are made of.

They are plain HTML: password managers fill them in, and all but passkeys works without scripts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from chat.languages import Language
from chat.model.preferences import Theme

ACCOUNT_PATH = "/account"

_DARK = """--page: #131318; --card: #1b1b21; --field: #0e0e13; --line: #47464f; --text: #e5e1e9;
  --weak: #c8c5d0; --primary: #c3c0ff; --on-primary: #2b2a60; --error: #ffb4ab;
  --warning: #3a2f10; --on-warning: #f3e0a8;"""

_STYLE = f"""
:root {{ color-scheme: light; --page: #fcf8ff; --card: #fff; --field: #fff; --line: #c8c5d0;
  --text: #1b1b21; --weak: #47464f; --primary: #5a5892; --on-primary: #fff; --error: #ba1a1a;
  --warning: #fff3cf; --on-warning: #4a3b00; }}
[data-theme="dark"] {{ color-scheme: dark; {_DARK} }}
@media (prefers-color-scheme: dark) {{
  [data-theme="system"] {{ color-scheme: dark; {_DARK} }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.45 Roboto, system-ui, sans-serif; }}
main {{ max-width: 440px; margin: 0 auto; padding: 40px 20px 56px; overflow-wrap: anywhere; }}
header {{ text-align: center; }}
header svg {{ width: 72px; height: 72px; }}
h1 {{ margin: 16px 0 8px; font-size: 26px; line-height: 1.25; letter-spacing: -.3px;
  text-wrap: balance; }}
h2 {{ margin: 0 0 4px; font-size: 17px; }}
p {{ margin: 0 0 12px; }}
.weak {{ color: var(--weak); font-size: 14px; }}
.refusal {{ color: var(--error); font-weight: 600; }}
.notice {{ font-weight: 600; }}
.warning {{ padding: 10px 14px; border-radius: 12px; background: var(--warning);
  color: var(--on-warning); font-size: 14px; }}
section {{ margin: 20px 0; padding: 18px; border: 1px solid var(--line); border-radius: 18px;
  background: var(--card); }}
section > :last-child, section > form:last-child > :last-child {{ margin-bottom: 0; }}
form {{ margin: 0 0 12px; }}
label {{ display: block; margin: 0 0 4px; color: var(--weak); font-size: 14px; }}
input {{ display: block; width: 100%; height: 50px; margin: 0 0 12px; padding: 0 14px;
  border: 1px solid var(--line); border-radius: 12px; background: var(--field);
  color: inherit; font: inherit; }}
button, .button {{ display: block; width: 100%; min-height: 48px; padding: 12px 20px; border: 0;
  border-radius: 24px; background: var(--primary); color: var(--on-primary); font: inherit;
  font-weight: 600; line-height: 24px; text-align: center; text-decoration: none;
  cursor: pointer; }}
.quiet {{ border: 1px solid var(--line); background: none; color: var(--primary);
  padding: 11px 20px; }}
button:disabled {{ opacity: .6; cursor: default; }}
.or {{ display: flex; align-items: center; gap: 12px; margin: 16px 0; color: var(--weak);
  font-size: 14px; }}
.or::before, .or::after {{ content: ""; flex: 1; height: 1px; background: var(--line); }}
ul {{ list-style: none; margin: 0 0 12px; padding: 0; }}
li {{ display: flex; align-items: center; gap: 12px; padding: 8px 0; }}
li + li {{ border-top: 1px solid var(--line); }}
li span {{ flex: 1; min-width: 0; }}
li small {{ display: block; color: var(--weak); font-size: 13px; }}
li form {{ margin: 0; }}
li button {{ width: auto; min-height: 44px; padding: 9px 16px; }}
details {{ margin: 12px 0 0; }}
summary {{ padding: 10px 0; color: var(--primary); font-weight: 600; cursor: pointer; }}
.names {{ display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; }}
.names button {{ width: auto; }}
a {{ color: var(--primary); }}
.button {{ color: var(--on-primary); }}
.button.quiet {{ color: var(--primary); }}
:focus-visible {{ outline: 2px solid var(--primary); outline-offset: 2px; }}
[hidden] {{ display: none; }}
"""

_PAGE = """<!DOCTYPE html>
<html lang="{language}" data-theme="{theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="theme-color" content="#FCF8FF" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#131318" media="(prefers-color-scheme: dark)">
<link rel="icon" href="{base}/favicon.png">
{head}<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>{logo}
<h1>{heading}</h1></header>
{body}</main>
{script}</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages show: the title of the chat and its logo, an SVG.

    `base` is the path prefix of the chat, `key` that of the browser's forms, `is_in_the_clear`
    whether others in the network can read what is entered.
    """

    t: Language
    title: str
    logo: str
    base: str
    key: str
    theme: Theme = Theme.SYSTEM
    is_in_the_clear: bool = False

    def page(self, heading: str, *parts: str, script: str = "", head: str = "") -> str:
        """The page with this heading and these parts."""
        return _PAGE.format(
            language=self.t.tag,
            theme=self.theme.value,
            base=self.base,
            title=escape(f"{heading} · {self.title}"),
            style=_STYLE,
            logo=self.logo,
            heading=escape(heading),
            body="".join(parts),
            script=script,
            head=head,
        )

    def form(self, path: str, *parts: str, **hidden: str) -> str:
        """A form that is sent to `/account<path>`."""
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">\n'
            for name, value in (("key", self.key), *hidden.items())
        )
        action = f"{self.base}{ACCOUNT_PATH}{path}"
        return (
            f'<form action="{action}" method="post" accept-charset="utf-8">\n{fields}'
            f"{''.join(parts)}</form>\n"
        )

    def clear_text_warning(self) -> str:
        """The sentence where a password travels in the clear, else ""."""
        if not self.is_in_the_clear:
            return ""
        return (
            '<p class="warning" role="note">'
            + escape(
                self.t(
                    "This page is not encrypted: others in your network can read what you enter "
                    "here. Take no password that you use elsewhere."
                )
            )
            + "</p>\n"
        )


def text_field(
    name: str,
    label: str,
    autocomplete: str,
    value: str = "",
    *,
    is_focused: bool = False,
    id_suffix: str = "",
) -> str:
    """A field with its label; `autocomplete` is the token that password managers read
    (HTML, 4.10.18.7). `id_suffix` tells fields of one name in several forms apart.
    """
    field_id = name + id_suffix
    kind = "password" if autocomplete.endswith("-password") else "text"
    focus = " autofocus" if is_focused else ""
    spelling = ' autocapitalize="none" spellcheck="false"' if kind == "text" else ""
    return (
        f'<label for="{field_id}">{escape(label)}</label>\n'
        f'<input type="{kind}" id="{field_id}" name="{name}" value="{escape(value)}"'
        f' autocomplete="{autocomplete}" maxlength="200"{spelling} required{focus}>\n'
    )


def button(label: str, *, is_quiet: bool = False) -> str:
    """The button that sends its form."""
    look = ' class="quiet"' if is_quiet else ""
    return f'<button type="submit"{look}>{escape(label)}</button>\n'


def link(address: str, label: str) -> str:
    """A link that looks like a button."""
    return f'<p><a class="button quiet" href="{escape(address)}">{escape(label)}</a></p>\n'


def weak(text: str) -> str:
    """A sentence that explains."""
    return f'<p class="weak">{escape(text)}</p>\n'


def refusal(sentence: str) -> str:
    """Why something was refused; nothing for ""."""
    return f'<p class="refusal" role="alert">{escape(sentence)}</p>\n' if sentence else ""


def notice(sentence: str) -> str:
    """What was done; nothing for ""."""
    return f'<p class="notice" role="status">{escape(sentence)}</p>\n' if sentence else ""


def section(heading: str, *parts: str) -> str:
    """A part of a page with a heading."""
    return f"<section>\n<h2>{escape(heading)}</h2>\n{''.join(parts)}</section>\n"


def separator(word: str) -> str:
    """A line between two ways to the same end."""
    return f'<p class="or">{escape(word)}</p>\n'


def name_buttons(names: Iterable[str]) -> str:
    """A button for each free name, which sends its form."""
    buttons = "".join(
        f'<button type="submit" name="suggestion" value="{escape(each)}" class="quiet">'
        f"{escape(each)}</button>\n"
        for each in names
    )
    return f'<div class="names">\n{buttons}</div>\n' if buttons else ""
