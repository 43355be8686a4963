"""How many people may come in for the first time: from one address, and from all."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from chat.action_limits import ActionLimit
from chat.errors import TooManyArrivals

# New people of one address within a minute, and of all addresses. Each is a line in the lobby of
# everybody. Who comes from the computer that runs the chat is not counted.
ADDRESS_ARRIVALS, ALL_ARRIVALS = 5, 300

# Seconds within which they are counted.
ARRIVAL_SECONDS = 60.0

_ALL = "all addresses"


class ArrivalLimits:
    """Counts new people by the network address that they come from."""

    def __init__(self, of_address: int = ADDRESS_ARRIVALS) -> None:
        self._of_address = of_address
        self._limit = ActionLimit(ARRIVAL_SECONDS)

    @contextmanager
    def counted(self, network: str) -> Iterator[None]:
        """Count a new person of an address, unless the block fails. Raises TooManyArrivals."""
        wait = self._limit.wait(network, self._of_address)
        if wait := max(wait, self._limit.wait(_ALL, ALL_ARRIVALS)):
            raise TooManyArrivals(math.ceil(wait))
        # Before the block: many may ask at once.
        self._limit.record(network, self._of_address)
        self._limit.record(_ALL, ALL_ARRIVALS)
        try:
            yield
        except BaseException:
            self._limit.withdraw(network)
            self._limit.withdraw(_ALL)
            raise
