"""Sessions: which browser may resume one, and when it expires."""

import asyncio
import time
from pathlib import Path

import pytest
from flet.messaging.connection import Connection
from flet.messaging.session import Session
from flet.pubsub import PubSubHub

from chat.people.identity import ClientInfo
from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.web.socket.sessions import (
    MAX_WAITING,
    MAX_WAITING_OF_BROWSER,
    STRANGER_SECONDS,
    SessionRegistry,
)
from tests.conftest import NewUser
from tests.harness.client import REGISTER
from tests.harness.flet_internals import flet_sessions
from tests.harness.hostile_clients import (
    PAGE_PROPERTIES,
    REGISTER_BODY,
    REGISTER_FRAME,
    close_code_after,
    encode_frame,
    page_of,
    raw_socket,
    wait_until_disconnected,
)
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.usefixtures("no_sessions")


async def test_session_is_resumed_only_by_its_own_browser(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    assert ann.session_id is not None
    page = page_of(ann)
    registry = SessionRegistry()
    registry.register(page, ClientInfo("token"))
    assert registry.find_resumable(ann.session_id, ClientInfo("token")) is None
    # A connected session is resumed by no other connection, not even of the same browser.
    thief, tab = ChatUser(chat.url), ChatUser(chat.url)
    thief.session_id, tab.session_id, tab.cookies = ann.session_id, ann.session_id, ann.cookies
    for each in (thief, tab):
        await each.opens()
        assert each.session_id != ann.session_id
        await each.disconnects()
    # A disconnected session is not resumed without its cookie.
    await ann.disconnects()
    no_cookies: dict[str, str] = {}
    for cookies in (no_cookies, thief.cookies):
        thief.session_id, thief.cookies = ann.session_id, cookies
        await thief.connects()
        assert thief.session_id != ann.session_id
        await thief.until(lambda: thief.sees("Start chat"))
        await thief.disconnects()
    assert page.session.connection is None
    # The browser with the cookie resumes it.
    session_id = ann.session_id
    await ann.opens()
    assert ann.session_id == session_id
    await ann.composer.posts("I am back")


async def test_repeated_registrations_create_one_session(chat: ChatServer) -> None:
    assert await close_code_after(chat, *[REGISTER_FRAME] * 200) == 1008
    assert len(flet_sessions()) == 1
    await wait_until_disconnected(chat)
    (session,) = flet_sessions().values()
    assert session.expires_at is not None


@pytest.mark.parametrize("flet_timeout", [None, "7000", "soon"])
async def test_session_expires_after_the_configured_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flet_timeout: str | None
) -> None:
    if flet_timeout is not None:
        monkeypatch.setenv("FLET_SESSION_TIMEOUT", flet_timeout)
        monkeypatch.setenv("FLET_OAUTH_STATE_TIMEOUT", flet_timeout)
    settings = Settings(web=True, no_browser=True, port=0, data=tmp_path, session_timeout=30)
    chat = ChatServer(settings, Environment(has_screen=False))
    server_task = asyncio.create_task(chat.run())
    await chat.ready.wait()
    async with raw_socket(chat) as websocket:
        await websocket.send(REGISTER_FRAME)
        await websocket.recv()
        websocket.transport.abort()
    await wait_until_disconnected(chat)
    (session,) = flet_sessions().values()
    assert session.expires_at is not None
    assert 20 < session.expires_at.timestamp() - time.time() <= 30
    chat.stop()
    await server_task


async def test_sessions_that_wait_are_bounded_and_the_oldest_goes(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    session_ids = []
    for _ in range(MAX_WAITING_OF_BROWSER + 3):
        tab = await new_user(like=ann)
        await tab.waits_for_text("Lobby")
        session_ids.append(str(tab.session_id))
        await tab.disconnects()
        page = flet_sessions()[session_ids[-1]]
        await wait_until(lambda page=page: page.expires_at is not None)  # type: ignore[misc]
    await bob.disconnects()
    await wait_until(lambda: len(remaining(session_ids)) == MAX_WAITING_OF_BROWSER)
    assert remaining(session_ids) == session_ids[-MAX_WAITING_OF_BROWSER:]
    # The newest is resumed, the oldest is not; Bob's has its own place.
    for number, is_resumed in ((-1, True), (0, False)):
        tab = ChatUser(chat.url)
        tab.cookies, tab.session_id = ann.cookies, session_ids[number]
        await tab.opens()
        assert (tab.session_id == session_ids[number]) is is_resumed
        await tab.disconnects()
    session_id = bob.session_id
    await bob.opens()
    assert bob.session_id == session_id


def remaining(session_ids: list[str]) -> list[str]:
    """The sessions that still wait for more than a moment."""
    found = []
    for each in session_ids:
        session = flet_sessions().get(each)
        expires_at = None if session is None else session.expires_at
        if expires_at is not None and expires_at.timestamp() > time.time() + 1:
            found.append(each)
    return found


async def test_all_sessions_that_wait_are_bounded(chat: ChatServer, new_user: NewUser) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    await ann.disconnects()
    await wait_until(lambda: page.session.expires_at is not None)
    registry = SessionRegistry()
    sessions = []
    for n in range(MAX_WAITING + 20):
        session = Session(WaitingConnection())
        sessions.append(session)
        registry.register(session.page, ClientInfo(f"token {n}"))
        await session.disconnect(600)
        await registry.on_disconnected(session.page, is_stranger=False)
    assert registry.waiting_ids == tuple(each.id for each in sessions[-MAX_WAITING:])
    assert registry.find_resumable(sessions[0].id, ClientInfo("token 0")) is None
    assert registry.find_resumable(sessions[-1].id, ClientInfo(f"token {n}")) is not None


class WaitingConnection(Connection):
    """A connection without a client."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.loop = asyncio.get_running_loop()
        self.pubsubhub = PubSubHub(loop=self.loop)

    def dispose(self) -> None:
        """The client is gone."""


async def test_session_of_a_stranger_waits_half_a_minute(chat: ChatServer) -> None:
    stranger = ChatUser(chat.url)
    await stranger.opens()
    await stranger.until(lambda: stranger.sees("Start chat"))
    session = page_of(stranger).session
    await stranger.disconnects()
    await wait_until(lambda: session.expires_at is not None)
    await wait_until(lambda: _seconds_left(session) <= STRANGER_SECONDS)


def _seconds_left(session: Session) -> float:
    assert session.expires_at is not None
    return session.expires_at.timestamp() - time.time()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://127.0.0.1"}, {"Cookie": "a=b"}, {"X-Forwarded-For": "10.0.0.7"}],
)
async def test_only_a_client_of_this_computer_that_is_no_browser_is_a_window(
    chat: ChatServer, headers: dict[str, str]
) -> None:
    if "Origin" in headers:
        headers = {"Origin": chat.url.rstrip("/")}
    body = {**REGISTER_BODY, "page": {**PAGE_PROPERTIES, "web": False}}
    async with raw_socket(chat, additional_headers=headers) as websocket:
        await websocket.send(encode_frame(REGISTER, body))
        await websocket.recv()
        (session,) = flet_sessions().values()
        assert session.page.web is bool(headers)
