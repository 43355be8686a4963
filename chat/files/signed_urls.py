"""Signed URLs, which a client without cookies can fetch for a limited time.

The client of the desktop window sends no cookie with a picture, and opens a download in the
person's browser, where the person is not signed in. Its URLs therefore have the person and the
expiry, with a code (HMAC-SHA256) that only this process can make. The access of the person is
checked with each request, as with a cookie.
"""

import hashlib
import hmac
import secrets
import time

from chat.model.people import PersonId

# The URL of a download is used at once. That of a picture is valid until the day after tomorrow,
# and is the same all day, so that the client's cache works.
SHORT_LIFETIME = 600
_DAY = 24 * 3600

SIGNED_PREFIX = "/pass/"


class SignedUrls:
    """Signs and verifies URLs; signatures of another process are invalid."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def sign(self, person_id: PersonId, url: str, seconds: int | None = None) -> str:
        """`url` with a signature for a person, valid for `seconds`, by default for one to two days.

        The signature is a prefix, since Flet's client takes text after a `?` for part of the name.
        """
        now = int(time.time())
        expires_at = now + seconds if seconds is not None else (now // _DAY + 2) * _DAY
        return (
            f"{SIGNED_PREFIX}{person_id}.{expires_at}.{self._mac(person_id, expires_at, url)}{url}"
        )

    def verify(self, url: str, signature: str) -> PersonId | None:
        """The person of a signature of `url`, or None if it is invalid or has expired."""
        parts = signature.split(".")
        if len(signature) > 200 or len(parts) != 3 or not all(map(_is_number, parts[:2])):
            return None
        person_id, expires_at = int(parts[0]), int(parts[1])
        is_authentic = hmac.compare_digest(
            parts[2].encode(), self._mac(person_id, expires_at, url).encode()
        )
        return person_id if is_authentic and time.time() < expires_at else None

    def _mac(self, person_id: PersonId, expires_at: int, url: str) -> str:
        # Without the file name at its end, which clients may encode in another way.
        resource = "/".join(url.split("/")[:3])
        signed_text = f"{person_id} {expires_at} {resource}".encode()
        return hmac.new(self._secret, signed_text, hashlib.sha256).hexdigest()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
