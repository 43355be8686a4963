"""What hangs on a message as a file: its name, its size, where it is fetched from."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

# The longer sides of the two views of a picture, in pixels.
SMALL_THUMBNAIL, LARGE_THUMBNAIL = 480, 2048

FILE_NAME_LIMIT = 150

# With more no file system takes it.
_FILE_NAME_BYTES = 200

# Where the last letters of a name say what it is, so many of them stay.
_EXTENSION_LIMIT = 20

# Names that Windows gives to devices.
_WINDOWS_DEVICE_NAMES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{each}{n}" for each in ("com", "lpt") for n in range(1, 10)))
)
_FORBIDDEN_CHARACTERS = frozenset('<>:"|?*')


@dataclass(frozen=True, slots=True)
class Blob:
    """What is kept under `hash` (SHA-256, hexadecimal), of `size` bytes.

    `kind` is the media type of its small and its large view, empty of all but pictures; `width`
    and `height` are a picture's own, in pixels, as it is to be seen.
    """

    hash: str
    size: int
    thumbnail_type: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `name` is how it is called and `kind` its media type by that name.

    `id` is its own: the same content in another message is another attachment. The three
    addresses are relative to the chat's; what may be read there is asked with each request.
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
        """Whether it can be shown: it has a small and a large view."""
        return bool(self.blob.thumbnail_type)

    @property
    def url(self) -> str:
        """Where it is downloaded from, byte for byte as it came."""
        return f"/files/{self.id}/{quote(self.name, safe='')}"

    @property
    def small_url(self) -> str:
        """Where its view of at most 480 pixels is, for a row."""
        return f"/pictures/{self.id}/small"

    @property
    def large_url(self) -> str:
        """Where its view of at most 2048 pixels is."""
        return f"/pictures/{self.id}/large"

    def fit_size(self, max_side: int = SMALL_THUMBNAIL) -> tuple[int, int]:
        """Width and height of its view whose longer side is at most `longest`; never enlarged."""
        return scaled_size(self.width, self.height, max_side)


def scaled_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """A size with the same shape that is at most `longest` long, at least one pixel each way."""
    longer_side = max(width, height, 1)
    if longer_side <= max_side:
        return width, height
    return max(1, round(width * max_side / longer_side)), max(
        1, round(height * max_side / longer_side)
    )


def avatar_url(blob_hash: str) -> str:
    """Where the picture of a person is (`Person.avatar`, not empty)."""
    return f"/avatars/{blob_hash}"


def sanitize_file_name(raw: str) -> str:
    """The name that a file is given here: one that can be seen, stored and saved anywhere.

    Folders, control characters and what turns the text around are taken out; of a long name the
    ending stays. What has no name is “file”.
    """
    base_name = raw[-4096:].replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        "_" if c in _FORBIDDEN_CHARACTERS else c for c in base_name if not _is_invisible(c)
    )
    name = " ".join(unicodedata.normalize("NFC", name).split()).strip(". ")
    if not name:
        return "file"
    if name.split(".", 1)[0].rstrip().casefold() in _WINDOWS_DEVICE_NAMES:
        name = f"_{name}"
    return _shorten(name)


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
    while stem and (
        len(stem + tail) > FILE_NAME_LIMIT or len((stem + tail).encode()) > _FILE_NAME_BYTES
    ):
        stem = stem[:-1]
    return stem.rstrip(". ") + tail
