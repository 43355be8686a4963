"""One row of the timeline: talk, what happened to the room, and the lines between rows.

A row depends on its message, the one before it, the viewer's clock and a `View`, and on nothing
else, so that it is the same row in every session with that clock; nearly always the view is, too.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.languages import Language
from chat.model.messages import Message, MessageKind
from chat.text.display import is_rtl
from chat.text.message_text import parse_emote
from chat.ui.row_parts import ACTIONS, HOLD, ROW, Touched
from chat.ui.rows.attachments import attached
from chat.ui.rows.body import fills, said
from chat.ui.rows.divider import Line
from chat.ui.rows.emotes import Rolled, deed
from chat.ui.rows.poll import poll_box
from chat.ui.rows.quote import quote_line
from chat.ui.rows.reactions import reaction_chips
from chat.ui.rows.replies import thread_line
from chat.ui.theme import theme, widgets
from chat.ui.viewer import SAME, Clock, View

# Within this time a person's next row stands without avatar and name.
FOLLOWS = timedelta(minutes=5)

# What `name` did; `what` is what the message holds.
_DID = {
    MessageKind.JOINED: gettext_noop("{name} has joined the room."),
    MessageKind.LEFT: gettext_noop("{name} has left the room."),
    MessageKind.ROOM_CREATED: gettext_noop("{name} made this room."),
    MessageKind.INVITED: gettext_noop("{name} invited {what}."),
    MessageKind.ROOM_RENAMED: gettext_noop("{name} renamed the room to “{what}”."),
    MessageKind.TOPIC_CHANGED: gettext_noop("{name} changed the topic to “{what}”."),
    MessageKind.ARCHIVED: gettext_noop("{name} archived this room."),
    MessageKind.REOPENED: gettext_noop("{name} opened this room again."),
    MessageKind.PERSON_RENAMED: gettext_noop("{what} is called {name} now."),
}
# And of a message that holds nothing: the chat, where no room is named.
_DID_WITHOUT = {
    MessageKind.JOINED: gettext_noop("{name} has joined the chat."),
    MessageKind.LEFT: gettext_noop("{name} has left the chat."),
    MessageKind.TOPIC_CHANGED: gettext_noop("{name} took the topic away."),
}


def row(
    message: Message,
    previous: Message | None,
    viewer: Clock,
    touched: Touched,
    view: View = SAME,
) -> ft.Control:
    """The row of `message`; above it a line if a day begins with it, or what is unread.

    `touched(number, part)` is awaited when a part that answers is.
    """
    begins_day = previous is None or viewer.day(previous.sent_at) != viewer.day(message.sent_at)
    lines: list[ft.Control] = []
    if begins_day:
        lines.append(Line(viewer.day_in_words(message.sent_at)))
    if view.new:
        lines.append(Line(viewer.t("New messages"), ft.Colors.ERROR))
    if message.erased:
        # Its place in the order stays, and nothing is seen of it.
        body: ft.Control = ft.Container()
    elif message.kind is MessageKind.TEXT:
        follows = not lines and previous is not None and _follows(message, previous)
        kind = Deleted if message.deleted else ChatMessage
        body = kind(message, viewer, touched, view, follows=follows)
    elif message.kind is MessageKind.DICE_ROLLED:
        body = Rolled(message, viewer)
    else:
        body = ChatEvent(message, viewer)
    whole = ft.Column([*lines, body], spacing=0, tight=True) if lines else body
    # With the event: to Flet a row of the same key that is isolated is the same row.
    name = f"m{message.number}"
    whole.key = _scroll_key(name) if view.anchor else f"{name}.{message.change_number}"
    return whole


def _scroll_key(name: str) -> ft.ScrollKey:
    """A key that a list can be scrolled to. (How Flet makes the class hides its field.)"""
    make: Callable[[str], ft.ScrollKey] = ft.ScrollKey  # type: ignore[assignment]
    return make(name)


def _follows(message: Message, previous: Message) -> bool:
    return (
        previous.kind is MessageKind.TEXT
        and not previous.erased
        and previous.author.id == message.author.id
        and message.sent_at - previous.sent_at < FOLLOWS
        and message.quote is None
        and not message.pinned
        and parse_emote(message.text) is None
    )


class ChatMessage(ft.GestureDetector):
    """What somebody said: avatar, name and time, text; a following row is text alone.

    It stays one leaf for screen readers: whatever answers in it stands in a leaf of its own.
    """

    def __init__(
        self,
        message: Message,
        viewer: Clock,
        touched: Touched,
        view: View = SAME,
        *,
        follows: bool = False,
    ) -> None:
        body = _body(message, viewer, touched, view, follows=follows)
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


class Deleted(ft.Container):
    """What is left of a message on which a thread or a quote hangs: of itself it answers nothing.

    (Flet's client draws an error in the place of a detector that hears nothing.)
    """

    def __init__(
        self, message: Message, viewer: Clock, touched: Touched, view: View, *, follows: bool
    ) -> None:
        super().__init__(content=_body(message, viewer, touched, view, follows=follows))

    def is_isolated(self) -> bool:
        """As a ChatMessage."""
        return True


def _body(
    message: Message, viewer: Clock, touched: Touched, view: View, *, follows: bool
) -> ft.Container:
    content: ft.Control = _said(message, viewer, touched, view, follows=follows)
    extras = _extras(message, viewer, touched, view)
    if message.quote is not None or extras:
        above = [] if message.quote is None else [quote_line(message, viewer, touched)]
        parts = [*above, ft.Semantics(content=content, container=True), *extras]
        content = ft.Column(parts, spacing=1, tight=True)
    color: ft.ColorValue | None = None
    if view.marked:
        color = ft.Colors.TERTIARY_CONTAINER
    elif view.called:
        color = theme.MENTION_BACKGROUND
    padding = viewer.rhythm.continuation_padding if follows else viewer.rhythm.group_start_padding
    return ft.Container(content, padding=padding, bgcolor=color)


# As high as the line with the name, in pixels.
_HEAD = 22

_FINGERS = [ft.PointerDeviceType.TOUCH, ft.PointerDeviceType.STYLUS]
_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
_SMALL = ft.TextStyle(size=12, color=ft.Colors.ON_SURFACE_VARIANT)
_BOLD = ft.TextStyle(weight=ft.FontWeight.BOLD)


def _said(
    message: Message, viewer: Clock, touched: Touched, view: View, *, follows: bool
) -> ft.Row:
    size = viewer.rhythm.avatar_size
    disc = (
        None if follows else widgets.avatar(message.author.name, size, viewer.face(message.author))
    )
    side = ft.Container(disc, width=size)
    if disc is not None and message.files and not message.text:
        # What hangs below begins under the name, not under the disc, which reaches beside it.
        disc.left = disc.top = 0
        side.content = ft.Stack([disc], height=_HEAD, clip_behavior=ft.ClipBehavior.NONE)
    body: list[ft.Control]
    if not message.deleted:
        side.data = ACTIONS
        side.on_click = partial(touched, message.number, ACTIONS)
    fill = False
    if parse_emote(message.text) is not None:
        body = [deed(message, viewer, _who_and_when(message, viewer))]
    elif message.files and not message.text:
        # (What takes no place at all is not in the semantics tree.)
        nothing = ft.Container(width=1, height=1)
        heard = ft.Semantics(content=nothing, label=_who_and_when(message, viewer))
        body = [heard] if follows else [_head(message, viewer)]
    else:
        text = _text(message, viewer.t, touched, view)
        # Who said it and when is read of a following row, too.
        heard = ft.Semantics(content=text, label=_who_and_when(message, viewer))
        body = [heard] if follows else [_head(message, viewer), text]
        fill = fills(text)
    column = ft.Column(body, spacing=1, tight=True, expand=True)
    if fill:
        column.horizontal_alignment = ft.CrossAxisAlignment.STRETCH
    return ft.Row(
        [side, column],
        spacing=theme.GAP,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _extras(message: Message, viewer: Clock, touched: Touched, view: View) -> list[ft.Control]:
    """What stands below the text."""
    extras = attached(message, viewer, touched) if message.files else []
    if message.poll is not None:
        extras.append(poll_box(message, viewer, touched, view))
    if message.reactions:
        extras.append(reaction_chips(message, viewer, touched, view))
    if message.replies:
        extras.append(thread_line(message, viewer, touched))
    return extras


def _head(message: Message, viewer: Clock) -> ft.Text:
    name = message.author.name
    # After a name that is read from the right the time would stand left of it.
    turn = _LEFT_TO_RIGHT if is_rtl(name) else ""
    spans = [
        ft.TextSpan(name, _BOLD),
        ft.TextSpan(f"{turn}  {viewer.time(message.sent_at)}", _SMALL),
    ]
    if message.pinned:
        spans.append(ft.TextSpan("  " + viewer.t("pinned"), _SMALL))
    return ft.Text(spans=spans, semantics_label=_who_and_when(message, viewer))


def _who_and_when(message: Message, viewer: Clock) -> str:
    """As a screen reader says it, before the text."""
    pinned = f" {viewer.t('pinned')}," if message.pinned else ""
    return f"{message.author.name}, {viewer.time(message.sent_at)},{pinned}"


def _text(message: Message, t: Language, touched: Touched, view: View) -> ft.Control:
    if message.deleted:
        return widgets.secondary_text(t("Message deleted"), 14, italic=t.has_italics)
    mark = "" if message.edited_at is None else "  " + t("(edited)")
    return said(message.text, t, partial(touched, message.number), view.opened, mark)


class ChatEvent(ft.Container):
    """What somebody did to the room, in italics on the text's left edge."""

    def __init__(self, message: Message, viewer: Clock) -> None:
        super().__init__(
            content=widgets.secondary_text(
                what_happened(message, viewer.t), 13, italic=viewer.t.has_italics
            ),
            padding=viewer.rhythm.event_padding,
        )

    def is_isolated(self) -> bool:
        """As a ChatMessage."""
        return True


def what_happened(message: Message, t: Language) -> str:
    """What the author of a message that is no talk did."""
    words = _DID[message.kind]
    if not message.text:
        words = _DID_WITHOUT.get(message.kind, words)
    return t(words, name=message.author.name, what=message.text)
