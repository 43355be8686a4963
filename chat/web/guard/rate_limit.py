"""Limits of the frames of one connection, and the errors that end it."""

import time
from collections.abc import Callable

# Frames a second for long, and at once: twenty seconds of them, so that a key that is held down or
# a script of the owner's ends nobody's connection.
FRAMES_PER_SECOND = 30.0


BURST = 20 * FRAMES_PER_SECOND


# Close codes of RFC 6455: a frame that makes no sense, one of a kind that is not taken, one
# against the rules, one that is too large.
PROTOCOL_ERROR, UNSUPPORTED_DATA, POLICY_VIOLATION, MESSAGE_TOO_BIG = 1002, 1003, 1008, 1009


class ProtocolViolation(Exception):
    """The connection ends: `code` is the close code, the words are for the log."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class FrameRateLimit:
    """So many frames a second: a bucket that fills with RATE and holds BURST."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = BURST
        self._updated_at = clock()

    def consume(self) -> None:
        """Take one frame. Raises Refused when the bucket is empty."""
        now = self._clock()
        self._tokens = min(BURST, self._tokens + (now - self._updated_at) * FRAMES_PER_SECOND)
        self._updated_at = now
        if self._tokens < 1:
            raise ProtocolViolation(POLICY_VIOLATION, "too many frames")
        self._tokens -= 1
