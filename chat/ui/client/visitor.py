"""What the client of a session tells of itself: its token, its address, its clock and language."""

import locale
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs, urlsplit

import flet as ft

from chat.languages import negotiate_language
from chat.model.people import Person
from chat.model.preferences import SYSTEM, Preferences
from chat.people.identity import ClientInfo, new_token
from chat.ui.theme import density
from chat.ui.viewer import Clock, clock_of
from chat.workspace.workspace import Workspace


class Client:
    """A browser's tab, or the desktop window; `address` is where it reaches the chat."""

    def __init__(self, page: ft.Page, house: Workspace, address: str) -> None:
        self._page = page
        self._house = house
        self._address = address.rstrip("/")
        # What makes addresses of pictures that a client without cookies may fetch.
        self._opens: Callable[[str], str] | None = None

    @property
    def path(self) -> str:
        """Where the page is."""
        return urlsplit(self._page.route).path

    @property
    def name(self) -> str | None:
        """The name in `/chat?username=<name>`, None if the address has none."""
        names = parse_qs(urlsplit(self._page.route).query).get("username")
        return names[0] if names else None

    async def token(self) -> str | None:
        """What its person is recognised by; None of a browser without cookies."""
        token = self._visitor.token
        if token is not None or self._page.web:
            return token
        found = await ft.SharedPreferences().get(self._preference)
        if not isinstance(found, str) or await self._house.people.is_revoked(found):
            return None
        return found

    async def new_token(self) -> str | None:
        """One that the window keeps; a browser gets its own with the page."""
        if self._page.web:
            return None
        token = new_token()
        await ft.SharedPreferences().set(self._preference, token)
        return token

    def is_of(self, person: Person) -> None:
        """It shows to this person what they may see."""
        self._opens = None if self._page.web else partial(self._with_pass, person)

    def viewer(self, wanted: Preferences) -> Clock:
        """How somebody here reads times, languages and rows."""
        visitor = self._visitor
        languages = visitor.languages
        if wanted.language != SYSTEM:
            languages = wanted.language
        elif not self._page.web:
            # The window is on this computer, and its client says nothing of languages.
            languages = locale.getlocale()[0]
        viewer = clock_of(
            visitor.time_zone,
            negotiate_language(languages),
            density.METRICS_BY_DENSITY[wanted.density],
        )
        return viewer if self._opens is None else replace(viewer, opens=self._opens)

    def _with_pass(self, person: Person, address: str) -> str:
        """Where the window's client, which sends no cookie, finds a picture."""
        return self._address + self._house.downloads.sign(person, address)

    @property
    def _preference(self) -> str:
        """The client keeps one storage for every Flet app, so the key names this chat."""
        return f"flet-chat.{self._house.id}.token"

    @property
    def _visitor(self) -> ClientInfo:
        """What our own socket knows of the browser; nothing where Flet brought its own."""
        visitor = getattr(self._page.session.connection, "visitor", None)
        return visitor if isinstance(visitor, ClientInfo) else ClientInfo()
