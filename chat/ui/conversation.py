"""A room on the screen: list, header, timeline and composer, and the events that they hear."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import flet as ft
import structlog

from chat.house import House
from chat.messages import Changed, Fresh, Here, Message, Person
from chat.people import HERE
from chat.room import OpenRoom
from chat.tasks import Tasks
from chat.ui import look
from chat.ui.actions import Actions, MessageDialog
from chat.ui.clock import Clock
from chat.ui.composer import Composer
from chat.ui.drawing import KEYBOARD, Wire
from chat.ui.header import Header
from chat.ui.invite import Invitation, InviteDialog
from chat.ui.press import FIRST_ID, Press, message_of
from chat.ui.rows import ACTIONS
from chat.ui.side import Side
from chat.ui.timeline import Timeline

log = structlog.get_logger(__name__)


# The frame's margin and the foot's padding, on a wide screen and on a phone.
_EDGES = tuple(
    (
        ft.Margin.only(left=edge, right=edge, top=8),
        ft.Padding.only(left=edge, right=edge, top=8, bottom=edge),
    )
    for edge in (16, 8)
)


class Conversation(ft.SafeArea):
    """One person in one room, in one session."""

    def __init__(
        self,
        house: House,
        room: OpenRoom,
        me: Person,
        clock: Clock,
        invitation: Invitation,
        leave: Callable[[], Awaitable[None]],
        press: Press,
    ) -> None:
        self._house = house
        self._room = room
        self._me = me
        self._clock = clock
        self._invitation = invitation
        self._leave = leave
        self._press = press
        self._phone: bool | None = None
        self._filling = False
        self._tasks = Tasks()
        # While the first page is being read nothing is drawn; the page has it, or the feed has.
        self._reading = False
        self._midnight: asyncio.TimerHandle | None = None
        greeting = f"Welcome, {me.name}!"
        self.drawer = ft.NavigationDrawer(bgcolor=ft.Colors.SURFACE_CONTAINER_LOW)
        self._edge = ft.VerticalDivider(width=1, color=ft.Colors.OUTLINE_VARIANT)
        self._header = Header(room.room, greeting, self._open_drawer, self._invite)
        beginning = f"This is the beginning of {room.room.title}."
        self._timeline = Timeline(
            clock, beginning, self._hear, room.recent, self._load_older, self._load_missing
        )
        self._composer = Composer(self._post, self._keep, self._cut, self._at_enter)
        self._frame = ft.Container(
            self._timeline,
            expand=True,
            border=look.OUTLINE,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        )
        self._foot = ft.Container(self._composer)
        talk = ft.Column([self._header, self._frame, self._foot], spacing=0, expand=True)
        self._left = ft.Container()
        super().__init__(
            content=ft.Row(
                [self._left, self._edge, talk],
                spacing=0,
                expand=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            ),
            expand=True,
        )

    def fit(self, width: float, height: float) -> None:
        """Arrange for the page's size in logical pixels; the caller updates.

        `drawer` has to be the page's before it is first opened: Flet cannot show one that it
        has just been given.
        """
        phone = width < look.PHONE
        if phone is not self._phone:
            self._phone = phone
            # Another one: Flet cannot move a control from one place to another.
            self._side = self._new_side()
            self.drawer.controls = [self._side] if phone else []
            self._left.content = None if phone else self._side
        self._left.visible = self._edge.visible = not phone
        self._side.height = height if phone else None
        self._header.fit(phone)
        self._frame.margin, self._foot.padding = _EDGES[phone]

    async def open(self) -> None:
        """Subscribe, read the newest page and the unsent words, and show them."""
        self._reading = True
        wire = _wire(self.page)
        self._timeline.draw_on(wire, self._press, self._row_touched)
        if wire is not None:
            wire.listen(self._touched)
        standing = self._composer.words
        self.page.pubsub.subscribe_topic(self._room.topic, self._timeline.follower.hear)
        self.page.pubsub.subscribe_topic(HERE, self._hear)
        self._house.people.arrive(self._me, self.page.session.id)
        try:
            await self._house.seats.arrive(self._me, self.page.session.id)
            words = await self._room.words(self._me)
            # The last that is waited for: it is drawn as it is this moment.
            page = await self._room.newest(self._me, self._page_size())
        finally:
            self._reading = False
        self.draw_around()
        self._timeline.show(page)
        self._timeline.catch_up()
        if words != standing and self._composer.words == standing:
            # Whoever typed on while the room was being read keeps what they typed.
            self._composer.put_words(words)
        self._wait_for_midnight()

    def pause(self) -> None:
        """The connection is away: hear nothing, keep what was typed."""
        self._composer.keep_now()
        self.page.pubsub.unsubscribe_topic(self._room.topic)
        self.page.pubsub.unsubscribe_topic(HERE)
        self._house.people.depart(self._me, self.page.session.id)
        self._house.seats.depart(self._me, self.page.session.id)
        if self._midnight is not None:
            self._midnight.cancel()

    def _new_side(self) -> Side:
        rooms = [each.room for each in self._house.seats.of(self._me)]
        return Side(
            self._invitation.title, rooms, self._room.room, self._me, self._invite, self._leave
        )

    def _page_size(self) -> int:
        # The first page must be higher than the screen, or there is nothing to scroll.
        return max(50, int((self.page.height or 0) / 20))

    def _hear(self, topic: str, event: object) -> None:
        """What PubSub brings: short, without waiting, and never dying in silence."""
        try:
            if isinstance(event, Here):
                self.show_here(event)
            elif self._reading:
                pass
            elif isinstance(event, Fresh):
                self._timeline.place(event.messages)
            elif isinstance(event, Changed):
                self._timeline.change(event.message, event.previous)
        except Exception:
            log.exception("could not draw", topic=topic, person=self._me.id)

    def draw_around(self) -> None:
        """Draw what stands around the talk, after `fit` and the update."""
        wire = _wire(self.page)
        self._side.draw(wire)
        self._header.draw(wire)
        self.show_here(self._house.people.here)

    def show_here(self, here: Here) -> None:
        """Show who is here."""
        wire = _wire(self.page)
        self._side.show_here(here, wire, self._press)
        self._header.show_here(here, wire)

    def _touched(self, control: int, event: str) -> Callable[[], Any] | None:
        """What happens when a control is touched."""
        if control == KEYBOARD:
            keys = {"up": self._edit_last, "escape": self._composer.cancel}
            return keys.get(event)
        if control < FIRST_ID:
            return self._composer.handler(control, event)
        row = message_of(control)
        if row is None:
            return self._side.handler(control, event) or self._header.handler(control, event)
        return partial(self._row_touched, *row) if event == "click" else None

    async def _row_touched(self, number: int, part: int) -> None:
        if not self._timeline.shows(number):
            return
        message = await self._room.message(self._me, number)
        if message.deleted or part != ACTIONS:
            return
        mine = message.author.id == self._me.id
        actions = Actions(
            mention=None if mine else partial(self._mention, message.author.name),
            edit=partial(self._edit, message) if mine else None,
            delete=partial(self._room.delete, self._me, number) if mine else None,
        )
        earlier = await self._room.earlier(self._me, number) if message.edited_at else ()
        close = self.page.pop_dialog
        self.page.show_dialog(MessageDialog(message, earlier, self._clock, actions, close))

    async def _mention(self, name: str) -> None:
        self._composer.mention(name)

    async def _edit(self, message: Message) -> None:
        self._composer.edit(message.text, partial(self._room.edit, self._me, message.number))

    async def _edit_last(self) -> None:
        """↑ in an empty field."""
        last = await self._room.last_own(self._me)
        if last is not None:
            await self._edit(last)

    async def _post(self, text: str, client_id: str) -> None:
        message = await self._room.post(self._me, text, client_id)
        # Own words are always followed: PubSub placed them already, or holds them back.
        self._timeline.place((message,))
        self._tasks.start(self._timeline.to_newest(), "to the newest")

    def _keep(self, words: str) -> None:
        self._tasks.start(self._room.keep_words(self._me, words), "keep words")

    def _at_enter(self, submitted: str) -> str:
        wire = _wire(self.page)
        return submitted if wire is None else wire.at_enter(submitted)

    async def _cut(self, text: str) -> bool:
        wire = _wire(self.page)
        return wire is not None and await wire.cut_words(text)

    async def _load_older(self) -> None:
        page = await self._room.before(self._me, self._timeline.first, self._page_size())
        self._timeline.older(page)

    def _load_missing(self, number: int) -> None:
        if not self._filling:
            self._filling = True
            self._tasks.start(self._fill_gap(number), "fill a gap")

    async def _fill_gap(self, number: int) -> None:
        """Read what came after `number`; a gap larger than a page replaces the window."""
        try:
            page = await self._room.after(self._me, number, self._page_size())
            if number and not page.has_newer:
                self._timeline.newer(page)
            else:
                self._timeline.show(await self._room.newest(self._me, self._page_size()))
        finally:
            self._filling = False

    def _wait_for_midnight(self) -> None:
        loop = asyncio.get_running_loop()
        # A second late rather than early: timers may fire a little before their time.
        self._midnight = loop.call_later(self._clock.until_midnight() + 1, self._new_day)

    def _new_day(self) -> None:
        self._timeline.day_changed()
        self._wait_for_midnight()

    def _invite(self) -> None:
        self.page.show_dialog(InviteDialog(self._invitation, self.page.pop_dialog))

    async def _open_drawer(self) -> None:
        await self.page.show_drawer()


def _wire(page: ft.Page) -> Wire | None:
    """The chat's own socket, if this session is on one."""
    connection = page.session.connection
    return connection if isinstance(connection, Wire) else None
