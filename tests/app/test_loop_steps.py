"""Single steps of the loop: how many controls are drawn for one session before others are served.

(Their number, not their time: it is the same on a busy computer.)
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

import flet as ft
import pytest

from chat.programs.hooks import DELIVERY_LIMIT, HOOK_LIMIT
from chat.server.app import ChatServer
from chat.ui.flet.early_drawing import STEP_CONTROLS, draw_early
from chat.ui.theme.dialog import Dialog, show_large_dialog
from tests.app.test_long_lists import lobby_of
from tests.app.test_webhook_dialogs import posts
from tests.conftest import NewUser
from tests.harness.control_tree import texts_of
from tests.harness.flet_internals import id_of
from tests.harness.hostile_clients import page_of
from tests.harness.program_dialogs import ProgramDialogs
from tests.harness.user import ChatUser

# The most that one step may create, and the most that it may prepare and send. A hundred controls
# are created in half a millisecond on a quiet computer, and forty prepared.
MAX_CREATED, MAX_PREPARED = 120, 70


class Steps:
    """Counts the controls of each turn of the loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most_created = self.most_prepared = 0
        self._prepared = 0
        monkeypatch.setattr(ft.BaseControl, "build", self._on_build)

    def _on_build(self, *_: object) -> None:
        self._prepared += 1

    def reset(self) -> None:
        """Forget what was counted."""
        self.most_created = self.most_prepared = 0

    async def count(self) -> None:
        """Count until cancelled."""
        while True:
            first_id, prepared = id_of(ft.Text()), self._prepared
            await asyncio.sleep(0)
            self.most_created = max(self.most_created, id_of(ft.Text()) - first_id - 1)
            self.most_prepared = max(self.most_prepared, self._prepared - prepared)


@pytest.fixture
async def steps(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Steps]:
    """The steps of the chat while the test runs."""
    counted = Steps(monkeypatch)
    task = asyncio.create_task(counted.count())
    yield counted
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def assert_small(steps: Steps, what: str) -> None:
    assert steps.most_created <= MAX_CREATED, what
    assert steps.most_prepared <= MAX_PREPARED, what
    steps.reset()


async def close_dialog_of(person: ChatUser) -> None:
    await person.dialog.dismisses()
    await person.until(lambda: not person.dialog.is_open)


async def test_a_dialog_is_drawn_in_small_steps(new_user: NewUser, steps: Steps) -> None:
    ann = await new_user("Ann")
    for n in range(13):
        await new_user(f"Person {n}")
    steps.reset()
    for key, text in (("quick switcher", "Person 1"), ("shortcuts", "This overview")):
        await ann.page_script.presses(key)
        await ann.until(lambda: ann.dialog.is_open)
        await ann.until(lambda text=text: text in texts_of(ann.dialog.control))  # type: ignore[misc]
        assert steps.most_created > 40
        assert_small(steps, key)
        await close_dialog_of(ann)
    for label, text in (
        ("Settings", "Keyboard shortcuts"),
        ("About this room", "14 in this room"),
        ("New conversation", "Person 1"),
        ("Rooms: new and all", "Lobby"),
        ("Invite people", "Close"),
    ):
        await ann.clicks(label)
        await ann.until(lambda: ann.dialog.is_open)
        await ann.until(lambda text=text: text in texts_of(ann.dialog.control))  # type: ignore[misc]
        assert_small(steps, label)
        await close_dialog_of(ann)
    await ann.composer.posts("/help")
    await ann.until(lambda: ann.dialog.is_open)
    assert_small(steps, "/help")


async def test_dialogs_of_programs_are_drawn_in_small_steps(
    new_user: NewUser, chat: ChatServer, steps: Steps
) -> None:
    ann = await new_user("Ann")
    dialogs = ProgramDialogs(ann)
    person, room = await lobby_of(chat, "Ann")
    for n in range(HOOK_LIMIT - 1):
        hook = await chat.workspace.hooks.create(person, room, f"hook {n}")
    for _ in range(DELIVERY_LIMIT):
        await posts(f"{chat.url}/hooks/{hook.key}", "hello")
    await ann.sidebar.chooses("Lobby", "Webhooks")
    await ann.until(lambda: f"hook {HOOK_LIMIT - 2}" in dialogs.texts)
    assert_small(steps, "webhooks")
    await ann.dialog.chooses(hook.bot.name)
    await dialogs.waits_for(f"Webhook {hook.bot.name}")
    assert dialogs.texts.count("200 ok") == DELIVERY_LIMIT
    assert_small(steps, "a webhook")


