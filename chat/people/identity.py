"""Who a person is: names, tokens, preferences."""

import hashlib
import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """What is known of somebody at the door before they say a name."""

    token: str | None = None
    time_zone: str | None = None
    # As a browser tells them: best first, `zh-CN,zh;q=0.9`.
    languages: str | None = None


def new_token() -> str:
    """A secret by which a person is recognised: 256 random bits."""
    return secrets.token_urlsafe(32)


def _token_hash(token: str) -> bytes:
    # Of 256 random bits no dictionary exists: one round of SHA-256 is enough.
    return hashlib.sha256(token.encode()).digest()
