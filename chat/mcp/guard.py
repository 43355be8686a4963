"""The rooms that an agent may use: those that were named, or all but direct conversations."""

from collections.abc import Collection
from dataclasses import dataclass

from flet_chat import AsyncChat, ChatError, Room
from flet_chat.calls import slug_of

# Rooms and threads whose answer is remembered: whether they are open never changes.
CACHE_LIMIT = 1_000

_DIRECT = "direct"


class RoomClosed(Exception):
    """The agent may not use a room; the sentence says why."""


@dataclass(frozen=True, slots=True)
class FoundRoom:
    """A room or thread by its address; `base` is the room that a thread belongs to, or itself."""

    slug: str
    base: str
    is_open: bool

    @property
    def is_thread(self) -> bool:
        """Whether it is a thread."""
        return self.slug != self.base


class RoomGuard:
    """Decides for each room. A thread belongs to its room."""

    def __init__(self, named: Collection[str]) -> None:
        self.named = tuple(dict.fromkeys(slug_of(each) for each in named))
        self._cache: dict[str, FoundRoom] = {}

    def is_open(self, room: Room) -> bool:
        """Whether a room that is no thread is open to the agent."""
        return room.slug in self.named if self.named else room.kind != _DIRECT

    async def room(self, chat: AsyncChat, slug: str) -> Room:
        """The room or thread with this address. Raises ChatError, which names it."""
        try:
            return await chat.room(slug)
        except ChatError as refusal:
            if refusal.code != "no_such_room":
                raise
            raise ChatError(refusal.code, f"“{slug}”: {refusal}", refusal.status) from None

    async def open(self, chat: AsyncChat, room: str) -> FoundRoom:
        """The room or thread, by its address. Raises ChatError and RoomClosed."""
        found = await self.find(chat, slug_of(room))
        if not found.is_open:
            raise RoomClosed(self._refusal(found))
        return found

    async def find(self, chat: AsyncChat, slug: str) -> FoundRoom:
        """The room or thread with this address, open or closed. Raises ChatError."""
        if slug not in self._cache:
            room = await self.room(chat, slug)
            root = room.thread_of
            base = room if root is None else await chat.room(root.room)
            self._cache[slug] = FoundRoom(room.slug, base.slug, self.is_open(base))
            while len(self._cache) > CACHE_LIMIT:
                self._cache.pop(next(iter(self._cache)))
        return self._cache[slug]

    def _refusal(self, found: FoundRoom) -> str:
        if self.named:
            named = ", ".join(f"#{each}" for each in self.named)
            return f"“{found.slug}” is closed to you. You may use {named}."
        return (
            f"“{found.slug}” is a direct conversation, which is closed to you. The person who "
            f"started you can open it with --room {found.base}."
        )
