"""The field that messages are written in."""

from collections.abc import Callable
from typing import Any

import flet as ft

# What fits in the field, in characters: what it sends at each key stays below the 128 KiB that a
# client may send at once, and a message of the longest kind still fits three times.
FIELD = 30_000

_NO_BORDER = ft.NoInputBorder()
# Letters stand lower in their line than they look.
_INSIDE = ft.Padding.only(left=12, right=12, top=8, bottom=12)


class WordsField(ft.TextField):
    """Enter submits, Shift+Enter makes a line."""

    def __init__(
        self, hint: str, entered: Callable[[], Any], changed: Callable[[], object]
    ) -> None:
        super().__init__(
            hint_text=hint,
            filled=True,
            fill_color=ft.Colors.TRANSPARENT,
            hover_color=ft.Colors.TRANSPARENT,
            border=_NO_BORDER,
            dense=True,
            expand=True,
            autofocus=True,
            shift_enter=True,
            min_lines=1,
            max_lines=5,
            max_length=FIELD,
            counter="",
            text_size=15,
            content_padding=_INSIDE,
            on_submit=entered,
            on_change=changed,
            # Heard so that a click beside the field leaves the focus where it is: Flet would
            # take it away, and cannot give it back to a field with `shift_enter` (its `focus()`
            # asks a node that is not in use).
            on_tap_outside=_stay,
        )

        # Where the cursor is, or what is marked, in this text.
        self._cursor = (0, 0)
        self._known = ""

    @property
    def before(self) -> str:
        """What stands before the cursor."""
        return self.value[: self._at()[0]]

    def changed(self) -> int:
        """Something else stands in it than was known: the cursor is where that was changed.

        Returns the index of the first letter that is another.
        """
        at, since = moved(self._known, self.value, self._at()[1]), _alike(self._known, self.value)
        self._cursor, self._known = (at, at), self.value
        if self.selection is not None:
            # Else Flet would put the cursor there again whenever it draws the field.
            self.selection = None
            self.update()
        return since

    def told_cursor(self, start: int, end: int) -> None:
        """The client says where its cursor is, in UTF-16."""
        self._cursor = (len(upto(self.value, start)), len(upto(self.value, end)))
        self._known = self.value

    def write(self, words: str, at: int | None = None) -> None:
        """Have these words in it, and the cursor after them, or at an index."""
        if words != self.value:
            at = len(words) if at is None else at
            self.value = self._known = words
            self._cursor = (at, at)
            place = units(words[:at])
            # Flet puts the cursor behind what is new by itself.
            is_inside = at < len(words)
            self.selection = ft.TextSelection(place, place) if is_inside else None
            self.update()

    def strike(self, text: str) -> None:
        """Take a text off its front, where the client cannot."""
        self.value = self.value.removeprefix(text)
        self.update()

    def insert(self, text: str, *, apart: bool = False) -> None:
        """Write where the cursor is, in the place of what is marked; `apart` from a word there."""
        start, end = self._at()
        before, after = self.value[:start], self.value[end:]
        if apart and before and not before[-1].isspace():
            text = f" {text}"
        if after.startswith(" "):
            text = text.removesuffix(" ")
        self.write(before + text + after, len(before + text))

    def _at(self) -> tuple[int, int]:
        start, end = self._cursor
        return min(start, len(self.value)), min(end, len(self.value))


def moved(before: str, after: str, cursor: int) -> int:
    """Where a cursor of `before` is in `after`.

    Behind what was added; where something gave way, it stays with the letters around it.
    """
    same = _alike(before, after)
    rest = min(_alike(before[::-1], after[::-1]), min(len(before), len(after)) - same)
    gone, added = len(before) - rest, len(after) - rest
    if added > gone == same:
        return added
    return cursor if cursor <= same else max(added, cursor + added - gone)


def _alike(one: str, other: str) -> int:
    if other.startswith(one):
        return len(one)
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def upto(text: str, place: int) -> str:
    """The beginning of a text, up to an index of the client's."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * place].decode("utf-16-le", "ignore")


def units(text: str) -> int:
    """How long a text is to the client, which counts in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _stay() -> None:
    pass
