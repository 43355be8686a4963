"""Reading JSON whose shape nobody promised: a value of the wrong type counts as absent."""

import re
from collections.abc import Iterator

# Characters that a message cannot hold: NUL, and halves of characters.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """A text that can be stored: with "\\n" as the end of a line, and U+FFFD for NUL and halves of
    characters."""
    return _NOT_STORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def text_of(value: object) -> str:
    """A string as a text that can be stored, a number or a boolean as JSON writes it; else ""."""
    match value:
        case str():
            return clean_text(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return ""


def items_of(value: object) -> list[object]:
    """The items of a list. Another value is a list of itself, and an absent one an empty list."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def depth_of(value: object, limit: int) -> int:
    """How deep lists and objects are nested, up to one more than a limit."""
    level, depth = [value], 0
    while depth <= limit:
        level = [inner for each in level for inner in _children(each)]
        if not level:
            break
        depth += 1
    return depth


def _children(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


class Fields:
    """The fields of a JSON object; of any other value, none."""

    __slots__ = ("_values",)

    def __init__(self, value: object) -> None:
        self._values: dict[object, object] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def names(self) -> list[str]:
        """The names of all fields."""
        return [str(each) for each in self._values]

    def without(self, *names: str) -> "Fields":
        """All fields but some."""
        return Fields({name: each for name, each in self._values.items() if name not in names})

    def replaced(self, name: str, value: object) -> "Fields":
        """All fields, with another value of one."""
        return Fields({**self._values, name: value})

    def get(self, *path: str) -> object:
        """The value at the end of a path of names, or None."""
        value: object = self._values
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    def of(self, *path: str) -> "Fields":
        """The fields of the object at the end of a path."""
        return Fields(self.get(*path))

    def text(self, *path: str) -> str:
        """The text at the end of a path (`text_of`)."""
        return text_of(self.get(*path))

    def line(self, *path: str) -> str:
        """The text at the end of a path, in one line."""
        return " ".join(self.text(*path).split())

    def items(self, *path: str) -> list[object]:
        """The items of the list at the end of a path (`items_of`)."""
        return items_of(self.get(*path))

    def objects(self, *path: str) -> list["Fields"]:
        """The objects in the list at the end of a path."""
        return [Fields(each) for each in self.items(*path) if isinstance(each, dict)]

    def pairs(self, *path: str) -> list[tuple[str, str]]:
        """Name and text of each field of the object at the end of a path that has a text."""
        value = self.get(*path)
        fields = value.items() if isinstance(value, dict) else ()
        return [(text_of(name), text) for name, each in fields if (text := text_of(each))]
