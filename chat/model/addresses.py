"""Paths of the page: each names a room, a message or a person."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from chat.model.rooms import RoomInfo


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a path: the slug of a room and a message number, or the name of a person."""

    slug: str | None = None
    number: int | None = None
    person_name: str | None = None

    @classmethod
    def parse(cls, path: str) -> "Address":
        """Parse `/room/<slug>`, `/room/<slug>/<number>` or `/dm/<name>`; other paths are empty."""
        head, *rest = [unquote(part) for part in path.strip("/").split("/")]
        if head == "dm" and rest and rest[0]:
            return cls(person_name=rest[0])
        if head != "room" or not rest or not rest[0]:
            return cls()
        number = rest[1] if len(rest) > 1 else ""
        is_number = number.isascii() and number.isdecimal() and len(number) < 10
        return cls(rest[0], int(number) if is_number else None)


def room_path(room: RoomInfo, number: int | None = None) -> str:
    """The path of a room, or of a message in it."""
    path = f"/room/{quote(room.slug)}"
    return path if number is None else f"{path}/{number}"
