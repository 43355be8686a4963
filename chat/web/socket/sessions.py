"""Whose each session is: a client that names one goes on with it only if it was its own."""

from weakref import WeakKeyDictionary, WeakValueDictionary

import flet as ft
from flet.messaging.session import Session

from chat.people.identity import ClientInfo


class SessionRegistry:
    """The sessions of one process and the visitors who began them, for as long as Flet has them."""

    def __init__(self) -> None:
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._clients: WeakKeyDictionary[Session, ClientInfo] = WeakKeyDictionary()

    def register(self, page: ft.Page, client_info: ClientInfo) -> None:
        """A session began."""
        self._sessions[page.session.id] = page.session
        self._clients[page.session] = client_info

    def find_resumable(self, session_id: str, client_info: ClientInfo) -> ft.Page | None:
        """The page of a session that waits for this very visitor, else None.

        Somebody with another cookie is somebody else, and so is whoever comes while it is
        connected.
        """
        session = self._sessions.get(session_id)
        if session is None or session.connection is not None:
            return None
        return session.page if self._clients[session].token == client_info.token else None
