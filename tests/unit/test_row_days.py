"""The days of rows, and about how high rows are."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.ui.days.row_days import RowDays
from chat.ui.rows.event_runs import row_contents
from chat.ui.viewer import viewer_for

VIEWER = viewer_for("UTC")
_ANN = Person(1, "Ann")
_NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)

# As measured in Chromium, in pixels: a row with a name, one without, and a line of text.
_FIRST_ROW, _ROW, _LINE, _DIVIDER = 55, 25, 21, 33


def message(number: int, days_ago: int, text: str = "Soup for all") -> Message:
    """A message of Ann's."""
    sent_at = _NOON - timedelta(days=days_ago) + timedelta(seconds=number)
    return Message(1, number, _ANN, MessageKind.TEXT, text, sent_at, number)


def days_of(messages: list[Message], width: float = 1000) -> RowDays:
    """The days of these messages, oldest first, added in two parts."""
    rows = RowDays(messages[-1].number)
    pairs = list(zip([None, *messages], messages, strict=False))
    half = len(pairs) // 2
    for part in (pairs[half:], pairs[:half]):
        rows.add_older(row_contents(part, VIEWER), VIEWER, width)
    return rows


def test_day_changes_above_the_line_of_the_day() -> None:
    rows = days_of([message(1, 2), message(2, 2), message(3, 0), message(4, 0)])
    today = _ROW + _FIRST_ROW + _DIVIDER
    assert rows.first_number == 1
    assert rows.day_at(0) == rows.day_at(today - 1) == date(2026, 11, 30)
    assert rows.day_at(today) == rows.day_at(2 * today - 1) == date(2026, 11, 28)
    assert rows.day_at(2 * today) is None


def test_long_text_is_as_high_as_its_lines() -> None:
    text = "word " * 60  # 300 characters
    tall = 3 * _LINE + _FIRST_ROW + _DIVIDER
    rows = days_of([message(1, 1, text), message(2, 0)], width=1000)
    begin = _FIRST_ROW + _DIVIDER
    assert rows.day_at(begin + tall - 1) == date(2026, 11, 29)
    assert rows.day_at(begin + tall) is None
    # On a phone it has more lines.
    narrow = days_of([message(1, 1, text), message(2, 0)], width=390)
    assert narrow.day_at(begin + tall + 3 * _LINE) == date(2026, 11, 29)


@pytest.mark.parametrize(("text", "height"), [("```\na\nb\n```", 58), ("```python\na\nb\n```", 82)])
def test_code_has_a_frame_and_a_line_for_its_language(text: str, height: int) -> None:
    rows = days_of([message(1, 1, text), message(2, 0)])
    # As measured in Chromium, in place of a line of text.
    both = 2 * (_FIRST_ROW + _DIVIDER) - _LINE + height
    assert rows.day_at(both - 1) == date(2026, 11, 29)
    assert rows.day_at(both) is None


def test_erased_and_folded_rows_have_no_height() -> None:
    messages = [message(1, 1)] + [
        Message(1, number, _ANN, MessageKind.JOINED, "", _NOON, number) for number in range(2, 42)
    ]
    rows = days_of(messages)
    assert rows.day_at(100) == date(2026, 11, 29)
