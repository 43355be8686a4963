"""The pending files of each room: waiting, being uploaded, ready, or refused."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from chat.errors import ChatError
from chat.files.upload import Upload, UploadState
from chat.languages import Language
from chat.ui.client.chosen_files import ChosenFile
from chat.ui.client.file_transfer import FileTransfer

# The number of a file that no client knows.
_NO_NUMBER = 0


class UploadTarget(Protocol):
    """A room that files are uploaded for."""

    @property
    def max_files(self) -> int:
        """The largest number of files in one message."""

    async def begin_upload(self, name: str, size: int) -> Upload:
        """Begin the upload of a file of `size` bytes for a message. Raises BadUpload."""


@dataclass(eq=False, slots=True)
class PendingFile:
    """One pending file. `size` is in bytes; `error` says why the file cannot be sent."""

    number: int
    name: str
    size: int
    upload: Upload | None = None
    error: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether the file can be sent."""
        return self.upload is not None and self.upload.state is UploadState.READY

    @property
    def is_uploading(self) -> bool:
        """Whether the file is being uploaded."""
        return not self.error and not self.is_ready

    @property
    def progress(self) -> float | None:
        """The uploaded part, from 0 to 1; None while the server prepares the file."""
        if self.upload is None:
            return 0.0
        preparing = self.upload.state is UploadState.PREPARING
        return None if preparing else min(1.0, self.upload.received / self.upload.size)


class PendingFiles:
    """The pending files of one session. `on_changed(destination)` is called after each change."""

    def __init__(
        self,
        file_transfer: FileTransfer,
        t: Language,
        *,
        on_changed: Callable[[UploadTarget], None],
    ) -> None:
        self._file_transfer = file_transfer
        self._t = t
        self._on_changed = on_changed
        self._by_destination = defaultdict[UploadTarget, list[PendingFile]](list)

    def get(self, destination: UploadTarget) -> Sequence[PendingFile]:
        """The files of the next message to this destination."""
        return self._by_destination.get(destination, ())

    async def add(self, destination: UploadTarget, chosen: Sequence[ChosenFile]) -> str:
        """Add files, as many as fit; returns a sentence if some do not."""
        pending = self._by_destination[destination] = [
            each for each in self._by_destination[destination] if not each.error
        ]
        free_count = max(0, destination.max_files - len(pending))
        added = [PendingFile(each.number, each.name, each.size) for each in chosen[:free_count]]
        pending += added
        for each in chosen[free_count:]:
            self._file_transfer.forget(each.number)
        for file in added:
            await self._start_upload(destination, file)
        self._on_changed(destination)
        if len(chosen) <= free_count:
            return ""
        return self._t(
            "{limit} files fit in one message. Send the others in another one.",
            limit=destination.max_files,
        )

    def add_uploaded(self, destination: UploadTarget, upload: Upload) -> PendingFile | None:
        """Add a file that the chat has made itself; None if no further one fits."""
        pending = self._by_destination[destination]
        if len(pending) >= destination.max_files:
            return None
        file = PendingFile(_NO_NUMBER, upload.name, upload.size, upload)
        upload.on_change = partial(self._on_upload_change, destination, file)
        pending.append(file)
        self._on_changed(destination)
        return file

    async def _start_upload(self, destination: UploadTarget, file: PendingFile) -> None:
        try:
            if file.size < 0:
                raise ChatError("A folder cannot be sent. Choose the files that are in it.")
            upload = await destination.begin_upload(file.name, file.size)
        except ChatError as error:
            file.error = self._t.error(error)
            self._file_transfer.forget(file.number)
            return
        if file not in self._by_destination[destination]:
            upload.cancel()
            return
        file.upload, file.name = upload, upload.name
        upload.on_change = partial(self._on_upload_change, destination, file)
        self._file_transfer.send(file.number, upload.url)

    def mark_lost(self, file_number: int) -> None:
        """The client cannot send this file."""
        for destination, files in self._by_destination.items():
            for file in files:
                if file.number == file_number and file.is_uploading:
                    self._fail(file)
                    self._on_changed(destination)

    def client_reloaded(self) -> None:
        """The client reloaded its page, and forgot the files that it had not sent yet."""
        for destination, files in self._by_destination.items():
            for file in files:
                if file.upload is None or file.upload.state is UploadState.WAITING:
                    self._fail(file)
            self._on_changed(destination)

    def _fail(self, file: PendingFile) -> None:
        file.error = self._t("This file did not come. Choose it once more.")
        if file.upload is not None:
            file.upload.on_change = None
            file.upload.cancel()

    def remove(self, destination: UploadTarget, file: PendingFile) -> None:
        """Remove a file, and cancel its upload."""
        if file in self._by_destination[destination]:
            self._by_destination[destination].remove(file)
            if file.number != _NO_NUMBER:
                self._file_transfer.forget(file.number)
            if file.upload is not None:
                file.upload.on_change = None
                file.upload.cancel()
            self._on_changed(destination)

    def take_ready(self, destination: UploadTarget) -> tuple[PendingFile, ...]:
        """Remove and return the files that are ready: they are being sent."""
        ready = tuple(each for each in self.get(destination) if each.is_ready)
        if ready:
            self._by_destination[destination] = [
                each for each in self._by_destination[destination] if not each.is_ready
            ]
            self._on_changed(destination)
        return ready

    def restore(self, destination: UploadTarget, files: Sequence[PendingFile]) -> None:
        """Add files again: their message was not sent."""
        if not files:
            return
        self._by_destination[destination][:0] = files
        for file in files:
            if file.upload is not None:
                self._on_upload_change(destination, file, file.upload)
        self._on_changed(destination)

    def _on_upload_change(
        self, destination: UploadTarget, file: PendingFile, upload: Upload
    ) -> None:
        if file not in self._by_destination[destination]:
            return
        if upload.state is UploadState.FAILED and upload.error is not None:
            file.error = self._t.error(upload.error)
        elif upload.state is UploadState.CANCELLED:
            # The message was not sent within an hour.
            file.error = self._t("This file waited too long. Choose it once more.")
        self._on_changed(destination)
