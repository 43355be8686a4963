"""The session registry: a client may resume a session only if it started that session."""

from weakref import WeakKeyDictionary, WeakValueDictionary

import flet as ft
from flet.messaging.session import Session

from chat.people.identity import ClientInfo


class SessionRegistry:
    """The sessions of one process and the clients that started them, while Flet keeps them."""

    def __init__(self) -> None:
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._clients: WeakKeyDictionary[Session, ClientInfo] = WeakKeyDictionary()

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
