"""A text prepared for the screen: stacked marks are limited, directions are isolated."""

import re
import unicodedata
from functools import cache

from chat.text.names import BIDI_CONTROLS

# The most marks that are drawn on a letter. Vietnamese, Hebrew, Thai and Tibetan need fewer.
_MAX_DRAWN_MARKS = 8


_ISOLATE, _POP = "\u2068", "\u2069"


def clamp_combining_marks(text: str) -> str:
    """`text` with at most 8 combining marks on a letter: more would reach into other lines."""
    return (
        text
        if text.isascii()
        else _stacked_marks().sub(lambda tower: tower[0][:_MAX_DRAWN_MARKS], text)
    )


@cache
def _stacked_marks() -> "re.Pattern[str]":
    marks = [chr(c) for c in range(0x300, 0x1E950) if unicodedata.category(chr(c)) in {"Mn", "Me"}]
    common = re.escape("".join(c for c in marks if c <= "\uffff"))
    rare = re.escape("".join(c for c in marks if c > "\uffff"))
    # A class with characters beyond U+FFFF is ten times as slow for every character of a text.
    mark = f"(?:[{common}]|(?![\0-\uffff])[{rare}])"
    return re.compile(f"{mark}{{{_MAX_DRAWN_MARKS + 1},}}")


def bidi_isolate(text: str) -> str:
    """`text` with its bidirectional controls isolated, so that text beside it is not affected."""
    if text.isascii() or BIDI_CONTROLS.isdisjoint(text):
        return text
    return "\n".join(_isolate_line(line) for line in text.split("\n"))


def _isolate_line(line: str) -> str:
    kept, depth = list[str](), 0
    for c in line:
        if "\u2066" <= c <= _ISOLATE:
            depth += 1
        elif c == _POP:
            if not depth:
                # It would end our isolate.
                continue
            depth -= 1
        kept.append(c)
    return _ISOLATE + "".join(kept) + _POP * (depth + 1)


def is_rtl(text: str) -> bool:
    """Whether the first character with a direction reads from right to left (UAX #9, P2)."""
    if text.isascii():
        return False
    depth = 0
    for c in text:
        direction = unicodedata.bidirectional(c)
        if direction in {"LRI", "RLI", "FSI"}:
            depth += 1
        elif direction == "PDI":
            depth = max(0, depth - 1)
        elif not depth and direction in {"L", "R", "AL"}:
            return direction != "L"
    return False
