"""The requests of programs: how often each token may ask, and how many of them run at once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chat.activity.rate_limits import RateLimits
from chat.errors import SlowDown
from chat.model.programs import ApiTokenId
from chat.programs.rate_limits import PIECE_BURST, PIECES_PER_SECOND, REQUESTS_PER_SECOND

# Requests of one token that run at once, with the files that are being sent.
RUNNING_LIMIT = 20

# Seconds after which a program asks again that has so many under way.
_RUNNING_WAIT = 1.0


class ProgramRequests:
    """Counts the requests of all tokens."""

    def __init__(self, burst: float) -> None:
        self._rate_limits = RateLimits(burst, REQUESTS_PER_SECOND)
        self._piece_limits = RateLimits(PIECE_BURST, PIECES_PER_SECOND)
        self._running = Counter[ApiTokenId]()
        # How many requests were refused.
        self.refused_count = 0

    def __len__(self) -> int:
        return self._running.total()

    @contextmanager
    def running(
        self, token_id: ApiTokenId, *, is_piece: bool = False, is_expected: bool = False
    ) -> Iterator[None]:
        """Count a request of a token while it runs; a piece of a message has a limit of its own.

        One that `is_expected`, as an answer to what a person did, has that of the people. Raises
        SlowDown.
        """
        limits = self._piece_limits if is_piece else self._rate_limits
        if not is_expected and (wait := limits.take(token_id)):
            self.refused_count += 1
            raise SlowDown(wait)
        if self._running[token_id] >= RUNNING_LIMIT:
            self.refused_count += 1
            raise SlowDown(_RUNNING_WAIT)
        self._running[token_id] += 1
        try:
            yield
        finally:
            self._running[token_id] -= 1
            if not self._running[token_id]:
                del self._running[token_id]
