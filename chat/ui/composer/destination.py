"""The destination of the field's text, and the operations of the client's own field."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chat.files.upload import Upload
from chat.ui.compose_menu.tools import ToolTarget
from chat.ui.uploads.pending_files import UploadTarget


class Destination(UploadTarget, ToolTarget, Protocol):
    """A room that messages are sent to."""

    @property
    def path(self) -> str:
        """The path of the room's address."""

    @property
    def slow_mode_wait(self) -> float:
        """The seconds until the person may write there; 0 without slow mode."""

    async def send(
        self,
        text: str,
        client_id: str,
        quoted_number: int | None,
        upload_ids: Sequence[str],
        draft: str,
    ) -> bool:
        """Send a message with these files, as a reply to `quoted_number`. Raises ChatError.

        True if the stored draft was deleted with it, if it was `draft`; a command may post nothing.
        """

    def confirm_call(self, client_id: str) -> None:
        """The message of this client id may call many people. Raises ChatError."""

    async def upload_text(self, name: str, text: str) -> Upload:
        """Make a text a file for a message: an upload that is READY. Raises BadUpload."""

    async def send_later(
        self, text: str, due_at: datetime, client_id: str, quoted_number: int | None, draft: str
    ) -> int:
        """Store a text that is sent at `due_at`; the stored draft `draft` is deleted with it.

        Returns an id for `cancel_later`. Raises ChatError.
        """

    async def cancel_later(self, text_id: int) -> None:
        """Do not send a text. Raises ChatError."""

    def save_draft(self, draft: str) -> None:
        """Store the text that is not sent yet."""

    def give_back_draft(self, text: str) -> None:
        """Store a text that was refused in front of the stored draft."""

    def report_typing(self) -> None:
        """Report that the person is typing."""


class ClientField(Protocol):
    """The operations of the client on its own field."""

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        """Remove a stored text from the beginning of the field. False if the client cannot."""

    def settle_send(self, client_id: str) -> None:
        """A sent text needs nothing more from the client: it is done, or stays in the field."""

    def press_send(self, text: str) -> bool:
        """Let the client send the text of its field, or `text`. False if the client cannot."""

    def report_context(
        self,
        path: str,
        edited_number: int,
        quoted_number: int,
        upload_ids: Sequence[str] | None,
    ) -> None:
        """Tell the client what its field is for: the room, a message that is edited or answered (0
        for none), and the files of the message, None while some are on their way."""

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Replace `old` by `new` at an index (in UTF-16), if the field has `old` there.

        False if the client cannot.
        """

    def focus_field(self) -> None:
        """Let the person go on writing: give the focus to the field."""

    def capture_completion_keys(self, enabled: bool) -> None:
        """Whether arrows, Tab, Enter and Escape are for the popup above the field."""
