"""What a message is made of: texts, figures, tables and files, recognised by what they can do.

No library of figures or tables is imported. A figure is what draws itself as PNG: matplotlib,
plotly, altair, PIL, and whatever Jupyter shows as a picture. A table has columns and rows: pandas,
polars, and a list of dictionaries.
"""

import base64
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flet_chat.views import LiveView

# The longest text of a message, in characters.
TEXT_LIMIT = 10_000

# A table in a message has so many rows, columns and cells at most; the rest is in its file.
ROW_LIMIT, COLUMN_LIMIT, CELL_LIMIT = 200, 16, 400

# A cell is cut after so many characters.
_CELL_LENGTH = 80

# The tables of one message have so many lines and marks; with more it would be drawn as plain text.
_LINE_LIMIT, _MARK_LIMIT = 380, 700
_MARKS = frozenset("*_`[]!<>|~$\\#@")

_CUT = "…"


@dataclass(frozen=True, slots=True)
class File:
    """A file for a message, from memory. (One on the disk is given as its `pathlib.Path`.)"""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before its files are sent."""

    text: str
    files: tuple[File | Path, ...]
    view: LiveView | None = None


def compose(content: Iterable[object]) -> Draft:
    """The message with this content, in its order. Raises TypeError for what cannot be shown."""
    content = tuple(content)
    texts, files = list[str](), list[File | Path]()
    view: LiveView | None = None
    space = _Space()
    for each in content:
        if isinstance(each, str):
            texts.append(each)
        elif isinstance(each, int | float):
            texts.append(str(each))
        elif isinstance(each, LiveView):
            view = each
        elif isinstance(each, File | Path):
            files.append(each)
        elif (table := _table(each)) is not None:
            names, rows = table
            file = File(_free_name("table.csv", files), _csv(names, rows))
            texts.append(_shown_table(names, rows, space, file.name))
            files.append(file)
        elif (picture := _picture(each)) is not None:
            files.append(File(_free_name("figure.png", files), picture))
        else:
            raise TypeError(_unknown(each))
    text = "\n\n".join(each for each in texts if each)
    if len(text) > TEXT_LIMIT:
        file = File(_free_name("message.txt", files), text.encode("utf-8", "replace"))
        return Draft(_beginning(text, file.name), (file, *files), view)
    return Draft(text, tuple(files), view)


def _unknown(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return "Give bytes a name: File('data.bin', content)."
    return (
        f"{type(value).__name__} is neither a text nor a figure, a table, a file or a path. "
        "Post str(…) of it."
    )


def _beginning(text: str, file_name: str) -> str:
    """The lines at the beginning that fit, and where the rest is."""
    note = f"\n{_CUT}\nThe whole text is in {file_name}."
    room = TEXT_LIMIT - len(note)
    end = text.rfind("\n", room // 2, room)
    return text[: end if end > 0 else room] + note


def _free_name(name: str, files: Sequence[File | Path]) -> str:
    """`figure.png`, `figure-2.png` …: a name that no file of the message has."""
    taken = {each.name for each in files}
    stem, _, suffix = name.rpartition(".")
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{suffix}"
    return name


def _picture(value: Any) -> bytes | None:
    """The PNG of a figure; None for what is none."""
    if callable(save := getattr(value, "savefig", None)):
        return _saved(save)
    if callable(to_image := getattr(value, "to_image", None)):
        drawn = to_image(format="png")
        return bytes(drawn) if isinstance(drawn, bytes | bytearray) else None
    if callable(represent := getattr(value, "_repr_png_", None)):
        drawn = represent()
        # Jupyter allows the bytes or their base64, alone or with the size of the picture.
        drawn = drawn[0] if isinstance(drawn, tuple) else drawn
        if isinstance(drawn, str):
            return base64.b64decode(drawn)
        if isinstance(drawn, bytes | bytearray):
            return bytes(drawn)
    # Many things can be saved; a picture has a size and a mode.
    if hasattr(value, "size") and hasattr(value, "mode") and callable(getattr(value, "save", None)):
        return _saved(value.save)
    return None


def _saved(save: Any) -> bytes:
    buffer = io.BytesIO()
    save(buffer, format="png")
    return buffer.getvalue()


def _table(value: Any) -> tuple[list[str], list[tuple[object, ...]]] | None:
    """The columns and rows of a table; None for what is none."""
    if isinstance(value, list | tuple):
        if not value or not all(isinstance(each, Mapping) for each in value):
            return None
        names = list(dict.fromkeys(str(name) for each in value for name in each))
        by_name = [{str(name): cell for name, cell in each.items()} for each in value]
        return names, [tuple(each.get(name) for name in names) for each in by_name]
    if not hasattr(value, "columns"):
        return None
    if callable(rows := getattr(value, "itertuples", None)):
        return _names(value), [tuple(each) for each in rows(index=False, name=None)]
    if callable(rows := getattr(value, "iter_rows", None)):
        return _names(value), [tuple(each) for each in rows()]
    return None


def _names(table: Any) -> list[str]:
    return [
        " ".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in table.columns
    ]


def _csv(names: Sequence[str], rows: Iterable[tuple[object, ...]]) -> bytes:
    """The whole table as a file. Excel reads UTF-8 only with the mark at the beginning."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig", "replace")


