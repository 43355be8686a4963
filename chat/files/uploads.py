"""Uploads: each is begun, received once, and then attached to one message.

`Room.begin_upload` → the client sends the bytes to `Upload.url`, where `web/http/uploads.py` calls
`receive` → the upload is READY → `Room.post(…, upload_ids=[upload.id])`. The upload of an avatar is
the same, from `Profiles.begin_avatar_upload` to `Profiles.set_avatar`, which keeps a part of it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from chat.activity.free_space import FreeSpace
from chat.errors import (
    BadUpload,
    ChatError,
    NoSuchUpload,
    NotAPicture,
    PictureNotShown,
    PictureTooLarge,
    PictureTooSlow,
    StorageFull,
    WrongSize,
)
from chat.files.blobs import NO_THUMBNAILS, BlobStore
from chat.files.crop import Crop, check_crop, middle_crop
from chat.files.limits import (
    NetworkQuota,
    UploadLimits,
    UploadRateLimit,
    check_chat_size,
    check_file_count,
    check_file_size,
    check_total_size,
)
from chat.files.storage import CHUNK_SIZE, BlobWriter, Storage
from chat.files.thumbnails import SIGNATURE_LENGTH, Thumbnailer, Thumbnails, may_be_picture
from chat.files.upload import RECEIVE_TIMEOUT, Upload, UploadState
from chat.model.attachments import Attachment, Blob, media_type_of, sanitize_file_name
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.store.contract import Store
from chat.tasks import Tasks

log = structlog.get_logger(__name__)

# The time that an upload may wait for its bytes, and again to be sent, in seconds.
UPLOAD_LIFETIME = 3600.0

# The same of a picture of the person, who chooses a part of it meanwhile. They have one at a time.
AVATAR_LIFETIME = 600.0

# The interval between two cleanups of expired uploads, in seconds.
_CLEANUP_INTERVAL = 60.0


class BlobSource(Protocol):
    """A part of the chat that refers to contents in memory."""

    @property
    def blob_hashes(self) -> Iterable[str]:
        """The hashes of these contents."""


class Uploads:
    """All uploads of one process, and their blobs."""

    def __init__(
        self, store: Store, storage: Storage, limits: UploadLimits, *, free_space: FreeSpace
    ) -> None:
        self.limits = limits
        self.free_space = free_space
        self.blobs = BlobStore(store, storage, in_use=self._blobs_in_use)
        self._store = store
        self.thumbnailer = Thumbnailer(limits.pixels)
        self._blob_sources: list[BlobSource] = []
        self._uploads: dict[str, Upload] = {}
        self._by_token: dict[str, Upload] = {}
        self._rate_limit = UploadRateLimit()
        self._network_quota = NetworkQuota()
        self._cleanup_requested = asyncio.Event()
        self._tasks = Tasks()

    async def open(self) -> None:
        """Delete what an earlier process left behind, and start the regular cleanup."""
        await self.blobs.open()
        self._tasks.start(self._cleanup_loop(), "clean up uploads")

    async def begin(
        self,
        person: Person,
        room_id: RoomId | None,
        name: str,
        size: int,
        *,
        network: str | None = None,
    ) -> Upload:
        """Begin an upload. The caller has checked that the person may post in the room.

        The bytes that come from a `network` are counted. Raises BadUpload.
        """
        check_file_size(size, self.limits)
        if self.free_space.is_low:
            raise StorageFull
        used_bytes = await self._store.attached_bytes(person.id)
        used_bytes += sum(each.size for each in self._of_person(person.id) if not each.is_over)
        check_total_size(used_bytes + size, self.limits)
        coming_bytes = sum(
            each.size for each in self._uploads.values() if each.blob is None and not each.is_over
        )
        check_chat_size(await self._store.blob_bytes() + coming_bytes + size, self.limits)
        if network is not None:
            self._network_quota.record_upload(network, size, self.limits)
        self._rate_limit.record_upload(person.id, self.limits)
        if room_id is None:
            for each in self._of_person(person.id):
                if each.room_id is None:
                    self.cancel(each)
        upload = Upload(person.id, room_id, sanitize_file_name(name), size)
        self._uploads[upload.id] = self._by_token[upload.token] = upload
        return upload

    async def stored_bytes(self) -> int:
        """The size in bytes of all files that are stored, without thumbnails."""
        return await self._store.blob_bytes()

    def find(self, token: str) -> Upload:
        """The waiting upload with this token. Raises NoSuchUpload."""
        upload = self._by_token.get(token)
        if (
            upload is None
            or upload.state is not UploadState.WAITING
            or upload.is_older_than(_lifetime(upload))
        ):
            raise NoSuchUpload
        return upload

    async def receive(
        self, upload: Upload, content_length: int | None, chunks: AsyncIterator[bytes]
    ) -> None:
        """Receive the bytes of a waiting upload; `content_length` is that of the request.

        After a failure nothing is left in the storage, and `upload.error` has the reason. Raises
        BadUpload and NotStored.
        """
        if upload.state is not UploadState.WAITING:
            raise NoSuchUpload
        upload.set_state(UploadState.RECEIVING)
        try:
            if content_length is not None and content_length != upload.size:
                raise WrongSize(is_larger=content_length > upload.size)
            await self._receive(upload, chunks)
        except BaseException as failure:
            # Any other failure means a lost connection, or the end of the server.
            if isinstance(failure, StorageFull):
                log.error("the disk is full", size=upload.size, exc_info=failure)
            error = failure if isinstance(failure, ChatError) else WrongSize(is_larger=False)
            if not upload.is_over:
                upload.set_state(UploadState.FAILED, error)
            raise

    def attach(
        self, person_id: PersonId, room_id: RoomId, upload_ids: Sequence[str], client_id: str
    ) -> tuple[Attachment, ...]:
        """Reserve READY uploads for the message with this client id; returns their attachments.

        A second attempt with the same client id gets the same ones. Raises BadUpload for an upload
        of another person or room, one that is not READY, and one of another message.
        """
        check_file_count(len(upload_ids), self.limits)
        found = dict[str, Attachment]()
        for each in upload_ids:
            upload = self._own_upload(each, person_id, room_id)
            if upload.attachment is None or upload.message_client_id not in {"", client_id}:
                raise NoSuchUpload
            found[each] = upload.attachment
        for each in found:
            self._uploads[each].message_client_id = client_id
        return tuple(found.values())

    def detach(self, upload_ids: Sequence[str]) -> None:
        """Release uploads whose message was not stored: they can be sent again."""
        for each in upload_ids:
            if (
                upload := self._uploads.get(each)
            ) is not None and upload.state is UploadState.READY:
                upload.message_client_id = ""

    def mark_sent(self, upload_ids: Sequence[str]) -> None:
        """Mark uploads as sent: their message or avatar is stored."""
        for each in upload_ids:
            if (
                upload := self._uploads.get(each)
            ) is not None and upload.state is UploadState.READY:
                upload.set_state(UploadState.SENT)

    def pending_attachment(self, person_id: PersonId, attachment_id: str) -> Attachment | None:
        """A file that a person has uploaded and not sent yet, or None."""
        ready = (
            each.attachment
            for each in self._of_person(person_id)
            if each.state is UploadState.READY
        )
        return next((each for each in ready if each and each.id == attachment_id), None)

    def crop_source(self, person_id: PersonId, attachment_id: str) -> Blob | None:
        """The picture from which a person chooses their avatar, or None."""
        for each in self._of_person(person_id):
            is_found = each.attachment is not None and each.attachment.id == attachment_id
            if is_found and each.room_id is None and each.state is UploadState.READY:
                return each.blob
        return None

    async def crop_avatar(self, person_id: PersonId, upload_id: str, crop: Crop | None) -> Blob:
        """Make an avatar of a part of an uploaded picture; None is its middle.

        Raises NoSuchUpload, BadCrop and NotStored.
        """
        upload = self._own_upload(upload_id, person_id, None)
        source = upload.blob
        if source is None or upload.state is not UploadState.READY:
            raise NoSuchUpload
        crop = crop or middle_crop(source.width, source.height)
        check_crop(crop, source.width, source.height)
        chunks = self.blobs.read(source.hash, 0, source.size)
        thumbnails = await self.thumbnailer.avatar(person_id, chunks, crop)
        await self._save_picture(thumbnails, upload.set_avatar_blob)
        if upload.avatar_blob is None or upload.is_over:
            # It was cancelled meanwhile.
            self.request_cleanup()
            raise NoSuchUpload
        return upload.avatar_blob

    def cancel(self, upload: Upload) -> None:
        """Cancel an upload, and delete soon what is left of it."""
        upload.cancel()
        self.request_cleanup()

    def cancel_all(self, person_id: PersonId) -> None:
        """Cancel all uploads of a person who signs out."""
        for upload in self._of_person(person_id):
            upload.cancel()
        self.request_cleanup()

    def keep_blobs_of(self, source: BlobSource) -> None:
        """Keep the contents that another part of the chat refers to, besides the store."""
        self._blob_sources.append(source)

    def request_cleanup(self) -> None:
        """Run the cleanup soon, since a content may have become unused."""
        self._cleanup_requested.set()

    async def close(self) -> None:
        """Cancel running uploads, and close the storage."""
        for upload in self._uploads.values():
            if not upload.is_over:
                upload.cancel()
        self.thumbnailer.close()
        await self._tasks.stop()
        await self.blobs.close()

    async def _receive(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        writer = await self.blobs.begin_write(upload.size)
        try:
            head = await _write_chunks(upload, writer, chunks)
            upload.set_state(UploadState.PREPARING)
            if upload.room_id is None:
                await self._save_crop_source(upload, writer)
            else:
                await self._save(upload, writer, may_be_picture(head))
        finally:
            await asyncio.shield(writer.discard())
        if upload.is_over or upload.blob is None:
            # It was cancelled meanwhile.
            self.request_cleanup()
            raise NoSuchUpload
        new_id = secrets.token_urlsafe(16)
        media_type = media_type_of(upload.name)
        upload.attachment = Attachment(new_id, upload.name, media_type, upload.blob)
        upload.set_state(UploadState.READY)

    async def _save(self, upload: Upload, writer: BlobWriter, is_picture: bool) -> None:
        thumbnails = NO_THUMBNAILS
        if is_picture:
            try:
                thumbnails = await self.thumbnailer.thumbnails(upload.person_id, writer.read())
            except NotAPicture:
                upload.warning = PictureNotShown()
            except (PictureTooLarge, PictureTooSlow) as error:
                upload.warning = error
        elif media_type_of(upload.name).startswith("image/"):
            upload.warning = PictureNotShown()
        await self.blobs.save(writer, thumbnails, upload.set_blob)

    async def _save_crop_source(self, upload: Upload, writer: BlobWriter) -> None:
        """Save the reduced picture only, not the original file."""
        thumbnails = await self.thumbnailer.crop_source(upload.person_id, writer.read())
        await self._save_picture(thumbnails, upload.set_blob)

    async def _save_picture(self, thumbnails: Thumbnails, on_saved: Callable[[Blob], None]) -> None:
        """Save the only image of a picture of a person, as a content of its own."""
        (image,) = thumbnails.images
        writer = await self.blobs.begin_write(len(image))
        try:
            await writer.write(image)
            await self.blobs.save(writer, replace(thumbnails, images=()), on_saved)
        finally:
            await asyncio.shield(writer.discard())

    async def _cleanup_loop(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_CLEANUP_INTERVAL):
                    await self._cleanup_requested.wait()
            except TimeoutError:
                pass
            self._cleanup_requested.clear()
            for upload in [
                each for each in self._uploads.values() if each.is_older_than(_lifetime(each))
            ]:
                upload.cancel()
                del self._uploads[upload.id], self._by_token[upload.token]
            try:
                await self.blobs.collect_garbage()
            except Exception:
                log.exception("could not delete unused files")

    def _blobs_in_use(self) -> Iterator[str]:
        """The hashes of uploads that may still be sent, and of files that may be restored."""
        for source in self._blob_sources:
            yield from source.blob_hashes
        for each in self._uploads.values():
            if not each.is_over:
                yield from (blob.hash for blob in (each.blob, each.avatar_blob) if blob)

    def _of_person(self, person_id: PersonId) -> list[Upload]:
        return [each for each in self._uploads.values() if each.person_id == person_id]

    def _own_upload(self, upload_id: str, person_id: PersonId, room_id: RoomId | None) -> Upload:
        found = self._uploads.get(upload_id)
        if found is None or (found.person_id, found.room_id) != (person_id, room_id):
            raise NoSuchUpload
        return found


def _lifetime(upload: Upload) -> float:
    return AVATAR_LIFETIME if upload.room_id is None else UPLOAD_LIFETIME


async def _write_chunks(upload: Upload, writer: BlobWriter, chunks: AsyncIterator[bytes]) -> bytes:
    """Write all chunks, and return the first bytes of the content. Raises BadUpload."""
    head, buffer = b"", bytearray()
    try:
        async with asyncio.timeout(RECEIVE_TIMEOUT) as timeout:
            upload.set_timeout(timeout)
            async for chunk in chunks:
                if upload.received + len(chunk) > upload.size:
                    raise WrongSize(is_larger=True)
                upload.add_received(len(chunk))
                buffer += chunk
                head = head or bytes(buffer[:SIGNATURE_LENGTH])
                if len(buffer) >= CHUNK_SIZE:
                    await writer.write(bytes(buffer))
                    buffer.clear()
            await writer.write(bytes(buffer))
    except TimeoutError:
        if upload.is_over:
            raise NoSuchUpload from None
        raise BadUpload(
            "This file arrived too slowly. Send it again over a better connection."
        ) from None
    finally:
        upload.set_timeout(None)
    if upload.received != upload.size:
        raise WrongSize(is_larger=False)
    return head
