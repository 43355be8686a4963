"""`main(page)`: one session of one browser tab or window, from the welcome screen to the room."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import flet as ft
import structlog

from chat.errors import BadName, ChatError, KnockEnded, KnockRefused
from chat.model.devices import DeviceProof, DevicesSignedOut
from chat.model.events import (
    GuestEnded,
    KnockAnswered,
    Sanctioned,
    SignedOut,
    knock_topic,
    person_topic,
)
from chat.model.joining import JoinPolicy, Knock, KnockState, Visitor
from chat.model.moderation import SanctionKind
from chat.model.people import Person
from chat.model.preferences import Preferences
from chat.model.site import SiteInfo
from chat.people.browser_tokens import new_token, token_hash
from chat.tasks import Latest, Tasks
from chat.text.name_rules import validate_name
from chat.text.names import name_key
from chat.ui.client.connection import connection_of
from chat.ui.client.name_refusal import name_refusal
from chat.ui.client.page_messages import NameEntered
from chat.ui.client.visitor import Client
from chat.ui.context import SessionContext
from chat.ui.packing.row_cache import RowCache
from chat.ui.screen.chat_screen import ChatScreen
from chat.ui.screen.welcome import NameDialog, WelcomeScreen
from chat.ui.theme import theme
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import close_dialog, open_dialog, show_one_dialog_at_a_time
from chat.ui.theme.snackbars import show_snackbar
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# An event handler without update() would cost a diff of the whole page. So each control is updated
# explicitly.
ft.context.disable_auto_update()

Main = Callable[[ft.Page], Awaitable[None]]

# The address at which the page says that its device was signed out (`start-screen.js`).
SIGNED_OUT_PATH = "/?signed-out"


def create_main(workspace: Workspace, site: SiteInfo) -> Main:
    """The `main(page)` of a chat."""

    row_cache = RowCache()

    async def main(page: ft.Page) -> None:
        await Session(page, workspace, site, row_cache=row_cache).start()

    return main


class Session:
    """One session: its person, and the screen that it shows."""

    def __init__(
        self,
        page: ft.Page,
        workspace: Workspace,
        site: SiteInfo,
        *,
        row_cache: RowCache,
    ) -> None:
        self._page = page
        self._workspace = workspace
        self._site = site
        self._row_cache = row_cache
        self._client = Client(page, workspace, site)
        self._token: str | None = None
        # The hash of the token that this session counts for, while it is connected.
        self._device_hash: bytes | None = None
        self._tasks = Tasks()
        self._me: Person | None = None
        self._chat_screen: ChatScreen | None = None
        self._preferences = Preferences()
        self._received_preferences: Preferences | None = None
        self._has_shown_welcome = False
        # The name in the address that a dialog asks about.
        self._asked_name: str | None = None
        # Work that was started for a connection must not go on after its end.
        self._connections = Latest()
        self._is_disconnected = True

    async def start(self) -> None:
        """Set up the page, and show the screen of this session's person."""
        page = self._page
        theme.setup_page(page, self._site.title, self._site.static_url)
        show_one_dialog_at_a_time(page)
        page.on_resize = self._on_resize
        page.on_connect = self._on_connect
        page.on_disconnect = self._on_disconnect
        page.on_route_change = self._on_route_change
        await self._on_connect()

    async def _on_connect(self) -> None:
        if not self._is_disconnected:
            # The client reconnected before the end of its old connection was noticed.
            self._on_disconnect()
        self._is_disconnected = False
        await self._identify()

    def _on_disconnect(self) -> None:
        if self._is_disconnected:
            # The time that the session waits was shortened: it is disconnected once more.
            return
        self._is_disconnected = True
        self._connections.start()
        if self._chat_screen is not None:
            self._chat_screen.suspend()
        self._page.pubsub.unsubscribe_all()
        self._count_device(None)

    async def _identify(self) -> None:
        """Find the person of this session, at its start or after a reconnect.

        A known person gets the chat screen, all others get the welcome screen. A name in the
        address changes nothing by itself, because any page may contain such a link: a known person
        is asked, and a stranger finds it in the field of the dialog. After a reconnect the person
        may be another one: they signed out in another tab.
        """
        self._token = await self._client.token()
        person = await self._workspace.identity.person_for_token(self._token)
        name = self._client.requested_name
        if self._token is None and self._me is not None:
            # A browser without cookies: only the session knows its person.
            person = self._me
        if person is not None:
            await self._show_or_resume_chat(person)
            if name is not None and name_key(name) != name_key(person.name):
                self._ask_to_replace(person, name)
            return
        if self._me is not None or not self._has_shown_welcome:
            self._me = None
            self._show_welcome()
        self._listen_to_form()
        if name is not None and name != self._asked_name:
            self._asked_name = name
            self._show_name_dialog(name, _name_error(name))

    def _ask_to_replace(self, person: Person, name: str) -> None:
        """Ask a person who is signed in whether they want to be another person, called `name`."""
        if self._is_disconnected:
            return
        if name == self._asked_name:
            if open_dialog(self._page) is None:
                # They answered while the client was connecting again.
                self._drop_query()
            return
        self._asked_name = name
        t = self._viewer.t

        async def replace() -> None:
            await self._sign_in(name, replaced=person)

        self._page.show_dialog(
            ConfirmationDialog(
                t("You are here as {name}", name=person.name),
                t(
                    "Come in as {new} instead? {name} leaves the chat for good, with all rooms and "
                    "conversations. To change only your name, write /nick {new}.",
                    name=person.name,
                    new=name,
                ),
                t("Come in as {name}", name=name),
                action=replace,
                t=t,
                on_cancel=self._drop_query,
            )
        )

    def _drop_query(self) -> None:
        if self._chat_screen is not None:
            self._tasks.start(self._chat_screen.drop_query(), "leave the address with a name")

    def _show_welcome(self) -> None:
        self._chat_screen = None
        self._has_shown_welcome = True
        self._apply_preferences(Preferences())
        self._page.drawer = None
        self._page.controls = [
            WelcomeScreen(self._site.title, self._viewer.t, on_start=self._ask_name)
        ]
        self._page.update()

    def _listen_to_form(self) -> None:
        """Nobody is signed in: the page shows a form of its own, and reports the name."""
        connection = connection_of(self._page)
        if connection is not None:
            connection.screen_shown(is_chat=False)
            connection.set_listener(self._on_form_event, is_stranger=True)
        if self._workspace.entrance.policy is JoinPolicy.APPROVE:
            topic = knock_topic(self._visitor.key)
            self._page.pubsub.subscribe_topic(topic, self._on_knock_answered)
        self._tasks.start(self._tell_stranger(), "tell a stranger")

    @property
    def _visitor(self) -> Visitor:
        """The stranger of this session, as the entrance is told of them."""
        return self._client.visitor(
            self._token or f"session {self._page.session.id}", self._viewer.t
        )

    async def _tell_stranger(self) -> None:
        """The form says at once that nobody comes in with this browser, and why.

        Who was let in meanwhile is in.
        """
        try:
            await self._workspace.identity.require_not_banned(self._token)
            name = await self._workspace.entrance.admitted_name(self._visitor)
            if name is not None:
                await self._sign_in(name, self._close_name_dialog)
        except ChatError as error:
            self._refuse(error)

    def _on_knock_answered(self, topic: str, event: object) -> None:
        # PubSub holds its lock during this call.
        if isinstance(event, KnockAnswered) and self._me is None:
            self._tasks.start(self._follow_answer(event.knock), "follow the answer to a knock")

    async def _follow_answer(self, knock: Knock) -> None:
        """Come in, or say that this was refused, or that nobody has answered."""
        try:
            match knock.state:
                case KnockState.ADMITTED:
                    await self._sign_in(knock.name, self._close_name_dialog)
                case KnockState.REFUSED:
                    raise KnockRefused
                case KnockState.WAITING:
                    raise KnockEnded
        except ChatError as error:
            self._refuse(error)

    def _refuse(self, error: ChatError) -> None:
        """Show in the form of the page, and in an open dialog, why nobody comes in yet."""
        connection = connection_of(self._page)
        if connection is not None:
            connection.refuse_name(name_refusal(error, self._viewer.t))
        if isinstance(dialog := open_dialog(self._page), NameDialog):
            dialog.show_error(error)

    def _on_form_event(self, control_id: int, event: str, data: object) -> Callable[[], Any] | None:
        """The action of a name that was entered in the page's form."""
        if isinstance(data, NameEntered) and self._me is None:
            return partial(self._sign_in_by_form, data.name)
        return None

    async def _sign_in_by_form(self, name: str) -> None:
        try:
            await self._sign_in(name, self._close_name_dialog)
        except ChatError as error:
            self._refuse(error)

    def _close_name_dialog(self) -> None:
        if (dialog := open_dialog(self._page)) is not None:
            close_dialog(dialog)

    def _ask_name(self) -> None:
        self._show_name_dialog()

    def _show_name_dialog(self, name: str = "", error: ChatError | None = None) -> None:
        title, t = self._site.title, self._viewer.t
        dialog = NameDialog(
            title,
            t,
            sign_in=self._sign_in_by_dialog,
            name=name,
            error=error,
            sign_in_url=self._site.base_path + "/account" if self._page.web else None,
        )
        self._page.show_dialog(dialog)

    async def _sign_in_by_dialog(self, name: str) -> None:
        await self._sign_in(name, self._page.pop_dialog)

    async def _sign_in(
        self,
        name: str,
        on_signed_in: Callable[[], object] = lambda: None,
        *,
        replaced: Person | None = None,
    ) -> None:
        """Sign in under `name`, and publish that. Raises ChatError.

        A person of this browser signs out only if they are `replaced`; otherwise they are asked.
        """
        identity = self._workspace.identity
        previous_person = await identity.person_for_token(self._token)
        if previous_person is not None and (replaced is None or previous_person.id != replaced.id):
            # Another tab of this browser has signed in.
            on_signed_in()
            await self._show_or_resume_chat(previous_person)
            if name_key(previous_person.name) != name_key(name):
                validate_name(name)
                self._ask_to_replace(previous_person, name)
            return
        await identity.require_not_banned(self._token)
        if self._client.was_exchanged:
            # Somebody came in with another tab of this browser, which has their cookie now.
            on_signed_in()
            await self._load_page(f"/?username={quote(name)}")
            return
        if previous_person is not None:
            await self._workspace.require_may_leave(previous_person)
        # Never the token that stood in the browser before: somebody else may know it.
        token = new_token()
        person = await self._workspace.entrance.sign_in(name, token, self._visitor)
        self._asked_name = None
        on_signed_in()
        if previous_person is not None:
            # One browser is one person: its other tabs follow.
            self._close_chat_screen()
            await self._workspace.sign_out(previous_person)
        if await self._client.keep_token(token):
            self._token = token
        elif self._token is not None:
            # Without scripts there is no other way.
            await identity.add_browser_token(self._token, person, self._visitor.device)
        await self._workspace.on_signed_in(person)
        await self._show_or_resume_chat(person)

    def _close_chat_screen(self) -> None:
        """Stop showing the person of before, who is about to sign out."""
        if self._chat_screen is not None:
            self._chat_screen.suspend()
            self._chat_screen = None
        self._page.pubsub.unsubscribe_all()
        self._count_device(None)

    async def _show_or_resume_chat(self, person: Person) -> None:
        if self._is_disconnected:
            # The client disconnected while it signed in; the session knows the person when it
            # reconnects.
            self._me = self._me or person
            return
        self._workspace.networks.saw(person.id, self._client.network)
        connection = self._connections.current
        await self._load_preferences(person)
        if self._connections.has_overtaken(connection):
            return
        self._count_device(self._token)
        if key := self._client.device_key:
            proof = DeviceProof(self._device_hash, key)
            self._tasks.start(self._workspace.devices.show_key(proof), "show the key of a device")
        if self._workspace.sanctions.get(person.id, SanctionKind.BAN) is not None:
            # Since the token was looked up; from here on an event would say so.
            await self._end_session("its person is banned")
            return
        if self._me == person and self._chat_screen is not None:
            if self._chat_screen.is_disconnected:
                await self._resume_chat_screen(self._chat_screen)
            self._report_chat_shown()
            await self._claim_ownership(person)
            return
        self._me = person
        self._client.set_person(person)
        await self._show_chat_screen(person)
        self._report_chat_shown()
        await self._claim_ownership(person)

    def _count_device(self, token: str | None) -> None:
        """This session is one of the device with a token; None if it is not connected."""
        devices, before = self._workspace.devices, self._device_hash
        self._device_hash = token_hash(token) if token is not None else None
        if self._device_hash is not None:
            devices.session_connected(self._device_hash)
        if before is not None:
            devices.session_disconnected(before)

    def _report_chat_shown(self) -> None:
        connection = connection_of(self._page)
        if connection is not None:
            connection.screen_shown(is_chat=True)

    async def _claim_ownership(self, person: Person) -> None:
        """`/chat?owner=<secret>`, the link that the chat prints at its start."""
        secret, t = self._client.owner_secret, self._viewer.t
        if secret is None:
            return
        try:
            await self._workspace.ownership.claim_with_link(person, secret)
        except ChatError as error:
            show_snackbar(self._page, t.error(error))
        else:
            show_snackbar(self._page, t("You own this chat now."))
        # The address bar is no place for a secret, also for one that is spent.
        self._drop_query()

    async def _show_chat_screen(self, person: Person) -> None:
        context = SessionContext(
            workspace=self._workspace,
            me=person,
            viewer=self._viewer,
            preferences=self._preferences,
            site=self._site,
            row_cache=self._row_cache,
            device_hash=self._device_hash,
        )
        self._chat_screen = ChatScreen(context, sign_out=self._sign_out)
        self._fit(self._chat_screen, self._page.width or 0, self._page.height or 0)
        self._page.controls = [self._chat_screen]
        self._page.update()
        await self._chat_screen.open(self._client.path)

    async def _load_preferences(self, person: Person) -> None:
        """Subscribe to the events of a person, and apply their preferences."""
        self._received_preferences = None
        self._page.pubsub.subscribe_topic(person_topic(person.id), self._on_person_event)
        stored = await self._workspace.identity.preferences(person)
        # A change that was received while the preferences were loading is newer.
        self._apply_preferences(self._received_preferences or stored)

    def _apply_preferences(self, preferences: Preferences) -> None:
        """Apply preferences to the page; the caller updates it."""
        self._preferences = preferences
        theme.apply_preferences(self._page, preferences, self._viewer.t)
        connection = connection_of(self._page)
        if connection is not None:
            connection.set_preferences(preferences.theme.value, preferences.send_key.value)

    async def _on_preferences_changed(self) -> None:
        """The person changed a preference, in this session or in another."""
        preferences, chat_screen = self._received_preferences, self._chat_screen
        if preferences is None or chat_screen is None or preferences == self._preferences:
            return
        folded = preferences.folded_sections
        if replace(self._preferences, folded_sections=folded) == preferences:
            self._preferences = preferences
            chat_screen.set_folded_sections(preferences)
            return
        previous_t = self._viewer.t
        self._apply_preferences(preferences)
        self._page.update()
        if self._viewer.t is previous_t:
            await chat_screen.apply_preferences(self._viewer, preferences)
        elif self._me is not None:
            # Every text is in the old language: create the screen again.
            chat_screen.suspend()
            self._page.pop_dialog()
            await chat_screen.wait_for_drafts()
            if self._chat_screen is chat_screen:
                await self._show_chat_screen(self._me)

    @property
    def _viewer(self) -> ViewerContext:
        return self._client.viewer(self._preferences)

    async def _sign_out(self) -> None:
        if self._me is None or self._chat_screen is None:
            return
        me = self._me
        await self._workspace.sign_out(me)

    def _on_person_event(self, topic: str, event: object) -> None:
        try:
            is_banned = isinstance(event, Sanctioned) and event.sanction.kind is SanctionKind.BAN
            if is_banned:
                self._tasks.start(self._end_session("its person is banned"), "end a session")
            elif isinstance(event, GuestEnded):
                self._tasks.start(self._end_session("its guest's time is over"), "end a session")
            elif isinstance(event, DevicesSignedOut):
                if self._token is not None and token_hash(self._token) in event.token_hashes:
                    self._tasks.start(self._end_signed_out(), "end the session of a device")
            elif isinstance(event, SignedOut):
                # PubSub holds its lock during this call: unsubscribe in the next turn of the loop.
                self._tasks.start(self._return_to_welcome(), "return to the welcome screen")
            elif isinstance(event, Preferences):
                self._received_preferences = event
                self._tasks.start(self._on_preferences_changed(), "apply preferences")
            elif self._chat_screen is not None:
                self._chat_screen.on_person_event(event)
        except Exception:
            log.exception("could not handle an event", topic=topic)

    async def _end_session(self, reason: str, path: str = "/") -> None:
        """Show the start page and close the connection; `reason` is for the log."""
        if (connection := connection_of(self._page)) is not None:
            # Now: a client may never answer that it loads another page.
            connection.set_listener(None)
            connection.end(reason)
        await self._return_to_welcome(path)

    async def _end_signed_out(self) -> None:
        """This device was signed out. The person may be online with another one."""
        self._close_chat_screen()
        if (connection := connection_of(self._page)) is not None:
            # Also for a page that loads itself again, because its connection has ended.
            connection.replace_path(SIGNED_OUT_PATH)
        await self._end_session("its device was signed out", SIGNED_OUT_PATH)

    async def _return_to_welcome(self, path: str = "/") -> None:
        """Back to the welcome screen. A reload of the page replaces the spent token."""
        self._page.pubsub.unsubscribe_all()
        self._count_device(None)
        self._me = None
        self._token = None
        self._show_welcome()
        if self._page.web:
            await self._load_page(path)

    async def _load_page(self, path: str) -> None:
        # In the context of this page: what ends a session is mostly done in that of another one.
        await asyncio.wrap_future(self._page.run_task(_open_page, self._site.base_path + path))

    async def _on_route_change(self, event: ft.RouteChangeEvent) -> None:
        if self._client.requested_name is None:
            self._asked_name = None
        if self._chat_screen is not None:
            # The address of the event: that of the page may be a later one already.
            await self._chat_screen.on_route_change(urlsplit(event.route).path)

    def _on_resize(self, event: ft.PageResizeEvent) -> None:
        if self._chat_screen is not None:
            self._fit(self._chat_screen, event.width, event.height)
            self._page.update()
            self._chat_screen.draw_sidebar_and_header()

    def _fit(self, chat_screen: ChatScreen, width: float, height: float) -> None:
        chat_screen.fit(width, height)
        self._page.drawer = chat_screen.drawer

    async def _resume_chat_screen(self, chat_screen: ChatScreen) -> None:
        """The same person is back: subscribe again, and draw what was missed."""
        self._fit(chat_screen, self._page.width or 0, self._page.height or 0)
        self._page.update()
        await chat_screen.apply_preferences(self._viewer, self._preferences)
        await chat_screen.open(self._client.path)


def _name_error(name: str) -> BadName | None:
    """Why nobody can be called `name`; None for a valid name."""
    try:
        validate_name(name)
    except BadName as error:
        return error
    return None


async def _open_page(url: str) -> None:
    """Open another page in place of that of the current context."""
    await ft.UrlLauncher().launch_url(url, web_only_window_name="_self")
