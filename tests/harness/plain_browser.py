"""A browser without scripts, for the pages of plain HTML."""

import re
from html import unescape

import httpx

from chat.server.app import ChatServer
from tests.harness.http import http_client

_HIDDEN_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_BODY = re.compile(r"<main>.*</main>", re.S)


class PlainBrowser:
    """A browser that follows links and sends forms, and knows nothing else.

    `options` are those of the HTTP client.
    """

    def __init__(self, chat: ChatServer, **options: object) -> None:
        options = {"base_url": chat.url, "follow_redirects": True, **options}
        self.http = http_client(**options)
        self.page = ""

    async def opens(self, path: str) -> httpx.Response:
        """Open a page."""
        return self._show(await self.http.get(path))

    async def sends(self, path: str, **fields: str) -> httpx.Response:
        """Fill in the form that is sent to this address, and send it."""
        (form,) = re.findall(rf'<form action="{path}".*?</form>', self.page, re.S)
        hidden = {name: unescape(value) for name, value in _HIDDEN_FIELD.findall(form)}
        return self._show(await self.http.post(path, data=hidden | fields))

    @property
    def texts(self) -> str:
        """What is on the page, without its markup."""
        (body,) = _BODY.findall(self.page) or [self.page]
        return unescape(re.sub(r"<[^>]*>", "", body))

    def _show(self, response: httpx.Response) -> httpx.Response:
        self.page = response.text
        return response
