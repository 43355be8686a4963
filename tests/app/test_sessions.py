"""Sessions: which browser may resume one, and when it expires."""

import asyncio
import time
from pathlib import Path

import pytest

from chat.people.identity import ClientInfo
from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.web.socket.sessions import SessionRegistry
from tests.conftest import NewUser
from tests.harness.flet_internals import flet_sessions
from tests.harness.hostile_clients import (
    REGISTER_FRAME,
    close_code_after,
    page_of,
    raw_socket,
    wait_until_disconnected,
)
from tests.harness.user import ChatUser

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


@pytest.mark.parametrize("of_flet", [None, "7000", "soon"])
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
