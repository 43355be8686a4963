"""The chat in a process in which somebody posts without a pause, until all texts are stored.

It goes on where it was killed: each text has a client id of its own.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chat.model.people import Person
from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.workspace.timings import DEFAULT_TIMINGS
from tests.harness.activity import MANY_ACTS, MANY_POSTS
from tests.harness.process import ForkedServer

# Posts at once: they share a commit.
_BATCH = 20

# Every so many posts, one gets a reaction, and its text is edited.
CHANGED_EVERY = 50

# The last text.
LAST = "that is all"


class PostingServer(ForkedServer):
    """This process, started, killed and started again."""

    entry = "tests.harness.posting_server:run"

    def __init__(self, data_folder: Path, count: int, *, hook_addresses: str = "") -> None:
        super().__init__(data_folder, f"--count={count}", f"--hooks={hook_addresses}")


def run(arguments: Sequence[str]) -> None:
    """Serve, and post."""
    values = dict(each.removeprefix("--").split("=", 1) for each in arguments)
    settings = Settings(
        web=True,
        no_browser=True,
        port=int(values["port"]),
        data=Path(values["data"]),
        hook_addresses=values["hooks"],
        **MANY_POSTS,
    )
    timings = replace(DEFAULT_TIMINGS, activity=MANY_ACTS)
    chat = ChatServer(settings, Environment(has_screen=False), timings)
    asyncio.run(_serve(chat, int(values["count"])))


async def _serve(chat: ChatServer, count: int) -> None:
    serving = asyncio.create_task(chat.run())
    await chat.ready.wait()
    await post_all(chat, count)
    await serving


async def post_all(chat: ChatServer, count: int) -> None:
    """Post the numbers up to `count`, those that are not stored yet, and then `LAST`."""
    workspace = chat.workspace
    (ann,) = [each for each in await workspace.all_people() if not each.is_bot]
    lobby = await workspace.rooms.by_slug(ann, "lobby")

    async def post(person: Person, n: int) -> None:
        if await workspace.is_stored(person, f"post {n}"):
            return
        message = await lobby.post(person, str(n), f"post {n}")
        if n % CHANGED_EVERY == 0:
            await lobby.react(person, message.number, "👍")
            await lobby.edit(person, message.number, f"{n}, edited")

    for first in range(1, count + 1, _BATCH):
        await asyncio.gather(*(post(ann, n) for n in range(first, first + _BATCH)))
    await lobby.post(ann, LAST, LAST)
