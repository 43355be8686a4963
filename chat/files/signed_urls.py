"""Passes: an address with one may be fetched by a client that has no cookies, for some time.

The desktop window's client sends no cookie with a picture, and opens a download in the person's
browser, which is somebody else. So what it is given says whose it is, what for and until when,
with a code (HMAC-SHA256) that only this process can make. Whether that person may read it is asked
with each request, as of everybody.
"""

import hashlib
import hmac
import secrets
import time

from chat.model.people import PersonId

# A pass for a download is used at once; one for what is drawn is good until the day after tomorrow,
# and the same all day long, so that nothing is fetched twice.
SHORT_LIFETIME = 600
_DAY = 24 * 3600

SIGNED_PREFIX = "/pass/"


class SignedUrls:
    """The passes of one process; those of another are worth nothing."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def sign(self, person_id: PersonId, url: str, seconds: int | None = None) -> str:
        """`address` with a pass for `person`, good for so many seconds; by default for a day.

        It stands in front, since Flet's client takes what follows a `?` for a part of the name.
        """
        now = int(time.time())
        expires_at = now + seconds if seconds is not None else (now // _DAY + 2) * _DAY
        return (
            f"{SIGNED_PREFIX}{person_id}.{expires_at}.{self._mac(person_id, expires_at, url)}{url}"
        )

    def verify(self, url: str, signature: str) -> PersonId | None:
        """Whose pass was `given` for an address; None if it is not good."""
        parts = signature.split(".")
        if len(signature) > 200 or len(parts) != 3 or not all(map(_is_number, parts[:2])):
            return None
        person_id, expires_at = int(parts[0]), int(parts[1])
        is_authentic = hmac.compare_digest(
            parts[2].encode(), self._mac(person_id, expires_at, url).encode()
        )
        return person_id if is_authentic and time.time() < expires_at else None

    def _mac(self, person_id: PersonId, expires_at: int, url: str) -> str:
        # Without the name at its end, which a client may write in another way.
        resource = "/".join(url.split("/")[:3])
        signed_text = f"{person_id} {expires_at} {resource}".encode()
        return hmac.new(self._secret, signed_text, hashlib.sha256).hexdigest()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
