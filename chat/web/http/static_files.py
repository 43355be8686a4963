"""The static files of the page: compressed once, versioned, and cached by browsers.

A file under `/v<version>/` never changes, so that a browser fetches it once. Another version of
the chat or of Flet has another prefix.
"""

import contextlib
import errno
import gzip
import hashlib
import mimetypes
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import brotli
import flet_web.version
import structlog
from filelock import FileLock, Timeout
from platformdirs import user_cache_path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from chat import __version__
from chat.web.guard.content_policy import content_policy, inline_script_hashes
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import Origins
from chat.web.http.fallback_fonts import FallbackFonts
from chat.web.http.index_page import (
    KNOWN_PERSON,
    STRANGER,
    STRANGER_OR_PERSON,
    assets_folder,
    flet_folder,
)
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# A file under the prefix of the version never changes. Browsers ask for every other file again
# each time and get a 304, so that nothing old is shown after an upgrade.
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"

# Python 3.11 and some platforms do not know these types, or name them differently.
for _media_type, _suffix in (
    ("application/wasm", ".wasm"),
    ("text/javascript", ".mjs"),
    ("text/javascript", ".js"),
    ("font/woff2", ".woff2"),
    ("font/otf", ".otf"),
    ("font/ttf", ".ttf"),
    ("application/json", ".json"),
    ("image/png", ".png"),
):
    mimetypes.add_type(_media_type, _suffix)

# The client, the engine, and fonts that are not compressed already.
_COMPRESSIBLE_SUFFIXES = {
    ".wasm",
    ".js",
    ".mjs",
    ".json",
    ".otf",
    ".ttf",
    ".bin",
    ".frag",
    ".html",
    ".svg",
    "",
}

# Parts of Flet's web client that the page never asks for.
_EXCLUDED_PREFIXES = ("pyodide/", "canvaskit/experimental", "canvaskit/wimp")

# The quality value of an encoding that is refused.
_ZERO_QUALITY = re.compile(r"0(\.0*)?")

# Bytes. A smaller file is not worth a copy.
_MIN_SIZE = 1024

# The best quality takes half a minute of one core for all files, once; gzip takes a second.
_BROTLI_QUALITY = 11


def page_version() -> str:
    """The version of the page: 12 hex digits of a hash over its files and Flet's version."""
    digest = hashlib.sha256(f"{__version__} {flet_web.version.version}".encode())
    for path in sorted(assets_folder().rglob("*")):
        if path.is_file() and path.suffix != ".py":
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def cache_folder() -> Path:
    """The folder of the compressed copies, which all chats of this user of the computer share."""
    return user_cache_path("flet-chat", appauthor=False) / "page"


def folder_lock(folder: Path) -> FileLock:
    """The lock of the process that makes copies in `folder`. Acquiring it may raise Timeout.

    The lock is a file beside the folder. Inside, it would be deleted with the folder, and the next
    process would make all copies again.
    """
    return FileLock(folder.with_name(f"lock-{folder.name}"), timeout=0)


