"""Messages that are written piece by piece, with a thread or with asyncio.

What is written is sent at most five times a second. An empty piece now and then says that the
writer is there; without one for twenty seconds, the chat marks the message as interrupted.
"""

import asyncio
import contextlib
import json
import threading
import time
from types import TracebackType
from typing import Self

from flet_chat import calls
from flet_chat.answers import Message
from flet_chat.connection import AsyncConnection, Connection
from flet_chat.errors import ChatError
from flet_chat.requests import Steps

# Seconds between two pieces, as the chat changes the row; and between two signs of life.
PACE, SIGN_OF_LIFE = 0.2, 6.0

# The chat takes the writer to be gone after so many seconds without a piece.
IDLE_SECONDS = 20

# The longest piece, in bytes as JSON, and what may wait to be sent before a writer waits, in
# characters.
_PIECE_BYTES, _WAITING_LIMIT = 60_000, 200_000


class _Writing:
    """What was written and not sent yet, and when the next piece is due. Nothing here does I/O."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._waiting_length = self._sent_length = 0
        self._sent_at = 0.0
        self._is_over = False
        self.error: ChatError | None = None

    @property
    def is_full(self) -> bool:
        """Whether so much waits that the writer has to wait."""
        return self._waiting_length >= _WAITING_LIMIT

    def add(self, text: str) -> None:
        """Add a text. Raises ChatError if an earlier one was refused."""
        if self.error is not None:
            raise self.error
        # A half of a character has no code: a question mark stands for it.
        text = text.encode("utf-8", "replace").decode()
        self._texts.append(text)
        self._waiting_length += len(text)

    def end(self) -> None:
        """Nothing more will be written."""
        self._is_over = True

    def seconds_to_next(self, now: float) -> float | None:
        """Seconds until the next piece is due; None if there will be none."""
        if self.error is not None or (self._is_over and not self._waiting_length):
            return None
        if self._is_over:
            return 0.0
        return max(0.0, self._sent_at + (PACE if self._waiting_length else SIGN_OF_LIFE) - now)

    def take(self, now: float) -> tuple[int, str]:
        """The next piece, and how many characters come before it."""
        text = "".join(self._texts)
        piece = _piece(text)
        rest = text[len(piece) :]
        at = self._sent_length
        self._texts, self._waiting_length = [rest], len(rest)
        self._sent_length, self._sent_at = at + len(piece), now
        return at, piece

    def fail(self, error: ChatError) -> None:
        """A piece was refused: nothing more is sent."""
        self.error = error
        self._texts, self._waiting_length = [], 0

    def ending(self, message: Message, error: BaseException | None) -> Steps[Message]:
        """The last call, after the writer's block ended, maybe with an error.

        A text that is too long is complete as far as it fits.
        """
        if self.error is not None and self.error.code != "stream_full":
            return message
        is_interrupted = error is not None and error is not self.error
        return (yield from calls.end_stream(message, interrupted=is_interrupted))

    def check(self, error: BaseException | None) -> None:
        """Raises the refusal of a piece, unless the writer's block ended with an error."""
        if self.error is not None and error is None:
            raise self.error


def _piece(text: str) -> str:
    """The beginning of a text that fits into one request."""
    piece = text[:_PIECE_BYTES]
    while len(json.dumps(piece, ensure_ascii=False).encode()) > _PIECE_BYTES:
        piece = piece[: len(piece) * 2 // 3]
    return piece


class Stream:
    """A message that is being written; `with chat.stream("#build") as stream` ends it.

    At the end of the block it is complete; after an exception it is marked as interrupted.
    `print(…, file=stream)` works, too. `message` is the message.
    """

    def __init__(self, connection: Connection, beginning: Steps[Message]) -> None:
        self._connection = connection
        self._beginning = beginning
        self._writing = _Writing()
        self._changed = threading.Condition()
        self._sender = threading.Thread(target=self._send, name="flet-chat stream", daemon=True)
        self.message: Message

    def __enter__(self) -> Self:
        self.message = self._connection.run(self._beginning)
        self._sender.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._writing.end()
            self._changed.notify_all()
        self._sender.join()
        self.message = self._connection.run(self._writing.ending(self.message, error))
        self._writing.check(error)

    def write(self, text: str) -> int:
        """Add a text at the end; returns its length. Raises ChatError if one was refused."""
        with self._changed:
            while self._writing.is_full:
                self._changed.wait()
            self._writing.add(text)
            self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Nothing: what is written is sent within a fifth of a second. Files have this method."""

    def _send(self) -> None:
        while True:
            with self._changed:
                wait = self._writing.seconds_to_next(time.monotonic())
                if wait is None:
                    return
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                at, piece = self._writing.take(time.monotonic())
                self._changed.notify_all()
            try:
                self._connection.run(calls.append(self.message, at, piece))
            except ChatError as error:
                with self._changed:
                    self._writing.fail(error)
                    self._changed.notify_all()


class AsyncStream:
    """The same with asyncio: `async with chat.stream("#build") as stream`, and
    `await stream.write(…)`."""

    def __init__(self, connection: AsyncConnection, beginning: Steps[Message]) -> None:
        self._connection = connection
        self._beginning = beginning
        self._writing = _Writing()
        self._changed = asyncio.Condition()
        self._sender: asyncio.Task[None] | None = None
        self.message: Message

    async def __aenter__(self) -> Self:
        self.message = await self._connection.run(self._beginning)
        self._sender = asyncio.create_task(self._send(), name="flet-chat stream")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        async with self._changed:
            self._writing.end()
            self._changed.notify_all()
        assert self._sender is not None, "the block was entered"
        await self._sender
        self.message = await self._connection.run(self._writing.ending(self.message, error))
        self._writing.check(error)

    async def write(self, text: str) -> int:
        """Add a text at the end; returns its length. Raises ChatError if one was refused."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._writing.is_full)
            self._writing.add(text)
            self._changed.notify_all()
        return len(text)

    async def _send(self) -> None:
        while True:
            async with self._changed:
                wait = self._writing.seconds_to_next(time.monotonic())
                if wait is None:
                    return
                if wait > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), wait)
                    continue
                at, piece = self._writing.take(time.monotonic())
                self._changed.notify_all()
            try:
                await self._connection.run(calls.append(self.message, at, piece))
            except ChatError as error:
                async with self._changed:
                    self._writing.fail(error)
                    self._changed.notify_all()
