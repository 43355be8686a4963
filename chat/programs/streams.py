"""Streams: messages that are written piece by piece, as a build log or the answer of a model.

A piece is kept in memory at once. The row in the store follows at most five times a second, and is
published each time. The search index, mentions and notifications come once, at the end.
"""

import asyncio
import contextlib
import secrets
import time

import structlog

from chat.errors import ChatError, StreamEnded, StreamFull, StreamGap, TooManyStreams
from chat.model.people import Person, PersonId
from chat.model.programs import StreamState, Via
from chat.rooms.room import Room
from chat.tasks import Tasks
from chat.text.message_text import TEXT_LIMIT

log = structlog.get_logger(__name__)

# The most messages that one author, and all together, write at the same time.
STREAMS_PER_AUTHOR = 5
STREAM_LIMIT = 100

# The longest streamed message, and all together, in characters. They are in memory until they end.
LENGTH_LIMIT = 1_000_000
TOTAL_LENGTH_LIMIT = 20_000_000

# The row changes at most every so many seconds.
WRITE_SECONDS = 0.2

# After so many seconds without a piece, the writer is taken to be gone. One that writes often, or
# sends empty pieces, may choose a shorter time, down to the second one.
IDLE_SECONDS, SHORTEST_IDLE_SECONDS = 300.0, 5.0

_FENCE = "```"
_CUT = "…\n"

# The text of a message into which nothing was written.
_NOTHING = "…"


