"""Storage of file contents: a small protocol, and a local folder that implements it.

A key is the SHA-256 of a content in hexadecimal, or that with a suffix for a thumbnail
(`<hash>.small`). An object store would implement the same methods.
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

from chat.errors import DataNotUsable, NoSuchFile, StorageFull

Result = TypeVar("Result")

# The bytes that a thread reads or writes in one step.
CHUNK_SIZE = 256 * 1024

_THREADS = 4
_TEMPORARY_PREFIX = ".new-"


class BlobWriter(Protocol):
    """Writes the bytes of one file. In the end they must be committed or discarded."""

    @property
    def hash(self) -> str:
        """The SHA-256 of the bytes so far, in hexadecimal."""

    @property
    def size(self) -> int:
        """The number of bytes so far."""

    async def write(self, data: bytes) -> None:
        """Append a chunk. Raises StorageFull."""

    def read(self) -> AsyncIterator[bytes]:
        """The bytes so far, in chunks."""

    async def commit(self) -> None:
        """Store the content under its hash, atomically and durably, even if the power fails.

        Raises StorageFull.
        """

    async def discard(self) -> None:
        """Delete the content unless it was committed."""


class Storage(Protocol):
    """Contents by key. Every write raises StorageFull if the disk is full."""

    async def begin_write(self, size: int) -> BlobWriter:
        """Begin to write a content of `size` bytes."""

    async def put(self, key: str, data: bytes) -> None:
        """Store a small content atomically; one with the same key is replaced."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """A range in chunks, by default all. Raises NoSuchFile at the first chunk."""

    async def size(self, key: str) -> int:
        """The size of a content in bytes. Raises NoSuchFile."""

    async def delete(self, key: str) -> None:
        """Delete a content; a missing one is no error."""

    async def keys(self) -> list[str]:
        """All keys. Unfinished contents of an earlier process are deleted first."""

    async def close(self) -> None:
        """Wait for running operations."""


class FolderStorage:
    """A local folder: the content `abcd…` is the file `ab/abcd…`."""

    @classmethod
    async def open(cls, folder: Path, free_bytes: int = 0) -> "FolderStorage":
        """The storage in `folder`, which is created if it does not exist.

        So many bytes of the disk stay free. Raises DataNotUsable.
        """
        await asyncio.to_thread(_require_writable, folder)
        return cls(folder, free_bytes)

    def __init__(self, folder: Path, free_bytes: int = 0) -> None:
        self._folder = folder
        self._free_bytes = free_bytes
        self._executor = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat-files")

    async def begin_write(self, size: int) -> BlobWriter:
        return await _run_in_pool(self._executor, lambda: self._open_writer(size))

    async def put(self, key: str, data: bytes) -> None:
        def put() -> None:
            writer = self._open_writer(len(data))
            try:
                writer.write_blocking(data)
                writer.commit_blocking(self._path(key))
            except BaseException:
                writer.discard_blocking()
                raise

        await _run_in_pool(self._executor, put)

    async def read(
        self, key: str, offset: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        file = await _run_in_pool(self._executor, lambda: _open_at(self._path(key), offset))
        remaining = length
        try:
            while remaining is None or remaining > 0:
                size = CHUNK_SIZE if remaining is None else min(CHUNK_SIZE, remaining)
                chunk = await _run_in_pool(self._executor, partial(file.read, size))
                if not chunk:
                    return
                remaining = None if remaining is None else remaining - len(chunk)
                yield chunk
        finally:
            file.close()

    async def size(self, key: str) -> int:
        def size() -> int:
            try:
                return self._path(key).stat().st_size
            except OSError:
                raise NoSuchFile from None

        return await _run_in_pool(self._executor, size)

    async def delete(self, key: str) -> None:
        await _run_in_pool(self._executor, lambda: self._path(key).unlink(missing_ok=True))

    async def keys(self) -> list[str]:
        def keys() -> list[str]:
            for leftover in self._folder.glob(f"{_TEMPORARY_PREFIX}*"):
                leftover.unlink(missing_ok=True)
            return [path.name for path in self._folder.glob("??/*") if path.is_file()]

        return await _run_in_pool(self._executor, keys)

    async def close(self) -> None:
        await asyncio.to_thread(self._executor.shutdown)

    def _open_writer(self, size: int) -> "_FileWriter":
        """A new file, if the disk has room for it. Raises StorageFull."""
        with _storage_full_on_error():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < size + self._free_bytes:
                raise StorageFull
        return _FileWriter(self._folder, self._executor)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


class _FileWriter:
    """Writes a temporary file beside the complete ones."""

    def __init__(self, folder: Path, executor: ThreadPoolExecutor) -> None:
        self._folder = folder
        self._executor = executor
        self._hash = hashlib.sha256()
        self.size = 0
        with _storage_full_on_error():
            self._path = folder / f"{_TEMPORARY_PREFIX}{secrets.token_hex(16)}"
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _O_BINARY, 0o600)
            self._file = os.fdopen(handle, "w+b", buffering=0)

    @property
    def hash(self) -> str:
        return self._hash.hexdigest()

    async def write(self, data: bytes) -> None:
        await _run_in_pool(self._executor, lambda: self.write_blocking(data))

    async def read(self) -> AsyncIterator[bytes]:
        await _run_in_pool(self._executor, lambda: self._file.seek(0))
        while chunk := await _run_in_pool(self._executor, lambda: self._file.read(CHUNK_SIZE)):
            yield chunk

    async def commit(self) -> None:
        path = self._folder / self.hash[:2] / self.hash
        await _run_in_pool(self._executor, lambda: self.commit_blocking(path))

    async def discard(self) -> None:
        await _run_in_pool(self._executor, self.discard_blocking)

    def write_blocking(self, data: bytes) -> None:
        """As `write`, in a thread."""
        remaining = memoryview(data)
        with _storage_full_on_error():
            while remaining:
                remaining = remaining[self._file.write(remaining) :]
        self._hash.update(data)
        self.size += len(data)

    def commit_blocking(self, path: Path) -> None:
        """As `commit`, in a thread: rename the file to `path`, durably."""
        with _storage_full_on_error():
            os.fsync(self._file.fileno())
            self._file.close()
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._path.replace(path)
            _fsync_folder(path.parent)

    def discard_blocking(self) -> None:
        """As `discard`, in a thread."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _require_writable(folder: Path) -> None:
    """Write a file, and delete it. Raises DataNotUsable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f"{_TEMPORARY_PREFIX}{secrets.token_hex(16)}"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as failure:
        raise DataNotUsable(
            f"No file can be stored in {folder} ({failure.strerror}). Make it a folder that this "
            "user can write to, or choose another data folder with --data."
        ) from failure


async def _run_in_pool(executor: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    return await asyncio.get_running_loop().run_in_executor(executor, work)


@contextlib.contextmanager
def _storage_full_on_error() -> Iterator[None]:
    """Turn any error of the disk into StorageFull: the person can only try again later, or with a
    smaller file."""
    try:
        yield
    except OSError as failure:
        raise StorageFull from failure


def _open_at(path: Path, offset: int) -> BinaryIO:
    try:
        file = path.open("rb")
    except OSError:
        raise NoSuchFile from None
    file.seek(offset)
    return file


def _fsync_folder(folder: Path) -> None:
    """Make the entries of a folder durable, where the system can open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


_O_BINARY = getattr(os, "O_BINARY", 0)
