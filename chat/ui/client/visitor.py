"""The client of a session: its token, its address, its time zone and language."""

import locale
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

import flet as ft

from chat.devices.labels import browser_label
from chat.languages import Language, negotiate_language
from chat.model.joining import Visitor
from chat.model.people import Person
from chat.model.preferences import SYSTEM, Preferences
from chat.model.site import SiteInfo
from chat.people.identity import ClientInfo
from chat.ui.client.connection import connection_of
from chat.ui.theme import density
from chat.ui.viewer import ViewerContext, viewer_for
from chat.workspace.downloads import Downloads
from chat.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WindowUrls:
    """Signs the addresses of pictures for the desktop window, whose client sends no cookie.

    Two windows of a person are equal here, so that they share their rows; and rows that are kept
    keep no page.
    """

    base_url: str
    person: Person
    downloads: Downloads

    def __call__(self, url: str) -> str:
        """The address that the person's window may fetch."""
        return self.base_url + self.downloads.sign(self.person, url)


class Client:
    """A browser tab or the desktop window, which runs on the computer of the chat."""

    def __init__(self, page: ft.Page, workspace: Workspace, site: SiteInfo) -> None:
        self._page = page
        self._workspace = workspace
        self._site = site
        # Signs the addresses of pictures for a client without cookies.
        self._sign_url: Callable[[str], str] | None = None

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return urlsplit(self._page.route).path

    @property
    def requested_name(self) -> str | None:
        """The name in `/chat?username=<name>`, or None."""
        names = parse_qs(urlsplit(self._page.route).query).get("username")
        return names[0] if names else None

    @property
    def owner_secret(self) -> str | None:
        """The secret in `/chat?owner=<secret>`, or None."""
        secrets = parse_qs(urlsplit(self._page.route).query).get("owner")
        return secrets[0] if secrets else None

    def visitor(self, key: str, t: Language) -> Visitor:
        """The client as a visitor who has no account; `key` tells it from others."""
        info, device = self._client_info, self.device_label(t)
        return Visitor(key, info.is_local, info.network, device, info.invitation, self.owner_secret)

    @property
    def network(self) -> str | None:
        """The network that the client comes from; None on the computer that runs the chat."""
        return self._client_info.network

    def device_label(self, t: Language) -> str:
        """A name for this device."""
        if not self._page.web:
            return t("Window on this computer")
        return browser_label(self._client_info.user_agent, t)

    @property
    def device_key(self) -> str:
        """The key in the storage of the page; "" without one."""
        connection = connection_of(self._page)
        return connection.device_key if connection is not None else ""

    async def token(self) -> str | None:
        """The token that identifies the person; None for a browser without cookies."""
        token = self._client_info.token
        if token is not None or self._page.web:
            return token
        stored = await ft.SharedPreferences().get(self._token_key)
        if not isinstance(stored, str) or await self._workspace.identity.is_revoked(stored):
            return None
        return stored

    @property
    def was_exchanged(self) -> bool:
        """Whether another tab of this browser has come in: the cookie is newer than this page."""
        return self._workspace.identity.browser_tokens.is_exchanged(self._client_info.token)

    async def keep_token(self, token: str) -> bool:
        """Keep the token of a person who comes in here. A browser keeps it in its cookie.

        False for a browser without cookies or scripts.
        """
        if not self._page.web:
            await ft.SharedPreferences().set(self._token_key, token)
            return True
        connection, old_token = connection_of(self._page), self._client_info.token
        if connection is None or old_token is None:
            return False
        code = self._workspace.identity.browser_tokens.begin_exchange(old_token, token)
        return connection.fetch_token(token, code)

    def set_person(self, person: Person) -> None:
        """Sign the addresses of pictures for this person from now on."""
        self._sign_url = (
            None
            if self._page.web
            else WindowUrls(self._site.local_url, person, self._workspace.downloads)
        )

    def viewer(self, preferences: Preferences) -> ViewerContext:
        """The time zone, language and density of this client."""
        client_info = self._client_info
        languages = client_info.languages
        if preferences.language != SYSTEM:
            languages = preferences.language
        elif not self._page.web:
            # The window is on this computer, and its client does not report a language.
            languages = locale.getlocale()[0]
        viewer = viewer_for(
            client_info.time_zone,
            negotiate_language(languages),
            density.METRICS[preferences.density, preferences.line_length],
        )
        return replace(viewer, sign_url=self._sign_url, base_path=self._site.base_path)

    @property
    def _token_key(self) -> str:
        """The key of the token. It names this chat, because all Flet apps share one storage."""
        return f"flet-chat.{self._workspace.id}.token"

    @property
    def _client_info(self) -> ClientInfo:
        """The cookies and languages from the handshake; empty on a socket of Flet."""
        client_info = getattr(self._page.session.connection, "client_info", None)
        return client_info if isinstance(client_info, ClientInfo) else ClientInfo()
