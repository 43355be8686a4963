"""The panel of one session: beside the room, or in a dialog where there is no space for that.

Each panel is created when it is opened: a session that opens none runs no query for it. Members,
pins and files are those of the room on the screen, and follow it. A search and the mentions stay.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.model.addresses import PanelAddress, PanelKind, room_path
from chat.model.events import MessageChanged, MessagesPosted
from chat.model.messages import Message, SearchHit
from chat.rooms.history import PAGE_SIZE
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.text.previews import plain_preview
from chat.text.search_query import Query
from chat.ui.autocomplete.commands import CommandCandidates
from chat.ui.autocomplete.mentions import MentionCandidates
from chat.ui.client.connection import connection_of
from chat.ui.client.list_arrows import ListArrows
from chat.ui.context import SessionContext
from chat.ui.panels.files import FilesPanel
from chat.ui.panels.message_list import MessageEntry, MessageListPanel, location_label
from chat.ui.panels.panel import Panel, PanelDialog, SidePane
from chat.ui.panels.search import SearchPanel
from chat.ui.panes.panes import Panes
from chat.ui.panes.screen_events import (
    ClosePanel,
    OpenPath,
    PanelAddressChanged,
    Screen,
    SidePaneChanged,
)
from chat.ui.people.people_actions import PeopleActions
from chat.ui.screen.room_files import RoomFiles
from chat.ui.theme import widgets
from chat.ui.theme.snackbars import show_snackbar

# They are about the room on the screen.
_ROOM_KINDS = {PanelKind.MEMBERS, PanelKind.PINS, PanelKind.FILES}

# They list messages of that room.
_MESSAGE_KINDS = {PanelKind.PINS, PanelKind.FILES}

# Seconds from a change to the new list: many changes at once are one query.
_RELOAD_WAIT = 0.3


class PanelActions:
    """The actions on the panel of one session."""

    def __init__(
        self,
        context: SessionContext,
        panes: Panes,
        screen: Screen,
        *,
        people_actions: PeopleActions,
    ) -> None:
        self._context = context
        self._workspace = context.workspace
        self._panes = panes
        self.room_pane = panes.main.room_pane
        self._screen = screen
        self._people_actions = people_actions
        self.list_arrows = ListArrows(panes.main.room_pane)
        # The panel on the screen, and the room that it is about.
        self._panel: Panel | None = None
        self._room: Room | None = None
        self._dialog: PanelDialog | None = None
        self._pane: SidePane | None = None
        self._address: PanelAddress | None = None
        # The last search: the next one begins with it.
        self._last_search = PanelAddress(PanelKind.SEARCH)
        # The topic of the messages that it lists.
        self._topic: str | None = None
        # Whether a change of the panel's messages is to be shown.
        self._is_stale = False
        # Whether the panel that is shown next was asked for with a button or a key.
        self._takes_focus = False
        self._shows = Latest()

    @property
    def address(self) -> PanelAddress | None:
        """The panel beside the room."""
        return self._address if self._panes.fits_side_pane else None

    @property
    def is_beside(self) -> bool:
        """Whether there is a panel beside the room, or would be if the screen were wider."""
        return self._pane is not None

    async def open(self, kind: PanelKind, words: str = "") -> None:
        """Open a panel, or close it if it is open. A search is never closed, and gets the focus."""
        address = PanelAddress(kind)
        if kind is PanelKind.MEMBERS and await self._people_actions.show_partner(self._base_room):
            return
        if kind is PanelKind.SEARCH:
            address = PanelAddress(kind, words) if words else self._last_search
        if not self._panes.fits_side_pane:
            await self._show_dialog(address)
        elif self._address is None or self._address.kind is not kind:
            self._takes_focus = True
            path = room_path(self.room_pane.room.info, panel=address)
            await self._screen.perform(OpenPath(path))
        elif isinstance(self._panel, SearchPanel):
            if words:
                self._panel.show_words(words, only_here=False)
            await self._panel.take_focus()
        else:
            await self._screen.perform(ClosePanel())

    async def show(self, address: PanelAddress | None) -> None:
        """Show the panel of the page's address beside the room, which is on the screen, or none."""
        show = self._shows.start()
        takes_focus, self._takes_focus = self._takes_focus, False
        if address is None:
            self._close()
            return
        if not self._panes.fits_side_pane:
            await self._show_dialog(address)
            return
        room = self._base_room
        is_same_room = room is self._room
        if self._panel is not None and self._shows_beside(address.kind):
            if isinstance(self._panel, SearchPanel):
                self._panel.show_words(address.words, only_here=address.only_here)
                if address.only_here and not is_same_room:
                    self._panel.search_again()
            if is_same_room or address.kind not in _ROOM_KINDS:
                self._room = room
                self._subscribe(address.kind)
                self.list_arrows.update()
                return
        try:
            panel = await self._create(address, takes_focus=takes_focus)
        except ChatError as error:
            show_snackbar(self._page, self._context.t.error(error))
            return
        if self._shows.has_overtaken(show):
            panel.is_open = False
            return
        self._begin(panel, room)
        self._address = address
        self._subscribe(address.kind)
        self._pane = SidePane(panel, self._context.t, on_close=self._on_close_clicked)
        self._screen.handle(SidePaneChanged(self._pane))
        if takes_focus:
            await panel.take_focus()

    async def redraw(self) -> None:
        """Draw the panel anew: the person has changed their preferences."""
        if self._address is not None and self._panes.fits_side_pane:
            address = self._address
            self._close()
            await self.show(address)

    def on_fit_changed(self) -> None:
        """The screen has become wide enough for the panel, or too small; then it is hidden."""
        if self._pane is not None:
            pane = self._pane if self._panes.fits_side_pane else None
            self._screen.handle(SidePaneChanged(pane))

    async def search(
        self, text: str, before_id: int | None, *, only_here: bool
    ) -> tuple[Query, tuple[SearchHit, ...]]:
        """A page of search results; see `SearchHost`."""
        context = self._context
        room = self._base_room if only_here else None
        return await self._workspace.search(
            context.me, text, context.viewer.time_zone, before_id, room=room
        )

    async def load_candidates(self) -> CommandCandidates:
        """The people and the rooms that a search can name; see `CompletionHost`."""
        workspace = self._workspace
        people = await workspace.all_people()
        online_ids = frozenset(each.id for each in workspace.presence.online.people)
        rooms = await workspace.titled_rooms(self._context.me)
        return CommandCandidates(MentionCandidates(people, (), online_ids), rooms)

    def capture_choice_keys(self, enabled: bool) -> None:
        """Capture the keys of the completion popup; see `CompletionHost`."""
        if (connection := connection_of(self._page)) is not None:
            connection.capture_choice_keys(enabled)

    def replace_input_text(self, index: int, old: str, new: str) -> bool:
        """Replace a text in the client's own field; see `CompletionHost`."""
        connection = connection_of(self._page)
        return connection is not None and connection.replace_input_text(index, old, new)

    def select_input_text(self) -> bool:
        """Select the text of the field that gets the focus next; see `CompletionHost`."""
        connection = connection_of(self._page)
        return connection is not None and connection.select_input_text()

    def completion_handler(self, key: str) -> Callable[[], None] | None:
        """The handler of a key in the field of the search; None if it completes nothing now."""
        panel = self._panel
        return panel.completion_handler(key) if isinstance(panel, SearchPanel) else None

    def build_entry(
        self, hit: SearchHit, text: str, highlights: tuple[tuple[int, int], ...]
    ) -> MessageEntry:
        """The entry of a search result; see `SearchHost`."""
        path = room_path(hit.room, hit.message.number)
        label = location_label(hit.room, self._context.t)
        return MessageEntry(hit.message, label, path, text, highlights)

    def on_search(self, words: str, *, only_here: bool) -> None:
        """Remember the search, also in the page's address; see `SearchHost`."""
        address = PanelAddress(PanelKind.SEARCH, words, only_here)
        self._last_search = address
        if self._shows_beside(PanelKind.SEARCH) and address != self._address:
            self._address = address
            self._screen.handle(PanelAddressChanged())

    async def open_message(self, path: str, marked_words: tuple[str, ...]) -> None:
        """Show a message of the panel. The panel stays; a dialog is closed.

        (Flet passes its event to each handler that has a parameter left.)
        """
        if self._dialog is not None and self._dialog.open:
            self._dialog.close()
            await self._screen.perform(OpenPath(path, marked_words))
        elif self._address is not None:
            path += self._address.path
            await self._screen.perform(OpenPath(path, marked_words, is_step=True))

    async def _show_dialog(self, address: PanelAddress) -> None:
        room, width = self._base_room, self._page.width or 0
        panel = await self._create(address, takes_focus=True)
        self._begin(panel, room)
        self._pane = self._address = None
        self._dialog = PanelDialog(
            panel, self._context.t, page_width=width, on_dismiss=partial(self._end, panel)
        )
        self._page.show_dialog(self._dialog)

    def _begin(self, panel: Panel, room: Room) -> None:
        if self._panel is not None:
            self._end(self._panel)
        if self._dialog is not None:
            self._dialog.close()
        self._panel, self._room = panel, room
        if isinstance(panel, SearchPanel):
            self.list_arrows.add(panel)

    def _end(self, panel: Panel) -> None:
        panel.is_open = False
        self.list_arrows.update()

    def _subscribe(self, kind: PanelKind) -> None:
        """Hear of the messages that a panel lists."""
        self._unsubscribe()
        if kind in _MESSAGE_KINDS:
            self._topic = self.room_pane.room.pubsub_topic
            self._context.subscriptions.add(self._page, self._topic, self._on_room_event)

    def _unsubscribe(self) -> None:
        if self._topic is not None:
            self._context.subscriptions.remove(self._page, self._topic, self._on_room_event)
            self._topic = None

    def _on_room_event(self, topic: str, event: object) -> None:
        """Handle an event of the room. A PubSub handler must not block or raise."""
        if self._address is None or self._address.kind not in _MESSAGE_KINDS:
            return
        messages: Sequence[Message] = ()
        if isinstance(event, MessagesPosted):
            messages = event.messages
        elif isinstance(event, MessageChanged):
            messages = (event.message,)
        panel, is_waiting = self._panel, self._is_stale
        if panel is not None and any(panel.shows_change(each) for each in messages):
            self._is_stale = True
            if not is_waiting:
                self._context.tasks.start(self._reload(panel), "load a panel again")

    async def _reload(self, panel: Panel) -> None:
        await asyncio.sleep(_RELOAD_WAIT)
        self._is_stale = False
        if panel.is_open:
            await panel.reload()

    def _close(self) -> None:
        if self._pane is not None and self._panel is not None:
            self._end(self._panel)
            self._unsubscribe()
            self._panel = self._room = self._pane = self._address = None
            if not self._panes.has_thread:
                self._screen.handle(SidePaneChanged(None))

    async def _on_close_clicked(self) -> None:
        await self._screen.perform(ClosePanel())

    def _shows_beside(self, kind: PanelKind) -> bool:
        return self._address is not None and self._address.kind is kind

    async def _create(self, address: PanelAddress, *, takes_focus: bool) -> Panel:
        """Create a panel with its first page. Raises ChatError."""
        match address.kind:
            case PanelKind.SEARCH:
                return SearchPanel(
                    self._context.viewer,
                    self,
                    words=address.words,
                    only_here=address.only_here,
                    takes_focus=takes_focus,
                )
            case PanelKind.MEMBERS:
                return await self._people_actions.create_members_panel(self._base_room)
            case PanelKind.PINS:
                return await self._create_pins(self.room_pane.room)
            case PanelKind.FILES:
                return await self._create_files(self.room_pane.room)
            case PanelKind.MENTIONS:
                return await self._create_mentions()

    async def _create_pins(self, room: Room) -> Panel:
        t, me = self._context.t, self._context.me

        async def load_entries(skipped: int) -> list[MessageEntry]:
            return [
                MessageEntry(
                    each, t("pinned"), room_path(room.info, each.number), plain_preview(each)
                )
                for each in await room.pinned(me, skipped)
            ]

        return MessageListPanel(
            t("Pinned messages"),
            await load_entries(0),
            t(
                "Nothing is pinned here. Hold a message, or click it with the right button, to pin "
                "it."
            ),
            viewer=self._context.viewer,
            navigate=self.open_message,
            load_entries=load_entries,
        )

    async def _create_files(self, room: Room) -> Panel:
        room_files = RoomFiles(
            self._context,
            room,
            self._panes.main.message_actions,
            open_message=self.open_message,
        )
        panel = FilesPanel(self._context.viewer, room_files)
        await panel.show()
        return panel

    async def _create_mentions(self) -> Panel:
        t, me = self._context.t, self._context.me
        last_id: int | None = None

        async def load_entries(_: int) -> list[MessageEntry]:
            nonlocal last_id
            entries = []
            for mention_id, message in await self._workspace.mentions(me, last_id, PAGE_SIZE):
                room = (await self._workspace.rooms.by_id(me, message.room_id)).info
                label, path = location_label(room, t), room_path(room, message.number)
                entries.append(MessageEntry(message, label, path, plain_preview(message)))
                last_id = mention_id
            return entries

        return MessageListPanel(
            t("Mentions"),
            await load_entries(0),
            t("Nobody has mentioned you yet."),
            viewer=self._context.viewer,
            navigate=self.open_message,
            load_entries=load_entries,
        )

    @property
    def _base_room(self) -> Room:
        """The room on the screen; for a thread the room that it belongs to."""
        room = self.room_pane.room
        return room.parent if isinstance(room.parent, Room) else room

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self.room_pane)
