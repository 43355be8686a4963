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
SOON = 600
_DAY = 24 * 3600

PREFIX = "/pass/"


class Passes:
    """The passes of one process; those of another are worth nothing."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def address(self, person: PersonId, address: str, seconds: int | None = None) -> str:
        """`address` with a pass for `person`, good for so many seconds; by default for a day.

        It stands in front, since Flet's client takes what follows a `?` for a part of the name.
        """
        now = int(time.time())
        until = now + seconds if seconds is not None else (now // _DAY + 2) * _DAY
        return f"{PREFIX}{person}.{until}.{self._code(person, until, address)}{address}"

    def bearer(self, address: str, given: str) -> PersonId | None:
        """Whose pass was `given` for an address; None if it is not good."""
        parts = given.split(".")
        if len(given) > 200 or len(parts) != 3 or not all(map(_is_number, parts[:2])):
            return None
        person, until = int(parts[0]), int(parts[1])
        right = hmac.compare_digest(parts[2].encode(), self._code(person, until, address).encode())
        return person if right and time.time() < until else None

    def _code(self, person: PersonId, until: int, address: str) -> str:
        # Without the name at its end, which a client may write in another way.
        thing = "/".join(address.split("/")[:3])
        words = f"{person} {until} {thing}".encode()
        return hmac.new(self._secret, words, hashlib.sha256).hexdigest()


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