async def test_lists_of_messages_are_drawn_in_small_steps(
    new_user: NewUser, chat: ChatServer, steps: Steps
) -> None:
    ann = await new_user("Ann")
    person, room = await lobby_of(chat, "Ann")
    for n in range(70):
        message = await room.post(person, f"apple {n}", f"r{n}")
        await room.pin(person, message.number, pinned=True)
    await ann.timeline.waits_for_message("apple 69")
    steps.reset()
    await ann.clicks("Pinned messages")
    await ann.waits_for_text("Show older ones")
    assert_small(steps, "pinned messages")
    await ann.dialog.closes()
    await ann.search_dialog.opens()
    for words in ("apple", "apple 1", "appl"):
        await ann.search_dialog.types(words)
        await ann.until(lambda: len(ann.search_dialog.results) > 5)
        assert_small(steps, words)
    await ann.dialog.closes()
    for text in ("apple 69", "apple 68", "apple 67"):
        # The menu of one message in place of that of another.
        await ann.message_menu.opens(text)
        await ann.until(lambda: ann.dialog.is_open)
        assert_small(steps, "the menu of a message")


@pytest.mark.parametrize("count", [1, STEP_CONTROLS, 3 * STEP_CONTROLS, 400])
async def test_large_dialog_is_prepared_in_steps_and_sent_as_a_whole(
    new_user: NewUser, steps: Steps, count: int
) -> None:
    ann = await new_user("Ann")
    clicks: list[int] = []
    rows: list[ft.Control] = [
        ft.Row([ft.TextButton(f"button {n}", on_click=partial(clicks.append, n))])
        for n in range(count)
    ]
    rows.append(ft.Text("the last one"))
    dialog = Dialog("large", ft.Column(rows), [ft.TextButton("an action")], width=400)
    await asyncio.sleep(0)
    steps.reset()
    await show_large_dialog(page_of(ann), dialog)
    # (The client shows what the first frame holds before it reads the next one.)
    await ann.until(lambda: ann.dialog.is_open)
    assert ann.sees(f"button {count - 1}") and ann.sees("the last one") and ann.sees("an action")
    assert steps.most_prepared <= STEP_CONTROLS + 10
    await ann.clicks(f"button {count // 2}")
    await ann.until(lambda: clicks == [count // 2])
    # What changes later is sent as always.
    rows[0].controls[0].content = "changed"  # type: ignore[attr-defined]
    rows[0].update()
    await ann.until(lambda: ann.sees("changed"))
    rows[0].controls.append(ft.Text("added"))  # type: ignore[attr-defined]
    dialog.update()
    await ann.until(lambda: ann.sees("added"))
    # And a client that comes back receives the whole dialog as it is now.
    await ann.disconnects()
    await ann.connects()
    await ann.until(lambda: ann.sees("changed") and ann.sees("added") and ann.sees("the last one"))


async def test_control_that_was_prepared_early_is_sent_as_it_would_have_been(
    new_user: NewUser,
) -> None:
    ann = await new_user("Ann")
    trees = []
    for is_early in (False, True):
        content = ft.Column(
            [
                ft.TextField(label="name", suffix=ft.TextButton("OK", on_click=print)),
                ft.Container(ft.Text(spans=[ft.TextSpan("a", ft.TextStyle(size=3))]), padding=4),
                ft.RadioGroup(ft.Column([ft.Radio(value=f"{n}", label="x") for n in range(50)])),
            ]
        )
        dialog = ft.AlertDialog(content=content, title="title", actions=[ft.TextButton("x")])
        if is_early:
            await draw_early(dialog)
        page_of(ann).show_dialog(dialog)
        await ann.until(lambda: ann.dialog.is_open)
        trees.append(_without_ids(ann.dialog.control))
        await close_dialog_of(ann)
    assert trees[0] == trees[1]


def _without_ids(value: object) -> object:
    if isinstance(value, dict):
        return {k: _without_ids(each) for k, each in value.items() if k not in {"_i", "key"}}
    return [_without_ids(each) for each in value] if isinstance(value, list) else value
