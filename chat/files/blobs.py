"""Blobs: contents in the storage and their records in the store, kept consistent."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from chat.files.storage import BlobWriter, Storage
from chat.files.thumbnails import Thumbnails
from chat.model.attachments import Blob
from chat.store.contract import Store

# The thumbnails of a picture have its key with these suffixes.
THUMBNAIL_SUFFIXES = (".small", ".large")

NO_THUMBNAILS = Thumbnails("", 0, 0, ())


class BlobStore:
    """The contents of one chat. `in_use` gives the hashes that pending uploads refer to."""

    def __init__(
        self,
        store: Store,
        storage: Storage,
        *,
        in_use: Callable[[], Iterable[str]],
    ) -> None:
        self._store = store
        self._storage = storage
        self._in_use = in_use
        # Held while a content is added or removed.
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Delete what an earlier process left behind."""
        await self.collect_garbage()
        known_hashes = await self._store.blob_hashes()
        for key in await self._storage.keys():
            if key.partition(".")[0] not in known_hashes:
                await self._storage.delete(key)

    async def begin_write(self, size: int) -> BlobWriter:
        """Begin to write a content of `size` bytes. Raises StorageFull."""
        return await self._storage.begin_write(size)

    async def save(
        self, writer: BlobWriter, thumbnails: Thumbnails, on_saved: Callable[[Blob], None]
    ) -> None:
        """Save a content with its thumbnails.

        `on_saved` is called before the content can be collected as garbage.

        Raises StorageFull and NotStored; nothing is left of the content then.
        """
        async with self._lock:
            key = writer.hash
            try:
                for suffix, image in zip(THUMBNAIL_SUFFIXES, thumbnails.images, strict=False):
                    await self._storage.put(key + suffix, image)
                await writer.commit()
                blob = Blob(
                    key, writer.size, thumbnails.media_type, thumbnails.width, thumbnails.height
                )
                on_saved(await self._store.add_blob(blob))
            except BaseException:
                if await self._store.blob(key) is None:
                    await self._delete(key)
                raise

    async def collect_garbage(self) -> None:
        """Delete contents that nothing refers to."""
        for key in await self._store.unused_blob_hashes():
            async with self._lock:
                if key not in set(self._in_use()) and await self._store.delete_blob(key):
                    await self._delete(key)

    def read(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """A range of a content in chunks. Raises NoSuchFile at the first chunk."""
        return self._storage.read(key, offset, length)

    async def size(self, key: str) -> int:
        """The size of a content in bytes. Raises NoSuchFile."""
        return await self._storage.size(key)

    async def close(self) -> None:
        """Wait for running operations."""
        await self._storage.close()

    async def _delete(self, key: str) -> None:
        for stored_key in (key, *(key + suffix for suffix in THUMBNAIL_SUFFIXES)):
            await self._storage.delete(stored_key)
