"""Where the words of the field go, and what the client can do with its own field."""

from collections.abc import Sequence
from typing import Protocol

from chat.files.upload import Upload


class Destination(Protocol):
    """Where the words go: a room."""

    @property
    def max_files(self) -> int:
        """How many fit in one message."""

    async def begin_upload(self, name: str, size: int) -> Upload:
        """Let a file of `size` bytes be sent, to be part of a message. Raises BadUpload."""

    async def send(
        self,
        text: str,
        client_id: str,
        quoted_number: int | None,
        upload_ids: Sequence[str],
        draft: str,
    ) -> bool:
        """Say it, in answer to the message `quoted`, with these files. Raises ChatError.

        Whether the stored draft was deleted with it, if it was `draft`: a command may say nothing.
        """

    def save_draft(self, draft: str) -> None:
        """Keep what is not sent yet."""

    def report_typing(self) -> None:
        """A key was pressed."""


class ClientField(Protocol):
    """What the client can do with its own field."""

    async def remove_prefix(self, text: str) -> bool:
        """Take the text off the front of the field; False where the client cannot."""

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Put `new` into the place of `old` at the index `at` (in UTF-16), if it stands there.

        False where the client cannot.
        """

    def capture_completion_keys(self, enabled: bool) -> None:
        """Whether arrows, Tab, Enter and Escape are for the list above the field."""
