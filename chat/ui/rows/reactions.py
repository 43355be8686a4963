"""What hangs on a message in its row: the quote above it, reactions and its thread below it."""

from collections.abc import Callable
from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.messages import Message, Reaction
from chat.text.markup.reader import in_words
from chat.text.message_text import doing, drawn, isolated
from chat.ui.rows.file_preview import sign
from chat.ui.view import CHIP, QUOTE, THREAD, Touched, View
from chat.ui.viewer import Clock

# So many of those who reacted are named.
_NAMED = 10

_QUOTED = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT)
_QUOTED_NAME = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600)
_QUOTED_DEED = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, italic=True)
_BESIDE = ft.Border(left=ft.BorderSide(3, ft.Colors.OUTLINE_VARIANT))
_INSIDE_QUOTE = ft.Padding.only(left=10)
_INSIDE_CHIP = ft.Padding.symmetric(horizontal=8, vertical=2)
_CHIP, _OWN_CHIP = (
    ft.Border.all(1, color) for color in (ft.Colors.OUTLINE_VARIANT, ft.Colors.PRIMARY)
)


def quote_line(message: Message, clock: Clock, touched: Touched) -> ft.Semantics:
    quote = message.quote
    assert quote is not None
    deed = doing(quote.text)
    words = in_words(deed or quote.text, cut=True)
    words = drawn(" ".join(words.split())) or clock.say("Message deleted")
    between, style = ("  ", _QUOTED) if deed is None else (" ", _QUOTED_DEED)
    name = ft.TextSpan(quote.name + between, _QUOTED_NAME)
    spans = [name, ft.TextSpan(isolated(words), style)]
    said: ft.Control = ft.Text(spans=spans, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS)
    if quote.file is not None:
        said.expand = True
        said = ft.Row([sign(quote.file, clock.source, clock.say), said], spacing=8)
    line = ft.Container(
        said,
        border=_BESIDE,
        padding=_INSIDE_QUOTE,
        margin=clock.rhythm.below,
        data=QUOTE,
        on_click=partial(touched, message.number, QUOTE),
    )
    return ft.Semantics(content=line, container=True)


def reaction_chips(message: Message, clock: Clock, touched: Touched, view: View) -> ft.Row:
    chips: list[ft.Control] = [
        _chip(reaction, partial(touched, message.number, CHIP + n), CHIP + n, view, clock.say)
        for n, reaction in enumerate(message.reactions)
    ]
    return ft.Row(chips, spacing=4, run_spacing=4, wrap=True, margin=clock.rhythm.below)


def _chip(
    reaction: Reaction, on_click: Callable[[], object], part: int, view: View, say: Language
) -> ft.Control:
    own = reaction.emoji in view.mine
    chip = ft.Container(
        ft.Text(f"{reaction.emoji} {len(reaction.people)}", size=13),
        padding=_INSIDE_CHIP,
        border_radius=12,
        border=_OWN_CHIP if own else _CHIP,
        bgcolor=ft.Colors.PRIMARY_CONTAINER if own else ft.Colors.SURFACE_CONTAINER,
        tooltip=who_reacted(reaction, say),
        data=part,
        on_click=on_click,
    )
    return ft.Semantics(content=chip, container=True)


def who_reacted(reaction: Reaction, say: Language) -> str:
    """ "Ann, Bob and 3 others reacted with 👍"."""
    names, emoji = say.listed(person.name for person in reaction.people[:_NAMED]), reaction.emoji
    if (more := len(reaction.people) - _NAMED) <= 0:
        return say("{names} reacted with {emoji}", names=names, emoji=emoji)
    return say.many(
        "{names} and {count} other reacted with {emoji}",
        "{names} and {count} others reacted with {emoji}",
        more,
        names=names,
        emoji=emoji,
    )


def replies(message: Message, say: Language) -> str:
    """ "2 replies"."""
    return say.many("{count} reply", "{count} replies", message.replies)


def thread_line(message: Message, clock: Clock, touched: Touched) -> ft.Semantics:
    words = replies(message, clock.say)
    if message.last_reply_at is not None:
        last = clock.time(message.last_reply_at)
        words = clock.say("{replies}, last {time}", replies=words, time=last)
    line = ft.Container(
        ft.Text(words, size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY),
        margin=clock.rhythm.below,
        data=THREAD,
        on_click=partial(touched, message.number, THREAD),
    )
    return ft.Semantics(content=line, container=True)
