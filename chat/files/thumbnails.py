"""Pictures are opened by a process of their own, one for each picture (`thumbnail_worker.py`).

A picture is the most complicated thing that a stranger may send: what it does to the process that
opens it ends with that process, which has limits on memory and time and holds nothing open of ours.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import structlog

from chat.errors import NotAPicture, PictureTooLarge
from chat.tasks import aside

log = structlog.get_logger(__name__)

# Seconds for one picture: 24 megapixels take one or two, on a computer that has nothing else to do.
_TIME = 60.0

# So many at once: two leave a core for those who talk on most computers.
_AT_ONCE = 2

# In bytes: what is longer is a file.
LONGEST = 64 * 1024 * 1024

# On Windows a program may open one.
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)

_PROGRAM = Path(__file__).with_name("thumbnail_worker.py")

# How the formats begin that are opened; for all else no process is started.
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF")
BEGINNING = 12


@dataclass(frozen=True, slots=True)
class Views:
    """What a picture looks like: its own width and height in pixels, upright, and its views.

    Of an avatar there is one view, of all others a small and a large one; `kind` is their media
    type.
    """

    kind: str
    width: int
    height: int
    views: tuple[bytes, ...]


def may_be_picture(beginning: bytes) -> bool:
    """Whether a content that begins so, with 12 bytes, is worth to be opened."""
    if beginning.startswith(b"RIFF"):
        return beginning[8:12] == b"WEBP"
    return beginning.startswith(_BEGINNINGS)


class Painter:
    """Makes the views of pictures; those of more than `pixels` are refused."""

    def __init__(self, pixels: int) -> None:
        self._pixels = pixels
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    async def views(self, content: AsyncIterator[bytes]) -> Views:
        """The views of a picture. Raises NotAPicture and PictureTooLarge."""
        return await self._paint("views", content)

    async def avatar(self, content: AsyncIterator[bytes]) -> Views:
        """The middle of a picture, 256 pixels square. Raises as `views`."""
        return await self._paint("avatar", content)

    def close(self) -> None:
        """End what is at work."""
        self._closed = True
        for process in tuple(self._running):
            process.kill()

    async def _paint(self, job: str, content: AsyncIterator[bytes]) -> Views:
        async with self._places:
            data = bytearray()
            async for piece in content:
                data += piece
                if len(data) > LONGEST:
                    raise NotAPicture
            try:
                # In a thread: to begin a process takes longer than anybody may wait.
                return await aside(lambda: self._made(job, bytes(data)))
            except (OSError, ValueError, subprocess.SubprocessError) as failure:
                log.info("a picture could not be opened", reason=type(failure).__name__)
                raise NotAPicture from failure

    def _made(self, job: str, data: bytes) -> Views:
        command = (sys.executable, "-P", str(_PROGRAM), job, str(self._pixels))
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW,
        ) as process:
            self._running.add(process)
            try:
                if self._closed:
                    raise OSError("the chat ends")
                made, _ = process.communicate(data, _TIME)
            finally:
                process.kill()
                self._running.discard(process)
        line, _, views = made.partition(b"\n")
        return self._read(json.loads(line), views)

    def _read(self, told: dict[str, Any], views: bytes) -> Views:
        if (reason := told.get("refusal")) is not None:
            log.info("a picture could not be opened", reason=reason)
            raise PictureTooLarge(self._pixels) if reason == "too large" else NotAPicture()
        ends = list(accumulate(told["sizes"], initial=0))
        if ends[-1] != len(views):
            raise ValueError("its views are not whole")
        parts = tuple(views[begin:end] for begin, end in pairwise(ends))
        return Views(str(told["kind"]), int(told["width"]), int(told["height"]), parts)
