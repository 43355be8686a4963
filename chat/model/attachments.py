"""What hangs on a message as a file: its name, its size, where it is fetched from."""

import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

# The longer sides of the two views of a picture, in pixels.
SMALL, LARGE = 480, 2048

NAME_LIMIT = 150

# With more no file system takes it.
_BYTES = 200

# Where the last letters of a name say what it is, so many of them stay.
_ENDING = 20

# Names that Windows gives to devices.
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{each}{n}" for each in ("com", "lpt") for n in range(1, 10)))
)
_FORBIDDEN = frozenset('<>:"|?*')


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept under `hash` (SHA-256, hexadecimal), of `size` bytes.

    `kind` is the media type of its small and its large view, empty of all but pictures; `width`
    and `height` are a picture's own, in pixels, as it is to be seen.
    """

    hash: str
    size: int
    kind: str = ""
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
    kind: str
    content: Content

    @property
    def size(self) -> int:
        """In bytes."""
        return self.content.size

    @property
    def width(self) -> int:
        """In pixels, 0 of all but pictures."""
        return self.content.width

    @property
    def height(self) -> int:
        """In pixels, 0 of all but pictures."""
        return self.content.height

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown: it has a small and a large view."""
        return bool(self.content.kind)

    @property
    def address(self) -> str:
        """Where it is downloaded from, byte for byte as it came."""
        return f"/files/{self.id}/{quote(self.name, safe='')}"

    @property
    def small(self) -> str:
        """Where its view of at most 480 pixels is, for a row."""
        return f"/pictures/{self.id}/small"

    @property
    def large(self) -> str:
        """Where its view of at most 2048 pixels is."""
        return f"/pictures/{self.id}/large"

    def fits(self, longest: int = SMALL) -> tuple[int, int]:
        """Width and height of its view whose longer side is at most `longest`; never enlarged."""
        return scaled(self.width, self.height, longest)


def scaled(width: int, height: int, longest: int) -> tuple[int, int]:
    """A size with the same shape that is at most `longest` long, at least one pixel each way."""
    most = max(width, height, 1)
    if most <= longest:
        return width, height
    return max(1, round(width * longest / most)), max(1, round(height * longest / most))


def avatar_address(avatar: str) -> str:
    """Where the picture of a person is (`Person.avatar`, not empty)."""
    return f"/avatars/{avatar}"


def file_name(raw: str) -> str:
    """The name that a file is given here: one that can be seen, stored and saved anywhere.

    Folders, control characters and what turns the text around are taken out; of a long name the
    ending stays. What has no name is “file”.
    """
    last = raw[-4096:].replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join("_" if c in _FORBIDDEN else c for c in last if not _is_hidden(c))
    name = " ".join(unicodedata.normalize("NFC", name).split()).strip(". ")
    if not name:
        return "file"
    if name.split(".", 1)[0].rstrip().casefold() in _DEVICES:
        name = f"_{name}"
    return _shortened(name)


def _is_hidden(c: str) -> bool:
    """A joiner belongs to the letters or the emoji around it."""
    category = unicodedata.category(c)
    if category == "Cc":
        return c not in "\t"
    return category in {"Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and c not in "\u200c\u200d"


def _shortened(name: str) -> str:
    if len(name) <= NAME_LIMIT and len(name.encode()) <= _BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > _ENDING:
        stem, dot, ending = name, "", ""
    tail = dot + ending
    while stem and (len(stem + tail) > NAME_LIMIT or len((stem + tail).encode()) > _BYTES):
        stem = stem[:-1]
    return stem.rstrip(". ") + tail
