"""What was sent is fetched: a file, a view of a picture, the picture of a person."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chat.errors import ChatError, NoSuchFile
from chat.files.signed_urls import SignedUrls
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
    media_type: str = ""


class Downloads:
    """All that lies in the storage, for those who may read it.

    Whoever may not read the room of a message is told NoSuchFile, as of what is not there. What is
    not sent yet, only its sender sees.
    """

    def __init__(self, store: Store, uploads: Uploads, rooms: RoomDirectory) -> None:
        self._store = store
        self._uploads = uploads
        self._blobs = uploads.blobs
        self._rooms = rooms
        self._signed_urls = SignedUrls()

    async def file(self, person: Person, attachment_id: str) -> Download:
        """A file as it came. Raises NoSuchFile."""
        found = await self._attachment(person, attachment_id)
        return Download(found.blob.hash, found.size, found.name)

    async def thumbnail(self, person: Person, attachment_id: str, variant: str) -> Download:
        """The `small` or the `large` view of a picture. Raises NoSuchFile."""
        found = await self._attachment(person, attachment_id)
        if not found.is_picture or variant not in {"small", "large"}:
            raise NoSuchFile
        key = f"{found.blob.hash}.{variant}"
        return Download(key, await self._blobs.size(key), found.name, found.blob.thumbnail_type)

    async def avatar(self, blob_hash: str) -> Download:
        """The picture of a person. Raises NoSuchFile."""
        found = await self._store.avatar_blob(blob_hash)
        if found is None:
            raise NoSuchFile
        return Download(found.hash, found.size, "avatar", found.thumbnail_type)

    def read(self, download: Download, offset: int, length: int) -> AsyncIterator[bytes]:
        """A stretch of it. Raises NoSuchFile at the first piece."""
        return self._blobs.read(download.key, offset, length)

    def sign(self, person: Person, url: str, seconds: int | None = None) -> str:
        """An `address` of a download that a client without cookies may fetch.

        It is good for so many seconds; by default for a day, as for what is drawn.
        """
        return self._signed_urls.sign(person.id, url, seconds)

    async def verify(self, url: str, signature: str) -> Person | None:
        """Whose pass this is; None if it is not good for this address any more."""
        person_id = self._signed_urls.verify(url, signature)
        all_people = await self._rooms.all_people()
        return next((each for each in all_people if each.id == person_id), None)

    async def _attachment(self, person: Person, attachment_id: str) -> Attachment:
        if (pending := self._uploads.pending_attachment(person.id, attachment_id)) is not None:
            return pending
        found = await self._store.attachment(attachment_id)
        if found is None:
            raise NoSuchFile
        try:
            await self._rooms.by_id(person, found[0])
        except ChatError:
            raise NoSuchFile from None
        return found[1]
