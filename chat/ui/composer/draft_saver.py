"""Words are kept while somebody types, and at once when the session may not come back."""

import asyncio
from collections.abc import Callable

# Words are kept this often while somebody types, in seconds.
_EVERY = 0.3


class Keeping:
    """`words()` stand there now; `keep` stores them."""

    __slots__ = ("_keep", "_timer", "_words", "kept")

    def __init__(self, words: Callable[[], str], keep: Callable[[str], None]) -> None:
        self._words = words
        self._keep = keep
        self._timer: asyncio.TimerHandle | None = None
        self.kept = ""

    def later(self) -> None:
        """Keep them in a moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY, self.now)

    def now(self) -> None:
        """Keep them at once."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        words = self._words()
        if words != self.kept:
            self.kept = words
            self._keep(words)
