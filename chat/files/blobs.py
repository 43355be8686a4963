"""What lies in the storage and what the store knows of it: both, or neither."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from chat.files.storage import BlobWriter, Storage
from chat.files.thumbnails import Thumbnails
from chat.model.attachments import Blob
from chat.store.contract import Store

# What is made of a picture lies beside it, under its key and these.
THUMBNAIL_SUFFIXES = (".small", ".large")

NO_THUMBNAILS = Thumbnails("", 0, 0, ())


class BlobStore:
    """The contents of one chat; `awaited` are the hashes of those that somebody is about to use."""

    def __init__(self, store: Store, storage: Storage, in_use: Callable[[], Iterable[str]]) -> None:
        self._store = store
        self._storage = storage
        self._in_use = in_use
        # Held while a content comes into the storage or goes out of it.
        self._lock = asyncio.Lock()

    async def open(self) -> None:
        """Take away what the last process left."""
        await self.collect_garbage()
        known_hashes = await self._store.blob_hashes()
        for key in await self._storage.keys():
            if key.partition(".")[0] not in known_hashes:
                await self._storage.delete(key)

    async def begin_write(self, size: int) -> BlobWriter:
        """A content of so many bytes comes in. Raises StorageFull."""
        return await self._storage.begin_write(size)

    async def save(
        self, writer: BlobWriter, thumbnails: Thumbnails, on_saved: Callable[[Blob], None]
    ) -> None:
        """Keep a content with its views; `then` is called before it can be swept away.

        Raises StorageFull and NotStored, and nothing is left of it then.
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
        """Take away what nothing refers to and nobody is about to use."""
        for key in await self._store.unused_blob_hashes():
            async with self._lock:
                if key not in set(self._in_use()) and await self._store.delete_blob(key):
                    await self._delete(key)

    def read(self, key: str, offset: int, length: int) -> AsyncIterator[bytes]:
        """A stretch of what is kept. Raises NoSuchFile at the first piece."""
        return self._storage.read(key, offset, length)

    async def size(self, key: str) -> int:
        """Of what is kept, in bytes. Raises NoSuchFile."""
        return await self._storage.size(key)

    async def close(self) -> None:
        """Finish what was begun."""
        await self._storage.close()

    async def _delete(self, key: str) -> None:
        for stored_key in (key, *(key + suffix for suffix in THUMBNAIL_SUFFIXES)):
            await self._storage.delete(stored_key)