class Streams:
    """The messages of one process that are being written."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._streams: dict[tuple[int, int], Stream] = {}
        self._idle_seconds = idle_seconds
        self.total_length = 0

    def __len__(self) -> int:
        return len(self._streams)

    async def begin(
        self,
        room: Room,
        author: Person,
        *,
        client_id: str = "",
        quoted_number: int | None = None,
        via: Via | None = None,
        is_code: bool = False,
        idle_seconds: float = IDLE_SECONDS,
    ) -> "Stream":
        """Begin a message; `is_code` draws it as a block of code.

        After `idle_seconds` without a piece it is interrupted.

        Raises TooManyStreams for too many at a time, StreamEnded for a repeated client id of a
        message that is complete, and as `Room.post`.
        """
        if len(self._streams) >= STREAM_LIMIT:
            raise TooManyStreams(STREAM_LIMIT)
        own = sum(1 for each in self._streams.values() if each.author.id == author.id)
        if own >= STREAMS_PER_AUTHOR:
            raise TooManyStreams(STREAMS_PER_AUTHOR)
        client_id = client_id or secrets.token_hex(16)
        message = await room.begin_stream(author, "", client_id, quoted_number, via=via)
        key = (room.info.id, message.number)
        if (found := self._streams.get(key)) is not None and found.author.id == author.id:
            return found
        if message.stream_state is not StreamState.STREAMING:
            raise StreamEnded
        stream = Stream(self, room, author, number=message.number, is_code=is_code)
        self._streams[key] = stream
        stream.watch(min(idle_seconds, self._idle_seconds))
        return stream

    def find(self, room: Room, author_id: PersonId, number: int) -> "Stream":
        """The message that an author is writing. Raises StreamEnded."""
        stream = self._streams.get((room.info.id, number))
        if stream is None or stream.author.id != author_id:
            raise StreamEnded
        return stream

    def remove(self, stream: "Stream") -> None:
        """Forget a message that is complete."""
        if self._streams.pop((stream.room.info.id, stream.number), None) is not None:
            self.total_length -= stream.length

    async def close(self) -> None:
        """Mark all messages that are being written as interrupted."""
        for each in list(self._streams.values()):
            await each.interrupt()


class Stream:
    """One message that is being written."""

    def __init__(
        self, streams: Streams, room: Room, author: Person, *, number: int, is_code: bool
    ) -> None:
        self.room = room
        self.author = author
        self.number = number
        self.length = 0
        self._streams = streams
        self._is_code = is_code
        self._pieces: list[str] = []
        self._is_over = False
        self._touched_at = time.monotonic()
        self._writing: asyncio.Task[None] | None = None
        self._is_dirty = False
        self._watching: asyncio.Task[None] | None = None
        self._tasks = Tasks()

    def append(self, text: str, at: int | None = None) -> None:
        """Add a piece. `at` is its place, in characters; what is there already is left out.

        Raises StreamGap for a place beyond the end, StreamFull, and StreamEnded.
        """
        if self._is_over:
            raise StreamEnded
        self._touched_at = time.monotonic()
        if at is not None:
            if at > self.length:
                raise StreamGap(self.length)
            text = text[self.length - at :]
        if not text:
            return
        text = _storable(text)
        if (
            self.length + len(text) > LENGTH_LIMIT
            or self._streams.total_length + len(text) > TOTAL_LENGTH_LIMIT
        ):
            raise StreamFull
        self._pieces.append(text)
        self.length += len(text)
        self._streams.total_length += len(text)
        self._is_dirty = True
        if self._writing is None:
            self._writing = self._tasks.start(self._write_soon(), "write a stream")

    async def finish(self) -> None:
        """Complete the message. A long one has the whole as a file. Raises as `end_stream`."""
        await self._end(None)

    async def interrupt(self) -> None:
        """Mark the message as interrupted, with what was written so far."""
        try:
            await self._end(StreamState.INTERRUPTED)
        except StreamEnded:
            pass
        except ChatError as error:
            # It is marked at the next start.
            log.warning("a stream was not ended", room=self.room.info.id, reason=str(error))

    def watch(self, idle_seconds: float) -> None:
        """Interrupt the message when its writer has been silent for so long."""
        self._watching = self._tasks.start(self._watch(idle_seconds), "watch a stream")

    async def _watch(self, idle_seconds: float) -> None:
        while not self._is_over:
            remaining = self._touched_at + idle_seconds - time.monotonic()
            if remaining <= 0:
                await self.interrupt()
                return
            await asyncio.sleep(remaining)

    async def _write_soon(self) -> None:
        try:
            while self._is_dirty and not self._is_over:
                self._is_dirty = False
                await self.room.write_stream(self.author, self.number, self._visible_text())
                await asyncio.sleep(WRITE_SECONDS)
        except ChatError as error:
            # It was deleted, its room was archived, or its author may not post any more.
            log.info("a stream has ended", room=self.room.info.id, reason=str(error))
            self._forget()
            with contextlib.suppress(ChatError):
                await self.room.end_stream(
                    self.author, self.number, self._visible_text(), state=StreamState.INTERRUPTED
                )
        finally:
            self._writing = None

    async def _end(self, state: StreamState | None) -> None:
        if self._is_over:
            raise StreamEnded
        self._is_over = True
        if self._writing is not None:
            await asyncio.wait([self._writing])
        try:
            upload_ids = []
            if self.length > TEXT_LIMIT:
                upload = await self.room.upload_text(
                    self.author, "output.txt", "".join(self._pieces)
                )
                upload_ids.append(upload.id)
            text = self._visible_text() if self.length else _NOTHING
            await self.room.end_stream(self.author, self.number, text, upload_ids, state=state)
        finally:
            self._forget()

    def _forget(self) -> None:
        self._is_over = True
        self._streams.remove(self)
        if self._watching is not None and self._watching is not asyncio.current_task():
            self._watching.cancel()

    def _visible_text(self) -> str:
        """The text of the row: the whole, or the last lines that fit."""
        frame = len(f"{_FENCE}\n\n{_FENCE}") if self._is_code else 0
        text = _tail(self._pieces, TEXT_LIMIT - frame - len(_CUT))
        if len(text) < self.length:
            _, line_break, whole_lines = text.partition("\n")
            text = _CUT + (whole_lines if line_break and whole_lines else text)
        if not self._is_code:
            return text
        # The end of the last line is no empty line. A fence within the code would end it.
        text = text.removesuffix("\n")
        return f"{_FENCE}\n{text.replace(_FENCE, '`` `')[: TEXT_LIMIT - frame]}\n{_FENCE}"


def _tail(pieces: list[str], length: int) -> str:
    """The last characters of all pieces."""
    found, missing = list[str](), length
    for piece in reversed(pieces):
        found.append(piece[-missing:])
        missing -= len(found[-1])
        if missing <= 0:
            break
    return "".join(reversed(found))


def _storable(text: str) -> str:
    """A text without what cannot be stored: NUL, and halves of characters."""
    return "".join("\ufffd" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)
