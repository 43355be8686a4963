"""Paths of the page: each names a room, a message or a person, and a panel beside the room."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from chat.model.rooms import RoomInfo

# Longer words of a search are not in the address, in characters: a client may send 2,048 bytes.
WORDS_LIMIT = 100


class PanelKind(StrEnum):
    """What is shown beside a room. The values are parts of paths."""

    SEARCH = "search"
    MEMBERS = "members"
    PINS = "pins"
    FILES = "files"
    MENTIONS = "mentions"


# The part of a path for a search in one room only.
_SEARCH_HERE = "search-here"

_KINDS = {each.value: each for each in PanelKind} | {_SEARCH_HERE: PanelKind.SEARCH}


@dataclass(frozen=True, slots=True)
class PanelAddress:
    """A panel beside the room of an address.

    A search has the `words` that are searched for, and finds messages of that room only if it is
    `only_here`.
    """

    kind: PanelKind
    words: str = ""
    only_here: bool = False

    @property
    def path(self) -> str:
        """The part of the page's path, from its first slash on."""
        path = f"/{_SEARCH_HERE if self.only_here else self.kind.value}"
        has_words = self.words.strip() and len(self.words) <= WORDS_LIMIT
        return f"{path}/{quote(self.words.strip(), safe='')}" if has_words else path


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a path: the slug of a room and a message number, or the name of a person.

    Beside the room is a `panel`, or none.
    """

    slug: str | None = None
    number: int | None = None
    person_name: str | None = None
    panel: PanelAddress | None = None

    @classmethod
    def parse(cls, path: str) -> "Address":
        """Parse `/room/<slug>`, `/room/<slug>/<number>` or `/dm/<name>`; other paths are empty.

        A panel may follow: `/members`, or `/search/<words>`.
        """
        head, *rest = [unquote(part) for part in path.strip("/").split("/")]
        if head == "dm" and rest and rest[0]:
            return cls(person_name=rest[0], panel=_parse_panel(rest[1:]))
        if head != "room" or not rest or not rest[0]:
            return cls()
        slug, *rest = rest
        number = rest[0] if rest else ""
        if number.isascii() and number.isdecimal():
            is_known = len(number) < 10
            return cls(slug, int(number) if is_known else None, panel=_parse_panel(rest[1:]))
        return cls(slug, panel=_parse_panel(rest))


def room_path(room: RoomInfo, number: int | None = None, panel: PanelAddress | None = None) -> str:
    """The path of a room, or of a message in it, with a panel beside it."""
    path = f"/room/{quote(room.slug)}"
    path = path if number is None else f"{path}/{number}"
    return path if panel is None else path + panel.path


def _parse_panel(parts: list[str]) -> PanelAddress | None:
    if not parts or (kind := _KINDS.get(parts[0])) is None:
        return None
    words = parts[1] if kind is PanelKind.SEARCH and len(parts) > 1 else ""
    return PanelAddress(kind, words[:WORDS_LIMIT], only_here=parts[0] == _SEARCH_HERE)
