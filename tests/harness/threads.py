"""Headless users beside those in Chromium: Playwright occupies the loop of the test's thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from tests.harness.user import ChatUser

Result = TypeVar("Result")


def run_in_thread(coroutine: Coroutine[Any, Any, Result], seconds: float = 120) -> Result:
    """Run a coroutine in a thread of its own. Raises its exceptions, and TimeoutError."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asyncio.wait_for(coroutine, seconds)).result()


async def sign_in(address: str, name: str) -> dict[str, str]:
    """Sign in as `name`, and disconnect. Returns the cookies of the person's browser."""
    return await post_lines(address, name)


async def post_lines(address: str, name: str, *lines: str) -> dict[str, str]:
    """Sign in as `name`, post some lines, and disconnect. Returns the person's cookies."""
    client = ChatUser(address)
    await client.opens_as(name)
    await client.waits_until(lambda user: user.timeline.texts)
    for line in lines:
        await client.composer.posts(line)
    await client.disconnects()
    return client.cookies


async def create_room(address: str, cookies: dict[str, str], title: str) -> None:
    """Create a room in another tab of the browser with these cookies."""
    client = ChatUser(address)
    client.cookies = cookies
    await client.opens("/")
    await client.until(lambda: client.composer.control is not None)
    await client.rooms_dialog.creates_room(title)
    await client.disconnects()
