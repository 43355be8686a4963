"""The tokens in the cookies of browsers: issued with the page, exchanged when a person comes in.

A token that stands in a browser before somebody comes in may have been put there by somebody else,
who would then be that person too. So it never becomes theirs. They get a new token, for which the
page's script fetches the cookie with a one-time code.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict

# The most codes that wait for a browser, and the most exchanged tokens that are remembered. A
# browser fetches its cookie at once.
CODE_LIMIT = 10_000


def new_token() -> str:
    """A secret that identifies a person: 256 random bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """The hash under which the store knows a token, 32 bytes.

    No dictionary covers 256 random bits: one round of SHA-256 is enough.
    """
    return hashlib.sha256(token.encode()).digest()


class BrowserTokens:
    """The tokens of the strangers of one process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._tokens_by_code: OrderedDict[str, str] = OrderedDict()
        self._exchanged: OrderedDict[str, None] = OrderedDict()

    def issue(self) -> str:
        """A token for a browser that has none. It belongs to nobody."""
        token = new_token()
        return f"{token}.{self._signature(token)}"

    def was_issued(self, token: str) -> bool:
        """Whether this process issued a token."""
        random_part, _, signature = token.rpartition(".")
        expected = self._signature(random_part)
        return hmac.compare_digest(signature.encode(), expected.encode())

    def begin_exchange(self, old_token: str | None, new_token: str) -> str:
        """A code with which the browser that has `old_token` fetches the cookie of `new_token`."""
        code = secrets.token_urlsafe(32)
        self._tokens_by_code[code] = new_token
        if old_token is not None:
            self.mark_exchanged(old_token)
        while len(self._tokens_by_code) > CODE_LIMIT:
            self._tokens_by_code.popitem(last=False)
        return code

    def mark_exchanged(self, old_token: str) -> None:
        """Somebody came in with the browser that has `old_token`, and it gets another cookie."""
        self._exchanged[old_token] = None
        while len(self._exchanged) > CODE_LIMIT:
            self._exchanged.popitem(last=False)

    def finish_exchange(self, code: str) -> str | None:
        """The token of a code, once; None for an unknown code."""
        return self._tokens_by_code.pop(code, None)

    def is_exchanged(self, token: str | None) -> bool:
        """Whether somebody came in with the browser that had this token."""
        return token in self._exchanged

    def _signature(self, token: str) -> str:
        return hmac.new(self._key, token.encode(), hashlib.sha256).hexdigest()
