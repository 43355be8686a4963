"""Cursors of events: any number comes back, and no other text is a cursor."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import BadCursor, CursorOutdated
from chat.programs.event_cursor import CURSOR_LENGTH, EventCursors

CURSORS = EventCursors("0123456789abcdef")


@given(number=st.integers(0, 2**63 - 1))
def test_cursor_has_its_number_and_one_length(number: int) -> None:
    cursor = CURSORS.encode(number)
    assert CURSORS.decode(cursor) == number
    assert len(cursor) == CURSOR_LENGTH


@given(number=st.integers(0, 2**63 - 1), chat=st.text(min_size=1))
def test_cursor_of_another_chat_is_told_from_a_damaged_one(number: int, chat: str) -> None:
    with pytest.raises(CursorOutdated):
        CURSORS.decode(EventCursors(f"another {chat!r}").encode(number))


@given(text=st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises((BadCursor, CursorOutdated)):
        CURSORS.decode(text)


@given(content=st.binary(min_size=21, max_size=21))
def test_any_content_is_refused(content: bytes) -> None:
    with pytest.raises((BadCursor, CursorOutdated)):
        CURSORS.decode(base64.urlsafe_b64encode(content).decode())


@given(
    number=st.integers(0, 2**63 - 1),
    place=st.integers(0, CURSOR_LENGTH - 1),
    character=st.characters(codec="utf-8"),
)
def test_cursor_with_one_other_character_is_refused(
    number: int, place: int, character: str
) -> None:
    cursor = CURSORS.encode(number)
    damaged = cursor[:place] + character + cursor[place + 1 :]
    if damaged == cursor:
        return
    with pytest.raises((BadCursor, CursorOutdated)):
        CURSORS.decode(damaged)
