"""Limits of the frames of one connection, and the errors that end it."""

import time
from collections.abc import Callable

# Frames a second for long, and at once: twenty seconds of them, so that a key that is held down or
# a script of the owner's ends nobody's connection.
RATE = 30.0


BURST = 20 * RATE


# Close codes of RFC 6455: a frame that makes no sense, one of a kind that is not taken, one
# against the rules, one that is too large.
NONSENSE, WRONG_KIND, AGAINST_RULES, TOO_LARGE = 1002, 1003, 1008, 1009


class Refused(Exception):
    """The connection ends: `code` is the close code, the words are for the log."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Pace:
    """So many frames a second: a bucket that fills with RATE and holds BURST."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = BURST
        self._at = clock()

    def count(self) -> None:
        """Take one frame. Raises Refused when the bucket is empty."""
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._at) * RATE)
        self._at = now
        if self._left < 1:
            raise Refused(AGAINST_RULES, "too many frames")
        self._left -= 1
