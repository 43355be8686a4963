"""The header of the timeline: "This is the beginning of #room", or the root message of a thread."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import flet as ft
import structlog

from chat.model.events import MessageChanged, room_topic
from chat.model.messages import Message
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.room_titles import title_for
from chat.ui.row_parts import OnPartClick
from chat.ui.rows.divider import LabelledDivider
from chat.ui.rows.message import message_row
from chat.ui.rows.replies import reply_count_text
from chat.ui.theme import theme, widgets

log = structlog.get_logger(__name__)


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
        # The title of the room in the last drawing.
        self._drawn_title = ""

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
        """Draw again if the title of the room has changed."""
        if self._drawn_title not in {"", self._current_title()}:
            self._on_changed()

    def draw(self) -> ft.Control:
        """The header as a control."""
        t = self._context.viewer.t
        self._drawn_title = ""
        if self._root is not None:
            # The timeline below it contains the replies.
            root = replace(self._root, replies=0, erased=False)
            root_row = message_row(
                root, self._before_root(root), self._context.viewer, self._on_part_click
            )
            divider = LabelledDivider(reply_count_text(self._root, t))
            has_divider = self._root.replies or not self._root.deleted
            return ft.Column([root_row, *([divider] if has_divider else [])], spacing=0, tight=True)
        self._drawn_title = title = self._current_title()
        if self._require_room.info.kind is RoomKind.DIRECT:
            return RoomBeginning(
                t("This is the beginning of your conversation with {people}.", people=title)
            )
        return RoomBeginning(t("This is the beginning of {title}.", title=title))

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


class RoomBeginning(ft.Container):
    """The beginning of a room in words."""

    def __init__(self, text: str) -> None:
        super().__init__(
            content=widgets.secondary_text(text, 13),
            padding=ft.Padding.only(
                left=theme.PAGE_PADDING, right=theme.PAGE_PADDING, top=20, bottom=4
            ),
        )
