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

    def write(self, words: str) -> None:
        """Have these words in it, and the cursor after them."""
        if words != self.value:
            self.value = words
            end = units(words)
            self.selection = ft.TextSelection(base_offset=end, extent_offset=end)
            self.update()


def units(text: str) -> int:
    """How long a text is to the client, which counts in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _stay() -> None:
    pass
