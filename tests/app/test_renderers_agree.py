"""Packed rows and ordinary controls: after any events, both show what a fresh client shows."""

import asyncio
import contextlib
from pathlib import Path
from tempfile import TemporaryDirectory

import flet as ft
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import (
    FIRST_ROW_ID,
    IDS_PER_MESSAGE,
    ROOM_LIST_ID,
    ROOM_ROWS,
    THREAD_ROWS,
    item_of_id,
    message_part_of_id,
    pack_with_message_ids,
    person_item_id,
    room_item_id,
)
from chat.ui.row_parts import MENU_BUTTON, PART_LIMIT
from chat.ui.screen import chat_screen
from chat.web.guard import rate_limit
from tests.harness.activity import MANY_POSTS
from tests.harness.control_tree import texts_of
from tests.harness.flet_internals import id_of
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until

# Steps of Ann on one of her last lines, and steps of Bob.
MESSAGE_STEPS = ["edits", "deletes", "reacts", "pins", "quotes", "replies"]
OTHER_STEPS = [
    "up",
    "older",
    "down",
    "jump",
    "reload",
    "post",
    "other room",
    "link",
    "poll",
    "vote",
]

# A step of Ann's posting has the number of lines; a step on a line, its distance from the last one;
# a step of Bob's, a number for the link and the vote.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("posts"), st.integers(1, 70)),
        st.tuples(st.sampled_from(MESSAGE_STEPS), st.integers(1, 5)),
        st.tuples(st.sampled_from(OTHER_STEPS), st.integers(1, 60)),
    ),
    max_size=10,
)


@pytest.fixture(params=["packed rows", "ordinary controls"])
def renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each renderer; a session without a connection of the chat gets ordinary controls."""
    # Ann posts faster than the rate limit allows.
    monkeypatch.setattr(rate_limit, "BURST", 1e9)

    def no_connection(page: ft.Page) -> ClientConnection | None:
        return None

    if request.param == "ordinary controls":
        monkeypatch.setattr(chat_screen, "connection_of", no_connection)
    return str(request.param)


# Bob posts as soon as his page is back, while the rows that he had scrolled up to are prepared.
POST_AFTER_RELOAD = [
    ("posts", 50),
    ("posts", 19),
    ("jump", 23),
    ("reacts", 5),
    ("reload", 16),
    ("other room", 29),
    ("up", 43),
    ("posts", 11),
    ("reload", 3),
    ("post", 5),
]


@given(steps=STEPS)
@example(steps=POST_AFTER_RELOAD)
@settings(
    max_examples=5,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_both_renderers_show_what_a_fresh_client_shows(
    renderer: str, steps: list[tuple[str, int]]
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_run_story(Path(folder), steps, packed=renderer == "packed rows"))


async def _run_story(folder: Path, steps: list[tuple[str, int]], *, packed: bool) -> None:
    chat = ChatServer(
        Settings(web=True, no_browser=True, port=0, data=folder, **MANY_POSTS),
        Environment(has_screen=False),
    )
    server_task = asyncio.create_task(chat.run())
    await chat.ready.wait()
    ann, bob, fresh_client = (ChatUser(chat.url) for _ in range(3))
    for each in (ann, bob, fresh_client):
        each.page_script.enabled = packed
    try:
        await ann.opens_as("Ann")
        await bob.opens_as("Bob")
        await ann.timeline.waits_for_message("Ann has joined the chat.")
        await bob.timeline.waits_for_message("Bob has joined the chat.")
        await bob.rooms_dialog.creates_room("Garden")
        await bob.sidebar.opens_room("Lobby")
        lines = list[str]()
        for step, count in steps:
            if step == "posts":
                for _ in range(count):
                    lines.append(f"line {len(lines) + 1}")
                    await ann.composer.posts(lines[-1])
            elif step in MESSAGE_STEPS:
                await _run_message_step(ann, lines, step, count)
            else:
                await _run_step(bob, step, count)
        await ann.composer.posts("the end")
        await _scroll_down_to(bob, "the end")
        await fresh_client.opens_as("Fresh")
        await fresh_client.timeline.waits_for_message("Fresh has joined the chat.")
        await _scroll_down_to(bob, "Fresh has joined the chat.")
        await _wait_until_alike(bob, fresh_client, "Fresh has joined the chat.")
        shown, expected = _common_ends(bob, fresh_client)
        assert shown == expected
        rows = [text for row in reversed(bob.timeline.rows) for text in texts_of(row, quotes=False)]
        shown_lines = [text for text in rows if text.startswith("line ")]
        assert shown_lines == [text for text in lines if text][-len(shown_lines) or len(lines) :]
        assert all((row["_i"] >= FIRST_ROW_ID) == packed for row in bob.timeline.rows)
        assert bob.crashes == []
    finally:
        for person in (ann, bob, fresh_client):
            await person.disconnects()
        chat.stop()
        await server_task


async def _wait_until_alike(bob: ChatUser, fresh_client: ChatUser, last_text: str) -> None:
    """Wait until both show the same, at most 5 s: a change soon after another is drawn later.

    Above the first unread message is a line, and the row below it has the author's name; a fresh
    client has neither. Bob needs no line there, and opens the room again. The line may also come
    late, with the message of a link.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(20):
            while not _is_alike(bob, fresh_client):
                await wait_until(
                    lambda: _has_line(bob, fresh_client) or _is_alike(bob, fresh_client), 5, 0.1
                )
                if _has_line(bob, fresh_client):
                    if bob.sees("Do not show them"):
                        await bob.clicks("Do not show them")
                    await _run_step(bob, "other room")
                    await _scroll_down_to(bob, last_text)


