"""Waiting for what no event tells of."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest


async def until(seen: Callable[[], object], seconds: float = 20, pause: float = 0.02) -> None:
    """Wait for what only looking shows. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        for wait in itertools.repeat(pause):
            if seen():
                return
            await asyncio.sleep(wait)


@asynccontextmanager
async def held(
    owner: type, name: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[asyncio.Event]:
    """Whoever calls this method gets its result at the end of the block; it is set once it is
    there."""
    original, is_there, go_on = getattr(owner, name), asyncio.Event(), asyncio.Event()

    async def slowly(*given: Any) -> Any:
        result = await original(*given)
        is_there.set()
        await go_on.wait()
        return result

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, slowly)
        yield is_there
    go_on.set()
