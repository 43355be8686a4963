"""Asking the chat over HTTP, as a browser does, and nobody else."""

import ssl
from typing import Any

import httpx

# The chat has no certificate; to read all that this computer trusts takes forty milliseconds.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def http_client(**more: Any) -> httpx.AsyncClient:
    """A client of HTTP that does not look at the environment; `more` is what httpx takes."""
    return httpx.AsyncClient(trust_env=False, verify=_NO_CERTIFICATES, **more)
