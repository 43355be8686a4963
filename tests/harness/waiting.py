"""Waits for conditions that no event announces."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest


async def wait_until(
    condition: Callable[[], object],
    seconds: float = 20,
    interval: float = 0.02,
    description: str = "a condition",
) -> None:
    """Poll until a condition is true. Raises TimeoutError with the description."""
    try:
        async with asyncio.timeout(seconds):
            for wait in itertools.repeat(interval):
                if condition():
                    return
                await asyncio.sleep(wait)
    except TimeoutError:
        raise TimeoutError(f"not within {seconds} s: {description}") from None


async def wait_until_true(
    condition: Callable[[], Awaitable[object]], seconds: float = 20, interval: float = 0.02
) -> None:
    """As `wait_until`, for a condition that has to be awaited."""
    async with asyncio.timeout(seconds):
        for wait in itertools.repeat(interval):
            if await condition():
                return
            await asyncio.sleep(wait)


@asynccontextmanager
async def delay_results(
    owner: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncio.Event]:
    """Delay the results of this method to the end of the block.

    The event of the block is set as soon as a call has its result.
    """
    original, result_ready, release = getattr(owner, name), asyncio.Event(), asyncio.Event()

    async def delayed(*arguments: Any) -> Any:
        result = await original(*arguments)
        result_ready.set()
        await release.wait()
        return result

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, delayed)
        yield result_ready
    release.set()
