"""The link below a message that opens its thread."""

from datetime import UTC, datetime
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.ui.row_parts import THREAD_LINK, OnPartClick
from chat.ui.theme import widgets
from chat.ui.theme.copied_text import aside
from chat.ui.viewer import ViewerContext

# Around the words, in pixels: a finger finds 28 pixels. The words begin where the text above does.
_SIDE = 6
_PADDING = ft.Padding.symmetric(horizontal=_SIDE, vertical=4)
_FACE_SIZE = 20


def reply_count_text(message: Message, t: Language) -> str:
    """The number of replies in words, as "2 replies"."""
    return t.plural("{count} reply", "{count} replies", message.replies)


def thread_link(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick
) -> ft.Semantics:
    """The faces of those who replied last, the number of replies, and when the last was written."""
    t, text = viewer.t, reply_count_text(message, viewer.t)
    if (moment := message.last_reply_at) is not None:
        if viewer.local_date(moment) == viewer.local_date(datetime.now(UTC)):
            text = t("{replies}, last {time}", replies=text, time=viewer.format_time(moment))
        else:
            when = viewer.format_date_time(moment)
            text = t("{replies}, last: {when}", replies=text, when=when)
    margin = viewer.metrics.extras_margin
    faces = [
        widgets.avatar(each.name, _FACE_SIZE, viewer.avatar_url(each)) for each in message.repliers
    ]
    label = ft.Text(aside(text), size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY)
    clickable = ft.Container(
        ft.Row([*faces, label], spacing=4, tight=True) if faces else label,
        padding=_PADDING,
        margin=ft.Margin.only(left=(margin.left or 0) - _SIDE, bottom=margin.bottom),
        border_radius=8,
        data=THREAD_LINK,
        on_click=partial(on_part_click, message.number, THREAD_LINK),
    )
    return ft.Semantics(content=clickable, container=True)
