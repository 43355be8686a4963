"""HTTP requests to the chat, and to no other server."""

import ssl
from typing import Any

import httpx

from chat.server.app import ChatServer

# The chat has no certificate; loading the trusted ones of this computer takes 40 milliseconds.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client(**options: Any) -> httpx.AsyncClient:
    """An HTTP client that ignores the environment; `options` are passed to httpx."""
    return httpx.AsyncClient(trust_env=False, verify=_NO_CERTIFICATES, **options)


async def request(
    chat: ChatServer, path: str, method: str = "GET", **headers: str
) -> httpx.Response:
    """The raw response of the chat; `_` in the name of a header stands for `-`."""
    header_fields = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http_client() as http:
        return await http.request(method, chat.url + path, headers=header_fields)
