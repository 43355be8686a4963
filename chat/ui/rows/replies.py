"""The link below a message that opens its thread."""

from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.ui.row_parts import THREAD_LINK, OnPartClick
from chat.ui.theme.copied_text import aside
from chat.ui.viewer import ViewerContext


def reply_count_text(message: Message, t: Language) -> str:
    """The number of replies in words, as "2 replies"."""
    return t.plural("{count} reply", "{count} replies", message.replies)


def thread_link(
    message: Message, viewer: ViewerContext, on_part_click: OnPartClick
) -> ft.Semantics:
    text = reply_count_text(message, viewer.t)
    if message.last_reply_at is not None:
        last_reply_time = viewer.format_time(message.last_reply_at)
        text = viewer.t("{replies}, last {time}", replies=text, time=last_reply_time)
    clickable = ft.Container(
        ft.Text(aside(text), size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY),
        margin=viewer.metrics.extras_margin,
        data=THREAD_LINK,
        on_click=partial(on_part_click, message.number, THREAD_LINK),
    )
    return ft.Semantics(content=clickable, container=True)
