"""Where the words of the field go, and what the client can do with its own field."""

from collections.abc import Sequence
from typing import Protocol

from chat.files.upload import Upload


class Writing(Protocol):
    """Where the words go: a room."""

    @property
    def most_files(self) -> int:
        """How many fit in one message."""

    async def begin_upload(self, name: str, size: int) -> Upload:
        """Let a file of `size` bytes be sent, to be part of a message. Raises BadUpload."""

    async def send(
        self, text: str, client_id: str, quoted: int | None, uploads: Sequence[str]
    ) -> None:
        """Say it, in answer to the message `quoted`, with these files. Raises ChatError."""

    def keep(self, words: str) -> None:
        """Keep what is not sent yet."""

    def types(self) -> None:
        """A key was pressed."""


class Field(Protocol):
    """What the client can do with its own field."""

    async def cut(self, text: str) -> bool:
        """Take the text off the front of the field; False where the client cannot."""

    def swap(self, at: int, old: str, new: str) -> bool:
        """Put `new` into the place of `old` at the index `at` (in UTF-16), if it stands there.

        False where the client cannot.
        """

    def capture(self, on: bool) -> None:
        """Whether arrows, Tab, Enter and Escape are for the list above the field."""
