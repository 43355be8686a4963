"""One session cannot stop the others: its queue, its dialogs, and its share of the loop."""

import asyncio
import json
from collections.abc import Callable

import flet as ft
import pytest
import structlog

from chat.server.app import ChatServer
from chat.ui.theme.dialog import MAX_KEPT_DIALOGS, Dialog, close_dialog
from chat.web.guard.rate_limit import ProtocolViolation
from chat.web.socket import event_queue
from chat.web.socket.event_queue import (
    MAX_HANDLERS,
    MAX_WAITING_EVENTS,
    EventQueue,
    SessionEvent,
)
from tests.conftest import NewUser
from tests.harness.client import EVENT
from tests.harness.hostile_clients import (
    REGISTER_FRAME,
    encode_frame,
    page_of,
    raw_socket,
    wait_until_disconnected,
)
from tests.harness.waiting import wait_until

OPENING_FRAMES = {"Ctrl+K": b"\x7fk", "Ctrl+/": b"\x7f?"}


@pytest.mark.parametrize("key", ["quick switcher", "shortcuts"])
async def test_held_key_that_opens_a_dialog_opens_one(
    new_user: NewUser, chat: ChatServer, key: str
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    for _ in range(150):
        await ann.page_script.presses(key)
    await bob.composer.posts("still here")
    await ann.timeline.waits_for_message("still here")
    await ann.until(lambda: ann.find("AlertDialog", open=True))
    assert len(ann.find("AlertDialog", open=True)) == 1
    dialogs = [each for each in _dialogs(page_of(ann)) if isinstance(each, ft.AlertDialog)]
    assert len(dialogs) <= MAX_KEPT_DIALOGS


async def test_alternating_keys_leave_one_dialog_though_the_client_reports_no_dismissal(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    for n in range(40):
        dialog = ft.AlertDialog(title=f"{n}") if n % 3 else ft.SnackBar(ft.Text(f"{n}"))
        page.show_dialog(dialog)
        assert len(_dialogs(page)) <= MAX_KEPT_DIALOGS
        assert sum(each.open for each in _dialogs(page) if isinstance(each, ft.AlertDialog)) <= 1
        assert dialog.open


@pytest.mark.parametrize("count", [2, MAX_KEPT_DIALOGS, MAX_KEPT_DIALOGS + 1, 11])
async def test_client_shows_the_last_of_many_dialogs_that_open_at_once(
    new_user: NewUser, count: int
) -> None:
    ann = await new_user("Ann")
    for n in range(count):
        page_of(ann).show_dialog(Dialog(f"dialog {n}", ft.Text("content"), [], width=400))
    await ann.until(lambda: ann.sees(f"dialog {count - 1}"))
    assert len(ann.find("AlertDialog", open=True)) == 1


class CountedText(ft.Text):
    """A text that counts how often Flet compares it or sends it for the first time."""

    visits = 0

    def before_update(self) -> None:
        CountedText.visits += 1


@pytest.mark.parametrize(
    "build",
    [
        lambda texts: ft.AlertDialog(content=ft.Column(texts)),
        lambda texts: ft.AlertDialog(actions=texts),
        lambda texts: ft.BottomSheet(ft.Column([ft.Row(texts)])),
        lambda texts: Dialog("title", ft.Column(texts), [], width=400),
    ],
)
async def test_content_of_a_dialog_is_not_compared_when_it_or_another_opens_or_closes(
    new_user: NewUser, build: Callable[[list[ft.Control]], ft.DialogControl]
) -> None:
    ann = await new_user("Ann")
    page = page_of(ann)
    first, second = (build([CountedText(f"{n}") for n in range(30)]) for _ in range(2))
    type_name = "BottomSheet" if isinstance(first, ft.BottomSheet) else "AlertDialog"
    CountedText.visits = 0
    page.show_dialog(first)
    assert CountedText.visits == 30
    page.show_dialog(second)
    assert CountedText.visits == 60
    page.show_dialog(ft.SnackBar(ft.Text("a notice")))
    close_dialog(second)
    assert CountedText.visits == 60
    await ann.until(lambda: not ann.find(type_name, open=True))
    assert [each.open for each in (first, second)] == [False, False]


async def test_dialog_that_has_changed_is_updated_although_its_content_is_not_compared(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    text = ft.Text("before")
    dialog = Dialog("title", ft.Column([ft.Row([text])]), [], width=400)
    page_of(ann).show_dialog(dialog)
    await ann.until(lambda: ann.sees("before"))
    text.value = "after"
    text.update()
    await ann.until(lambda: ann.sees("after"))
    dialog.actions = [ft.TextButton("an action")]
    dialog.update()
    await ann.until(lambda: ann.sees("an action"))


def _dialogs(page: ft.Page) -> list[ft.DialogControl]:
    """The dialogs that the server keeps for a page."""
    parents = {id(each.parent): each.parent for each in page.session.index.values() if each.parent}
    found = [each for each in parents.values() if type(each).__name__ == "Dialogs"]
    return list(found[0].controls) if found else []


async def test_second_click_while_one_is_answered_does_nothing() -> None:
    handled: list[SessionEvent] = []
    answer = asyncio.Event()

    async def handle(event: SessionEvent) -> None:
        handled.append(event)
        await answer.wait()

    queue = EventQueue(handle=handle)
    for control_id in (7, 7, 7, 8, 7, 8, 8):
        queue.put(SessionEvent(control_id, "click", None))
    await wait_until(lambda: len(handled) == 4)
    assert [each.control_id for each in handled] == [7, 8, 7, 8]
    answer.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    queue.put(SessionEvent(8, "click", None))
    await wait_until(lambda: len(handled) == 5)


async def test_repeated_click_is_handled_after_another_that_was_already_answered() -> None:
    handled: list[int] = []
    answer = asyncio.Event()

    async def handle(event: SessionEvent) -> None:
        handled.append(event.control_id)
        if event.control_id == 7:
            await answer.wait()

    queue = EventQueue(handle=handle)
    for control_id in (7, 7, 8):
        queue.put(SessionEvent(control_id, "click", None))
    await wait_until(lambda: handled == [7, 8])
    await asyncio.sleep(0.01)
    queue.put(SessionEvent(7, "click", None))
    await wait_until(lambda: handled == [7, 8, 7])
    answer.set()


async def test_queue_is_bounded_and_its_reader_waits() -> None:
    answer = asyncio.Event()
    handled: list[int] = []

    async def handle(event: SessionEvent) -> None:
        await answer.wait()
        handled.append(event.control_id)

    queue = EventQueue(handle=handle)
    read = 0

    async def read_events() -> None:
        nonlocal read
        for n in range(1000):
            await queue.wait_for_turn()
            queue.put(SessionEvent(n, "click", None))
            read += 1

    reading = asyncio.create_task(read_events())
    await wait_until(lambda: read >= MAX_WAITING_EVENTS)
    for _ in range(100):
        await asyncio.sleep(0)
    assert read <= MAX_WAITING_EVENTS + MAX_HANDLERS
    answer.set()
    await reading
    await wait_until(lambda: len(handled) == 1000)
    assert handled == list(range(1000))


async def test_session_whose_full_queue_makes_no_progress_is_disconnected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert event_queue.MAX_STUCK_SECONDS <= 30
    monkeypatch.setattr(event_queue, "MAX_STUCK_SECONDS", 0.2)
    answer = asyncio.Event()

    async def handle(event: SessionEvent) -> None:
        await answer.wait()

    queue = EventQueue(handle=handle)
    for n in range(MAX_HANDLERS + MAX_WAITING_EVENTS):
        await queue.wait_for_turn()
        queue.put(SessionEvent(n, "click", None))
    with pytest.raises(ProtocolViolation, match="do not end"):
        await queue.wait_for_turn()
    # A queue that moves on is not stuck, however slowly.
    answer.set()
    await queue.wait_for_turn()


async def test_reports_that_wait_are_replaced_by_the_newest() -> None:
    handled: list[object] = []

    async def handle(event: SessionEvent) -> None:
        handled.append(event.data)

    queue = EventQueue(handle=handle)
    for n in range(50):
        queue.put(SessionEvent(5, "change", n))
    await wait_until(lambda: 49 in handled)
    assert len(handled) <= MAX_HANDLERS + 1


async def test_session_that_used_its_share_of_the_loop_is_not_read() -> None:
    queue = EventQueue(handle=lambda event: asyncio.sleep(0))
    queue.budget.spend(0.25)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await queue.wait_for_turn()
    assert loop.time() - started >= 0.2


async def test_health_says_the_longest_time_that_the_loop_was_held(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann = await new_user("Ann")
    body = json.loads((await ann.http_get("/healthz")).text)
    assert body["status"] == "ok"
    assert 0 <= body["loop_held_ms"] < 60_000


@pytest.mark.parametrize(
    "frames", [(), (encode_frame(EVENT, {"target": 1, "name": "resize", "data": None}),)]
)
async def test_client_that_leaves_while_its_session_starts_leaves_no_error(
    chat: ChatServer, caplog: pytest.LogCaptureFixture, frames: tuple[bytes, ...]
) -> None:
    with structlog.testing.capture_logs() as logs:
        for _ in range(10):
            async with raw_socket(chat) as websocket:
                await websocket.send(REGISTER_FRAME)
                for each in frames:
                    await websocket.send(each)
                await websocket.recv()
                websocket.transport.abort()
        await wait_until_disconnected(chat)
    assert [each for each in logs if each["log_level"] == "error"] == []
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []
