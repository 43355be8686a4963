"""The frame rate limit of one connection, and the error that ends it."""

import time
from collections.abc import Callable

# The sustained rate, and the frames allowed at once. A held key repeats about 30 times a second,
# and each letter is two frames of Flutter: its new value and its event. A burst of twenty seconds
# is for whoever types, moves the mouse and changes rooms at once, as a script of the owner does.
FRAMES_PER_SECOND = 60.0
BURST = 20 * FRAMES_PER_SECOND


# Close codes of RFC 6455, 7.4.1: a malformed frame, a frame of an unsupported kind, a frame against
# the rules, a frame that is too large.
PROTOCOL_ERROR, UNSUPPORTED_DATA, POLICY_VIOLATION, MESSAGE_TOO_BIG = 1002, 1003, 1008, 1009


class ProtocolViolation(Exception):
    """The connection has to end with the close code `code`. The reason is for the log."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class FrameRateLimit:
    """A token bucket that fills with FRAMES_PER_SECOND and holds BURST."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._tokens = BURST
        self._updated_at = clock()

    def consume(self) -> None:
        """Count one frame. Raises ProtocolViolation when the bucket is empty."""
        now = self._clock()
        self._tokens = min(BURST, self._tokens + (now - self._updated_at) * FRAMES_PER_SECOND)
        self._updated_at = now
        if self._tokens < 1:
            raise ProtocolViolation(POLICY_VIOLATION, "too many frames")
        self._tokens -= 1
