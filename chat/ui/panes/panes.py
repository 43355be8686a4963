"""The panes of one session: the room, and on a wide screen a thread beside it.

Where a panel is beside the room, a thread takes the place of the room.

Only one message field is on the screen, that of the `active` pane: the page script knows one. The
other pane has a button in its place (`ui/panes/field_button.py`), which makes its pane the active
one.
"""

from dataclasses import dataclass

from chat.model.rooms import RoomId
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.ui.client.connection import ClientConnection
from chat.ui.context import SessionContext
from chat.ui.packing.control_ids import ROOM_ROWS, THREAD_ROWS, RowIds
from chat.ui.panes.chosen_message import ChosenMessage
from chat.ui.panes.live_views import LiveViews
from chat.ui.panes.message_actions import MessageActions
from chat.ui.panes.read_tracker import ReadTracker
from chat.ui.panes.room_pane import RoomPane
from chat.ui.panes.screen_events import (
    AtEndChanged,
    MarkedUnread,
    MembersShown,
    RoomShown,
    Screen,
    ScreenEvent,
    ScreenRequest,
    SidePaneChanged,
    WritingRequested,
)
from chat.ui.panes.thread_pane import ThreadPane


@dataclass(frozen=True, slots=True, eq=False)
class Pane:
    """A room pane, with the actions on its messages and the tracker of what is read in it."""

    room_pane: RoomPane
    read_tracker: ReadTracker
    message_actions: MessageActions
    chosen_message: ChosenMessage
    live_views: LiveViews

    def shows(self, room: Room) -> bool:
        """Whether this room is on the screen in this pane."""
        return self.room_pane.is_open and self.room_pane.room is room


class _PaneScreen:
    """The screen as a pane sees it: events about the pane end here, all others go on."""

    def __init__(self, panes: "Panes", screen: Screen, row_ids: RowIds) -> None:
        self._panes = panes
        self._screen = screen
        self._row_ids = row_ids

    def handle(self, event: ScreenEvent) -> None:
        """Handle an event of the pane."""
        pane = self._panes.by_row_ids(self._row_ids)
        match event:
            case AtEndChanged():
                pane.read_tracker.update_read_state()
            case MarkedUnread():
                pane.read_tracker.keep_unread()
            case WritingRequested():
                self._panes.activate(pane)
            case RoomShown() if self._row_ids is THREAD_ROWS:
                self._panes.on_thread_changed()
            case MembersShown() if self._row_ids is THREAD_ROWS:
                pass  # the room beside it shows them
            case _:
                self._screen.handle(event)

    async def perform(self, request: ScreenRequest) -> None:
        """Run a request of the pane."""
        await self._screen.perform(request)


