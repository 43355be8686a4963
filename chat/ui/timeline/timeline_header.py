"""The header of the timeline: the opening of a room, or the root message of a thread."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum
from functools import partial

import flet as ft
import structlog

from chat.model.events import MessageChanged, room_topic
from chat.model.joining import JoinPolicy
from chat.model.messages import Message
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.ui.button_action import ButtonAction
from chat.ui.context import SessionContext
from chat.ui.joining.invite_dialog import qr_png
from chat.ui.moderated_rows.hidden import hidden_line
from chat.ui.room_titles import title_for
from chat.ui.row_parts import OnPartClick
from chat.ui.rows.divider import LabelledDivider
from chat.ui.rows.message import message_row
from chat.ui.rows.replies import reply_count_text
from chat.ui.theme import theme, widgets

log = structlog.get_logger(__name__)

# The message number of clicks in an opening, which belongs to no message.
NO_MESSAGE = 0

# Sides in pixels, and the people of a conversation whose faces are shown.
_FACE_SIZE, _QR_SIZE = 56, 168
_MAX_FACES = 5


class OpeningButton(IntEnum):
    """The buttons of an opening, as parts of a row (`ui/row_parts.py`)."""

    INVITE = 1
    ADD_PEOPLE = 2
    SET_TOPIC = 3
    MAKE_ROOM = 4
    CHANGE_PICTURE = 5


OPENING_ACTIONS = {
    OpeningButton.INVITE: ButtonAction.INVITE,
    OpeningButton.ADD_PEOPLE: ButtonAction.ADD_PEOPLE,
    OpeningButton.SET_TOPIC: ButtonAction.SET_TOPIC,
    OpeningButton.MAKE_ROOM: ButtonAction.ROOMS,
    OpeningButton.CHANGE_PICTURE: ButtonAction.PROFILE,
}

_BUTTON_ICONS = {
    OpeningButton.INVITE: ft.Icons.QR_CODE_2_ROUNDED,
    OpeningButton.ADD_PEOPLE: ft.Icons.PERSON_ADD_ALT_OUTLINED,
    OpeningButton.SET_TOPIC: ft.Icons.EDIT_OUTLINED,
    OpeningButton.MAKE_ROOM: ft.Icons.ADD_ROUNDED,
    OpeningButton.CHANGE_PICTURE: ft.Icons.ACCOUNT_CIRCLE_OUTLINED,
}


class TimelineHeader:
    """The header of the room on the screen; `on_changed()` is called when it must be drawn
    again."""

    def __init__(
        self,
        context: SessionContext,
        *,
        on_part_click: OnPartClick,
        on_changed: Callable[[], None],
    ) -> None:
        self._context = context
        self._workspace = context.workspace
        self._on_part_click = on_part_click
        self._on_changed = on_changed
        self._room: Room | None = None
        self._root: Message | None = None
        # What the last drawing showed of the room.
        self._drawn: tuple[str, str, bool, bool] | None = None

    async def load_root(self, room: Room) -> Message | None:
        """The root message of a thread; None for any other room."""
        if room.info.thread_root is None:
            return None
        parent_id, number = room.info.thread_root
        return await (await self._workspace.rooms.by_id(self._context.me, parent_id)).message(
            self._context.me, number
        )

    def set_room(self, room: Room, root: Message | None) -> None:
        """Use this room and root message from now on."""
        self._room, self._root = room, root

    async def reload(self) -> None:
        """Load the root message again: it may have changed while the first page was loading."""
        room, previous_root = self._room, self._root
        if room is not None and previous_root is not None:
            root = await self.load_root(room)
            # An event that was received meanwhile is newer.
            if self._root is previous_root and root != previous_root:
                self._root = root
                self._on_changed()

    @property
    def parent_topic(self) -> str | None:
        """The topic of the root message's room; None if the room is not a thread."""
        root_reference = None if self._room is None else self._room.info.thread_root
        return None if root_reference is None else room_topic(root_reference[0])

    def on_event(self, topic: str, event: object) -> None:
        """Handle a change of the root message."""
        try:
            if not isinstance(event, MessageChanged) or self._room is None or self._root is None:
                return
            message = event.message
            is_root = (message.room_id, message.number) == self._room.info.thread_root
            root = message if is_root else self._root.with_quoted(message)
            if root is not self._root:
                self._root = root
                self._on_changed()
        except Exception:
            log.exception("could not draw", topic=topic, person=self._context.me.id)

    def on_room_changed(self) -> None:
        """Draw again if the room has changed, or the first guest of the chat has come."""
        if self._drawn is not None and self._drawn != self._current_state():
            self._on_changed()

    def draw(self) -> ft.Control:
        """The header as a control."""
        t = self._context.viewer.t
        self._drawn = None
        if self._root is not None:
            # The timeline below it contains the replies.
            root = replace(self._root, replies=0, erased=False)
            root_row = self._root_row(root)
            divider = LabelledDivider(reply_count_text(self._root, t))
            has_divider = self._root.replies or not self._root.deleted
            return ft.Column([root_row, *([divider] if has_divider else [])], spacing=0, tight=True)
        self._drawn = self._current_state()
        return self._opening(*self._drawn)

    def _root_row(self, root: Message) -> ft.Control:
        if self._workspace.blocks.hides(self._context.me.id, root):
            return hidden_line(self._context.viewer)
        return message_row(root, self._before_root(root), self._context.viewer, self._on_part_click)

    def _current_state(self) -> tuple[str, str, bool, bool]:
        room = self._require_room
        # Nobody else is in the chat yet.
        is_alone = room.info.slug == LOBBY and len(room.members) == 1
        return self._current_title(), room.info.topic, room.info.archived, is_alone

    def _opening(self, title: str, topic: str, archived: bool, is_alone: bool) -> ft.Control:
        t, room, site = self._context.viewer.t, self._require_room, self._context.site
        if room.info.kind is RoomKind.DIRECT:
            others = [each for each in room.members.values() if each.id != self._context.me.id]
            faces: list[ft.Control] = [
                widgets.avatar(each.name, _FACE_SIZE, self._context.viewer.avatar_url(each))
                for each in others[:_MAX_FACES]
            ]
            text = t("This is the beginning of your conversation with {people}.", people=title)
            return RoomOpening(faces, title, [text])
        texts = [t("This is the beginning of {title}.", title=title), *([topic] if topic else [])]
        if room.info.is_of_moderators:
            texts.append(t("Reports arrive here. Owner and moderators of the chat read them."))
        block = RoomOpening([_room_icon(room.info.kind)], title, texts)
        if not archived:
            buttons: list[ft.Control] = [self._button(each) for each in _buttons(room)]
            block.controls.append(ft.Row(buttons, wrap=True, spacing=8, run_spacing=8))
        is_open = self._workspace.entrance.policy is JoinPolicy.OPEN
        if is_alone and is_open and site.reachable:
            text = t("Let others scan this code, or open {url}", url=site.url)
            block.controls += [
                widgets.secondary_text(text, 14),
                ft.Image(src=qr_png(site.url), width=_QR_SIZE, height=_QR_SIZE, border_radius=12),
            ]
        return block

    def _button(self, button: OpeningButton) -> ft.Control:
        t = self._context.viewer.t
        label = {
            OpeningButton.INVITE: t("Invite people"),
            OpeningButton.ADD_PEOPLE: t("Add people"),
            OpeningButton.SET_TOPIC: t("Set topic"),
            OpeningButton.MAKE_ROOM: t("Make a room"),
            OpeningButton.CHANGE_PICTURE: t("Change your picture"),
        }[button]
        # (`data` makes the button a clickable part of the packed header.)
        return ft.OutlinedButton(
            label,
            icon=_BUTTON_ICONS[button],
            data=int(button),
            on_click=partial(self._on_part_click, NO_MESSAGE, int(button)),
        )

    def _before_root(self, root: Message) -> Message | None:
        """The message that the root's row is drawn after: one of the same day if that is today.

        The replies then begin with the only divider that says so.
        """
        viewer = self._context.viewer
        is_today = viewer.local_date(root.sent_at) == viewer.local_date(datetime.now(UTC))
        return replace(root, erased=True) if is_today else None

    def _current_title(self) -> str:
        room = self._require_room.info
        membership = self._workspace.memberships.get(self._context.me, room.id)
        return title_for(room, membership, self._context.viewer.t)

    @property
    def _require_room(self) -> Room:
        assert self._room is not None, "enter comes first"
        return self._room


