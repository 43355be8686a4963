"""The quoted message above a reply."""

from functools import partial

import flet as ft

from chat.model.messages import Message
from chat.text.display import bidi_isolate, clamp_combining_marks
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import parse_emote
from chat.ui.row_parts import QUOTE, Touched
from chat.ui.rows.file_preview import sign
from chat.ui.viewer import Clock

_QUOTED = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT)


_QUOTED_NAME = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600)


_QUOTED_DEED = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, italic=True)


_BESIDE = ft.Border(left=ft.BorderSide(3, ft.Colors.OUTLINE_VARIANT))


_INSIDE_QUOTE = ft.Padding.only(left=10)


def quote_line(message: Message, viewer: Clock, touched: Touched) -> ft.Semantics:
    quote = message.quote
    assert quote is not None
    deed = parse_emote(quote.text)
    words = to_plain_text(deed or quote.text, truncated=True)
    words = clamp_combining_marks(" ".join(words.split())) or viewer.t("Message deleted")
    between, style = ("  ", _QUOTED) if deed is None else (" ", _QUOTED_DEED)
    name = ft.TextSpan(quote.author_name + between, _QUOTED_NAME)
    spans = [name, ft.TextSpan(bidi_isolate(words), style)]
    said: ft.Control = ft.Text(spans=spans, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS)
    if quote.file is not None:
        said.expand = True
        said = ft.Row([sign(quote.file, viewer.source, viewer.t), said], spacing=8)
    line = ft.Container(
        said,
        border=_BESIDE,
        padding=_INSIDE_QUOTE,
        margin=viewer.rhythm.extras_margin,
        data=QUOTE,
        on_click=partial(touched, message.number, QUOTE),
    )
    return ft.Semantics(content=line, container=True)
