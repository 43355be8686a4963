"""The line above a message: who says it, and when.

A bot has a mark behind its name. It is a box with a colour of its own, which no name can contain.
"""

from functools import partial

import flet as ft

from chat.model.messages import Message
from chat.text.display import is_rtl
from chat.text.emoji import is_emoji_only
from chat.text.senders import sender_name, sender_origin, spoken_sender
from chat.ui.row_parts import AUTHOR_NAME, OnPartClick
from chat.ui.theme import widgets
from chat.ui.theme.copied_text import HEADER, LINE
from chat.ui.viewer import ViewerContext

_SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
_BOLD = ft.TextStyle(weight=ft.FontWeight.BOLD)

# Between the name, the mark and the time, in pixels.
_MARK_GAP = 2


def row_header(message: Message, viewer: ViewerContext, on_part_click: OnPartClick) -> ft.Control:
    """Name and time; the name opens the card of the author.

    A right-to-left name is a text of its own, with the time at its right. In one text with the
    time, a selection by mouse that began above would leave it out.
    """
    name, label = sender_name(message), spoken_header(message, viewer)
    details = f"  {viewer.format_time(message.sent_at)}"
    spans = [ft.TextSpan(name, _BOLD), ft.TextSpan(details, _SMALL)]
    if not message.deleted:
        spans[0].data = AUTHOR_NAME
        spans[0].on_click = partial(on_part_click, message.number, AUTHOR_NAME)
    if message.pinned:
        spans.append(ft.TextSpan("  " + viewer.t("pinned"), _SMALL))
    spans[-1].text = f"{spans[-1].text}{LINE}"
    if message.author.is_bot:
        return _bot_header(message, viewer, spans, label)
    if not is_rtl(name):
        spans[0].text = HEADER + name
        return ft.Text(spans=spans, semantics_label=label)
    name_text = ft.Text(spans=spans[:1], rtl=True, expand=True, expand_loose=True)
    name_text.semantics_label = label
    return ft.Row(
        [
            ft.Text(HEADER, semantics_label=""),
            name_text,
            ft.Text(spans=spans[1:], semantics_label=""),
        ],
        spacing=0,
        vertical_alignment=ft.CrossAxisAlignment.END,
    )


def _bot_header(
    message: Message, viewer: ViewerContext, spans: list[ft.TextSpan], label: str
) -> ft.Row:
    """Name, mark, origin and time, on as many lines as they need."""
    name, icon = sender_name(message), "" if message.via is None else message.via.icon
    named = [ft.TextSpan(f"{icon} "), spans[0]] if is_emoji_only(icon) else spans[:1]
    controls: list[ft.Control] = []
    if is_rtl(name):
        controls.append(ft.Text(HEADER, semantics_label=""))
    else:
        named[0].text = f"{HEADER}{named[0].text}"
    # The mark is a word of the copied line.
    named[-1].text = f"{named[-1].text} "
    name_text = ft.Text(spans=named, rtl=is_rtl(name), semantics_label=label)
    rest = spans[1:]
    if origin := sender_origin(message, viewer.t):
        rest.insert(0, ft.TextSpan(f" · {origin}", _SMALL))
    mark = widgets.bot_mark(viewer.t, is_read=False)
    return _marked_row([*controls, name_text, mark, ft.Text(spans=rest, semantics_label="")])


def list_header(message: Message, details: str, viewer: ViewerContext) -> ft.Control:
    """Name and `details` above a message in a list; nothing of it can be clicked by itself."""
    spans = [ft.TextSpan(sender_name(message), _BOLD), ft.TextSpan(f"  {details}", _SMALL)]
    if not message.author.is_bot:
        return ft.Text(spans=spans)
    origin = sender_origin(message, viewer.t)
    if origin:
        spans[1].text = f" · {origin}  {details}"
    spans[0].text = f"{spans[0].text} "
    texts = [ft.Text(spans=[each]) for each in spans]
    return _marked_row([texts[0], widgets.bot_mark(viewer.t), texts[1]])


def _marked_row(controls: list[ft.Control]) -> ft.Row:
    """Texts with a mark between them, on as many lines as they need."""
    return ft.Row(
        controls,
        spacing=_MARK_GAP,
        run_spacing=0,
        wrap=True,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )


def spoken_header(message: Message, viewer: ViewerContext) -> str:
    """Author and time, as a screen reader reads them before the text."""
    pinned = f" {viewer.t('pinned')}," if message.pinned else ""
    name = spoken_sender(message, viewer.t)
    return f"{name}, {viewer.format_time(message.sent_at)},{pinned}"
