"""Bots of the tests, and their marks on the screen."""

import secrets

from chat.model.messages import Message
from chat.model.people import Person
from chat.model.programs import Via
from chat.rooms.room import Room
from chat.server.app import ChatServer
from tests.harness.control_tree import Control, find_all, texts_of


class Ops:
    """A bot in the lobby, which belongs to Ann."""

    def __init__(self, chat: ChatServer) -> None:
        self.workspace = chat.workspace
        self.person: Person
        self.lobby: Room

    async def starts(self, name: str = "ops") -> "Ops":
        """Make the bot, once Ann is there."""
        ann = await self.workspace.find_person("Ann")
        self.person = await self.workspace.bots.create(ann, name)
        self.lobby = await self.workspace.rooms.enter(self.person, "lobby")
        return self

    async def says(self, text: str, via: Via | None = None) -> Message:
        """Post a message."""
        return await self.lobby.post(self.person, text, secrets.token_hex(8), via=via)


def marks(control: Control | None) -> list[Control]:
    """The marks of bots in a control: boxes with the word."""
    return [
        each
        for each in find_all("Container", control, bgcolor="surfacecontainerhighest")
        if texts_of(each) == ["BOT"]
    ]
