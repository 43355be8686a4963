"""The messages that a program writes piece by piece."""

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from chat.errors import KeyReused, SlowDown, StreamEnded, StreamFull
from chat.model.messages import Message
from chat.model.programs import Scope, StreamState, Via
from chat.programs.streams import IDLE_SECONDS, Stream
from chat.rooms.room import Room
from chat.workspace.program_messages import RoomSlug, client_id_of
from chat.workspace.program_session import ProgramSession


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStream:
    """How a message is written: as code or not, in a room or in the thread of a message of it.

    After `idle_seconds` without a piece it is interrupted.
    """

    is_code: bool = False
    quoted_number: int | None = None
    thread_number: int | None = None
    idle_seconds: float = IDLE_SECONDS

    def content_hash(self, slug: str) -> str:
        """The hash of this beginning in this room: that of a repeated request is the same."""
        content = ["stream", slug, self.is_code, self.quoted_number, self.thread_number]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class ProgramStreams:
    """The operations of a program on the messages that it writes piece by piece."""

    def __init__(self, session: ProgramSession) -> None:
        self._session = session
        self._workspace = session.workspace

    async def begin(
        self, slug: str, new: ProgramStream, key: str | None = None
    ) -> tuple[RoomSlug, Message, bool]:
        """Begin a message; returns the address of its room, the message, and whether it is new.

        A repeated `key` of the bot returns the message that is being written. Raises KeyReused,
        BadKey, SlowDown, NoSuchMessage, and as `Streams.begin`.
        """
        session = self._session
        room = await self._room(slug)
        client_id = client_id_of(key)
        via = Via() if key is None else Via(body_hash=new.content_hash(slug))
        stored = None if key is None else await self._stored(client_id)
        if stored is not None and (stored.via is None or stored.via.body_hash != via.body_hash):
            raise KeyReused
        await session.enter(room)
        if stored is None and (
            wait := self._workspace.room_message_limits.take(room.info.parent_id or room.info.id)
        ):
            raise SlowDown(wait)
        if new.thread_number is not None:
            room = await session.thread(room, new.thread_number)
        stream = await self._workspace.streams.begin(
            room,
            session.bot,
            client_id=client_id,
            quoted_number=new.quoted_number,
            via=via,
            is_code=new.is_code,
            idle_seconds=new.idle_seconds,
        )
        message = await room.message(session.bot, stream.number)
        return room.info.slug, message, stored is None

    async def receive(
        self, slug: str, new: ProgramStream, texts: AsyncIterator[str]
    ) -> tuple[RoomSlug, Message]:
        """Write a message while its text arrives; returns the address of its room, and the message.

        If its text breaks off, it is marked as interrupted; of one that is too long there is what
        fits. Raises as `begin`, `append` and `texts`.
        """
        room_slug, begun, _ = await self.begin(slug, new)
        room, stream = await self._find(room_slug, begun.number)
        try:
            async for text in texts:
                stream.append(text)
        except StreamFull:
            await stream.finish()
            raise
        except BaseException:
            await stream.interrupt()
            raise
        await stream.finish()
        return room_slug, await room.message(self._session.bot, begun.number)

    async def append(self, slug: str, number: int, at: int, text: str) -> int:
        """Add a piece at this place; returns the length of the text. Raises as `Stream.append`."""
        _, stream = await self._find(slug, number)
        stream.append(text, at)
        return stream.length

    async def length(self, slug: str, number: int) -> int:
        """The length of the text so far, in characters. Raises StreamEnded."""
        return (await self._find(slug, number))[1].length

    async def finish(self, slug: str, number: int) -> Message:
        """Complete a message; one of the bot that is complete stays as it is.

        Raises NoSuchMessage, and as `Stream.finish`.
        """
        try:
            room, stream = await self._find(slug, number)
        except StreamEnded:
            return await self._ended(slug, number, None)
        await stream.finish()
        return await room.message(self._session.bot, number)

    async def interrupt(self, slug: str, number: int) -> Message:
        """Mark a message as interrupted; one of the bot that is interrupted stays as it is.

        Raises NoSuchMessage and StreamEnded.
        """
        try:
            room, stream = await self._find(slug, number)
        except StreamEnded:
            return await self._ended(slug, number, StreamState.INTERRUPTED)
        await stream.interrupt()
        return await room.message(self._session.bot, number)

    async def _room(self, slug: str) -> Room:
        self._session.require(Scope.WRITE)
        return await self._session.covered_room(slug)

    async def _find(self, slug: str, number: int) -> tuple[Room, Stream]:
        room = await self._room(slug)
        return room, self._workspace.streams.find(room, self._session.bot.id, number)

    async def _ended(self, slug: str, number: int, state: StreamState | None) -> Message:
        """The message of an earlier request, whose answer got lost. Raises StreamEnded."""
        room = await self._room(slug)
        message = await room.message(self._session.bot, number)
        if message.author.id != self._session.bot.id or message.stream_state is not state:
            raise StreamEnded
        return message

    async def _stored(self, client_id: str) -> Message | None:
        return await self._workspace.stored_message(self._session.bot, client_id)
