"""The line below a message that leads to its thread."""

from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message
from chat.ui.row_parts import THREAD, Touched
from chat.ui.viewer import Clock


def replies(message: Message, t: Language) -> str:
    """ "2 replies"."""
    return t.plural("{count} reply", "{count} replies", message.replies)


def thread_line(message: Message, viewer: Clock, touched: Touched) -> ft.Semantics:
    words = replies(message, viewer.t)
    if message.last_reply_at is not None:
        last = viewer.time(message.last_reply_at)
        words = viewer.t("{replies}, last {time}", replies=words, time=last)
    line = ft.Container(
        ft.Text(words, size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY),
        margin=viewer.rhythm.extras_margin,
        data=THREAD,
        on_click=partial(touched, message.number, THREAD),
    )
    return ft.Semantics(content=line, container=True)
