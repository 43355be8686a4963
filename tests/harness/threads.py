"""Headless people beside those in Chromium: Playwright has the loop of the tests' own thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.harness.user import ChatUser


def run_in_thread(coroutine: Coroutine[Any, Any, None], seconds: float = 120) -> None:
    """Run a story to its end in a thread of its own. Raises what it raises, and TimeoutError."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, asyncio.wait_for(coroutine, seconds)).result()


async def post_lines(address: str, name: str, *lines: str) -> None:
    """Somebody comes, says some lines, and goes."""
    client = ChatUser(address)
    await client.opens(f"/chat?username={name}")
    await client.timeline.waits_for_message(f"{name} has joined the chat.")
    for line in lines:
        await client.composer.posts(line)
    await client.disconnects()
