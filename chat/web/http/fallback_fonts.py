"""The fallback fonts, which Flutter's engine requests in pieces for characters not in Roboto.

They are in one archive, under the engine's own paths and not compressed a second time;
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
_FONT_PATH = re.compile(rf"{_FOLDER}noto\w*/.+\.woff2")

# Bytes that are handed to the connection at once. The timeout of a client that stops reading is
# checked between two chunks.
_CHUNK_SIZE = 64 * 1024


class FallbackFonts:
    """The archive, opened once, and an empty font for every piece that it lacks."""

    def __init__(self, folder: Path) -> None:
        # Several threads may read one archive.
        self._archive = ZipFile(folder / "noto.zip")
        self._entries = {piece.filename: piece for piece in self._archive.infolist()}
        self._empty_font = folder / "blank.woff2"

    @staticmethod
    def is_font_path(path: str) -> bool:
        """Whether `path` is one of a fallback font, such as `notosanssc/v37/….118.woff2`."""
        return _FONT_PATH.fullmatch(path) is not None

    async def respond(self, path: str, request: Request, cache_control: str) -> Response:
        """A piece, with `cache_control`; or an empty font, cached for an hour.

        After a 404, the engine would ask again with every frame, for ever.
        """
        entry = self._entries.get(path.removeprefix(_FOLDER))
        if entry is None:
            # An hour only, so that a font that is added later appears.
            return FileResponse(self._empty_font, headers={"cache-control": "max-age=3600"})
        etag = f'"{entry.CRC:08x}-{entry.file_size:x}"'
        headers = {
            "cache-control": cache_control,
            "etag": etag,
            "content-length": str(entry.file_size),
        }
        bare_response = Response(headers=headers, media_type="font/woff2")
        if_none_match = request.headers.get("if-none-match", "")
        if etag in (each.strip().removeprefix("W/") for each in if_none_match.split(",")):
            return NotModifiedResponse(bare_response.headers)
        if request.method == "HEAD":
            return bare_response
        data = await asyncio.to_thread(self._archive.read, entry)
        return StreamingResponse(_chunks(data), 200, headers, "font/woff2")


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), _CHUNK_SIZE):
        yield data[start : start + _CHUNK_SIZE]
