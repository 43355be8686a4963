"""Marks in the texts of rows, by which the page copies several messages as a line each.

Flutter copies the texts of a selection without anything between them. The marks are word joiners
around zero-width spaces, which draw nothing and have no direction; `assets/copied-text.js` reads
them. A text that is not marked belongs to the text before it.
"""

import re

import flet as ft

from chat.text.display import is_rtl

# Author and time of a message follow, until the next mark.
HEADER = "\u2060\u200b\u2060"

# A line of a message follows, or of what the chat says.
LINE = "\u2060\u200b\u200b\u2060"

# What follows, until the next mark, nobody said: initials, a reaction, a link of the chat.
ASIDE = "\u2060\u200b\u200b\u200b\u2060"

_MARKS = re.compile("\u2060\u200b{1,3}\u2060")

# A line without author and time.
EVENT = HEADER + LINE

# A space that is drawn and not copied.
PADDING = "\u2060\u00a0\u2060"

# The style of a text that is copied and read to the person, and not drawn.
HIDDEN = ft.TextStyle(size=0.01)


def marked(mark: str, text: str) -> str:
    """A text behind a mark.

    A right-to-left text has none: a mouse that selects several messages would leave it out.
    """
    return text if is_rtl(text) else mark + text


def aside(text: str) -> str:
    """A text that is left out of what is copied, unless it is right-to-left."""
    return text if is_rtl(text) else ASIDE + text + LINE


def without_marks(text: str) -> str:
    """A text without its marks."""
    return _MARKS.sub("", text)


def first_text(control: ft.Control) -> ft.Text | None:
    """The first text of a control; None if it begins with another kind of text."""
    match control:
        case ft.Text():
            return control
        case ft.Column(controls=controls) | ft.Row(controls=controls) if controls:
            return first_text(controls[0])
        case ft.Container(content=ft.Control() as content):
            return first_text(content)
    return None


def put_before(text: ft.Text, prefix: ft.TextSpan) -> None:
    """Put a span before the other content of a text."""
    own = [ft.TextSpan(text.value)] if text.value else []
    text.spans = [prefix, *own, *(text.spans or [])]
    text.value = ""
    if text.semantics_label:
        text.semantics_label = f"{prefix.text or ''}{text.semantics_label}"


def begin_line(control: ft.Control) -> None:
    """Mark the first text of a control as a line of its own, if it begins with a text."""
    text = first_text(control)
    if text is None or text.rtl:
        return
    if text.value:
        text.value = LINE + text.value
    elif text.spans:
        text.spans[0].text = LINE + (text.spans[0].text or "")
