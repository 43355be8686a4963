"""The marks of a style around a selection, in the desktop window.

`assets/formatting.js` does the same in a browser.
"""

from enum import StrEnum
from typing import NamedTuple


class Mark(StrEnum):
    """What is written before and after a text to give it a style."""

    BOLD = "**"
    ITALIC = "_"
    CODE = "`"


class Selection(NamedTuple):
    """A text, and the start and the end of the selection in it."""

    text: str
    start: int
    end: int


def toggle_mark(selected: Selection, mark: Mark) -> Selection:
    """Put a mark around the selection, or take it away. Without a selection: at the cursor."""
    text, start, end = selected
    inner = text[start:end].strip()
    if inner:
        # Marks have to touch the text that they format.
        start = text.index(inner, start)
        end = start + len(inner)
    before, after, size = text[:start], text[end:], len(mark)
    if before.endswith(mark) and after.startswith(mark):
        return Selection(before[:-size] + inner + after[size:], start - size, end - size)
    if not inner and after.startswith(mark):
        # What is typed next does not have the style any more.
        return Selection(text, end + size, end + size)
    if len(inner) > 2 * size and inner.startswith(mark) and inner.endswith(mark):
        return Selection(before + inner[size:-size] + after, start, end - 2 * size)
    opening = closing = str(mark)
    if mark is Mark.CODE and "\n" in inner:
        opening, closing = "```\n", "\n```"
    moved = len(opening)
    return Selection(before + opening + inner + closing + after, start + moved, end + moved)
