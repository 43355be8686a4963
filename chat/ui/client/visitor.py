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
from chat.ui.viewer import ViewerContext, viewer_for
from chat.workspace.workspace import Workspace


class Client:
    """A browser's tab, or the desktop window; `address` is where it reaches the chat."""

    def __init__(self, page: ft.Page, workspace: Workspace, base_url: str) -> None:
        self._page = page
        self._workspace = workspace
        self._base_url = base_url.rstrip("/")
        # What makes addresses of pictures that a client without cookies may fetch.
        self._sign_url: Callable[[str], str] | None = None

    @property
    def path(self) -> str:
        """Where the page is."""
        return urlsplit(self._page.route).path

    @property
    def requested_name(self) -> str | None:
        """The name in `/chat?username=<name>`, None if the address has none."""
        names = parse_qs(urlsplit(self._page.route).query).get("username")
        return names[0] if names else None

    async def token(self) -> str | None:
        """What its person is recognised by; None of a browser without cookies."""
        token = self._client_info.token
        if token is not None or self._page.web:
            return token
        stored = await ft.SharedPreferences().get(self._token_key)
        if not isinstance(stored, str) or await self._workspace.identity.is_revoked(stored):
            return None
        return stored

    async def new_token(self) -> str | None:
        """One that the window keeps; a browser gets its own with the page."""
        if self._page.web:
            return None
        token = new_token()
        await ft.SharedPreferences().set(self._token_key, token)
        return token

    def set_person(self, person: Person) -> None:
        """It shows to this person what they may see."""
        self._sign_url = None if self._page.web else partial(self._signed_url, person)

    def viewer(self, preferences: Preferences) -> ViewerContext:
        """How somebody here reads times, languages and rows."""
        client_info = self._client_info
        languages = client_info.languages
        if preferences.language != SYSTEM:
            languages = preferences.language
        elif not self._page.web:
            # The window is on this computer, and its client says nothing of languages.
            languages = locale.getlocale()[0]
        viewer = viewer_for(
            client_info.time_zone,
            negotiate_language(languages),
            density.METRICS_BY_DENSITY[preferences.density],
        )
        return viewer if self._sign_url is None else replace(viewer, sign_url=self._sign_url)

    def _signed_url(self, person: Person, url: str) -> str:
        """Where the window's client, which sends no cookie, finds a picture."""
        return self._base_url + self._workspace.downloads.sign(person, url)

    @property
    def _token_key(self) -> str:
        """The client keeps one storage for every Flet app, so the key names this chat."""
        return f"flet-chat.{self._workspace.id}.token"

    @property
    def _client_info(self) -> ClientInfo:
        """What our own socket knows of the browser; nothing where Flet brought its own."""
        client_info = getattr(self._page.session.connection, "client_info", None)
        return client_info if isinstance(client_info, ClientInfo) else ClientInfo()
