"""Argon2id hashes of passwords (RFC 9106), computed on threads.

The package argon2-cffi is an extra.
"""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

from chat.errors import MissingExtra, SlowDown
from chat.loop_time import run_in_thread

if TYPE_CHECKING:
    from argon2 import PasswordHasher

Result = TypeVar("Result")

EXTRA = "accounts"

# 19 MiB, two passes, one lane: the first choice of the OWASP Password Storage Cheat Sheet.
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1

# Hashes that are computed at the same time, and those that wait for their turn.
HASHES_AT_ONCE, WAITING_HASHES = 4, 400

# How long one takes on a slow computer, in seconds: what a refused request waits for each turn.
_SECONDS = 0.1


# How far the threads step back behind the event loop, as `nice` counts it.
_NICENESS = 10


class PasswordHashes:
    """Makes and checks hashes, HASHES_AT_ONCE at the same time, and never on the loop."""

    def __init__(self) -> None:
        self._executor: ThreadPoolExecutor | None = None
        self._hasher: PasswordHasher | None = None
        # The hash of a password that nobody knows, once somebody needed it.
        self._dummy: asyncio.Future[str] | None = None
        self._waiting_count = 0

    @property
    def is_available(self) -> bool:
        """Whether the extra is installed."""
        return find_spec("argon2") is not None

    def require(self) -> None:
        """Raises MissingExtra without the extra."""
        self._ready()

    async def hash(self, password: str) -> str:
        """The hash of a password, with a random salt. Raises MissingExtra and SlowDown."""
        hasher = self._ready()
        return await self._run(lambda: hasher.hash(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether a password has this hash.

        Without a hash the work is the same, and the answer False. Raises MissingExtra and SlowDown.
        """
        hasher = self._ready()
        compared = await self._dummy_hash() if stored is None else stored

        def verify() -> bool:
            from argon2.exceptions import Argon2Error, InvalidHashError

            try:
                return hasher.verify(compared, password)
            except (Argon2Error, InvalidHashError):
                return False

        return await self._run(verify) and stored is not None

    async def close(self) -> None:
        """End the threads."""
        if self._executor is not None:
            await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    def _ready(self) -> "PasswordHasher":
        if self._hasher is None:
            if not self.is_available:
                raise MissingExtra(EXTRA)
            # Imported here: it is an extra.
            from argon2 import PasswordHasher, Type

            self._hasher = PasswordHasher(PASSES, MEMORY_KIB, LANES, type=Type.ID)
            self._executor = ThreadPoolExecutor(HASHES_AT_ONCE, "chat-argon2", _yield_to_others)
        return self._hasher

    async def _dummy_hash(self) -> str:
        """Whoever asks first makes it; the others wait for it."""
        if self._dummy is None:
            hasher = self._ready()
            self._dummy = asyncio.ensure_future(
                run_in_thread(lambda: hasher.hash("a password of nobody"), self._executor)
            )
        return await asyncio.shield(self._dummy)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting_count >= WAITING_HASHES:
            raise SlowDown(WAITING_HASHES / HASHES_AT_ONCE * _SECONDS)
        self._waiting_count += 1
        try:
            return await run_in_thread(work, self._executor)
        finally:
            self._waiting_count -= 1


def _yield_to_others() -> None:
    """Let the event loop run first on a computer with few processors.

    (On Linux a thread has a priority of its own; elsewhere it would be that of the process.)
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
