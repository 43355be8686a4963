"""Cursors of events: any number comes back, and no other text is a cursor."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.errors import BadCursor, CursorOutdated
from chat.model.sequence import SequenceRun
from chat.programs.event_cursor import CURSOR_LENGTH, EventCursors

FIRST, SECOND, THIRD = (SequenceRun("abc"[n] * 16, 10 * n) for n in range(3))
CURSORS = EventCursors([FIRST, SECOND, THIRD])
LAST = 2**63 - 1


@given(number=st.integers(0, LAST))
def test_cursor_has_its_number_and_one_length(number: int) -> None:
    cursor = CURSORS.encode(number)
    assert CURSORS.decode(cursor, LAST) == number
    assert len(cursor) == CURSOR_LENGTH


def test_cursor_of_an_earlier_run_is_valid_up_to_the_end_of_the_run() -> None:
    earlier = EventCursors([FIRST, SECOND])
    assert CURSORS.decode(earlier.encode(20), 30) == 20
    # Also from before the run: a program was behind.
    assert CURSORS.decode(earlier.encode(3), 30) == 3
    # The second run went on in data that are gone, and other messages have its numbers now.
    with pytest.raises(CursorOutdated):
        CURSORS.decode(earlier.encode(21), 30)


def test_cursor_of_this_run_is_valid_up_to_the_last_number() -> None:
    assert CURSORS.decode(CURSORS.encode(30), 30) == 30
    with pytest.raises(CursorOutdated):
        CURSORS.decode(CURSORS.encode(31), 30)


def test_number_belongs_to_the_run_that_gave_it() -> None:
    assert [CURSORS.run_of(each) for each in (1, 10)] == [FIRST.id] * 2
    assert [CURSORS.run_of(each) for each in (11, 20)] == [SECOND.id] * 2
    assert CURSORS.run_of(21) == CURSORS.run_of(LAST) == THIRD.id
    # A run that gave no number, and a copy that was restored and gives 11 again.
    restored = EventCursors([FIRST, SequenceRun("d" * 16, 10), SequenceRun("e" * 16, 10)])
    assert restored.run_of(11) == "e" * 16
    assert restored.run_of(10) == FIRST.id


@given(number=st.integers(0, LAST), run=st.integers(0, 2**64 - 1))
def test_cursor_of_an_unknown_run_is_told_from_a_damaged_one(number: int, run: int) -> None:
    unknown = EventCursors([SequenceRun(f"{run:016x}", 0)])
    with pytest.raises(CursorOutdated):
        CURSORS.decode(unknown.encode(number), LAST)


@given(text=st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises((BadCursor, CursorOutdated)):
        CURSORS.decode(text, LAST)


@given(content=st.binary(min_size=21, max_size=21))
def test_any_content_is_refused(content: bytes) -> None:
    with pytest.raises((BadCursor, CursorOutdated)):
        CURSORS.decode(base64.urlsafe_b64encode(content).decode(), LAST)


@given(
    number=st.integers(0, LAST),
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
        CURSORS.decode(damaged, LAST)
