"""Files that are to be part of a message, on their way, ready, or refused: those of each room."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chat.errors import ChatError
from chat.files.upload import Upload, UploadState
from chat.languages import Language
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.client.files import ChosenFile
from chat.ui.composer.destination import Destination


@dataclass(eq=False, slots=True)
class PendingFile:
    """One file; `size` is in bytes, and `refusal` says why it cannot be sent."""

    number: int
    name: str
    size: int
    upload: Upload | None = None
    error: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether it can be part of a message."""
        return self.upload is not None and self.upload.state is UploadState.READY

    @property
    def is_uploading(self) -> bool:
        """Whether it is on its way."""
        return not self.error and not self.is_ready

    @property
    def progress(self) -> float | None:
        """How much of it is here, from 0 to 1; None when all is, and it is being prepared."""
        if self.upload is None:
            return 0.0
        preparing = self.upload.state is UploadState.PREPARING
        return None if preparing else min(1.0, self.upload.received / self.upload.size)


class PendingFiles:
    """The files of one session; `changed(where)` is called when something has become of one."""

    def __init__(
        self, file_transfer: FileTransfer, t: Language, on_changed: Callable[[Destination], None]
    ) -> None:
        self._file_transfer = file_transfer
        self._t = t
        self._on_changed = on_changed
        self._by_destination = defaultdict[Destination, list[PendingFile]](list)

    def get(self, destination: Destination) -> Sequence[PendingFile]:
        """Those that are to be part of what is written there."""
        return self._by_destination.get(destination, ())

    async def add(self, destination: Destination, chosen: Sequence[ChosenFile]) -> str:
        """Take what somebody chose, as many as fit; a sentence if that is not all."""
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

    async def _start_upload(self, destination: Destination, file: PendingFile) -> None:
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
        """The client cannot send this one."""
        for destination, files in self._by_destination.items():
            for file in files:
                if file.number == file_number and file.is_uploading:
                    self._fail(file)
                    self._on_changed(destination)

    def client_reloaded(self) -> None:
        """The client begins anew: it does not know any more what it was to send next."""
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

    def remove(self, destination: Destination, file: PendingFile) -> None:
        """The person does not want it any more."""
        if file in self._by_destination[destination]:
            self._by_destination[destination].remove(file)
            self._file_transfer.forget(file.number)
            if file.upload is not None:
                file.upload.on_change = None
                file.upload.cancel()
            self._on_changed(destination)

    def take_ready(self, destination: Destination) -> tuple[PendingFile, ...]:
        """Those that are ready: they are being sent from now on."""
        ready = tuple(each for each in self.get(destination) if each.is_ready)
        if ready:
            self._by_destination[destination] = [
                each for each in self._by_destination[destination] if not each.is_ready
            ]
            self._on_changed(destination)
        return ready

    def restore(self, destination: Destination, files: Sequence[PendingFile]) -> None:
        """They were not sent after all."""
        if not files:
            return
        self._by_destination[destination][:0] = files
        for file in files:
            if file.upload is not None:
                self._on_upload_change(destination, file, file.upload)
        self._on_changed(destination)

    def _on_upload_change(
        self, destination: Destination, file: PendingFile, upload: Upload
    ) -> None:
        if file not in self._by_destination[destination]:
            return
        if upload.state is UploadState.FAILED and upload.error is not None:
            file.error = self._t.error(upload.error)
        elif upload.state is UploadState.CANCELLED:
            # Nobody sent it for an hour.
            file.error = self._t("This file waited too long. Choose it once more.")
        self._on_changed(destination)
