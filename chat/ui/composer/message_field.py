"""The message field."""

import time
from collections.abc import Callable
from typing import Any

import flet as ft
from flet.utils.object_model import patch_dataclass

from chat.text.formatting import Mark, Selection, toggle_mark
from chat.text.utf16 import utf16_length, utf16_prefix
from chat.ui.client.connection import ClientConnection
from chat.ui.client.page_messages import FIELD_LIMIT
from chat.ui.packing.patches import set_focus

# Where the server empties the field: for so many seconds, a key that was pressed before may arrive
# with the old text in front.
_ECHO_SECONDS = 2.0

# The largest part of the page's height that the field takes.
MAX_HEIGHT_SHARE = 0.4

# The lines that fit in any page, and in a page of unknown height.
_MIN_LINES, _USUAL_LINES = 3, 5

# In pixels: a line of text, and the padding of the field.
_LINE_HEIGHT, _PADDING_HEIGHT = 21, 20

_NO_BORDER = ft.NoInputBorder()
# Letters look higher in their line than they are.
_CONTENT_PADDING = ft.Padding.only(left=12, right=12, top=8, bottom=12)


class MessageField(ft.TextField):
    """Enter sends, Shift+Enter begins a line."""

    def __init__(
        self, hint: str, *, on_enter: Callable[[], Any], on_text_change: Callable[[], object]
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
            max_lines=_USUAL_LINES,
            hint_max_lines=1,
            max_length=FIELD_LIMIT,
            counter="",
            text_size=15,
            content_padding=_CONTENT_PADDING,
            on_submit=on_enter,
            on_change=on_text_change,
            # With this handler, a click beside the field leaves the focus where it is. Flet would
            # take the focus away, and cannot give it back to a field with `shift_enter` (its
            # `focus()` asks a node that is not in use).
            on_tap_outside=_do_nothing,
        )

        # The selection in `_known_text`.
        self._cursor = (0, 0)
        self._known_text = ""
        self._focus_requests = 0
        # The text that the server replaced, and the time of that.
        self._echo, self._echo_at = "", 0.0
        # The text when the client was asked last to remove a part of it.
        self._before_removal = ""
        # The text of the client's field that is not reported yet, and when it was known; None if
        # none is expected.
        self._late_report: tuple[str, float] | None = None

    def fit(self, page_height: float) -> None:
        """Grow with the text up to a share of the page's height, in pixels; the caller updates."""
        if page_height > 0:
            lines = int((MAX_HEIGHT_SHARE * page_height - _PADDING_HEIGHT) / _LINE_HEIGHT)
            self.max_lines = max(_MIN_LINES, lines)

    @property
    def text_before_cursor(self) -> str:
        """The text before the cursor."""
        return self.value[: self._cursor_range()[0]]

    def track_change(self) -> int:
        """The text has changed: the cursor is at the change.

        Returns the index of the first character that differs.
        """
        cursor, changed_from = (
            moved_cursor(self._known_text, self.value, self._cursor_range()[1]),
            _common_length(self._known_text, self.value, str.startswith),
        )
        self._cursor, self._known_text = (cursor, cursor), self.value
        if self.selection is not None:
            # Else Flet would put the cursor there again whenever it draws the field.
            self.selection = None
            self.update()
        return changed_from

    def cursor_reported(self, start: int, end: int) -> None:
        """The client reports its selection, in UTF-16."""
        self._cursor = (len(utf16_prefix(self.value, start)), len(utf16_prefix(self.value, end)))
        self._known_text = self.value

    def follow_selection(self) -> None:
        """Let Flet report the selection, where no page script does: in the desktop window."""
        if self.on_selection_change is None:
            self.on_selection_change = self._on_selection_change
            self.update()

    def _on_selection_change(self, event: ft.TextSelectionChangeEvent[ft.TextField]) -> None:
        selection = event.selection
        self.cursor_reported(*sorted((selection.base_offset, selection.extent_offset)))

    def toggle_mark(self, mark: Mark) -> None:
        """Put a mark around the selection, or take it away."""
        text, start, end = toggle_mark(Selection(self.value, *self._cursor_range()), mark)
        self.value = self._known_text = text
        self._cursor = start, end
        self.selection = ft.TextSelection(utf16_length(text[:start]), utf16_length(text[:end]))
        self.update()

    def expect_replacement(self, before: str, old: str, new: str) -> None:
        """The client is asked to replace `old` by `new` after `before`, and reports it later.

        (From the report alone the place of the cursor could not be told: in “@Bob” for “@b”, it may
        be behind either b.)
        """
        end = len(before) + len(old)
        if self.value.startswith(before + old):
            added = len(new) - len(old)
            first, last = (
                place + added if place >= end else min(place, len(before))
                for place in self._cursor_range()
            )
            self._cursor = first, last
            self._known_text = before + new + self.value[end:]

    def empty_in_client(self) -> None:
        """The client says that its field is empty. Its report of the change may come later."""
        self._has_in_client("")

    def take_late_report(self) -> bool:
        """Whether a reported change is the late one of a field that has another text by now."""
        late_report, self._late_report = self._late_report, None
        if late_report is None:
            return False
        text, known_at = late_report
        is_recent = time.monotonic() - known_at < _ECHO_SECONDS
        is_late = is_recent and self.value == text != self._known_text
        if is_late:
            self._set_silently(self._known_text)
        return is_late

    def _has_in_client(self, text: str) -> None:
        """The client's field has this text, and its report of that may come later."""
        if text != self.value:
            self._set_silently(text)
            self._late_report = text, time.monotonic()

    def _set_silently(self, text: str) -> None:
        """Set the text as a report of the client does: the client is not told."""
        patch_dataclass(self, {"value": text})
        self._known_text, self._cursor = text, (len(text), len(text))

    def take_focus(self, connection: ClientConnection) -> None:
        """Give the focus to this field, wherever Flutter has it."""
        self._focus_requests += 1
        set_focus(connection, self, str(self._focus_requests))

    def set_text(self, text: str, cursor: int | None = None) -> None:
        """Replace the text. The cursor goes to its end, or to an index."""
        if text != self.value:
            cursor = len(text) if cursor is None else cursor
            self.value = self._known_text = text
            self._cursor = (cursor, cursor)
            utf16_cursor = utf16_length(text[:cursor])
            # Flet puts the cursor behind the new text by itself.
            is_inside = cursor < len(text)
            self.selection = ft.TextSelection(utf16_cursor, utf16_cursor) if is_inside else None
            self.update()

    def expect_removal(self) -> None:
        """The client is asked to remove a stored text from the beginning."""
        self._before_removal = self.value

    def removed_in_client(self, text: str) -> None:
        """The client has removed a text from the beginning. Its report of that may come later.

        A text that has changed since `expect_removal` is reported already, or will be.
        """
        if self.value == self._before_removal:
            is_part = text.startswith(self.value)
            self._has_in_client("" if is_part else self.value.removeprefix(text))

    def remove_prefix(self, text: str) -> None:
        """Remove a text from the beginning, where the client cannot.

        The client may have reported only a part of it, when the field lost the focus.
        """
        self.value = "" if text.startswith(self.value) else self.value.removeprefix(text)
        self.update()

    def expect_echo(self, text: str) -> None:
        """The server replaced `text`; '' if it did not."""
        self._echo, self._echo_at = text, time.monotonic()

    def without_echo(self, text: str) -> str:
        """A reported text without the replaced one, with which the next report may begin."""
        echo, self._echo = self._echo, ""
        is_recent = time.monotonic() - self._echo_at < _ECHO_SECONDS
        return text.removeprefix(echo) if is_recent and len(text) > len(echo) else text

    def insert(self, text: str, *, separate: bool = False) -> None:
        """Insert a text at the cursor, in place of the selection.

        `separate`: with a space after a word.
        """
        start, end = self._cursor_range()
        before, after = self.value[:start], self.value[end:]
        if separate and before and not before[-1].isspace():
            text = f" {text}"
        if after.startswith(" "):
            text = text.removesuffix(" ")
        self.set_text(before + text + after, len(before + text))

    def _cursor_range(self) -> tuple[int, int]:
        start, end = self._cursor
        return min(start, len(self.value)), min(end, len(self.value))


