"""Waiting for what no event tells of."""

import asyncio
import itertools
from collections.abc import Callable


async def until(seen: Callable[[], object], seconds: float = 20, pause: float = 0.02) -> None:
    """Wait for what only looking shows. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        for wait in itertools.repeat(pause):
            if seen():
                return
            await asyncio.sleep(wait)
