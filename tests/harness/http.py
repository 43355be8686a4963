"""HTTP requests to the chat, and to no other server."""

import ssl
from typing import Any

import httpx

from chat.server.app import ChatServer

# The chat has no certificate; to read all that this computer trusts takes forty milliseconds.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client(**more: Any) -> httpx.AsyncClient:
    """An HTTP client that ignores the environment; `more` is passed to httpx."""
    return httpx.AsyncClient(trust_env=False, verify=_NO_CERTIFICATES, **more)


async def request(
    chat: ChatServer, path: str, method: str = "GET", **headers: str
) -> httpx.Response:
    """The answer of the chat, as it is on the wire; `_` in the name of a header stands for `-`."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http_client() as http:
        return await http.request(method, chat.url + path, headers=sent)
