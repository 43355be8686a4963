"""The redraws that wait while a person writes in a field of a view."""

import asyncio
from functools import partial

import pytest

from chat.ui.views import written_field
from chat.ui.views.written_field import WrittenField

PAUSE = 0.05


class Screen:
    """What is drawn, and the fields that got the focus back."""

    def __init__(self) -> None:
        self.drawn = list[str]()
        self.refocused = list[tuple[int, int]]()
        self.is_drawn = asyncio.Event()
        self.field = WrittenField(on_drawn=lambda *field: self.refocused.append(field))

    def changes(self, number: int, text: str) -> None:
        """The message with this number has changed to a text."""
        self.field.draw(number, partial(self._draw, text))

    def _draw(self, text: str) -> None:
        self.drawn.append(text)
        self.is_drawn.set()


async def test_newest_change_is_drawn_when_the_person_pauses() -> None:
    screen = Screen()
    screen.field.write(7, -3, PAUSE)
    screen.changes(7, "first")
    screen.changes(7, "second")
    screen.changes(8, "another message")
    assert screen.drawn == ["another message"]
    screen.is_drawn.clear()
    await asyncio.wait_for(screen.is_drawn.wait(), 5)
    assert screen.drawn == ["another message", "second"]
    # The focus is still in the field, which has new elements now.
    assert screen.refocused == [(7, -3)]
    screen.changes(7, "third")
    assert screen.drawn[-1] == "third"


async def test_change_does_not_wait_for_ever_for_somebody_who_never_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written_field, "MAX_HELD_SECONDS", PAUSE)
    screen = Screen()
    screen.field.write(7, -3, 60)
    screen.changes(7, "first")
    async with asyncio.timeout(5):
        while not screen.drawn:
            screen.field.write(7, -3, 60)
            await asyncio.sleep(PAUSE / 10)
    assert screen.drawn == ["first"]


async def test_change_is_drawn_when_the_field_is_left_or_another_one_is_entered() -> None:
    screen = Screen()
    screen.field.write(7, -3)
    screen.changes(7, "first")
    screen.field.leave()
    assert (screen.drawn, screen.refocused) == (["first"], [])
    screen.field.write(7, -3)
    screen.changes(7, "second")
    # Another field of the same view.
    screen.field.write(7, -4)
    assert screen.drawn == ["first"]
    screen.field.write(8, -3)
    assert screen.drawn == ["first", "second"]
    screen.field.clear()


async def test_nothing_waits_for_another_room_or_of_a_deleted_message() -> None:
    screen = Screen()
    screen.field.write(7, -3)
    screen.changes(7, "first")
    screen.field.forget(8)
    screen.field.forget(7)
    screen.changes(7, "deleted")
    assert screen.drawn == ["deleted"]
    screen.field.write(7, -3)
    screen.changes(7, "second")
    screen.field.clear()
    assert screen.drawn == ["deleted"]
