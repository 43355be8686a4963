"""Files that are to be part of a message, on their way, ready, or refused: those of each room."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from chat.errors import ChatError
from chat.files.upload import Upload, UploadState
from chat.languages import Language
from chat.ui.client.file_transfer import Carrying
from chat.ui.client.files import Offered
from chat.ui.composer.destination import Destination


@dataclass(eq=False, slots=True)
class Item:
    """One file; `size` is in bytes, and `refusal` says why it cannot be sent."""

    number: int
    name: str
    size: int
    upload: Upload | None = None
    refusal: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether it can be part of a message."""
        return self.upload is not None and self.upload.state is UploadState.READY

    @property
    def is_going(self) -> bool:
        """Whether it is on its way."""
        return not self.refusal and not self.is_ready

    @property
    def part(self) -> float | None:
        """How much of it is here, from 0 to 1; None when all is, and it is being prepared."""
        if self.upload is None:
            return 0.0
        preparing = self.upload.state is UploadState.PREPARING
        return None if preparing else min(1.0, self.upload.received / self.upload.size)


class Attaching:
    """The files of one session; `changed(where)` is called when something has become of one."""

    def __init__(
        self, files: Carrying, t: Language, changed: Callable[[Destination], None]
    ) -> None:
        self._files = files
        self._t = t
        self._changed = changed
        self._items = defaultdict[Destination, list[Item]](list)

    def of(self, where: Destination) -> Sequence[Item]:
        """Those that are to be part of what is written there."""
        return self._items.get(where, ())

    async def add(self, where: Destination, offered: Sequence[Offered]) -> str:
        """Take what somebody chose, as many as fit; a sentence if that is not all."""
        kept = self._items[where] = [each for each in self._items[where] if not each.refusal]
        fit = max(0, where.max_files - len(kept))
        new = [Item(each.number, each.name, each.size) for each in offered[:fit]]
        kept += new
        for each in offered[fit:]:
            self._files.forget(each.number)
        for item in new:
            await self._begin(where, item)
        self._changed(where)
        if len(offered) <= fit:
            return ""
        return self._t(
            "{limit} files fit in one message. Send the others in another one.",
            limit=where.max_files,
        )

    async def _begin(self, where: Destination, item: Item) -> None:
        try:
            if item.size < 0:
                raise ChatError("A folder cannot be sent. Choose the files that are in it.")
            upload = await where.begin_upload(item.name, item.size)
        except ChatError as refusal:
            item.refusal = self._t.error(refusal)
            self._files.forget(item.number)
            return
        if item not in self._items[where]:
            upload.cancel()
            return
        item.upload, item.name = upload, upload.name
        upload.on_change = partial(self._heard, where, item)
        self._files.send(item.number, upload.url)

    def lose(self, number: int) -> None:
        """The client cannot send this one."""
        for where, items in self._items.items():
            for item in items:
                if item.number == number and item.is_going:
                    self._fail(item)
                    self._changed(where)

    def reload(self) -> None:
        """The client begins anew: it does not know any more what it was to send next."""
        for where, items in self._items.items():
            for item in items:
                if item.upload is None or item.upload.state is UploadState.WAITING:
                    self._fail(item)
            self._changed(where)

    def _fail(self, item: Item) -> None:
        item.refusal = self._t("This file did not come. Choose it once more.")
        if item.upload is not None:
            item.upload.on_change = None
            item.upload.cancel()

    def drop(self, where: Destination, item: Item) -> None:
        """The person does not want it any more."""
        if item in self._items[where]:
            self._items[where].remove(item)
            self._files.forget(item.number)
            if item.upload is not None:
                item.upload.on_change = None
                item.upload.cancel()
            self._changed(where)

    def take(self, where: Destination) -> tuple[Item, ...]:
        """Those that are ready: they are being sent from now on."""
        ready = tuple(each for each in self.of(where) if each.is_ready)
        if ready:
            self._items[where] = [each for each in self._items[where] if not each.is_ready]
            self._changed(where)
        return ready

    def give_back(self, where: Destination, items: Sequence[Item]) -> None:
        """They were not sent after all."""
        if not items:
            return
        self._items[where][:0] = items
        for item in items:
            if item.upload is not None:
                self._heard(where, item, item.upload)
        self._changed(where)

    def _heard(self, where: Destination, item: Item, upload: Upload) -> None:
        if item not in self._items[where]:
            return
        if upload.state is UploadState.FAILED and upload.error is not None:
            item.refusal = self._t.error(upload.error)
        elif upload.state is UploadState.CANCELLED:
            # Nobody sent it for an hour.
            item.refusal = self._t("This file waited too long. Choose it once more.")
        self._changed(where)
