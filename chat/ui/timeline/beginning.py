"""What stands above the first message of a room: its beginning, or what a thread is about."""

from collections.abc import Callable
from dataclasses import replace

import flet as ft
import structlog

from chat.model.events import MessageChanged, room_topic
from chat.model.messages import Message
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.ui.row_parts import OnPartClick
from chat.ui.rows.divider import LabelledDivider
from chat.ui.rows.message import message_row
from chat.ui.rows.replies import reply_count_text
from chat.ui.theme import theme, widgets
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)


class Origin:
    """Of the room on the screen; `changed()` is called when it has to be drawn again."""

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        touched: OnPartClick,
        changed: Callable[[], None],
    ) -> None:
        self._house = house
        self._me = me
        self._viewer = viewer
        self._touched = touched
        self._changed = changed
        self._room: Room | None = None
        self._about: Message | None = None
        # What the room was called when this was drawn.
        self._title = ""

    def wear(self, viewer: ViewerContext) -> None:
        """It looks otherwise from the next `draw` on."""
        self._viewer = viewer

    async def read(self, room: Room) -> Message | None:
        """The message that a thread is about."""
        if room.info.thread_root is None:
            return None
        above, number = room.info.thread_root
        return await (await self._house.rooms.by_id(self._me, above)).message(self._me, number)

    def enter(self, room: Room, about: Message | None) -> None:
        """From now on it is this room's, with what was read of it."""
        self._room, self._about = room, about

    async def renew(self) -> None:
        """What happened to the message that a thread is about, while the first page was read."""
        room, before = self._room, self._about
        if room is not None and before is not None:
            about = await self.read(room)
            # What was heard meanwhile is newer.
            if self._about is before and about != before:
                self._about = about
                self._changed()

    @property
    def topic(self) -> str | None:
        """Where to hear of it; None of a room that is no thread."""
        parent = None if self._room is None else self._room.info.thread_root
        return None if parent is None else room_topic(parent[0])

    def hear(self, topic: str, event: object) -> None:
        """What happens to the message that a thread is about."""
        try:
            if (
                isinstance(event, MessageChanged)
                and self._room is not None
                and self._about is not None
                and (event.message.room_id, event.message.number) == self._room.info.thread_root
            ):
                self._about = event.message
                self._changed()
        except Exception:
            log.exception("could not draw", topic=topic, person=self._me.id)

    def room_changed(self) -> None:
        """The room is called otherwise, perhaps."""
        if self._title not in {"", self._title_now()}:
            self._changed()

    def draw(self) -> ft.Control:
        """What stands there now."""
        t = self._viewer.t
        self._title = ""
        if self._about is not None:
            # Its replies are what stands below it.
            parent = message_row(replace(self._about, replies=0), None, self._viewer, self._touched)
            return ft.Column(
                [parent, LabelledDivider(reply_count_text(self._about, t))], spacing=0, tight=True
            )
        self._title = title = self._title_now()
        if self._entered.info.kind is RoomKind.DIRECT:
            return RoomBeginning(
                t("This is the beginning of your conversation with {people}.", people=title)
            )
        return RoomBeginning(t("This is the beginning of {title}.", title=title))

    def _title_now(self) -> str:
        room = self._entered.info
        seat = self._house.memberships.get(self._me, room.id)
        return room.title if seat is None else seat.title

    @property
    def _entered(self) -> Room:
        assert self._room is not None, "enter comes first"
        return self._room


class RoomBeginning(ft.Container):
    """What stands above the first message of a room."""

    def __init__(self, text: str) -> None:
        super().__init__(
            content=widgets.secondary_text(text, 13),
            padding=ft.Padding.only(
                left=theme.PAGE_PADDING, right=theme.PAGE_PADDING, top=20, bottom=4
            ),
        )