def _is_alike(bob: ChatUser, fresh_client: ChatUser) -> bool:
    shown, expected = _common_ends(bob, fresh_client)
    return shown == expected


def _has_line(bob: ChatUser, fresh_client: ChatUser) -> bool:
    """Whether the line above the first unread message is where both have rows."""
    return "New messages" in _common_ends(bob, fresh_client)[0]


def _common_ends(bob: ChatUser, fresh_client: ChatUser) -> tuple[list[str], list[str]]:
    """The texts that both show: their history windows may begin at different messages."""
    shown, expected = bob.timeline.texts, fresh_client.timeline.texts
    common = min(len(shown), len(expected)) - 2
    return shown[-common:], expected[-common:]


async def _run_message_step(ann: ChatUser, lines: list[str], step: str, offset: int) -> None:
    """Run a step of Ann on the line `offset` before the end; none if it is missing or deleted."""
    index = len(lines) - offset
    if index < 0 or not lines[index]:
        return
    line = lines[index]
    if step == "edits":
        await ann.message_menu.runs(line, "Edit")
        await ann.composer.waits_for_text(line)
        lines[index] += " again"
        await ann.composer.posts(lines[index])
        await ann.timeline.waits_for_message(lines[index])
    elif step == "deletes":
        await ann.message_menu.deletes(line)
        await ann.until(lambda: ann.timeline.row(line) is None)
        lines[index] = ""
    elif step == "reacts":
        await ann.message_menu.reacts(line, "👍")
    elif step == "pins":
        await ann.message_menu.runs(
            line, "Unpin" if "pinned" in texts_of(ann.timeline.row(line)) else "Pin to this room"
        )
    elif step == "quotes":
        await ann.message_menu.runs(line, "Reply")
        lines.append(f"line {len(lines) + 1}")
        await ann.composer.posts(lines[-1])
    else:
        await ann.opens_thread(line)
        await ann.composer.posts("a reply")
        await ann.sidebar.opens_room("Lobby")
        await ann.until(lambda: ann.timeline.row(line))


async def _run_step(bob: ChatUser, step: str, count: int = 1) -> None:
    await bob.until(lambda: bob.composer.control)
    if step == "up":
        await bob.timeline.scrolls(400, extent=9_000)
    elif step == "older":
        await bob.timeline.scrolls(8_900, extent=9_000)
    elif step == "down":
        await bob.timeline.scrolls(0, extent=9_000)
    elif step == "jump" and bob.sees_partial("new message"):
        await bob.fires(bob.find("FilledTonalButton")[0], "click")
    elif step == "reload":
        await bob.reloads(bob.address_bar)
    elif step == "post":
        await bob.composer.posts("me too")
    elif step == "other room":
        await _open_room(bob, "Garden")
        await _open_room(bob, "Lobby")
    elif step == "poll":
        await bob.composer.posts("/poll “Which one?” Soup Salad")
    elif step == "vote" and (bars := bob.timeline.poll_options("Which one?")):
        await bob.fires(bars[count % 2], "click")
    elif step == "link":
        # A link of a notification. Bob does not wait until the message is shown.
        await bob.page_script.clicks_notification({"path": f"/room/lobby/{count}"})


async def _open_room(bob: ChatUser, title: str) -> None:
    """Click a room until it is on the screen.

    Ordinary controls are new ones after each redraw, for example after a reload. The server drops
    the click on a control that it has replaced in the meantime, and a person clicks again. Packed
    rows keep their ids: the first click counts.
    """
    if bob.page_script.enabled:
        await bob.sidebar.opens_room(title)
        return
    async with asyncio.timeout(20):
        while not bob.sidebar.has_opened(title):
            await bob.sidebar.clicks_room(title)
            with contextlib.suppress(AssertionError):
                await bob.until(lambda: bob.sidebar.has_opened(title), 1)


async def _scroll_down_to(bob: ChatUser, text: str) -> None:
    """Scroll until the text is shown: an earlier step may still be loading another page."""
    async with asyncio.timeout(20):
        while text not in bob.timeline.texts:
            await _run_step(bob, "down")
            for tooltip in ("Jump to the latest", "1 new message"):
                if bob.sees(tooltip):
                    await bob.clicks(tooltip)
            await asyncio.sleep(0.05)


def test_packed_control_ids_map_back_to_their_rows() -> None:
    assert message_part_of_id(FIRST_ROW_ID - 1) is None
    assert message_part_of_id(FIRST_ROW_ID + 7 * IDS_PER_MESSAGE + 3) == (ROOM_ROWS, 7, 0)
    for row_ids in (ROOM_ROWS, THREAD_ROWS):
        for part in (MENU_BUTTON, PART_LIMIT):
            control = ft.Container(data=part)
            pack_with_message_ids(control, 7, row_ids)
            assert message_part_of_id(id_of(control)) == (row_ids, 7, part)
    last = THREAD_ROWS.first_id + 390_000 * IDS_PER_MESSAGE
    assert message_part_of_id(last) == (THREAD_ROWS, 390_000, 0)
    assert message_part_of_id(FIRST_ROW_ID + 3_000_000 * IDS_PER_MESSAGE) == (
        ROOM_ROWS,
        3_000_000,
        0,
    )
    assert item_of_id(room_item_id(7) + 3) == (7, None)
    assert item_of_id(person_item_id(7)) == (None, 7)
    assert message_part_of_id(room_item_id(1)) is None
    assert item_of_id(FIRST_ROW_ID + 3_000_000 * IDS_PER_MESSAGE) == (None, None)
    assert ROOM_LIST_ID + (1 << 16) < 1 << 32, "the JavaScript client reads 32 bits"
