"""The session registry: a client may resume a session only if it started that session.

A session that waits for its client holds its whole screen, about a hundred kilobytes. So the number
of these is bounded, and the one that has waited longest goes first.
"""

import asyncio
import contextlib
from datetime import UTC, datetime
from weakref import WeakKeyDictionary, WeakValueDictionary

import flet as ft
from flet.messaging.session import Session

from chat.people.identity import ClientInfo

# Sessions that wait for their client: of one browser, and in all.
MAX_WAITING_OF_BROWSER = 8
MAX_WAITING = 500

# Seconds that a session waits which has only shown the start screen: nothing is lost with it.
STRANGER_SECONDS = 30

# Seconds that a reloaded page waits for its session.
_RELEASE_TIMEOUT = 0.5


class SessionRegistry:
    """The sessions of one process and the clients that started them, while Flet keeps them."""

    def __init__(self) -> None:
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._clients: WeakKeyDictionary[Session, ClientInfo] = WeakKeyDictionary()
        # The ids of the sessions that wait, the one that has waited longest first.
        self._waiting: dict[str, None] = {}
        # Set at the next end of a connection.
        self._released = asyncio.Event()

    def register(self, page: ft.Page, client_info: ClientInfo) -> None:
        """Add the new session of `page`."""
        self._sessions[page.session.id] = page.session
        self._clients[page.session] = client_info

    def find_resumable(self, session_id: str, client_info: ClientInfo) -> ft.Page | None:
        """The page of a session that waits for this client, else None.

        The client needs the same token, and the session must not be connected.
        """
        session = self._sessions.get(session_id)
        if session is None or session.connection is not None:
            return None
        return session.page if self._clients[session].token == client_info.token else None

    async def wait_for_release(self, session_id: str, client_info: ClientInfo) -> None:
        """Wait while another connection of this client holds the session of a reloaded page.

        The end of that connection may not have been noticed: the frames of a busy session are read
        later. A second tab with the same session waits in vain, and gets a session of its own.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RELEASE_TIMEOUT):
                while self._is_connected(session_id, client_info):
                    await self._released.wait()

    def _is_connected(self, session_id: str, client_info: ClientInfo) -> bool:
        session = self._sessions.get(session_id)
        return (
            session is not None
            and session.connection is not None
            and self._clients[session].token == client_info.token
        )

    async def on_disconnected(self, page: ft.Page, *, is_stranger: bool) -> None:
        """Let a session wait for its client, and end those that are too many."""
        self._released.set()
        self._released = asyncio.Event()
        session = page.session
        if session.connection is not None or session.expires_at is None:
            return
        seconds_left = (session.expires_at - datetime.now(UTC)).total_seconds()
        if is_stranger and seconds_left > STRANGER_SECONDS:
            await session.disconnect(STRANGER_SECONDS)
        self._waiting.pop(session.id, None)
        self._waiting[session.id] = None
        self._waiting = {each: None for each in self._waiting if self._is_waiting(each)}
        token = self._clients[session].token
        own = [each for each in self._waiting if self._clients[self._sessions[each]].token == token]
        for session_id in [*own[:-MAX_WAITING_OF_BROWSER], *list(self._waiting)[:-MAX_WAITING]]:
            await self._end(session_id)

    @property
    def waiting_ids(self) -> tuple[str, ...]:
        """The ids of the sessions that wait for their client."""
        return tuple(each for each in self._waiting if self._is_waiting(each))

    def _is_waiting(self, session_id: str) -> bool:
        session = self._sessions.get(session_id)
        return session is not None and session.connection is None

    async def _end(self, session_id: str) -> None:
        """End a session that waits: Flet deletes it within ten seconds."""
        self._waiting.pop(session_id, None)
        session = self._sessions.pop(session_id, None)
        if session is not None and session.connection is None:
            await session.disconnect(0)
