"""The quoted message above a reply."""

from functools import partial

import flet as ft

from chat.model.messages import Message
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import parse_emote
from chat.ui.moderated_rows.hidden import hidden_text
from chat.ui.row_parts import QUOTE, OnPartClick
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.theme import widgets
from chat.ui.theme.copied_text import ASIDE, LINE, aside
from chat.ui.viewer import ViewerContext

_QUOTE_STYLE = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT)


_QUOTE_NAME_STYLE = ft.TextStyle(
    size=13, color=ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600
)


_QUOTE_EMOTE_STYLE = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, italic=True)


_QUOTE_BORDER = ft.Border(left=ft.BorderSide(3, ft.Colors.OUTLINE_VARIANT))


_QUOTE_PADDING = ft.Padding.only(left=10)


def quote_preview(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick, *, is_hidden: bool = False
) -> ft.Semantics:
    """The quoted message; one that `is_hidden` is neither named nor shown."""
    quote = message.quote
    assert quote is not None
    if is_hidden:
        hidden = widgets.secondary_text(
            aside(hidden_text(viewer.t)), 13, italic=viewer.t.has_italics
        )
        return _framed(hidden, message, viewer, on_part_click)
    emote = parse_emote(quote.text)
    text = to_plain_text(emote or quote.text, truncated=True)
    text = clamp_combining_marks(" ".join(text.split())) or viewer.t("Message deleted")
    separator, style = ("  ", _QUOTE_STYLE) if emote is None else (" ", _QUOTE_EMOTE_STYLE)
    text_is_rtl = is_rtl(quote.author_name + text)
    start, end = ("", "") if text_is_rtl else (ASIDE, LINE)
    name = ft.TextSpan(start + quote.author_name + separator, _QUOTE_NAME_STYLE)
    spans = [name, ft.TextSpan(bidi_isolate(text) + end, style)]
    content: ft.Control = ft.Text(
        spans=spans,
        max_lines=2,
        overflow=ft.TextOverflow.ELLIPSIS,
        rtl=text_is_rtl,
    )
    if quote.file is not None or quote.is_bot:
        content.expand = True
        leading: list[ft.Control] = []
        if quote.file is not None:
            leading.append(file_thumbnail(quote.file, viewer.image_url, viewer.t))
        if quote.is_bot:
            # The name follows it.
            leading.append(widgets.bot_mark(viewer.t))
        content = ft.Row([*leading, content], spacing=8)
    return _framed(content, message, viewer, on_part_click)


def _framed(
    content: ft.Control, message: Message, viewer: ViewerContext, on_part_click: OnPartClick
) -> ft.Semantics:
    clickable = ft.Container(
        content,
        border=_QUOTE_BORDER,
        padding=_QUOTE_PADDING,
        margin=viewer.metrics.extras_margin,
        data=QUOTE,
        on_click=partial(on_part_click, message.number, QUOTE),
    )
    return ft.Semantics(content=clickable, container=True)
