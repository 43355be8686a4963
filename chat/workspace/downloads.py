"""What was sent is fetched: a file, a view of a picture, the picture of a person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chat.errors import ChatError, NoSuchFile
from chat.files.signed_urls import Passes
from chat.files.uploads import Uploads
from chat.model.attachments import Attachment
from chat.model.people import Person
from chat.rooms.directory import RoomDirectory
from chat.store.contract import Store


@dataclass(frozen=True, slots=True)
class Download:
    """What somebody may fetch: `key` is where it lies, and `size` is in bytes.

    `kind` is the media type of a picture that was made here, empty of what a person sent: that is
    only ever saved, under its `name`.
    """

    key: str
    size: int
    name: str
    kind: str = ""


class Downloads:
    """All that lies in the storage, for those who may read it.

    Whoever may not read the room of a message is told NoSuchFile, as of what is not there. What is
    not sent yet, only its sender sees.
    """

    def __init__(self, store: Store, uploads: Uploads, rooms: RoomDirectory) -> None:
        self._store = store
        self._uploads = uploads
        self._contents = uploads.contents
        self._rooms = rooms
        self._passes = Passes()

    async def file(self, person: Person, attachment: str) -> Download:
        """A file as it came. Raises NoSuchFile."""
        found = await self._attached(person, attachment)
        return Download(found.content.hash, found.size, found.name)

    async def view(self, person: Person, attachment: str, which: str) -> Download:
        """The `small` or the `large` view of a picture. Raises NoSuchFile."""
        found = await self._attached(person, attachment)
        if not found.is_picture or which not in {"small", "large"}:
            raise NoSuchFile
        key = f"{found.content.hash}.{which}"
        return Download(key, await self._contents.size(key), found.name, found.content.kind)

    async def avatar(self, content: str) -> Download:
        """The picture of a person. Raises NoSuchFile."""
        found = await self._store.avatar(content)
        if found is None:
            raise NoSuchFile
        return Download(found.hash, found.size, "avatar", found.kind)

    def read(self, download: Download, first: int, length: int) -> AsyncIterator[bytes]:
        """A stretch of it. Raises NoSuchFile at the first piece."""
        return self._contents.read(download.key, first, length)

    def pass_for(self, person: Person, address: str, seconds: int | None = None) -> str:
        """An `address` of a download that a client without cookies may fetch.

        It is good for so many seconds; by default for a day, as for what is drawn.
        """
        return self._passes.address(person.id, address, seconds)

    async def bearer(self, address: str, given: str) -> Person | None:
        """Whose pass this is; None if it is not good for this address any more."""
        person = self._passes.bearer(address, given)
        everybody = await self._rooms.all_people()
        return next((each for each in everybody if each.id == person), None)

    async def _attached(self, person: Person, attachment: str) -> Attachment:
        if (unsent := self._uploads.unsent(person.id, attachment)) is not None:
            return unsent
        found = await self._store.attached(attachment)
        if found is None:
            raise NoSuchFile
        try:
            await self._rooms.by_id(person, found[0])
        except ChatError:
            raise NoSuchFile from None
        return found[1]
