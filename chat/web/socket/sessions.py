"""Whose each session is: a client that names one goes on with it only if it was its own."""

from weakref import WeakKeyDictionary, WeakValueDictionary

import flet as ft
from flet.messaging.session import Session

from chat.people.identity import ClientInfo


class Sessions:
    """The sessions of one process and the visitors who began them, for as long as Flet has them."""

    def __init__(self) -> None:
        self._sessions: WeakValueDictionary[str, Session] = WeakValueDictionary()
        self._visitors: WeakKeyDictionary[Session, ClientInfo] = WeakKeyDictionary()

    def began(self, page: ft.Page, visitor: ClientInfo) -> None:
        """A session began."""
        self._sessions[page.session.id] = page.session
        self._visitors[page.session] = visitor

    def to_go_on_with(self, session: str, visitor: ClientInfo) -> ft.Page | None:
        """The page of a session that waits for this very visitor, else None.

        Somebody with another cookie is somebody else, and so is whoever comes while it is
        connected.
        """
        found = self._sessions.get(session)
        if found is None or found.connection is not None:
            return None
        return found.page if self._visitors[found].token == visitor.token else None