class _Space:
    """What the tables of one message may still take."""

    def __init__(self) -> None:
        self._lines, self._marks, self._length = _LINE_LIMIT, _MARK_LIMIT, TEXT_LIMIT - 500

    def take(self, line: str) -> bool:
        """Take the space for a line, if there is enough."""
        # An opening bracket counts as three marks.
        marks = sum(each in _MARKS for each in line) + 2 * line.count("[") + 7 * line.count("://")
        if self._lines < 1 or marks > self._marks or len(line) + 1 > self._length:
            return False
        self._lines -= 1
        self._marks -= marks
        self._length -= len(line) + 1
        return True


def _shown_table(
    names: Sequence[str], rows: Sequence[tuple[object, ...]], space: _Space, file_name: str
) -> str:
    """A table of the message's markup with the first rows that fit, and where the rest is."""
    column_count = min(len(names), COLUMN_LIMIT)
    if not column_count:
        return ""
    row_limit = min(ROW_LIMIT, CELL_LIMIT // column_count - 1)
    lines = list[str]()
    for line in _table_lines(names[:column_count], rows[:row_limit]):
        if not space.take(line):
            break
        lines.append(line)
    shown_count = max(0, len(lines) - 2)
    # A head needs its second line, too.
    text = "\n".join(lines) if len(lines) > 1 else ""
    notes = list[str]()
    if shown_count < len(rows):
        notes.append(f"{shown_count:,} of {len(rows):,} rows")
    if column_count < len(names):
        notes.append(f"{column_count} of {len(names):,} columns")
    if not notes:
        return text
    note = f"{', '.join(notes)}; {file_name} has all."
    return f"{text}\n\n{note}" if text else note


def _table_lines(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> Iterator[str]:
    yield _line(_escaped(each) for each in names)
    yield _line(
        "---:" if rows and all(_is_number(row[at]) for row in rows) else "---"
        for at in range(len(names))
    )
    for row in rows:
        yield _line(_cell(each) for each in row[: len(names)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _is_number(value: object) -> bool:
    # The numbers of numpy are not those of Python, but can be compared and converted.
    return value is None or (not isinstance(value, str | bytes) and hasattr(value, "__float__"))


def _cell(value: object) -> str:
    if value is None or value != value:  # not a number
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return _escaped(str(value))


def _escaped(text: str) -> str:
    """A text as it is, on one line: no character of it is markup."""
    text = " ".join(text.split())
    if len(text) > _CELL_LENGTH:
        text = text[: _CELL_LENGTH - 1] + _CUT
    return "".join(f"\\{each}" if each in "\\*_`[]<>|~$" else each for each in text)