class Panes:
    """The panes of one session. The thread's one is created when the first thread is opened beside
    its room: a session that opens none has no memory for it."""

    def __init__(self, context: SessionContext, screen: Screen) -> None:
        self._context = context
        self._screen = screen
        self._connection: ClientConnection | None = None
        self.main = self._create_pane(ROOM_ROWS, beside=None)
        self.active = self.main
        self._thread: Pane | None = None
        self._thread_pane: ThreadPane | None = None
        # The thread that is on the screen beside its room, also while the client is away.
        self._thread_id: RoomId = 0
        self._shows = Latest()
        # Whether the screen is wide enough for a thread or a panel beside the room, and whether
        # there is a panel.
        self.fits_side_pane = False
        self._has_panel = False

    @property
    def shown(self) -> tuple[Pane, ...]:
        """The panes on the screen."""
        return (
            (self.main,)
            if self._thread is None or not self._thread_id
            else (
                self.main,
                self._thread,
            )
        )

    @property
    def has_thread(self) -> bool:
        """Whether a thread is on the screen beside its room."""
        return len(self.shown) > 1

    @property
    def room_ids(self) -> frozenset[RoomId]:
        """The rooms on the screen."""
        return frozenset(
            each.room_pane.room.info.id for each in self.shown if each.room_pane.is_open
        )

    @property
    def room(self) -> Room:
        """The room that the address of the screen stands for: the thread, if one is open."""
        return self.shown[-1].room_pane.room

    def by_row_ids(self, row_ids: RowIds) -> Pane:
        """The pane whose rows have these ids; the room's one if there is no thread."""
        return self._thread if row_ids is THREAD_ROWS and self._thread else self.main

    def by_path(self, path: str) -> Pane | None:
        """The pane whose field is for the room of this path; the active one for an empty path."""
        if not path:
            return self.active
        return next((each for each in self.shown if each.room_pane.composer.path == path), None)

    def attach(self, connection: ClientConnection | None) -> None:
        """Draw on this connection, from the next `show` on."""
        self._connection = connection
        for each in (self.main, self._thread):
            if each is not None:
                each.room_pane.attach(connection)

    def announce_messages(self) -> None:
        """Read new messages of the rooms on the screen to a person with a screen reader."""
        for each in self.shown:
            each.room_pane.announce_messages()

    def suspend(self) -> None:
        """The client disconnected: keep the drafts and the scroll positions."""
        self._shows.start()
        for each in self.shown:
            each.room_pane.suspend()
            each.read_tracker.stop()

    async def _save_drafts(self) -> None:
        """Store the drafts: another field gets the one of its room."""
        for each in self.shown:
            each.room_pane.composer.save_draft_now()
        await self.wait_for_drafts()

    async def wait_for_drafts(self) -> None:
        """Wait until the drafts that are being stored are there."""
        for each in self.shown:
            await each.room_pane.wait_for_drafts()

    async def show(
        self,
        room: Room,
        message_number: int | None,
        marked_words: tuple[str, ...] = (),
        *,
        has_panel: bool = False,
        takes_focus: bool = True,
    ) -> None:
        """Show a room, or a thread beside its room where there is space.

        With `has_panel` that space is taken. Without `takes_focus` the focus stays where it is.

        Raises NoSuchRoom and NoSuchMessage, as `RoomPane.show_room`.
        """
        show = self._shows.start()
        is_side_changed = self.has_thread or has_panel is not self._has_panel
        if self.fits_side_pane and not has_panel and room.info.parent_id is not None:
            parent = await self._context.workspace.rooms.by_id(
                self._context.me, room.info.parent_id
            )
            if not self._shows.has_overtaken(show):
                await self._show_beside(room, parent, message_number, marked_words, show)
        elif is_side_changed and message_number is None and self.main.shows(room):
            # What is beside the room changes: the room stays as it is.
            self._close_thread()
        else:
            if self.has_thread and room.info.id == self._thread_id:
                await self._save_drafts()
            await self.main.room_pane.show_room(
                room, message_number, marked_words, takes_focus=takes_focus
            )
            if not self._shows.has_overtaken(show):
                self._close_thread()
        if not self._shows.has_overtaken(show):
            self._has_panel = has_panel

    def on_shown(self) -> None:
        """The room of the screen's address is on the screen."""
        for each in self.shown[:-1]:
            each.read_tracker.update_read_state()
        self.shown[-1].read_tracker.on_shown()

    def update_read_state(self) -> None:
        """Report what is visible now."""
        for each in self.shown:
            each.read_tracker.update_read_state()

    def activate(self, pane: Pane) -> None:
        """Put the message field into this pane."""
        if pane is not self.active:
            previous, self.active = self.active, pane
            previous.room_pane.deactivate()
            pane.room_pane.activate()

    def activate_next(self) -> None:
        """Put the message field into the other pane, if there is one."""
        shown = self.shown
        self.activate(shown[(shown.index(self.active) + 1) % len(shown)])

    def on_thread_changed(self) -> None:
        """Another thread is in its pane, or the title of its room has changed."""
        thread = self._thread
        if self._thread_pane is not None and thread is not None and thread.room_pane.is_open:
            parent = thread.room_pane.room.parent
            if parent is not None:
                self._thread_pane.show_room(parent.info)
            thread.room_pane.on_room_changed()

    async def _show_beside(
        self,
        thread: Room,
        parent: Room,
        message_number: int | None,
        marked_words: tuple[str, ...],
        show: int,
    ) -> None:
        """Show a thread, and its room in the other pane."""
        is_new = thread.info.id != self._thread_id
        pane = self._open_thread_pane(thread)
        if not self.main.shows(parent):
            if not self.main.room_pane.is_open:
                # The first room of this screen: what was typed before is for the thread.
                pane.room_pane.composer.take_early_texts(self.main.room_pane.composer)
            if is_new:
                self.activate(pane)
            if self.main.shows(thread):
                await self._save_drafts()
            await self.main.room_pane.show_room(parent)
            if self._shows.has_overtaken(show):
                return
        try:
            await pane.room_pane.show_room(thread, message_number, marked_words)
        except Exception:
            if is_new and not self._shows.has_overtaken(show):
                self._close_thread()
            raise
        if is_new and not self._shows.has_overtaken(show):
            self.activate(pane)

    def _open_thread_pane(self, thread: Room) -> Pane:
        if self._thread is None or self._thread_pane is None:
            self._thread = self._create_pane(THREAD_ROWS, beside=self.main.room_pane)
            self._thread.room_pane.attach(self._connection)
            self._thread_pane = ThreadPane(
                self._context, self._thread.room_pane, perform=self._screen.perform
            )
        if not self._thread_id:
            self._screen.handle(SidePaneChanged(self._thread_pane))
        self._thread_id = thread.info.id
        return self._thread

    def _close_thread(self) -> None:
        thread = self._thread
        if thread is None or not self._thread_id:
            return
        self._thread_id = 0
        self.activate(self.main)
        thread.room_pane.suspend()
        thread.read_tracker.stop()
        self._screen.handle(SidePaneChanged(None))

    def _create_pane(self, row_ids: RowIds, beside: RoomPane | None) -> Pane:
        context, screen = self._context, _PaneScreen(self, self._screen, row_ids)
        room_pane = RoomPane(context, screen, row_ids=row_ids, beside=beside)
        message_actions = MessageActions(context, room_pane, screen)
        room_pane.set_hover_toolbar(message_actions.hover_toolbar)
        live_views = LiveViews(context, room_pane)
        view = "" if beside is None else "thread"
        return Pane(
            room_pane,
            ReadTracker(context, room_pane, view=view),
            message_actions,
            ChosenMessage(context, room_pane, actions=message_actions, live_views=live_views),
            live_views,
        )
