"""How a message's text is drawn: plain, large, folded, or with its marks.

Whatever is drawn depends on the text and on what the viewer has opened of it, and on nothing else.
"""

from collections.abc import Callable
from functools import partial

import flet as ft

from chat.languages import Language
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.text.emoji import is_emoji_only
from chat.text.markup import reader
from chat.text.markup.nodes import Markup
from chat.ui.markup.blocks import BlockRenderer, TooManyControls, suffix_span
from chat.ui.row_parts import MORE

# A text of more lines is folded to so many.
_FOLDED_FROM, _FOLDED_TO = 40, 25

_LARGE = 32


def shown(text: str, opened: tuple[int, ...] = ()) -> tuple[str, int]:
    """What of a text is on the screen, and how many lines are not."""
    lines = text.count("\n") + 1
    if lines <= _FOLDED_FROM or MORE in opened:
        return text, 0
    return "\n".join(text.split("\n", _FOLDED_TO)[:_FOLDED_TO]), lines - _FOLDED_TO


def read(text: str, opened: tuple[int, ...] = ()) -> Markup | None:
    """The markup of what is on the screen; its parts have the numbers from IN_TEXT on."""
    return reader.parse_markup(shown(text, opened)[0])


def said(
    text: str,
    t: Language,
    touched: Callable[[int], object],
    opened: tuple[int, ...] = (),
    mark: str = "",
) -> ft.Control:
    """A message's text; `mark` stands behind it, and `touched(part)` is called of what answers."""
    piece, missing = shown(text, opened)
    folded = missing or MORE in opened
    found = reader.parse_markup(piece)
    body: ft.Control | None = None
    if found is not None:
        try:
            body = BlockRenderer(t, touched, opened).render(found.blocks, "" if folded else mark)
        except TooManyControls:
            body = None
    if body is None:
        body = _plain(piece, "" if folded else mark)
    return _with_fold(body, missing, mark, t, touched) if folded else body


def fills(text: ft.Control) -> bool:
    """Whether a text needs the whole width to stand right."""
    return not isinstance(text, ft.Text) or text.rtl


def _plain(text: str, mark: str) -> ft.Text:
    words, rtl = clamp_combining_marks(text), is_rtl(text)
    plain = ft.Text(
        bidi_isolate(words) if mark else words, spans=[suffix_span(mark)] if mark else None
    )
    if rtl:
        plain.rtl = True
    if not mark and is_emoji_only(text):
        plain.size = _LARGE
    return plain


_MORE = ft.TextStyle(size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY)


def _with_fold(
    body: ft.Control, missing: int, mark: str, t: Language, touched: Callable[[int], object]
) -> ft.Control:
    words = t("Show less")
    if missing:
        words = t.plural("Show one more line", "Show {count} more lines", missing)
    more = ft.Container(
        ft.Text(words, style=_MORE, spans=[suffix_span(mark)] if mark else None),
        data=MORE,
        on_click=partial(touched, MORE),
    )
    parts = [body, ft.Semantics(content=more, container=True, button=True)]
    return ft.Column(
        parts, spacing=4, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH
    )