def moved_cursor(before: str, after: str, cursor: int) -> int:
    """The position in `after` of a cursor of `before`.

    It is behind an inserted text. Where text was removed, it stays with the characters around it.
    """
    added = len(after) - len(before)
    if added > 0 and after.startswith(before[:cursor]) and after.endswith(before[cursor:]):
        return cursor + added  # (among equal letters, others would fit as well)
    prefix_length = _common_length(before, after, str.startswith)
    suffix_length = _common_length(before[prefix_length:], after[prefix_length:], str.endswith)
    removed_end, added_end = len(before) - suffix_length, len(after) - suffix_length
    if added_end > removed_end == prefix_length:
        return added_end
    return cursor if cursor <= prefix_length else max(added_end, cursor + added_end - removed_end)


def _common_length(one: str, other: str, has_part: Callable[[str, str], bool]) -> int:
    """The number of characters at the beginning that two texts share; with `str.endswith`, at the
    end.

    Whole parts are compared, each twice as short as the one before: a loop over the characters of a
    full field would hold the server for milliseconds.
    """
    is_prefix = has_part is str.startswith
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if has_part(other, one[:middle] if is_prefix else one[len(one) - middle :]):
            low = middle
        else:
            high = middle - 1
    return low


def _do_nothing() -> None:
    pass
