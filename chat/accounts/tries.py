"""How many wrong passwords are answered: for one name, from one address, and in all."""

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from chat.action_limits import ActionLimit
from chat.errors import TooManyTries, WrongPassword
from chat.tasks import OnePlaceEach
from chat.text.names import name_key

# Wrong passwords within TRY_SECONDS: for one name from one address, for all names from one address,
# for one name from all addresses, and in all. The third is high, so that nobody on one other
# computer keeps a person out.
NAME_TRIES, ADDRESS_TRIES, ALL_TRIES_OF_NAME, ALL_TRIES = 5, 20, 50, 1000

# Seconds within which they are counted.
TRY_SECONDS = 900.0


class SignInTries:
    """Counts wrong passwords. A name that nobody has counts like any other.

    An address is a network (`client_network`), or "" for this computer. The tries of one address
    come one after the other: those who share it do not count as wrong while they wait.
    """

    def __init__(self) -> None:
        self._limit = ActionLimit(TRY_SECONDS)
        self._places = OnePlaceEach()

    @asynccontextmanager
    async def counted(self, name: str, network: str) -> AsyncIterator[None]:
        """Count a try, if the block raises WrongPassword. Raises TooManyTries."""
        async with self._places.of(network):
            with self._counted(name_key(name), network):
                yield

    @contextmanager
    def _counted(self, key: str, network: str) -> Iterator[None]:
        limits: dict[tuple[str, ...], int] = {
            ("name", key, network): NAME_TRIES,
            ("address", network): ADDRESS_TRIES,
            ("all of a name", key): ALL_TRIES_OF_NAME,
            ("all",): ALL_TRIES,
        }
        if wait := max(self._limit.wait(each, count) for each, count in limits.items()):
            raise TooManyTries(math.ceil(wait))
        # Before the block: many may try at once.
        for each, count in limits.items():
            self._limit.record(each, count)
        try:
            yield
        except WrongPassword:
            raise
        except BaseException:
            self._withdraw(limits)
            raise
        else:
            self._withdraw(limits)

    def _withdraw(self, keys: dict[tuple[str, ...], int]) -> None:
        for each in keys:
            self._limit.withdraw(each)
