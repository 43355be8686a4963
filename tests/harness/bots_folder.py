"""A folder of bots beside a running chat, and Ann, who owns the chat and speaks with them."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from chat.model.messages import Message
from chat.model.people import Person
from chat.model.programs import FileState
from chat.rooms.room import Room
from chat.workspace.workspace import Workspace
from tests.harness.waiting import wait_until


class BotsFolder:
    """A folder of bots, and Ann, who owns the chat and speaks with them."""

    def __init__(self, folder: Path, workspace: Workspace, ann: Person, *, url: str = "") -> None:
        self.url = url
        self.folder = folder
        self.workspace = workspace
        self.ann = ann
        self._count = 0

    def saves(self, name: str, text: str) -> None:
        """Save a file, as an editor does."""
        (self.folder / name).write_text(dedent(text), "utf-8")

    async def until_is(self, name: str, state: FileState, seconds: float = 20) -> str:
        """Wait until a file has this state; returns the reason."""

        def found() -> list[str]:
            files = self.workspace.file_bots.files
            return [each.reason for each in files if (each.file, each.state) == (name, state)]

        await wait_until(found, seconds, description=f"{name} is {state.value}")
        return found()[0]

    async def lobby(self) -> Room:
        """The room of all."""
        return await self.workspace.rooms.by_slug(self.ann, "lobby")

    async def says(self, text: str, room: Room | None = None) -> int:
        """Ann posts a text; returns its number."""
        self._count += 1
        room = room or await self.lobby()
        return (await room.post(self.ann, text, f"said {self._count}")).number

    async def texts(self, room: Room | None = None) -> list[str]:
        """The texts of a room."""
        room = room or await self.lobby()
        page = await room.newest(self.ann)
        return [each.text for each in page.messages if each.kind.value == "text"]

    async def until_says(
        self,
        says: Callable[[str], bool],
        room: Room | None = None,
        seconds: float = 20,
        after: int = 0,
    ) -> str:
        """Wait for a text in a room, after so many of it; returns it."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if found := [each for each in (await self.texts(room))[after:] if says(each)]:
                        return found[-1]
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"said was {await self.texts(room)}") from None

    async def bot(self, name: str) -> Person:
        """The bot of this name."""
        own = self.workspace.bots.of_person(self.ann)
        return next(each for each in own if each.name == name)

    async def direct(self, name: str) -> Room:
        """The conversation of Ann with a bot."""
        bot = await self.bot(name)
        return await self.workspace.rooms.get_or_create_direct(self.ann, [bot])

    async def until_has_replies(self, number: int) -> None:
        """Wait until somebody has replied to a message of the lobby."""
        lobby = await self.lobby()
        async with asyncio.timeout(20):
            while True:
                if (await lobby.message(self.ann, number)).replies:
                    return
                await asyncio.sleep(0.02)

    async def until_message(self, room: Room, is_it: Callable[[Message], bool]) -> Message:
        """Wait until the last message of a room is so; returns it."""
        async with asyncio.timeout(20):
            while True:
                message = await room.message(self.ann, room.last_number)
                if is_it(message):
                    return message
                await asyncio.sleep(0.02)
