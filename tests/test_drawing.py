"""Packed rows and ordinary controls: whatever happens, a screen shows what a fresh one would."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import flet as ft
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.app import Chat
from chat.settings import Settings, Surroundings
from chat.ui import conversation
from chat.ui.drawing import Wire
from chat.ui.press import (
    FIRST_ID,
    PARTS,
    PLACES_ID,
    line_of,
    message_of,
    person_line,
    room_line,
)
from chat.ui.view import ACTIONS
from chat.web import guard
from tests.person import Person

# What happens: somebody says so many lines, or Bob does something.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.integers(1, 70)),
        st.tuples(
            st.sampled_from(
                ["up", "older", "down", "jump", "reload", "says too", "edits", "deletes"]
            ),
            st.integers(1, 5),
        ),
    ),
    max_size=8,
)


@pytest.fixture(params=["packed rows", "ordinary controls"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way of drawing; where the session is not on our socket there is no wire."""
    # Ann talks faster here than anybody may.
    monkeypatch.setattr(guard, "BURST", 1e9)

    def none(page: ft.Page) -> Wire | None:
        return None

    if request.param == "ordinary controls":
        monkeypatch.setattr(conversation, "wire_of", none)
    return str(request.param)


@given(steps=STEPS)
@settings(
    max_examples=5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_screen_shows_what_a_fresh_one_would(way: str, steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_story(Path(folder), steps, packed=way == "packed rows"))


async def _story(folder: Path, steps: list[tuple[str, int]], *, packed: bool) -> None:
    chat = Chat(
        Settings(web=True, no_browser=True, port=0, data=folder), Surroundings(screen=False)
    )
    running = asyncio.create_task(chat.run())
    await chat.ready.wait()
    ann, bob, fresh = (Person(chat.address) for _ in range(3))
    try:
        await ann.opens("/chat?username=Ann")
        await bob.opens("/chat?username=Bob")
        await ann.reads("Ann has joined the chat.")
        await bob.reads("Bob has joined the chat.")
        said = list[str]()
        for what, count in steps:
            if what == "says":
                for _ in range(count):
                    said.append(f"line {len(said) + 1}")
                    await ann.says(said[-1])
            elif what in {"edits", "deletes"}:
                await _changes(ann, said, what, count)
            else:
                await _does(bob, what)
        await ann.says("the end")
        await _does(bob, "down")
        await bob.reads("the end")
        await fresh.opens("/chat?username=Fresh")
        await fresh.reads("Fresh has joined the chat.")
        await bob.reads("Fresh has joined the chat.")
        # Each begins to read somewhere else.
        shown, right = (
            [each for each in who.talk if each != "New messages"] for who in (bob, fresh)
        )
        # Bob may have read further up, or see less of what is old; the stretch is the same.
        common = min(len(shown), len(right)) - 2
        assert shown[-common:] == right[-common:], (shown, right)
        lines = [text for text in shown if text.startswith("line ")]
        assert lines == [text for text in said if text][-len(lines) or len(said) :]
        rows = bob.find("ListView", reverse=True)[0]["controls"]
        assert all((row["_i"] >= FIRST_ID) == packed for row in rows)
        assert bob.crashes == []
    finally:
        for person in (ann, bob, fresh):
            await person.disconnects()
        chat.stop()
        await running


async def _changes(ann: Person, said: list[str], what: str, back: int) -> None:
    """Ann edits or deletes the line that she said so many before the last."""
    at = len(said) - back
    if at < 0 or not said[at]:
        return
    await ann.touches(said[at])
    if what == "edits":
        await ann.clicks("Edit")
        await ann.until(lambda: ann.words == said[at])
        said[at] += " again"
        await ann.says(said[at])
        await ann.reads(said[at])
    else:
        await ann.clicks("Delete")
        await ann.clicks("Delete for everyone? It cannot be brought back.")
        await ann.until(lambda: not ann.find("AlertDialog", open=True))
        assert said[at] not in ann.talk
        said[at] = ""


async def _does(bob: Person, what: str) -> None:
    await bob.until(lambda: bob.composer)
    if what == "up":
        await bob.scrolls(400, of=9_000)
    elif what == "older":
        await bob.scrolls(8_900, of=9_000)
    elif what == "down":
        await bob.scrolls(0, of=9_000)
    elif what == "jump" and bob.sees_any("new message"):
        await bob.event(bob.find("FilledTonalButton")[0], "click")
    elif what == "reload":
        await bob.reloads()
    elif what == "says too":
        await bob.says("me too")


def test_ids_of_rows_lead_back_to_their_messages() -> None:
    assert message_of(FIRST_ID - 1) is None
    assert message_of(FIRST_ID + 7 * PARTS + 3) == (7, 0)
    assert message_of(FIRST_ID + 7 * PARTS + PARTS - 33 + ACTIONS) == (7, ACTIONS)
    assert message_of(FIRST_ID + 27_000_000 * PARTS) == (27_000_000, 0)
    assert line_of(room_line(7) + 3) == (7, None)
    assert line_of(person_line(7)) == (None, 7)
    assert message_of(room_line(1)) is None
    assert line_of(FIRST_ID + 27_000_000 * PARTS) == (None, None)
    assert PLACES_ID + (1 << 16) < 1 << 32, "the JavaScript client reads 32 bits"
