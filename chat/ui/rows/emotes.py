"""Rows of `/me` and of dice rolls."""

import flet as ft

from chat.model.messages import Message
from chat.text.display import bidi_isolate, clamp_combining_marks, is_rtl
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import parse_emote
from chat.text.senders import sender_name, sender_origin
from chat.ui.theme import theme, widgets
from chat.ui.theme.copied_text import EVENT, marked
from chat.ui.viewer import ViewerContext

_BOLD = ft.TextStyle(weight=ft.FontWeight.BOLD)
_ITALIC = ft.TextStyle(italic=True)
_SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)

# The height of one line, in pixels: it is centred beside the avatar.
_LINE_HEIGHT = 22
_MAX_LINES = 25
_MARK_MARGIN = ft.Margin.only(top=3)
_BOX_PADDING = ft.Padding.symmetric(horizontal=12, vertical=6)


def emote_row(message: Message, viewer: ViewerContext, spoken_prefix: str) -> ft.Control:
    """The row of "Ann waves". A screen reader reads `spoken_prefix`, author and time, before it."""
    action = _action_text(parse_emote(message.text) or "")
    spans = [
        ft.TextSpan(marked(EVENT, sender_name(message)), _BOLD),
        ft.TextSpan(f" {action}", _ITALIC),
    ]
    if origin := sender_origin(message, viewer.t):
        spans.append(ft.TextSpan(f" · {origin}", _SMALL))
    spans.append(ft.TextSpan(f"  {viewer.format_time(message.sent_at)}", _SMALL))
    if message.pinned:
        spans.append(ft.TextSpan("  " + viewer.t("pinned"), _SMALL))
    edited = "" if message.edited_at is None else "  " + viewer.t("(edited)")
    if edited:
        spans.append(ft.TextSpan(edited, _SMALL))
    top_padding = max(0, (viewer.metrics.avatar_size - _LINE_HEIGHT) / 2)
    text = ft.Text(
        spans=spans,
        semantics_label=f"{spoken_prefix}\n{action}{edited}",
        rtl=is_rtl(sender_name(message) + action),
    )
    content: ft.Control = text
    if message.author.is_bot:
        text.expand = True
        mark = widgets.bot_mark(viewer.t, is_read=False)
        mark.margin = _MARK_MARGIN
        content = ft.Row([mark, text], spacing=6, vertical_alignment=ft.CrossAxisAlignment.START)
    return ft.Container(content, padding=ft.Padding.only(top=top_padding))


def _action_text(text: str) -> str:
    plain_text = clamp_combining_marks(to_plain_text(text))
    # An emote is not higher than a screen.
    return bidi_isolate(
        " ".join(plain_text.split()) if plain_text.count("\n") > _MAX_LINES else plain_text
    )


class DiceRow(ft.Container):
    """A dice roll, in a box with an icon that no typed text can have."""

    def __init__(self, message: Message, viewer: ViewerContext) -> None:
        notation, _, result = message.text.partition(" = ")
        spans = [
            ft.TextSpan(
                EVENT + viewer.t("{name} rolled {dice}:", name=message.author.name, dice=notation)
            ),
            ft.TextSpan(f" {result}", _BOLD),
            ft.TextSpan(f"  {viewer.format_time(message.sent_at)}", _SMALL),
        ]
        icon = ft.Icon(ft.Icons.CASINO_OUTLINED, size=20, color=ft.Colors.PRIMARY)
        row = ft.Row([icon, ft.Text(spans=spans, expand=True)], spacing=10)
        box = ft.Container(
            row,
            padding=_BOX_PADDING,
            border_radius=10,
            border=theme.OUTLINE,
            bgcolor=ft.Colors.SURFACE_CONTAINER,
            width=theme.BOX_MAX_WIDTH,
        )
        # With an alignment, it may be narrower than the list.
        super().__init__(
            content=box, padding=viewer.metrics.event_padding, alignment=ft.Alignment.CENTER_LEFT
        )

    def is_isolated(self) -> bool:
        """See `ChatMessage.is_isolated`."""
        return True