def _buttons(room: Room) -> list[OpeningButton]:
    if room.info.slug == LOBBY:
        return [each for each in OpeningButton if each is not OpeningButton.ADD_PEOPLE]
    if room.info.is_of_moderators:
        return [OpeningButton.SET_TOPIC]
    return [OpeningButton.ADD_PEOPLE, OpeningButton.SET_TOPIC]


def _room_icon(kind: RoomKind) -> ft.Control:
    return ft.Container(
        ft.Icon(widgets.ROOM_ICONS[kind], size=30, color=ft.Colors.ON_PRIMARY_CONTAINER),
        width=_FACE_SIZE,
        height=_FACE_SIZE,
        border_radius=16,
        bgcolor=ft.Colors.PRIMARY_CONTAINER,
        alignment=ft.Alignment.CENTER,
    )


_TITLE_STYLE = ft.TextStyle(height=1.25, letter_spacing=-0.25)
_OPENING_MARGIN = ft.Margin.only(
    left=theme.PAGE_PADDING, right=theme.PAGE_PADDING, top=28, bottom=12
)


class RoomOpening(ft.Column):
    """The beginning of a room: its icon, or large faces; the title, and lines below it."""

    def __init__(self, faces: Sequence[ft.Control], title: str, texts: Sequence[str]) -> None:
        super().__init__(
            [
                ft.Row(list(faces), spacing=6),
                # Each is one node for screen readers: the buttons would else split them up.
                widgets.heading(
                    ft.Text(title, size=24, weight=ft.FontWeight.BOLD, style=_TITLE_STYLE), 2
                ),
                *(
                    ft.Semantics(content=widgets.secondary_text(each, 14), container=True)
                    for each in texts
                ),
            ],
            spacing=8,
            tight=True,
            margin=_OPENING_MARGIN,
        )
