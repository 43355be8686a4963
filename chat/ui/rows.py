"""One row of the timeline: talk, an arrival, and the line between two days.

A row depends on its message, the one before it and the viewer's clock, and on nothing else, so
that it is the same row in every session with that clock.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import flet as ft

from chat.messages import Kind, Message
from chat.ui import look
from chat.ui.clock import Clock

# Within this time a person's next row stands without avatar and name.
FOLLOWS = timedelta(minutes=5)

# What `name` did; `what` is what the message holds.
_DID = {
    Kind.JOINED: "{name} has joined the {what}.",
    Kind.LEFT: "{name} has left the {what}.",
    Kind.MADE: "{name} made this room.",
    Kind.INVITED: "{name} invited {what}.",
    Kind.RENAMED: "{name} renamed the room to “{what}”.",
    Kind.TOPIC: "{name} changed the topic to “{what}”.",
    Kind.ARCHIVED: "{name} archived this room.",
    Kind.REOPENED: "{name} opened this room again.",
}
_NO_TOPIC = "{name} took the topic away."


# The part of a row that answers: what stands left of the text leads to what can be done.
ACTIONS = 1

Touched = Callable[[int, int], Awaitable[None]]


def row(message: Message, previous: Message | None, clock: Clock, touched: Touched) -> ft.Control:
    """The row of `message`; above it a line if a day begins with it.

    `touched(number, part)` is awaited when a part that answers is.
    """
    begins_day = previous is None or clock.day(previous.sent_at) != clock.day(message.sent_at)
    if message.kind is Kind.TEXT:
        follows = not begins_day and previous is not None and _follows(message, previous)
        body: ft.Control = ChatMessage(message, clock, touched, follows=follows)
    else:
        body = ChatEvent(message)
    if not begins_day:
        body.key = key(message.number)
        return body
    line = DayLine(clock.day_in_words(message.sent_at))
    return ft.Column([line, body], spacing=0, tight=True, key=key(message.number))


def key(number: int) -> str:
    """The key of a message's row."""
    return f"m{number}"


def _follows(message: Message, previous: Message) -> bool:
    return (
        previous.kind is Kind.TEXT
        and previous.author.id == message.author.id
        and message.sent_at - previous.sent_at < FOLLOWS
    )


class ChatMessage(ft.Row):
    """What somebody said: avatar, name and time, text; a following row is text alone."""

    def __init__(
        self, message: Message, clock: Clock, touched: Touched, *, follows: bool = False
    ) -> None:
        name, time = message.author.name, clock.time(message.sent_at)
        text = _text(message)
        head = ft.Text(
            spans=[
                ft.TextSpan(name, ft.TextStyle(weight=ft.FontWeight.BOLD)),
                ft.TextSpan(
                    f"  {time}",
                    ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT),
                ),
            ]
        )
        more = ft.Icon(ft.Icons.MORE_HORIZ, size=16, color=ft.Colors.OUTLINE_VARIANT)
        side = ft.Container(more if follows else look.avatar(name), width=look.AVATAR)
        if not message.deleted:
            side.data = ACTIONS
            side.on_click = partial(touched, message.number, ACTIONS)
        body: list[ft.Control] = [text] if follows else [head, text]
        super().__init__(
            controls=[side, ft.Column(body, spacing=1, tight=True, expand=True)],
            spacing=look.GAP,
            vertical_alignment=ft.CrossAxisAlignment.START,
            margin=ft.Margin.only(
                left=look.EDGE, right=look.EDGE, top=2 if follows else 10, bottom=2
            ),
        )

    def is_isolated(self) -> bool:
        """A row never changes by itself: the diff of its list need not look inside."""
        return True


def _text(message: Message) -> ft.Text:
    if message.deleted:
        return look.quiet("Message deleted", 14, italic=True)
    if message.edited_at is None:
        return ft.Text(message.text)
    small = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
    return ft.Text(message.text, spans=[ft.TextSpan("  (edited)", small)])


def _what_happened(message: Message) -> str:
    what, words = message.text, _DID[message.kind]
    if message.kind in {Kind.JOINED, Kind.LEFT}:
        what = what or "chat"
    elif message.kind is Kind.TOPIC and not what:
        words = _NO_TOPIC
    return words.format(name=message.author.name, what=what)


class ChatEvent(ft.Container):
    """That somebody came or went, in italics on the text's left edge."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            content=look.quiet(_what_happened(message), 13, italic=True),
            padding=ft.Padding.only(
                left=look.EDGE + look.AVATAR + look.GAP, right=look.EDGE, top=8, bottom=2
            ),
        )

    def is_isolated(self) -> bool:
        """As a ChatMessage."""
        return True


class DayLine(ft.Container):
    """The line between two days."""

    def __init__(self, words: str) -> None:
        def rule() -> ft.Container:
            line = ft.Divider(height=1, color=ft.Colors.OUTLINE_VARIANT)
            return ft.Container(line, expand=True)

        label = look.quiet(words, weight=ft.FontWeight.W_600)
        super().__init__(
            content=ft.Row([rule(), label, rule()], spacing=12),
            padding=ft.Padding.symmetric(horizontal=look.EDGE, vertical=8),
        )
