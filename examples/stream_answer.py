"""A message that grows, with asyncio: `python examples/stream_answer.py '#lobby'`.

The words come from a list here; those of a language model come one by one, too.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

from flet_chat import AsyncChat

ANSWER = "The build failed because the disk of **runner 3** is full. I would delete its cache."


async def words_of_an_answer() -> AsyncIterator[str]:
    """The words, as a model would send them."""
    for word in ANSWER.split(" "):
        await asyncio.sleep(0.05)
        yield f"{word} "


async def main(room: str) -> None:
    """Answer in a room."""
    async with AsyncChat() as chat, chat.stream(room) as stream:
        async for word in words_of_an_answer():
            await stream.write(word)


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "#lobby"))
