"""The files of the message that is being written, and a message that waits for its uploads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from chat.errors import TooManyFiles
from chat.languages import Language
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.composer.composer_events import (
    ComposerEvents,
    FilesChanged,
    FilesReady,
    FilesRefused,
    WaitingDropped,
)
from chat.ui.composer.context_bar import ContextBar
from chat.ui.composer.destination import Destination
from chat.ui.composer.send_states import Outgoing, SendStates
from chat.ui.uploads.pending_files import PendingFile, PendingFiles, UploadTarget
from chat.ui.uploads.upload_tray import UploadTray


class FileReceiver(Protocol):
    """A dialog that asks for files."""

    open: bool

    async def on_files_chosen(self, files: Sequence[ChosenFile]) -> None:
        """The person chose files."""


class ComposerFiles:
    """The pending files of one session. Their tray is in the context bar."""

    def __init__(
        self,
        file_transfer: FileTransfer,
        context_bar: ContextBar,
        states: SendStates,
        *,
        composer: ComposerEvents,
        t: Language,
    ) -> None:
        self._file_transfer = file_transfer
        self._context_bar = context_bar
        self._t = t
        self._states = states
        self._composer = composer
        self._pending_files = PendingFiles(file_transfer, t, on_changed=self._on_files_changed)
        self._destination: Destination | None = None
        self._is_enabled = True
        self._tray: UploadTray | None = None
        self._redirect: FileReceiver | None = None

    def set_destination(self, destination: Destination) -> None:
        """From now on, the files are for this room."""
        self._destination = destination
        self._drop_waiting()
        self._show_tray()

    def set_enabled(self, enabled: bool) -> None:
        """Allow or forbid files."""
        self._is_enabled = enabled
        self._file_transfer.accept_files(enabled)

    async def pick(self) -> None:
        """Let the person choose files."""
        await self._file_transfer.pick(self.on_files_chosen)

    async def on_files_chosen(self, files: Sequence[ChosenFile]) -> None:
        """The person chose, dropped or pasted files."""
        if self._redirect is not None and self.is_redirected:
            await self._redirect.on_files_chosen(files)
            return
        if self._destination is None or not self._is_enabled:
            for each in files:
                self._file_transfer.forget(each.number)
            return
        self._drop_waiting()
        reason = await self._pending_files.add(self._destination, files)
        if reason:
            self._composer.handle(FilesRefused(reason))

    async def add_text(self, name: str, text: str) -> PendingFile | None:
        """Make a text a file of the message; None if it became none. Raises ChatError."""
        destination = self._destination
        if destination is None or not self._is_enabled:
            return None
        upload = await destination.upload_text(name, text)
        added = self._pending_files.add_uploaded(destination, upload)
        if added is None:
            upload.cancel()
            raise TooManyFiles(
                "{limit} files fit in one message. Send the others in another one.",
                limit=destination.max_files,
            )
        return added

    def take_back(self, file: PendingFile) -> bool:
        """Remove a file of the message; False if it is sent, or of another room."""
        if file not in self._current_files:
            return False
        self._remove(file)
        return True

    @property
    def is_redirected(self) -> bool:
        """Whether a dialog gets the files."""
        return self._redirect is not None and self._redirect.open

    def redirect_to(self, receiver: FileReceiver) -> None:
        """While `receiver` is open, files go there."""
        self._redirect = receiver

    def on_file_lost(self, file_number: int) -> None:
        """The client could not send a file."""
        self._pending_files.mark_lost(file_number)

    def client_reloaded(self) -> None:
        """The client reloaded its page, and forgot the files that it had not sent yet."""
        self._pending_files.client_reloaded()

    @property
    def is_enabled(self) -> bool:
        """Whether the message may have files."""
        return self._is_enabled

    @property
    def is_uploading(self) -> bool:
        """Whether files are being uploaded."""
        return any(each.is_uploading for each in self._current_files)

    @property
    def has_ready_files(self) -> bool:
        """Whether there are files that can be sent."""
        return any(each.is_ready for each in self._current_files)

    def send_when_ready(self, outgoing: Outgoing) -> None:
        """Send the message as soon as its files are uploaded."""
        self._drop_waiting()
        self._states.wait_for_files(outgoing)
        self._show_tray()

    def on_text_changed(self, text: str) -> None:
        """Another text cancels the waiting message: the person presses Enter again."""
        waiting = self._states.waiting
        if waiting is not None and text != waiting.field_text:
            self._drop_waiting()
            self._show_tray()

    def with_files(self, outgoing: Outgoing) -> Outgoing:
        """The message with the files that are ready."""
        return replace(outgoing, files=self._pending_files.take_ready(outgoing.destination))

    @property
    def upload_ids(self) -> tuple[str, ...] | None:
        """The ids of the uploads that the message has; None while some are on their way."""
        if self.is_uploading:
            return None
        return tuple(
            each.upload.id for each in self._current_files if each.is_ready and each.upload
        )

    def _drop_waiting(self) -> None:
        if (waiting := self._states.drop_waiting()) is not None:
            self._composer.handle(WaitingDropped(waiting))

    def restore(self, outgoing: Outgoing) -> None:
        """Give back the files of a message that was not sent."""
        self._pending_files.restore(outgoing.destination, outgoing.files)

    @property
    def _current_files(self) -> Sequence[PendingFile]:
        return () if self._destination is None else self._pending_files.get(self._destination)

    def _remove(self, file: PendingFile) -> None:
        if self._destination is not None:
            self._pending_files.remove(self._destination, file)

    def _on_files_changed(self, destination: UploadTarget) -> None:
        if destination != self._destination:
            return
        if self._tray is not None:
            self._tray.show_soon(self._tray_content)
        else:
            self._show_tray()
        self._composer.handle(FilesChanged())
        self._send_if_ready()

    def _tray_content(self) -> tuple[Sequence[PendingFile], str]:
        if self._states.waiting is None:
            return self._current_files, ""
        return self._current_files, self._t("Your message is sent as soon as the files are here.")

    def _show_tray(self) -> None:
        files, notice = self._tray_content()
        if self._tray is None and files:
            # Most sessions never need a tray.
            self._tray = UploadTray(
                self._t, image_url=self._file_transfer.image_url, remove=self._remove
            )
            self._context_bar.set_tray(self._tray)
        if self._tray is not None:
            self._tray.show(files, notice)

    def _send_if_ready(self) -> None:
        """Send the waiting message if its files are uploaded."""
        if self.is_uploading or (outgoing := self._states.drop_waiting()) is None:
            return
        if any(each.error for each in self._current_files):
            self._composer.handle(WaitingDropped(outgoing))
            reason = self._t("Not all files came. Press Enter to send the others.")
            self._composer.handle(FilesRefused(reason))
        else:
            self._composer.handle(FilesReady(outgoing))
