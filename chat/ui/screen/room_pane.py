"""One room on the screen: its timeline, the field, and the events that they hear."""

import asyncio
from collections.abc import Callable

import flet as ft
import structlog

from chat.model.events import MessageChanged, MessagesPosted, RoomUpdated, TypingUpdated
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.ui.autocomplete.mentions import Mentionable, names
from chat.ui.autocomplete.shortcodes import shortcodes
from chat.ui.client.connection import Navigate, Wire
from chat.ui.client.file_transfer import Carrying
from chat.ui.composer.composer import Composer
from chat.ui.composer.submit import Orders
from chat.ui.emoji.picker import EmojiPicker
from chat.ui.packing.row_cache import Press
from chat.ui.row_parts import OnPartClick
from chat.ui.theme import theme, widgets
from chat.ui.timeline.beginning import Origin
from chat.ui.timeline.history_window import Stretch
from chat.ui.timeline.hover_toolbar import Hover
from chat.ui.timeline.typing_line import TypingLine
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# So many of those who spoke last come first among those who can be mentioned.
_RECENT = 100


class Talk(ft.Column):
    """The middle of the screen; `room` is what it shows now.

    `room_now(room)` is told when that is called otherwise, `moved()` when the person comes to the
    end of it or goes away from there. `go(path)` shows another room.
    """

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        press: Press,
        touched: OnPartClick,
        room_now: Callable[[], None],
        moved: Callable[[], None],
        go: Navigate,
        files: str,
    ) -> None:
        self._house = house
        self._files = files
        self._me = me
        self._viewer = viewer
        self._press = press
        self._touched = touched
        self._room_now = room_now
        self._topics: list[str] = []
        self._wire: Wire | None = None
        self._tasks = Tasks()
        self._entering = 0
        self._midnight: asyncio.TimerHandle | None = None
        self._moved = moved
        self._bar: Hover | None = None
        self.stretch = Stretch(
            me, viewer, self._hear, self._scrolled, self._page_size, self._fetch_fonts
        )
        self.timeline = self.stretch.timeline
        self._origin = Origin(house, me, viewer, touched, self.timeline.begin_again)
        self.picker = EmojiPicker(house.emoji_preferences, me, viewer.t, lambda: self.page)
        self._orders = Orders(
            house, me, viewer, lambda: widgets.page_of(self), self._posted, go, self._look
        )
        sources = [
            self._orders.source,
            names(self._mentionable, viewer),
            shortcodes(self.picker.preferences),
        ]
        self.carrying = Carrying(self, viewer.image_url)
        self.composer = Composer(self, self.carrying, sources, self.picker, viewer.t)
        self._typing = TypingLine()
        self.frame = ft.Container(
            self.timeline,
            expand=True,
            border=theme.OUTLINE,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        )
        self.foot = ft.Column([self._typing, self.composer], spacing=2, tight=True)
        super().__init__(controls=[self.frame, self.foot], spacing=0, expand=True)

    @property
    def is_open(self) -> bool:
        """Whether a room is shown."""
        return self.stretch.is_open

    @property
    def room(self) -> Room:
        """The room on the screen."""
        return self.stretch.room

    def float(self, bar: Hover) -> None:
        """Let the bar of buttons float over the rows, until the mouse leaves them."""
        self._bar = bar
        self.frame.on_hover = bar.hovered

    def wear(self, viewer: ViewerContext) -> None:
        """Rows look otherwise from the next `enter` on."""
        self._viewer = viewer
        self.timeline.wear(viewer)
        self._origin.wear(viewer)

    def draw_on(self, wire: Wire | None) -> None:
        """Where the session's controls are drawn, from the next `enter` on."""
        self._wire = wire

    async def words_are_kept(self) -> None:
        """Wait, after `rest`, until what was typed is stored."""
        await self._orders.words_are_kept()

    async def enter(self, room: Room, at: int | None = None) -> None:
        """Show a room at its end, or with message `at` in the middle.

        Raises NoSuchRoom, and NoSuchMessage if there is no message `at`; then the room that was
        there is shown on.
        """
        self._entering += 1
        turn = self._entering
        room.require_read(self._me)
        standing, words = self.composer.words, await room.draft(self._me)
        about = await self._origin.read(room)
        place = self.stretch.place_in(room, at)
        page = await self.stretch.page(room, at, place)
        if turn != self._entering:
            return
        # From here to the first draw nothing is waited for: all that happens is heard of, or in
        # the page.
        is_other = not self.is_open or self.room is not room
        self._origin.enter(room, about)
        if is_other:
            self._listen(room)
        self.stretch.begin(room, at, self._house.memberships.get(self._me, room.info.id))
        self.timeline.draw_on(self._wire, self._press, self._touched)
        self.timeline.begin_with(self._origin.draw)
        self._room_now()
        if is_other:
            self._typing.show(TypingUpdated(()), self._me, self._viewer.t)
            self.composer.enter(self._orders.writing(room), words, standing)
            self.composer.refuse(self._refusal())
            if self._wire is not None:
                self._wire.focus_field(anywhere=False)
        if is_other and at is not None:
            # The way there takes a while; the rows of another room are not those of this one.
            self.timeline.clear()
        if about is not None:
            self._tasks.start(self._origin.renew(), "read again what a thread is about")
        await self.stretch.show(page, place)
        if turn == self._entering:
            self._wait_for_midnight()

    def _listen(self, room: Room) -> None:
        """Hear of this room and no other; in a thread of the message that it is about, too."""
        for topic in self._topics:
            self.page.pubsub.unsubscribe_topic(topic)
        self._topics = [room.pubsub_topic]
        self.page.pubsub.subscribe_topic(room.pubsub_topic, self.timeline.follower.hear)
        if (above := self._origin.topic) is not None:
            self._topics.append(above)
            self.page.pubsub.subscribe_topic(above, self._origin.hear)

    def rest(self) -> None:
        """The connection is away: hear nothing, keep what was typed and where one was."""
        self.composer.keep_now()
        self.composer.files.reloaded()
        self.picker.close()
        for topic in self._topics:
            self.page.pubsub.unsubscribe_topic(topic)
        self._topics = []
        self._entering += 1
        self.stretch.rest()
        if self._midnight is not None:
            self._midnight.cancel()

    def _fetch_fonts(self) -> None:
        """A formula is on the screen."""
        if isinstance(self.page, ft.Page):
            theme.load_formula_fonts(self.page, self._files)

    def capture(self, on: bool) -> None:
        """As the composer asks it of the client."""
        if self._wire is not None:
            self._wire.capture(on)
        if not getattr(self.page, "web", True):
            self.composer.keep_arrows(on)

    def swap(self, at: int, old: str, new: str) -> bool:
        """As the composer asks it of the client."""
        return self._wire is not None and self._wire.swap_words(at, old, new)

    async def cut(self, text: str) -> bool:
        """As the composer asks it of the client."""
        return self._wire is not None and await self._wire.cut_words(text)

    def _hear(self, topic: str, event: object) -> None:
        """What PubSub brings: short, without waiting, and never dying in silence."""
        try:
            if isinstance(event, RoomUpdated):
                self._room_now()
            elif isinstance(event, TypingUpdated):
                self._typing.show(event, self._me, self._viewer.t)
            elif isinstance(event, MessagesPosted):
                self.timeline.place(event.messages)
            elif isinstance(event, MessageChanged):
                self.timeline.change(event)
        except Exception:
            log.exception("could not draw", topic=topic, person=self._me.id)

    def _page_size(self) -> int:
        """The first page must be higher than the screen."""
        return max(50, int((self.page.height or 0) / 20))

    def _scrolled(self) -> None:
        if self._bar is not None:
            self._bar.go()
        self._moved()

    def _look(self) -> None:
        self.composer.complete()

    def _posted(self, message: Message) -> None:
        # Own words are always followed: PubSub placed them already, or holds them back.
        if self.is_open and message.room_id == self.room.info.id:
            self.timeline.place((message,))
            self._tasks.start(self.timeline.to_newest(), "to the newest")

    def _refusal(self) -> str:
        base = self.room.parent or self.room
        if base.info.archived:
            return self._viewer.t(
                "This room is archived: it can be read, and nothing new is said here."
            )
        return ""

    def room_changed(self) -> None:
        """The room is called otherwise, or was archived or opened again."""
        self.composer.refuse(self._refusal())
        self._origin.room_changed()

    def _mentionable(self) -> Mentionable:
        if not self.is_open:
            return Mentionable(())
        said = self.room.recent(max(0, self.timeline.last - _RECENT)) or ()
        recent = dict.fromkeys(
            each.author.id for each in reversed(said) if each.kind is MessageKind.TEXT
        )
        people = [each for each in self.room.mentionable_people.values() if each.id != self._me.id]
        here = frozenset(each.id for each in self._house.people.online.people)
        return Mentionable(people, tuple(recent), here)

    def _wait_for_midnight(self) -> None:
        if self._midnight is not None:
            self._midnight.cancel()
        loop = asyncio.get_running_loop()
        # A second late rather than early: timers may fire a little before their time.
        self._midnight = loop.call_later(self._viewer.seconds_until_midnight() + 1, self._new_day)

    def draw_again(self) -> None:
        """Somebody looks otherwise. Whoever reads above sees it once they come down."""
        if self.is_open:
            self.timeline.grow_stale()

    def _new_day(self) -> None:
        self.timeline.grow_stale()
        self._wait_for_midnight()
