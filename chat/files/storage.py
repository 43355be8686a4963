"""Where the content of files lies: one small contract, and a local folder behind it.

A key is the SHA-256 of a content in hexadecimal, or that with an ending for what was made of it
(`<hash>.small`). An object store needs these methods and nothing else.
"""

import asyncio
import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

from chat.errors import NoSuchFile, StorageFull

Result = TypeVar("Result")

# So much is written or read by one step of a thread, in bytes.
PIECE = 256 * 1024

# Uploads leave so much of the disk for what is said, in bytes.
_RESERVE = 64 * 1024 * 1024

_THREADS = 4
_UNFINISHED = ".new-"


class Incoming(Protocol):
    """A content that is on its way in: in the end it is dropped, if it was not kept."""

    @property
    def hash(self) -> str:
        """Of what was written so far."""

    @property
    def size(self) -> int:
        """Of what was written so far, in bytes."""

    async def write(self, data: bytes) -> None:
        """Add a piece. Raises StorageFull."""

    def read(self) -> AsyncIterator[bytes]:
        """All that was written so far, in pieces."""

    async def keep(self) -> None:
        """Put it under its hash: after that it is there, also if the power goes, or not at all.

        Raises StorageFull.
        """

    async def drop(self) -> None:
        """Leave nothing of what was not kept."""


class Storage(Protocol):
    """Contents by their keys; everything that fails for want of room raises StorageFull."""

    async def begin(self, size: int) -> Incoming:
        """Room for so many bytes."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep a small content whole, or not at all; one of the same key is replaced."""

    def read(self, key: str, first: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """A stretch in pieces, by default all. Raises NoSuchFile at the first of them."""

    async def size(self, key: str) -> int:
        """In bytes. Raises NoSuchFile."""

    async def delete(self, key: str) -> None:
        """Take it away; what is not there is no error."""

    async def keys(self) -> list[str]:
        """All that is there. What was on its way when the chat ended is taken away before."""

    async def close(self) -> None:
        """Finish what was begun."""


class Folder:
    """A folder of this computer: the content `abcd…` is the file `ab/abcd…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat-files")

    async def begin(self, size: int) -> Incoming:
        return await _aside(self._threads, lambda: _Unfinished(self._folder, size, self._threads))

    async def put(self, key: str, data: bytes) -> None:
        def put() -> None:
            unfinished = _Unfinished(self._folder, len(data), self._threads)
            try:
                unfinished.add(data)
                unfinished.become(self._path(key))
            except BaseException:
                unfinished.remove()
                raise

        await _aside(self._threads, put)

    async def read(
        self, key: str, first: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        file = await _aside(self._threads, lambda: _opened(self._path(key), first))
        left = length
        try:
            while left is None or left > 0:
                size = PIECE if left is None else min(PIECE, left)
                piece = await _aside(self._threads, partial(file.read, size))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()

    async def size(self, key: str) -> int:
        def size() -> int:
            try:
                return self._path(key).stat().st_size
            except OSError:
                raise NoSuchFile from None

        return await _aside(self._threads, size)

    async def delete(self, key: str) -> None:
        await _aside(self._threads, lambda: self._path(key).unlink(missing_ok=True))

    async def keys(self) -> list[str]:
        def keys() -> list[str]:
            for left in self._folder.glob(f"{_UNFINISHED}*"):
                left.unlink(missing_ok=True)
            return [path.name for path in self._folder.glob("??/*") if path.is_file()]

        return await _aside(self._threads, keys)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


class _Unfinished:
    """A file beside those that are whole, under a name of no content."""

    def __init__(self, folder: Path, size: int, threads: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._threads = threads
        self._hash = hashlib.sha256()
        self.size = 0
        with _room():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < size + _RESERVE:
                raise StorageFull
            self._path = folder / f"{_UNFINISHED}{secrets.token_hex(16)}"
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
            self._file = os.fdopen(handle, "w+b", buffering=0)

    @property
    def hash(self) -> str:
        return self._hash.hexdigest()

    async def write(self, data: bytes) -> None:
        await _aside(self._threads, lambda: self.add(data))

    async def read(self) -> AsyncIterator[bytes]:
        await _aside(self._threads, lambda: self._file.seek(0))
        while piece := await _aside(self._threads, lambda: self._file.read(PIECE)):
            yield piece

    async def keep(self) -> None:
        path = self._folder / self.hash[:2] / self.hash
        await _aside(self._threads, lambda: self.become(path))

    async def drop(self) -> None:
        await _aside(self._threads, self.remove)

    def add(self, data: bytes) -> None:
        """As `write`, in a thread."""
        rest = memoryview(data)
        with _room():
            while rest:
                rest = rest[self._file.write(rest) :]
        self._hash.update(data)
        self.size += len(data)

    def become(self, path: Path) -> None:
        """From now on it is the whole content of `path`, also if the power goes."""
        with _room():
            os.fsync(self._file.fileno())
            self._file.close()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._path.replace(path)
            _sync(path.parent)

    def remove(self) -> None:
        """As `drop`, in a thread."""
        self._file.close()
        self._path.unlink(missing_ok=True)


async def _aside(threads: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(threads, work)


@contextlib.contextmanager
def _room() -> Iterator[None]:
    """Whatever a disk says, the person can only try again later or with less."""
    try:
        yield
    except OSError as failure:
        raise StorageFull from failure


def _opened(path: Path, first: int) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError:
        raise NoSuchFile from None
    file.seek(first)
    return file


def _sync(folder: Path) -> None:
    """The entry in a folder is on the disk, too, where a folder can be opened."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_BINARY = getattr(os, "O_BINARY", 0)
