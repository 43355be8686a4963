"""Thumbnails: each picture is decoded by a process of its own (`files/thumbnail_worker.py`).

A picture is the most complicated input that a client can send. A malicious one can harm only the
process that decodes it, which has limits on memory and time, and none of our open files. On Linux
it can open no files, sockets and processes (`files/sandbox.py`).
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import structlog

from chat.errors import NotAPicture, PictureTooLarge, PictureTooSlow
from chat.files.crop import Crop
from chat.model.people import PersonId
from chat.tasks import OnePlaceEach, run_in_daemon_thread

log = structlog.get_logger(__name__)

# The longer sides of the thumbnails of a picture, and the side of an avatar, in pixels.
SMALL_SIDE, LARGE_SIDE, AVATAR_SIDE = 480, 2048, 256

# The longer side of the picture from which a person chooses their avatar, in pixels.
CROP_SOURCE_SIDE = 1024

# Seconds for one picture: of processor time, where the system has such a limit, and until its
# process is stopped. 24 megapixels take one or two on an idle computer. A picture that takes longer
# is a file like any other.
MAX_PROCESSOR_SECONDS = 5
_TIMEOUT = 15.0

# Processes at once. Most computers have a core left for the chat. A person has one at a time.
_MAX_PROCESSES = 2

# In bytes. A larger picture is sent as a file without thumbnails.
MAX_PICTURE_BYTES = 64 * 1024 * 1024

# On Windows a new process may open a console window.
_CREATE_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)

# How a process ends whose processor time is over; Windows has no such limit.
_PROCESSOR_LIMIT_CODES = {-getattr(signal, name, 0) for name in ("SIGXCPU", "SIGKILL")} - {0}

_WORKER = Path(__file__).with_name("thumbnail_worker.py")

# The signatures of the supported formats; other contents start no process.
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF")
SIGNATURE_LENGTH = 12


# The name of a job and its numbers in pixels: the arguments of the worker.
Job: TypeAlias = tuple[str, *tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """The thumbnails of a picture, and its original width and height in pixels, upright.

    An avatar, and the picture that it is chosen from, have one thumbnail, and its size; other
    pictures have a small and a large one. All are of type `media_type`.
    """

    media_type: str
    width: int
    height: int
    images: tuple[bytes, ...]


def may_be_picture(head: bytes) -> bool:
    """Whether a content with these first 12 bytes may be a picture."""
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith(_SIGNATURES)


class Thumbnailer:
    """Makes thumbnails; a picture with too many pixels is refused."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._slots = asyncio.Semaphore(_MAX_PROCESSES)
        self._places = OnePlaceEach()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False
        self._restrictions: list[str] | None = None

    @property
    def worker_pids(self) -> frozenset[int]:
        """The ids of the running processes."""
        return frozenset(process.pid for process in tuple(self._running))

    async def thumbnails(self, person_id: PersonId, chunks: AsyncIterator[bytes]) -> Thumbnails:
        """The thumbnails of a person's picture.

        Raises NotAPicture, PictureTooLarge and PictureTooSlow.
        """
        job: Job = ("thumbnails", SMALL_SIDE, LARGE_SIDE)
        async with self._places.of(person_id), self._slots:
            return await self._run_job(job, chunks)

    async def crop_source(self, person_id: PersonId, chunks: AsyncIterator[bytes]) -> Thumbnails:
        """A person's picture, reduced, from which they choose a part. Raises as `thumbnails`."""
        async with self._places.of(person_id), self._slots:
            return await self._run_job(("source", CROP_SOURCE_SIDE), chunks)

    async def avatar(
        self, person_id: PersonId, chunks: AsyncIterator[bytes], crop: Crop
    ) -> Thumbnails:
        """A part of a person's picture, which is within it. Raises as `thumbnails`."""
        job: Job = ("avatar", AVATAR_SIDE, crop.left, crop.top, crop.side)
        async with self._places.of(person_id), self._slots:
            return await self._run_job(job, chunks)

    def close(self) -> None:
        """Stop running processes."""
        self._closed = True
        for process in tuple(self._running):
            process.kill()

    async def _run_job(self, job: Job, chunks: AsyncIterator[bytes]) -> Thumbnails:
        data = bytearray()
        async for chunk in chunks:
            data += chunk
            if len(data) > MAX_PICTURE_BYTES:
                raise NotAPicture
        try:
            # In a thread, since starting a process would block the loop for too long.
            return await run_in_daemon_thread(lambda: self._run_process(job, bytes(data)))
        except (OSError, ValueError, subprocess.SubprocessError) as failure:
            log.info("a picture could not be opened", reason=type(failure).__name__)
            raise NotAPicture from failure

    def _run_process(self, job: Job, data: bytes) -> Thumbnails:
        name, *numbers = job
        limits = (str(self._max_pixels), str(MAX_PROCESSOR_SECONDS))
        arguments = (name, *limits, *map(str, numbers))
        command = (sys.executable, "-P", str(_WORKER), *arguments)
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_CREATE_NO_WINDOW,
        ) as process:
            self._running.add(process)
            try:
                if self._closed:
                    raise OSError("the chat ends")
                output, _ = process.communicate(data, _TIMEOUT)
                if process.returncode in _PROCESSOR_LIMIT_CODES:
                    raise PictureTooSlow
            except subprocess.TimeoutExpired:
                raise PictureTooSlow from None
            finally:
                process.kill()
                self._running.discard(process)
        header, _, images = output.partition(b"\n")
        return self._parse_result(json.loads(header), images)

    def _parse_result(self, header: dict[str, Any], images: bytes) -> Thumbnails:
        if self._restrictions is None:
            self._restrictions = header.get("restrictions", [])
            log.info("what opens pictures is restricted", by=self._restrictions)
        if (reason := header.get("refusal")) is not None:
            log.info("a picture could not be opened", reason=reason)
            raise PictureTooLarge(self._max_pixels) if reason == "too large" else NotAPicture()
        offsets = list(accumulate(header["sizes"], initial=0))
        if offsets[-1] != len(images):
            raise ValueError("its views are not whole")
        parts = tuple(images[begin:end] for begin, end in pairwise(offsets))
        return Thumbnails(str(header["kind"]), int(header["width"]), int(header["height"]), parts)
