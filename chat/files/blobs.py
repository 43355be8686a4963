"""What lies in the storage and what the store knows of it: both, or neither."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from chat.files.storage import Incoming, Storage
from chat.files.thumbnails import Views
from chat.model.attachments import Content
from chat.store.contract import Store

# What is made of a picture lies beside it, under its key and these.
VIEWS = (".small", ".large")

NO_VIEWS = Views("", 0, 0, ())


class Contents:
    """The contents of one chat; `awaited` are the hashes of those that somebody is about to use."""

    def __init__(
        self, store: Store, storage: Storage, awaited: Callable[[], Iterable[str]]
    ) -> None:
        self._store = store
        self._storage = storage
        self._awaited = awaited
        # Held while a content comes into the storage or goes out of it.
        self._settling = asyncio.Lock()

    async def open(self) -> None:
        """Take away what the last process left."""
        await self.sweep()
        known = await self._store.known_files()
        for key in await self._storage.keys():
            if key.partition(".")[0] not in known:
                await self._storage.delete(key)

    async def begin(self, size: int) -> Incoming:
        """A content of so many bytes comes in. Raises StorageFull."""
        return await self._storage.begin(size)

    async def keep(self, incoming: Incoming, seen: Views, then: Callable[[Content], None]) -> None:
        """Keep a content with its views; `then` is called before it can be swept away.

        Raises StorageFull and NotStored, and nothing is left of it then.
        """
        async with self._settling:
            key = incoming.hash
            try:
                for ending, view in zip(VIEWS, seen.views, strict=False):
                    await self._storage.put(key + ending, view)
                await incoming.keep()
                content = Content(key, incoming.size, seen.kind, seen.width, seen.height)
                then(await self._store.keep_file(content))
            except BaseException:
                if await self._store.file(key) is None:
                    await self._delete(key)
                raise

    async def sweep(self) -> None:
        """Take away what nothing refers to and nobody is about to use."""
        for key in await self._store.unused_files():
            async with self._settling:
                if key not in set(self._awaited()) and await self._store.drop_file(key):
                    await self._delete(key)

    def read(self, key: str, first: int, length: int) -> AsyncIterator[bytes]:
        """A stretch of what is kept. Raises NoSuchFile at the first piece."""
        return self._storage.read(key, first, length)

    async def size(self, key: str) -> int:
        """Of what is kept, in bytes. Raises NoSuchFile."""
        return await self._storage.size(key)

    async def close(self) -> None:
        """Finish what was begun."""
        await self._storage.close()

    async def _delete(self, key: str) -> None:
        for each in (key, *(key + ending for ending in VIEWS)):
            await self._storage.delete(each)
