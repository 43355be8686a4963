"""The draft saver: how often a draft is stored while a person types, and when at once."""

import asyncio

import pytest

from chat.ui.composer import draft_saver
from chat.ui.composer.draft_saver import SAVE_INTERVAL, DraftSaver


class Field:
    """A field with a saver; `saves` are the texts that were stored."""

    def __init__(self) -> None:
        self.draft = ""
        self.saves: list[str] = []
        self.saver = DraftSaver(self)

    def store_draft(self, draft: str) -> None:
        """Record a draft that is stored."""
        self.saves.append(draft)

    def types(self, text: str) -> None:
        """Replace the text of the field, as each key does."""
        self.draft = text
        self.saver.save_later()


@pytest.fixture
def short_interval(monkeypatch: pytest.MonkeyPatch) -> float:
    """The interval between two saves, for a test that waits for several."""
    monkeypatch.setattr(draft_saver, "SAVE_INTERVAL", 0.2)
    return 0.2


def test_drafts_are_stored_at_most_once_a_second() -> None:
    assert SAVE_INTERVAL >= 1


async def test_keys_of_one_interval_are_stored_together(short_interval: float) -> None:
    field, loop = Field(), asyncio.get_running_loop()
    started = loop.time()
    while len(field.saves) < 3:
        field.types(field.draft + "x")
        await asyncio.sleep(0.01)
    assert loop.time() - started >= 3 * short_interval


async def test_draft_is_stored_at_once_when_the_session_may_not_return() -> None:
    field = Field()
    field.types("hello")
    field.saver.save_now()
    field.saver.save_now()
    assert field.saves == ["hello"]


async def test_draft_deleted_with_its_message_is_not_stored_as_empty(
    short_interval: float,
) -> None:
    field = Field()
    field.types("hello")
    field.saver.save_now()
    field.types("")
    field.saver.deleted("hello")
    await asyncio.sleep(2 * short_interval)
    assert field.saves == ["hello"]


async def test_text_typed_since_is_still_known_as_stored() -> None:
    field = Field()
    field.types("and then")
    field.saver.save_now()
    field.saver.deleted("hello")
    field.types("")
    field.saver.save_now()
    assert field.saves == ["and then", ""]
