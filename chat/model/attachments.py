"""Files of messages: name, size and URLs."""

import mimetypes
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

FILE_NAME_LIMIT = 150

# File systems refuse longer names.
_FILE_NAME_BYTES = 200

# A shortened name keeps an extension of up to this many characters.
_EXTENSION_LIMIT = 20

# Before the extension of a compression there is another one.
_ARCHIVE_EXTENSION = ".tar"

# Types that the module `mimetypes` of older versions of Python does not know.
_MEDIA_TYPES = {
    "avif": "image/avif",
    "heic": "image/heic",
    "heif": "image/heif",
    "jxl": "image/jxl",
    "webp": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored content of `size` bytes, identified by `hash` (SHA-256, hexadecimal).

    `thumbnail_type` is the media type of the thumbnails, empty if the content is no picture.
    `width` and `height` are those of the original picture in pixels, rotated for display.
    """

    hash: str
    size: int
    thumbnail_type: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; the media type follows from `name`.

    The same content in another message is another attachment with another `id`. The three URLs are
    relative to the chat's. Access is checked with each request.
    """

    id: str
    name: str
    media_type: str
    blob: Blob

    @property
    def size(self) -> int:
        """In bytes."""
        return self.blob.size

    @property
    def width(self) -> int:
        """In pixels, 0 of all but pictures."""
        return self.blob.width

    @property
    def height(self) -> int:
        """In pixels, 0 of all but pictures."""
        return self.blob.height

    @property
    def is_picture(self) -> bool:
        """Whether the file has thumbnails, and so can be shown."""
        return bool(self.blob.thumbnail_type)

    @property
    def url(self) -> str:
        """The URL of the original file."""
        return f"/files/{self.id}/{quote(self.name, safe='')}"

    @property
    def small_url(self) -> str:
        """The URL of the small thumbnail, for a row."""
        return f"/pictures/{self.id}/small"

    @property
    def large_url(self) -> str:
        """The URL of the large thumbnail, for the gallery."""
        return f"/pictures/{self.id}/large"

    def fit_size(self, max_side: int) -> tuple[int, int]:
        """Width and height of the picture reduced to `max_side` pixels; never enlarged."""
        return scaled_size(self.width, self.height, max_side)


def scaled_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """A size of the same shape, at most `max_side` and at least one pixel each way."""
    longer_side = max(width, height, 1)
    if longer_side <= max_side:
        return width, height
    return max(1, round(width * max_side / longer_side)), max(
        1, round(height * max_side / longer_side)
    )


def crop_source_url(attachment_id: str) -> str:
    """The URL of the uploaded picture from which its sender chooses their avatar."""
    # Flet's client would take a text of letters and slashes alone for Base64.
    return f"/crop/{attachment_id}.picture"


def avatar_url(blob_hash: str) -> str:
    """The URL of a person's picture (`Person.avatar`, not empty)."""
    return f"/avatars/{blob_hash}"


def sanitize_file_name(raw: str) -> str:
    """The visible part of a file name, without folders.

    Control characters, bidirectional controls and final dots are removed. A long name keeps its
    extension. An empty name becomes “file”. A browser that saves the file replaces what its own
    file system refuses.
    """
    base_name = raw[-4096:].replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in base_name if not _is_invisible(c))
    name = " ".join(unicodedata.normalize("NFC", name).split()).rstrip(". ")
    return _shorten(name) if name else "file"


def media_type_of(name: str) -> str:
    """The media type that the extension of a file name stands for."""
    known = _MEDIA_TYPES.get(name.rpartition(".")[2].lower())
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _is_invisible(c: str) -> bool:
    """A joiner belongs to the letters or the emoji around it."""
    category = unicodedata.category(c)
    if category == "Cc":
        return c not in "\t"
    return category in {"Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and c not in "\u200c\u200d"


def _shorten(name: str) -> str:
    if len(name) <= FILE_NAME_LIMIT and len(name.encode()) <= _FILE_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > _EXTENSION_LIMIT:
        stem, dot, extension = name, "", ""
    tail = dot + extension
    if stem.lower().endswith(_ARCHIVE_EXTENSION):
        at = len(stem) - len(_ARCHIVE_EXTENSION)
        stem, tail = stem[:at], stem[at:] + tail
    while stem and (
        len(stem + tail) > FILE_NAME_LIMIT or len((stem + tail).encode()) > _FILE_NAME_BYTES
    ):
        stem = stem[:-1]
    return stem.rstrip(". ") + tail