class PrecompressedFiles:
    """Compressed copies of the page's large files: `<file>.br` and `<file>.gz` in one folder."""

    def __init__(self, root: Path, version: str) -> None:
        self._root = root
        self._folder = root / version

    def find(self, path: str, accept_encoding: str) -> tuple[Path, str] | None:
        """The smallest copy of `path` that a browser accepts, and its encoding.

        `accept_encoding` is the header of RFC 9110, 12.5.3; `*` selects no copy.
        """
        accepted = _accepted_encodings(accept_encoding)
        for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
            copy = self._folder / f"{path}{suffix}"
            if encoding in accepted and copy.is_file():
                return copy, encoding
        return None

    def build(self) -> None:
        """Make the missing copies: all with gzip first, then all with brotli.

        It takes half a minute of one core, once for each version. Copies of other versions are
        deleted.
        """
        _lower_priority()
        try:
            if not self._folder.is_absolute():
                raise FileNotFoundError(errno.ENOENT, "this user has no home folder")
            self._folder.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(Timeout), folder_lock(self._folder):
                self._build_all()
        except OSError as failure:
            log.warning("the page is not compressed", folder=str(self._root), reason=str(failure))

    def _build_all(self) -> None:
        for old in self._root.iterdir():
            # A version that is being built just now is in use.
            if old.is_dir() and old != self._folder:
                with contextlib.suppress(Timeout), folder_lock(old):
                    shutil.rmtree(old, ignore_errors=True)
        sources = sorted(_compressible_files(), key=lambda each: -each[0].stat().st_size)
        for suffix in (".gz", ".br"):
            for source, path in sources:
                self._compress(source, self._folder / f"{path}{suffix}")

    def _compress(self, source: Path, copy: Path) -> None:
        if copy.exists():
            return
        data = source.read_bytes()
        if copy.suffix == ".gz":
            compressed = gzip.compress(data, 6, mtime=0)
        else:
            compressed = brotli.compress(data, quality=_BROTLI_QUALITY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Written in full or not at all: the process may end at any time.
        temporary = copy.with_suffix(copy.suffix + ".new")
        temporary.write_bytes(compressed)
        temporary.replace(copy)


def _accepted_encodings(accept_encoding: str) -> set[str]:
    encodings = set()
    for each in accept_encoding.lower().replace(" ", "").split(","):
        name, _, quality = each.partition(";q=")
        if not _ZERO_QUALITY.fullmatch(quality):
            encodings.add(name)
    return encodings


def _lower_priority() -> None:
    """Give this thread the lowest priority, where the system supports it."""
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def _compressible_files() -> Iterator[tuple[Path, str]]:
    for folder in (flet_folder(), assets_folder()):
        for source in folder.rglob("*"):
            path = source.relative_to(folder).as_posix()
            is_large = source.is_file() and source.stat().st_size >= _MIN_SIZE
            if (
                is_large
                and source.suffix in _COMPRESSIBLE_SUFFIXES
                and not path.startswith(_EXCLUDED_PREFIXES)
            ):
                yield source, path


class StaticSite(StaticFiles):
    """The index page at every path without a file suffix, and the files of the page."""

    def __init__(
        self,
        page: Mapping[str, bytes],
        version: str,
        workspace: Workspace,
        *,
        precompressed: PrecompressedFiles,
        origins: Origins,
    ) -> None:
        super().__init__(directory=assets_folder())
        self._page = page
        self._workspace = workspace
        self._precompressed = precompressed
        self._origins = origins
        self._cookie = TokenCookie(workspace, origins)
        self._script_hashes = inline_script_hashes(page["index.html"].decode())
        self._version_prefix = f"v{version}/"
        self._fallback_fonts = FallbackFonts(assets_folder() / "fonts")
        self.all_directories = [assets_folder(), flet_folder()]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or the index page, with a token cookie for a browser that has none."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405)
        path = Path(path).as_posix()
        is_versioned = path.startswith(self._version_prefix)
        path = path.removeprefix(self._version_prefix)
        if self._fallback_fonts.is_font_path(path):
            cache_control = _IMMUTABLE if is_versioned else _REVALIDATE
            return await self._fallback_fonts.respond(path, Request(scope), cache_control)
        if is_versioned:
            return await self._serve_immutable(path, scope)
        if "." in Path(path).name and path != "index.html":
            return await self._serve_revalidated(path, scope)
        return await self._index_page(Request(scope))

    async def _index_page(self, request: Request) -> Response:
        token = self._cookie.read(request)
        content = self._page["index.html"]
        if await self._workspace.identity.person_for_token(token) is None:
            offers_sign_in = await self._workspace.offers_sign_in()
            visitor = STRANGER_OR_PERSON if offers_sign_in else STRANGER
            content = content.replace(KNOWN_PERSON, visitor, 1)
        policy = content_policy(request.scope, self._origins, self._script_hashes)
        headers = {"cache-control": "no-store", "content-security-policy": policy}
        response = Response(content, headers=headers, media_type="text/html")
        await self._cookie.give(request, response)
        return response

    async def _serve_immutable(self, path: str, scope: Scope) -> Response:
        """A file that never changes, in the smallest encoding that the browser accepts."""
        request_headers = Request(scope).headers
        compressed = self._precompressed.find(path, request_headers.get("accept-encoding", ""))
        # Copies are made of the original files; a file that `build_page` rewrote has no copy.
        if compressed is None or path in self._page:
            response = await self._serve_revalidated(path, scope)
        else:
            copy, encoding = compressed
            media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
            headers = {"content-encoding": encoding}
            response = FileResponse(copy, 200, headers, media_type, stat_result=copy.stat())
            if self.is_not_modified(response.headers, request_headers):
                response = NotModifiedResponse(response.headers)
        # A browser takes the headers of a 304, too.
        if response.status_code in {200, 304}:
            response.headers["cache-control"] = _IMMUTABLE
        response.headers["vary"] = "accept-encoding"
        return response

    def _generated_file(self, path: str, scope: Scope) -> Response:
        content = self._page[path]
        headers = {"etag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
        response = Response(content, headers=headers, media_type=mimetypes.guess_type(path)[0])
        if self.is_not_modified(response.headers, Request(scope).headers):
            return NotModifiedResponse(response.headers)
        return response

    async def _serve_revalidated(self, path: str, scope: Scope) -> Response:
        # The scripts that draw the pictures, and the archive of the fonts, are in the same folder.
        if path.endswith((".py", ".zip")):
            raise HTTPException(404)
        if path in self._page:
            response = self._generated_file(path, scope)
        else:
            response = await super().get_response(path, scope)
        response.headers["cache-control"] = _REVALIDATE
        return response
