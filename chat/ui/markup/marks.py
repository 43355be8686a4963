"""Marks within a text: names that mention people, and words that were searched for."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import flet as ft

from chat.model.messages import Message
from chat.text.mentions import mention_ranges
from chat.text.names import EVERYONE, HERE, cached_name_key
from chat.ui.theme.copied_text import PADDING
from chat.ui.viewer import RowState

# The most @ signs of one text that are looked at, and the most marked words.
_MAX_AT_SIGNS = 50
_MAX_WORD_MARKS = 50

_MENTION_STYLE = ft.TextStyle(
    color=ft.Colors.ON_PRIMARY_CONTAINER,
    bgcolor=ft.Colors.PRIMARY_CONTAINER,
    weight=ft.FontWeight.W_500,
)
_OWN_MENTION_STYLE = ft.TextStyle(
    color=ft.Colors.ON_TERTIARY, bgcolor=ft.Colors.TERTIARY, weight=ft.FontWeight.W_600
)
_WORD_STYLE = ft.TextStyle(color=ft.Colors.ON_TERTIARY, bgcolor=ft.Colors.TERTIARY)


@dataclass(slots=True)
class TextMarks:
    """The marks of one message. `names` are the keys of the names that mention somebody (of
    `name_key`), `own_names` those that mention the viewer."""

    names: frozenset[str]
    own_names: frozenset[str]
    words: tuple[str, ...]
    _at_signs_left: int = _MAX_AT_SIGNS

    def split(self, text: str) -> Iterator[tuple[str, ft.TextStyle | None]]:
        """The parts of a text, each with its style, or None if it is not marked."""
        at = 0
        for start, end, style in sorted(self._ranges(text), key=lambda each: each[:2]):
            if start < at:
                continue
            if start > at:
                yield text[at:start], None
            marked = text[start:end]
            yield (marked if style is _WORD_STYLE else f"{PADDING}{marked}{PADDING}"), style
            at = end
        if at < len(text):
            yield text[at:], None

    def _ranges(self, text: str) -> Iterator[tuple[int, int, ft.TextStyle]]:
        if self.names and "@" in text:
            self._at_signs_left -= text.count("@")
            limit = max(0, self._at_signs_left + text.count("@"))
            for start, end, key in mention_ranges(text, self.names, limit):
                yield start, end, _OWN_MENTION_STYLE if key in self.own_names else _MENTION_STYLE
        if self.words:
            for n, found in enumerate(_word_pattern(self.words).finditer(text)):
                if n < _MAX_WORD_MARKS:
                    yield *found.span(), _WORD_STYLE


NO_MARKS = TextMarks(frozenset(), frozenset(), ())


def marks_of(message: Message, state: RowState) -> TextMarks:
    """The marks in the text of a message for one viewer."""
    if not message.mentions and not state.marked_words:
        return NO_MARKS
    names = {cached_name_key(name): person_id for name, person_id in message.mention_names}
    own_names = {name for name, person_id in names.items() if person_id == state.mentioned_id}
    if state.mentions_viewer and not own_names:
        own_names = {EVERYONE, HERE}
    all_names = {EVERYONE, HERE, *names} if message.mentions else set[str]()
    return TextMarks(frozenset(all_names), frozenset(own_names), state.marked_words)


def with_mark(style: ft.TextStyle | None, mark: ft.TextStyle) -> ft.TextStyle:
    """A style with the colours of a mark."""
    if style is None:
        return mark
    return dataclasses.replace(
        style, color=mark.color, bgcolor=mark.bgcolor, weight=style.weight or mark.weight
    )


@lru_cache(256)
def _word_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    alternatives = "|".join(
        (r"(?<!\w)" if each[:1].isascii() else "") + re.escape(each) for each in longest_first
    )
    return re.compile(alternatives, re.IGNORECASE)
