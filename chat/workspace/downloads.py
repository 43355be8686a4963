"""Downloads: files, thumbnails, and pictures of people."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chat.errors import ChatError, NoSuchFile
from chat.files.signed_urls import SignedUrls
from chat.files.uploads import Uploads
from chat.model.attachments import Attachment
from chat.model.people import Person
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store


@dataclass(frozen=True, slots=True)
class Download:
    """A content that a person may fetch: its key in the storage, and its size in bytes.

    `media_type` is set only for a picture that this program made. A file that a person sent has
    none: browsers only save it, under its `name`.
    """

    key: str
    size: int
    name: str
    media_type: str = ""


class Downloads:
    """Finds contents of the storage for the people who may read them.

    A person who may not read the room of a message gets NoSuchFile, as if the file did not exist.
    A file that is not sent yet is visible to its sender only.
    """

    def __init__(self, store: Store, uploads: Uploads, rooms: RoomDirectory) -> None:
        self._store = store
        self._uploads = uploads
        self._blobs = uploads.blobs
        self._rooms = rooms
        self._signed_urls = SignedUrls()

    async def file(self, person: Person, attachment_id: str) -> Download:
        """An original file. Raises NoSuchFile."""
        found = await self._attachment(person, attachment_id)
        return Download(found.blob.hash, found.size, found.name)

    async def file_of_message(self, person: Person, attachment_id: str) -> tuple[Room, Download]:
        """An original file that was sent, and the room of its message. Raises NoSuchFile."""
        room, found = await self._sent_attachment(person, attachment_id)
        return room, Download(found.blob.hash, found.size, found.name)

    async def thumbnail(self, person: Person, attachment_id: str, variant: str) -> Download:
        """The `small` or the `large` thumbnail of a picture. Raises NoSuchFile."""
        found = await self._attachment(person, attachment_id)
        if not found.is_picture or variant not in {"small", "large"}:
            raise NoSuchFile
        key = f"{found.blob.hash}.{variant}"
        return Download(key, await self._blobs.size(key), found.name, found.blob.thumbnail_type)

    async def crop_source(self, person: Person, attachment_id: str) -> Download:
        """The picture from which a person is choosing their avatar. Raises NoSuchFile."""
        found = self._uploads.crop_source(person.id, attachment_id)
        if found is None:
            raise NoSuchFile
        return Download(found.hash, found.size, "avatar", found.thumbnail_type)

    async def avatar(self, blob_hash: str) -> Download:
        """The picture of a person. Raises NoSuchFile."""
        found = await self._store.avatar_blob(blob_hash)
        if found is None:
            raise NoSuchFile
        return Download(found.hash, found.size, "avatar", found.thumbnail_type)

    def read(self, download: Download, offset: int, length: int) -> AsyncIterator[bytes]:
        """A range of a content in chunks. Raises NoSuchFile at the first chunk."""
        return self._blobs.read(download.key, offset, length)

    def sign(self, person: Person, url: str, seconds: int | None = None) -> str:
        """Sign the URL of a download, for a client without cookies.

        The signature is valid for `seconds`, by default for one to two days, as for pictures.
        """
        return self._signed_urls.sign(person.id, url, seconds)

    async def verify(self, url: str, signature: str) -> Person | None:
        """The person of a signature, or None if it is not valid for this URL."""
        person_id = self._signed_urls.verify(url, signature)
        all_people = await self._rooms.all_people()
        return next((each for each in all_people if each.id == person_id), None)

    async def _attachment(self, person: Person, attachment_id: str) -> Attachment:
        if (pending := self._uploads.pending_attachment(person.id, attachment_id)) is not None:
            return pending
        return (await self._sent_attachment(person, attachment_id))[1]

    async def _sent_attachment(self, person: Person, attachment_id: str) -> tuple[Room, Attachment]:
        found = await self._store.attachment(attachment_id)
        if found is None:
            raise NoSuchFile
        try:
            room = await self._rooms.by_id(person, found[0])
            await room.require_visible(person, found[1])
        except ChatError:
            raise NoSuchFile from None
        return room, found[2]
