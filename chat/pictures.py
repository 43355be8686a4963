"""Pictures are opened by a process of their own (`chat/thumbnails.py`), one for each picture.

A picture is the most complicated thing that a stranger may send: what it does to the process that
opens it ends with that process, which has limits on memory and time and holds nothing open of ours.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from chat.errors import NotAPicture, PictureTooLarge

log = structlog.get_logger(__name__)

# Seconds for one picture. 24 megapixels take one.
_TIME = 30.0

# So many at once: two leave a core for those who talk on most computers.
_AT_ONCE = 2

# In bytes: no view is longer.
_LONGEST = 32 * 1024 * 1024

_PROGRAM = Path(__file__).with_name("thumbnails.py")

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
        self._running: set[asyncio.subprocess.Process] = set()

    async def views(self, content: AsyncIterator[bytes]) -> Views:
        """The views of a picture. Raises NotAPicture and PictureTooLarge."""
        return await self._paint("views", content)

    async def avatar(self, content: AsyncIterator[bytes]) -> Views:
        """The middle of a picture, 256 pixels square. Raises as `views`."""
        return await self._paint("avatar", content)

    def close(self) -> None:
        """End what is at work."""
        for process in self._running:
            _kill(process)

    async def _paint(self, job: str, content: AsyncIterator[bytes]) -> Views:
        async with self._places:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", str(_PROGRAM), job, str(self._pixels)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                limit=_LONGEST,
            )
            self._running.add(process)
            try:
                async with asyncio.timeout(_TIME):
                    return await _work(process, content, self._pixels)
            except (OSError, ValueError, EOFError, TimeoutError) as failure:
                log.info("a picture could not be opened", reason=type(failure).__name__)
                raise NotAPicture from failure
            finally:
                _kill(process)
                await process.wait()
                self._running.discard(process)


async def _work(
    process: asyncio.subprocess.Process, content: AsyncIterator[bytes], pixels: int
) -> Views:
    assert process.stdin is not None
    assert process.stdout is not None
    async for piece in content:
        process.stdin.write(piece)
        await process.stdin.drain()
    process.stdin.close()
    told = json.loads(await process.stdout.readline())
    if (reason := told.get("refusal")) is not None:
        log.info("a picture could not be opened", reason=reason)
        raise PictureTooLarge(pixels) if reason == "too large" else NotAPicture()
    if sum(told["sizes"]) > _LONGEST:
        raise ValueError("its views are too long")
    views = [await process.stdout.readexactly(int(size)) for size in told["sizes"]]
    return Views(str(told["kind"]), int(told["width"]), int(told["height"]), tuple(views))


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
