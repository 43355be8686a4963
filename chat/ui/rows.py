"""One row of the timeline: talk, what happened to the room, and the lines between rows.

A row depends on its message, the one before it, the viewer's clock and a `View`, and on nothing
else, so that it is the same row in every session with that clock; nearly always the view is, too.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import flet as ft

from chat.messages import Kind, Message, Reaction
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

# The parts of a row that answer: the whole of it to a mouse and to a finger, what stands left of
# the text, the line about its thread, what it quotes, and from CHIP on the reactions below it.
ROW, HOLD, ACTIONS, THREAD, QUOTE, CHIP = 1, 2, 3, 4, 5, 6

Touched = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class View:
    """How one viewer sees a message: whether unread ones begin with it, whether an address led to
    it, whether it calls them, and which reactions below it are theirs. `anchor` is whether their
    list is to be scrolled to it."""

    new: bool = False
    marked: bool = False
    called: bool = False
    anchor: bool = False
    mine: tuple[str, ...] = ()


# How everyone sees nearly every message.
SAME = View()


def row(
    message: Message,
    previous: Message | None,
    clock: Clock,
    touched: Touched,
    view: View = SAME,
) -> ft.Control:
    """The row of `message`; above it a line if a day begins with it, or what is unread.

    `touched(number, part)` is awaited when a part that answers is.
    """
    begins_day = previous is None or clock.day(previous.sent_at) != clock.day(message.sent_at)
    lines: list[ft.Control] = []
    if begins_day:
        lines.append(Line(clock.day_in_words(message.sent_at)))
    if view.new:
        lines.append(Line("New messages", ft.Colors.ERROR))
    if message.gone:
        # Its place in the order stays, and nothing is seen of it.
        body: ft.Control = ft.Container()
    elif message.kind is Kind.TEXT:
        follows = not lines and previous is not None and _follows(message, previous)
        body = ChatMessage(message, clock, touched, view, follows=follows)
    else:
        body = ChatEvent(message)
    whole = ft.Column([*lines, body], spacing=0, tight=True) if lines else body
    # With the event: to Flet a row of the same key that is isolated is the same row.
    name = f"m{message.number}"
    whole.key = _scroll_key(name) if view.anchor else f"{name}.{message.event}"
    return whole


def _scroll_key(name: str) -> ft.ScrollKey:
    """A key that a list can be scrolled to. (How Flet makes the class hides its field.)"""
    make: Callable[[str], ft.ScrollKey] = ft.ScrollKey  # type: ignore[assignment]
    return make(name)


def _follows(message: Message, previous: Message) -> bool:
    return (
        previous.kind is Kind.TEXT
        and not previous.gone
        and previous.author.id == message.author.id
        and message.sent_at - previous.sent_at < FOLLOWS
        and message.quote is None
        and not message.pinned
    )


class ChatMessage(ft.GestureDetector):
    """What somebody said: avatar, name and time, text; a following row is text alone.

    It stays one leaf for screen readers: whatever answers in it stands in a leaf of its own.
    """

    def __init__(
        self,
        message: Message,
        clock: Clock,
        touched: Touched,
        view: View = SAME,
        *,
        follows: bool = False,
    ) -> None:
        content: ft.Control = _said(message, clock, touched, follows=follows)
        extras = _extras(message, clock, touched, view)
        if message.quote is not None or extras:
            above = [] if message.quote is None else [_quote(message, touched)]
            parts = [*above, ft.Semantics(content=content, container=True), *extras]
            content = ft.Column(parts, spacing=1, tight=True)
        color: ft.ColorValue | None = None
        if view.marked:
            color = ft.Colors.TERTIARY_CONTAINER
        elif view.called:
            color = look.CALLED
        body = ft.Container(content, padding=_FOLLOWING if follows else _FIRST, bgcolor=color)
        if message.deleted:
            super().__init__(content=body, exclude_from_semantics=True)
            return
        # A mouse that is held selects text; a finger asks what can be done.
        held = ft.GestureDetector(
            content=body,
            exclude_from_semantics=True,
            allowed_devices=_FINGERS,
            data=HOLD,
            on_long_press=partial(touched, message.number, HOLD),
        )
        super().__init__(
            content=held,
            exclude_from_semantics=True,
            data=ROW,
            on_enter=partial(touched, message.number, ROW),
            on_secondary_tap_down=partial(touched, message.number, ROW),
        )

    def is_isolated(self) -> bool:
        """A row never changes by itself: the diff of its list need not look inside."""
        return True


_FINGERS = [ft.PointerDeviceType.TOUCH, ft.PointerDeviceType.STYLUS]
_FIRST, _FOLLOWING = (
    ft.Padding.only(left=look.EDGE, right=look.EDGE, top=top, bottom=2) for top in (10, 2)
)
_SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
_BOLD = ft.TextStyle(weight=ft.FontWeight.BOLD)
_QUOTED = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT)
_QUOTED_NAME = ft.TextStyle(size=13, color=ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600)
_BESIDE = ft.Border(left=ft.BorderSide(3, ft.Colors.OUTLINE_VARIANT))
_INSIDE_QUOTE = ft.Padding.only(left=10)
_INDENT = look.AVATAR + look.GAP
_BELOW = ft.Margin.only(left=_INDENT, top=3, bottom=2)
_INSIDE_CHIP = ft.Padding.symmetric(horizontal=8, vertical=2)
_CHIP, _OWN_CHIP = (
    ft.Border.all(1, color) for color in (ft.Colors.OUTLINE_VARIANT, ft.Colors.PRIMARY)
)


def _said(message: Message, clock: Clock, touched: Touched, *, follows: bool) -> ft.Row:
    side = ft.Container(None if follows else look.avatar(message.author.name), width=look.AVATAR)
    if not message.deleted:
        side.data = ACTIONS
        side.on_click = partial(touched, message.number, ACTIONS)
    text = _text(message)
    body: list[ft.Control] = [text] if follows else [_head(message, clock), text]
    return ft.Row(
        [side, ft.Column(body, spacing=1, tight=True, expand=True)],
        spacing=look.GAP,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _extras(message: Message, clock: Clock, touched: Touched, view: View) -> list[ft.Control]:
    """What stands below the text."""
    extras: list[ft.Control] = []
    if message.reactions:
        extras.append(_reactions(message, touched, view))
    if message.replies:
        extras.append(_thread(message, clock, touched))
    return extras


def _head(message: Message, clock: Clock) -> ft.Text:
    spans = [
        ft.TextSpan(message.author.name, _BOLD),
        ft.TextSpan(f"  {clock.time(message.sent_at)}", _SMALL),
    ]
    if message.pinned:
        spans.append(ft.TextSpan("  pinned", _SMALL))
    return ft.Text(spans=spans)


def _text(message: Message) -> ft.Text:
    if message.deleted:
        return look.quiet("Message deleted", 14, italic=True)
    if message.edited_at is None:
        return ft.Text(message.text)
    return ft.Text(message.text, spans=[ft.TextSpan("  (edited)", _SMALL)])


def _quote(message: Message, touched: Touched) -> ft.Semantics:
    quote = message.quote
    assert quote is not None
    words = " ".join(quote.text.split()) or "Message deleted"
    spans = [ft.TextSpan(f"{quote.name}  ", _QUOTED_NAME), ft.TextSpan(words, _QUOTED)]
    line = ft.Container(
        ft.Text(spans=spans, max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
        border=_BESIDE,
        padding=_INSIDE_QUOTE,
        margin=_BELOW,
        data=QUOTE,
        on_click=partial(touched, message.number, QUOTE),
    )
    return ft.Semantics(content=line, container=True)


def _reactions(message: Message, touched: Touched, view: View) -> ft.Row:
    chips: list[ft.Control] = [
        _chip(reaction, partial(touched, message.number, CHIP + n), CHIP + n, view)
        for n, reaction in enumerate(message.reactions)
    ]
    return ft.Row(chips, spacing=4, run_spacing=4, wrap=True, margin=_BELOW)


def _chip(reaction: Reaction, on_click: Callable[[], object], part: int, view: View) -> ft.Control:
    own = reaction.emoji in view.mine
    chip = ft.Container(
        ft.Text(f"{reaction.emoji} {len(reaction.people)}", size=13),
        padding=_INSIDE_CHIP,
        border_radius=12,
        border=_OWN_CHIP if own else _CHIP,
        bgcolor=ft.Colors.PRIMARY_CONTAINER if own else ft.Colors.SURFACE_CONTAINER,
        tooltip=who_reacted(reaction),
        data=part,
        on_click=on_click,
    )
    return ft.Semantics(content=chip, container=True)


def who_reacted(reaction: Reaction) -> str:
    """ "Ann, Bob and 3 others reacted with 👍"."""
    names = [person.name for person in reaction.people[:10]]
    more = len(reaction.people) - len(names)
    others = f" and {more} others" if more > 1 else " and 1 other" if more else ""
    return f"{', '.join(names)}{others} reacted with {reaction.emoji}"


def _thread(message: Message, clock: Clock, touched: Touched) -> ft.Semantics:
    count = "1 reply" if message.replies == 1 else f"{message.replies} replies"
    last = ""
    if message.last_reply_at is not None:
        last = f", last {clock.time(message.last_reply_at)}"
    line = ft.Container(
        ft.Text(f"{count}{last}", size=13, weight=ft.FontWeight.W_600, color=ft.Colors.PRIMARY),
        margin=_BELOW,
        data=THREAD,
        on_click=partial(touched, message.number, THREAD),
    )
    return ft.Semantics(content=line, container=True)


class ChatEvent(ft.Container):
    """What somebody did to the room, in italics on the text's left edge."""

    def __init__(self, message: Message) -> None:
        super().__init__(
            content=look.quiet(what_happened(message), 13, italic=True),
            padding=ft.Padding.only(
                left=look.EDGE + look.AVATAR + look.GAP, right=look.EDGE, top=8, bottom=2
            ),
        )

    def is_isolated(self) -> bool:
        """As a ChatMessage."""
        return True


def what_happened(message: Message) -> str:
    """What the author of a message that is no talk did."""
    what, words = message.text, _DID[message.kind]
    if message.kind in {Kind.JOINED, Kind.LEFT}:
        what = what or "chat"
    elif message.kind is Kind.TOPIC and not what:
        words = _NO_TOPIC
    return words.format(name=message.author.name, what=what)


class Line(ft.Container):
    """A line with words in it: between two days, and above what is unread."""

    def __init__(self, words: str, color: ft.ColorValue | None = None) -> None:
        def rule() -> ft.Container:
            line = ft.Divider(height=1, color=color or ft.Colors.OUTLINE_VARIANT)
            return ft.Container(line, expand=True)

        label = ft.Text(
            words, size=12, color=color or ft.Colors.ON_SURFACE_VARIANT, weight=ft.FontWeight.W_600
        )
        super().__init__(
            content=ft.Row([rule(), label, rule()], spacing=12),
            padding=ft.Padding.symmetric(horizontal=look.EDGE, vertical=8),
        )
