"""Marks within a text: names that mention people, and words that were searched for."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import flet as ft

from chat.model.messages import Message
from chat.model.people import Person
from chat.text.mentions import mention_ranges
from chat.text.names import EVERYONE, HERE, cached_name_key
from chat.ui.row_parts import mention_parts
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
    `name_key`), `own_names` those that mention the viewer. `parts` are the parts of the row of the
    names of people, which can be clicked."""

    names: frozenset[str]
    own_names: frozenset[str]
    words: tuple[str, ...]
    parts: Mapping[str, int] = field(default_factory=dict)
    _at_signs_left: int = _MAX_AT_SIGNS

    def split(self, text: str) -> Iterator[tuple[str, ft.TextStyle | None, int | None]]:
        """The pieces of a text, each with its style, or None if it is not marked; and with the part
        of the row that it is, or None if it cannot be clicked."""
        at = 0
        for start, end, style, part in sorted(self._ranges(text), key=lambda each: each[:2]):
            if start < at:
                continue
            if start > at:
                yield text[at:start], None, None
            marked = text[start:end]
            padding = "" if style is _WORD_STYLE else PADDING
            yield f"{padding}{marked}{padding}", style, part
            at = end
        if at < len(text):
            yield text[at:], None, None

    def _ranges(self, text: str) -> Iterator[tuple[int, int, ft.TextStyle, int | None]]:
        if self.names and "@" in text:
            self._at_signs_left -= text.count("@")
            limit = max(0, self._at_signs_left + text.count("@"))
            for start, end, key in mention_ranges(text, self.names, limit):
                style = _OWN_MENTION_STYLE if key in self.own_names else _MENTION_STYLE
                yield start, end, style, self.parts.get(key)
        if self.words:
            for n, found in enumerate(_word_pattern(self.words).finditer(text)):
                if n < _MAX_WORD_MARKS:
                    yield *found.span(), _WORD_STYLE, None


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
    parts = mention_parts(names)
    return TextMarks(frozenset(all_names), frozenset(own_names), state.marked_words, parts)


def mentioned_person(message: Message, part: int) -> Person | None:
    """The person whom a part of the row mentions, under the name in the text; None if that name is
    not in the text any more."""
    ids = {cached_name_key(name): (name, person_id) for name, person_id in message.mention_names}
    for key, each in mention_parts(ids).items():
        if each == part:
            name, person_id = ids[key]
            return Person(person_id, name)
    return None


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
