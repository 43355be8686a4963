"""The fallback fonts: the pieces that the engine asks for when Roboto lacks a character.

They stand in one archive, under the engine's own paths and not compressed a second time;
`assets/make_noto.py` makes it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from zipfile import ZipFile

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.staticfiles import NotModifiedResponse

_FOLDER = "assets/fonts/"
_FALLBACK = re.compile(rf"{_FOLDER}noto\w*/.+\.woff2")

# What the connection takes at once. A slow client is let go of if it takes nothing for a while,
# and that is noticed between two of these.
_CHUNK = 64 * 1024


class Fonts:
    """The archive, opened once, and an empty font for what it lacks."""

    def __init__(self, folder: Path) -> None:
        # Several threads may read one archive.
        self._archive = ZipFile(folder / "noto.zip")
        self._pieces = {piece.filename: piece for piece in self._archive.infolist()}
        self._blank = folder / "blank.woff2"

    @staticmethod
    def asked(path: str) -> bool:
        """Whether the engine looks for a fallback font here: `notosanssc/v37/….118.woff2`."""
        return _FALLBACK.fullmatch(path) is not None

    async def answer(self, path: str, request: Request, keep: str) -> Response:
        """A piece, with `keep` as its `Cache-Control`; or an empty font, for an hour.

        Where the answer is 404, the engine asks again with every frame, for ever.
        """
        piece = self._pieces.get(path.removeprefix(_FOLDER))
        if piece is None:
            # Not for long: a font that is put there later is to be seen.
            return FileResponse(self._blank, headers={"cache-control": "max-age=3600"})
        tag = f'"{piece.CRC:08x}-{piece.file_size:x}"'
        headers = {"cache-control": keep, "etag": tag, "content-length": str(piece.file_size)}
        head = Response(headers=headers, media_type="font/woff2")
        known = request.headers.get("if-none-match", "")
        if tag in (each.strip().removeprefix("W/") for each in known.split(",")):
            return NotModifiedResponse(head.headers)
        if request.method == "HEAD":
            return head
        data = await asyncio.to_thread(self._archive.read, piece)
        return StreamingResponse(_chunks(data), 200, headers, "font/woff2")


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]
