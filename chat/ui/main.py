"""`main(page)`: one visit of one browser tab or window, from the door to the room."""

from collections.abc import Awaitable, Callable

import flet as ft
import structlog

from chat.errors import ChatError
from chat.model.events import SignedOut, person_topic
from chat.model.people import Person
from chat.model.preferences import Preferences
from chat.model.site import SiteInfo
from chat.tasks import Tasks
from chat.text.names import name_key
from chat.ui.client.connection import wire_of
from chat.ui.client.visitor import Client
from chat.ui.packing.row_cache import Press
from chat.ui.screen.chat_screen import Conversation
from chat.ui.screen.welcome import NameDialog, StartScreen
from chat.ui.theme import theme
from chat.ui.viewer import Clock
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# An event handler that calls no update() would cost a diff of the whole page: every control is
# updated by its name instead.
ft.context.disable_auto_update()

Main = Callable[[ft.Page], Awaitable[None]]


def main_for(house: Callable[[], Workspace], invitation: Callable[[], SiteInfo]) -> Main:
    """The `main(page)` of a chat; both are asked for when somebody comes."""

    press = Press()

    async def main(page: ft.Page) -> None:
        await Visit(page, house(), invitation(), press).begin()

    return main


class Visit:
    """One session: who it is, and which screen it shows."""

    def __init__(self, page: ft.Page, house: Workspace, invitation: SiteInfo, press: Press) -> None:
        self._page = page
        self._house = house
        self._invitation = invitation
        self._press = press
        self._client = Client(page, house, invitation.url)
        self._token: str | None = None
        self._tasks = Tasks()
        self._me: Person | None = None
        self._conversation: Conversation | None = None
        self._chosen = Preferences()
        self._heard: Preferences | None = None
        self._started = False
        # Counts the connections that ended: what was begun for one of them is not gone on with.
        self._ended = 0
        self._is_away = True

    async def begin(self) -> None:
        """Dress the page, and show the screen that is this person's."""
        page = self._page
        theme.setup_page(page, self._invitation.title, self._invitation.static_url)
        page.on_resize = self._resized
        page.on_connect = self._connected
        page.on_disconnect = self._disconnected
        page.on_route_change = self._route_changed
        await self._connected()

    async def _connected(self) -> None:
        if not self._is_away:
            # It is here before the end of the old one was noticed.
            self._disconnected()
        self._is_away = False
        await self._arrive()

    def _disconnected(self) -> None:
        self._is_away = True
        self._ended += 1
        if self._conversation is not None:
            self._conversation.pause()
        self._page.pubsub.unsubscribe_all()

    async def _arrive(self) -> None:
        """Somebody is at the door, for the first time or again.

        The room for somebody who is recognised, or named in the address; else the start. The same
        session may come back as somebody else: they left in another tab, or opened an address.
        """
        self._token = await self._client.token()
        known = await self._house.people.person_for_token(self._token)
        name = self._client.name
        if self._token is None and self._me is not None:
            # A browser without cookies: only the session knows who it is.
            known = self._me
        if known is not None and (name is None or name_key(name) == name_key(known.name)):
            await self._show_room(known)
        elif name is not None:
            await self._come_in_by_address(name)
        elif self._me is not None or not self._started:
            self._me = None
            self._show_start()

    async def _come_in_by_address(self, name: str) -> None:
        """`/chat?username=<name>`: whoever this browser was before, it is this name now."""
        try:
            await self._join(name)
        except ChatError as refusal:
            self._show_start()
            self._show_name_dialog(name, refusal)

    def _show_start(self) -> None:
        self._conversation = None
        self._started = True
        self._wear(Preferences())
        self._page.drawer = None
        self._page.controls = [StartScreen(self._invitation.title, self._viewer.t, self._ask_name)]
        self._page.update()

    def _ask_name(self) -> None:
        self._show_name_dialog()

    def _show_name_dialog(self, name: str = "", refusal: ChatError | None = None) -> None:
        title, t = self._invitation.title, self._viewer.t
        dialog = NameDialog(title, t, self._join_by_dialog, name, refusal)
        self._page.show_dialog(dialog)

    async def _join_by_dialog(self, name: str) -> None:
        await self._join(name, self._page.pop_dialog)

    async def _join(self, name: str, on_joined: Callable[[], object] = lambda: None) -> None:
        """Come in under `name`, and tell everyone. Raises ChatError."""
        people = self._house.people
        before = await people.person_for_token(self._token)
        if before is not None and name_key(before.name) == name_key(name):
            # Another tab of this browser came in under this name: it is the same person.
            on_joined()
            await self._show_room(before)
            return
        if self._token is None:
            self._token = await self._client.new_token()
        person = await people.sign_in(name, self._token)
        on_joined()
        if before is not None:
            # One browser is one person: its other tabs follow.
            await self._house.sign_out(before)
        await self._house.on_signed_in(person)
        await self._show_room(person)

    async def _show_room(self, person: Person) -> None:
        if self._is_away:
            # They went while they came in, and are recognised when they come back.
            self._me = self._me or person
            return
        ended = self._ended
        await self._recall(person)
        if ended != self._ended:
            return
        if self._me == person and self._conversation is not None:
            if self._conversation.is_away:
                await self._show_again(self._conversation)
            return
        self._me = person
        self._client.is_of(person)
        await self._show_conversation(person)

    async def _show_conversation(self, person: Person) -> None:
        self._conversation = Conversation(
            self._house,
            person,
            self._viewer,
            self._chosen,
            self._invitation,
            self._leave,
            self._press,
        )
        self._fit(self._conversation, self._page.width or 0, self._page.height or 0)
        self._page.controls = [self._conversation]
        self._page.update()
        await self._conversation.open(self._client.path)

    async def _recall(self, person: Person) -> None:
        """Hear what a person is told from now on, and look as they chose."""
        self._heard = None
        self._page.pubsub.subscribe_topic(person_topic(person.id), self._hear)
        stored = await self._house.people.preferences(person)
        # What was chosen while it was read is newer.
        self._wear(self._heard or stored)

    def _wear(self, chosen: Preferences) -> None:
        """Look as somebody chose; the caller updates."""
        self._chosen = chosen
        theme.apply_preferences(self._page, chosen, self._viewer.t)
        wire = wire_of(self._page)
        if wire is not None:
            wire.prefer(chosen.theme.value, chosen.send_key.value)

    async def _choose(self) -> None:
        """Something was chosen, in this session or in another of the same person."""
        chosen, conversation = self._heard, self._conversation
        if chosen is None or conversation is None or chosen == self._chosen:
            return
        before = self._viewer.t
        self._wear(chosen)
        self._page.update()
        if self._viewer.t is before:
            await conversation.wear(self._viewer, chosen)
        elif self._me is not None:
            # All that stands here says something: it is made anew.
            conversation.pause()
            self._page.pop_dialog()
            await conversation.words_are_kept()
            if self._conversation is conversation:
                await self._show_conversation(self._me)

    @property
    def _viewer(self) -> Clock:
        return self._client.viewer(self._chosen)

    async def _leave(self) -> None:
        if self._me is None or self._conversation is None:
            return
        me = self._me
        await self._house.sign_out(me)

    def _hear(self, topic: str, event: object) -> None:
        try:
            if isinstance(event, SignedOut):
                # PubSub holds its lock while it calls: unsubscribing waits for the next turn.
                self._tasks.start(self._go(), "go")
            elif isinstance(event, Preferences):
                self._heard = event
                self._tasks.start(self._choose(), "wear")
            elif self._conversation is not None:
                self._conversation.hear_mine(event)
        except Exception:
            log.exception("could not go", topic=topic)

    async def _go(self) -> None:
        """Back to the start screen. The spent token is replaced by loading the page again."""
        self._page.pubsub.unsubscribe_all()
        self._me = None
        self._token = None
        self._show_start()
        if self._page.web:
            await ft.UrlLauncher().launch_url("/", web_only_window_name="_self")

    async def _route_changed(self) -> None:
        if self._conversation is not None:
            await self._conversation.come_back(self._client.path)

    def _resized(self, event: ft.PageResizeEvent) -> None:
        if self._conversation is not None:
            self._fit(self._conversation, event.width, event.height)
            self._page.update()
            self._conversation.draw_around()

    def _fit(self, conversation: Conversation, width: float, height: float) -> None:
        conversation.fit(width, height)
        self._page.drawer = conversation.drawer

    async def _show_again(self, conversation: Conversation) -> None:
        """The same person came back: hear again, and draw what was missed."""
        self._fit(conversation, self._page.width or 0, self._page.height or 0)
        self._page.update()
        await conversation.wear(self._viewer, self._chosen)
        await conversation.open(self._client.path)
