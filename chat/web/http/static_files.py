"""The files of the page as they are served: compressed once, versioned, and kept by browsers.

Everything under `/v<version>/` never changes, so a browser that has it asks for none of it again;
another version of the chat or of Flet is another address.
"""

import contextlib
import gzip
import hashlib
import mimetypes
import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import brotli
import flet_web.version
import structlog
from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from chat import __version__
from chat.web.http.index_page import assets_folder, flet_folder

log = structlog.get_logger(__name__)

# Python 3.11 and some platforms do not know these, or know other names.
for _type, _ending in (
    ("application/wasm", ".wasm"),
    ("text/javascript", ".mjs"),
    ("text/javascript", ".js"),
    ("font/woff2", ".woff2"),
    ("font/otf", ".otf"),
    ("font/ttf", ".ttf"),
    ("application/json", ".json"),
    ("image/png", ".png"),
):
    mimetypes.add_type(_type, _ending)

# What shrinks: the client, the engine, fonts that are not packed already.
_SHRINKS = {".wasm", ".js", ".mjs", ".json", ".otf", ".ttf", ".bin", ".frag", ".html", ".svg", ""}

# Parts of Flet's web client that the page never asks for.
_LEFT_OUT = ("pyodide/", "canvaskit/experimental", "canvaskit/wimp")

# The weight of an encoding that is refused.
_NEVER = re.compile(r"0(\.0*)?")

# Smaller files are not worth a copy.
_WORTH = 1024

# Brotli's best takes half a minute of one core for all files, once; gzip's a second.
_BEST = 11


def version() -> str:
    """A short name of exactly these files: 12 hexadecimal digits."""
    digest = hashlib.sha256(f"{__version__} {flet_web.version.version}".encode())
    for path in sorted(assets_folder().rglob("*")):
        if path.is_file() and path.suffix != ".py":
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def cache_folder() -> Path:
    """Where the copies of each version are, for all chats of this person."""
    return user_cache_path("flet-chat", appauthor=False) / "page"


def lock_of(folder: Path) -> FileLock:
    """What whoever makes copies in a folder holds. It lies beside: the folder may be thrown away,
    and whoever came then would find no lock, and make them all once more. Raises Timeout.
    """
    return FileLock(folder.with_name(f"lock-{folder.name}"), timeout=0)


class Compressed:
    """Copies of the page's large files, smaller: `<file>.br` and `<file>.gz` in one folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._all = folder
        self._folder = folder / name

    def best(self, path: str, accepts: str) -> tuple[Path, str] | None:
        """The smallest copy of `path` that a browser accepts, and its encoding.

        `accepts` is the `Accept-Encoding` of RFC 9110, 12.5.3; who writes `*` gets the file itself.
        """
        taken = _taken(accepts)
        for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
            copy = self._folder / f"{path}{ending}"
            if encoding in taken and copy.is_file():
                return copy, encoding
        return None

    def make(self) -> None:
        """Make the copies that are missing: all with gzip first, then with brotli.

        Takes half a minute of one core, once for each version; the copies of other versions go.
        """
        _step_back()
        self._folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Timeout), lock_of(self._folder):
            self._make_all()

    def _make_all(self) -> None:
        for old in self._all.iterdir():
            # Another version that makes its own just now is still in use.
            if old.is_dir() and old != self._folder:
                with contextlib.suppress(Timeout), lock_of(old):
                    shutil.rmtree(old, ignore_errors=True)
        sources = sorted(_sources(), key=lambda each: -each[0].stat().st_size)
        for ending in (".gz", ".br"):
            for source, path in sources:
                self._make_one(source, self._folder / f"{path}{ending}")

    def _make_one(self, source: Path, copy: Path) -> None:
        if copy.exists():
            return
        data = source.read_bytes()
        if copy.suffix == ".gz":
            smaller = gzip.compress(data, 6, mtime=0)
        else:
            smaller = brotli.compress(data, quality=_BEST)
        copy.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: the process may end at any time.
        unfinished = copy.with_suffix(copy.suffix + ".new")
        unfinished.write_bytes(smaller)
        unfinished.replace(copy)


def _taken(accepts: str) -> set[str]:
    names = set()
    for each in accepts.lower().replace(" ", "").split(","):
        name, _, weight = each.partition(";q=")
        if not _NEVER.fullmatch(weight):
            names.add(name)
    return names


def _step_back() -> None:
    """Let everything else on this computer go first, where a thread can say so."""
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def _sources() -> Iterator[tuple[Path, str]]:
    for folder in (flet_folder(), assets_folder()):
        for source in folder.rglob("*"):
            path = source.relative_to(folder).as_posix()
            worth = source.is_file() and source.stat().st_size >= _WORTH
            if worth and source.suffix in _SHRINKS and not path.startswith(_LEFT_OUT):
                yield source, path
