"""Activity limits by all ways in: a refusal says how long to wait, and what was typed stays."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat.model.people import Person
from chat.server.app import ChatServer
from tests.app.test_light_pages import LightBrowser
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace
from tests.harness.user import ChatUser

__all__ = ["ann", "ops", "programs", "workspace"]

# Messages of a person, and of a program, at once: the latter are those of forty seconds.
AT_ONCE, OF_PROGRAM = 4, 4


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A chat whose limits are soon reached."""
    settings: dict[str, Any] = {
        "posts_at_once": AT_ONCE,
        "posts_a_minute": 30,
        "program_posts_a_minute": 6,
        "rooms_an_hour": 1,
        "conversations_an_hour": 1,
    }
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, **settings) as chat:
        yield chat


async def test_person_waits_in_every_tab_and_on_light_pages_and_nothing_is_lost(
    chat: ChatServer, new_user: NewUser
) -> None:
    mia, bob = await new_user("Mia"), await new_user("Bob")
    other_tab = await new_user(like=mia)
    for n in range(AT_ONCE):
        await (mia, other_tab)[n % 2].composer.posts(f"text {n}")
    await other_tab.composer.types("one more")
    await other_tab.composer.sends()
    await other_tab.waits_for_partial_text("You write very fast: the next message can go in")
    assert other_tab.composer.text == "one more"
    browser = LightBrowser(chat)
    browser.http.cookies.update(mia.cookies)
    await browser.opens("/light/chat")
    answer = await browser.sends("/light/chat", text="from a light page")
    assert "You write very fast" in answer.text
    assert re.search(r'name="text"[^>]*from a light page|from a light page</textarea>', answer.text)
    await browser.http.aclose()
    # Somebody else is not held up.
    await bob.composer.posts("hello")
    await mia.timeline.waits_for_message("hello")
    # The line goes by itself, and the text can be sent.
    await other_tab.until(lambda: not other_tab.sees_partial("You write very fast"))
    await other_tab.composer.sends()
    await bob.timeline.waits_for_message("one more")
    assert "from a light page" not in bob.timeline.texts


async def test_bot_waits_with_all_its_tokens_and_a_growing_message_is_one(
    ops: Program, programs: Programs, ann: Person
) -> None:
    other_token = await programs.another_token(ops.bot)
    stream = await ops.sends("POST", "/rooms/lobby/streams", code=False)
    assert stream.status_code == 201, stream.text
    number = stream.json()["number"]
    for n in range(1, OF_PROGRAM):
        await (other_token, ops)[n % 2].posts(f"text {n}")
    for each in (ops, other_token):
        refused = await each.sends("POST", "/rooms/lobby/messages", text="too soon")
        assert refusal(refused) == (429, "slow_down")
        assert 1 <= int(refused.headers["retry-after"]) <= 10
    for at in range(5):
        path = f"/rooms/lobby/messages/{number}/append"
        grown = await ops.sends("POST", path, at=at, text="x")
        assert grown.is_success, grown.text
    # Another bot of the same person, and its owner.
    await (await programs.make(ann, "other")).posts("hello")
    lobby = await ops.workspace.rooms.by_slug(ann, "lobby")
    assert (await lobby.post(ann, "from Ann", "1")).text == "from Ann"


async def test_hook_is_told_when_to_go_on(chat: ChatServer, ann: Person) -> None:
    room = await chat.workspace.rooms.create(ann, "Builds")
    hook = await chat.workspace.hooks.create(ann, room, "ci")
    async with http_client(base_url=chat.url) as http:
        answers = [
            await http.post(f"/hooks/{hook.key}", json={"text": f"build {n}"})
            for n in range(OF_PROGRAM + 2)
        ]
    assert [each.status_code for each in answers] == [200] * OF_PROGRAM + [429, 429]
    assert _seconds(answers[-1]) in range(1, 12)


async def test_dialogs_keep_what_was_typed_for_one_room_too_many(
    chat: ChatServer, new_user: NewUser
) -> None:
    mia = await new_user("Mia")
    for name in ("Bob", "Cem"):
        await new_user(name)
    await mia.rooms_dialog.creates_room("Garden")
    await mia.rooms_dialog.tries_to_create_room("Cellar")
    await mia.waits_for_partial_text("1 rooms an hour can be made. Wait 60 minutes")
    assert "Cellar" in {each.get("value") for each in mia.find("TextField")}
    await mia.dialog.closes()
    await mia.sidebar.goes_to("Bob", mia.composer.posts("/dm Bob"))
    await mia.composer.types("/dm Cem good morning")
    await mia.composer.sends()
    await mia.waits_for_partial_text("1 new conversations an hour can be begun.")
    assert mia.composer.text == "/dm Cem good morning"


def _seconds(answer: httpx.Response) -> int:
    return int(answer.headers["retry-after"])


async def test_nothing_is_stored_on_a_disk_that_is_nearly_full_and_nothing_is_lost(
    tmp_path: Path, new_user: NewUser, chat: ChatServer
) -> None:
    """The floor is above what is free: a disk of any size is nearly full."""
    data = await create_empty_database(tmp_path / "full")
    async with running_chat(data, free_disk=2**30) as full, http_client() as http:
        mia = ChatUser(full.url)
        await mia.opens("/")
        await mia.signs_in("Mia")
        await mia.composer.types("what I wanted to say")
        await mia.composer.sends()
        await mia.waits_for_partial_text("The chat's disk is nearly full")
        assert mia.composer.text == "what I wanted to say"
        await mia.page_script.chooses_files(("notes.txt", b"notes"))
        await mia.waits_for_partial_text("The chat's disk has no room for this file.")
        readiness = await http.get(f"{full.url}/readyz")
        assert readiness.status_code == 503
        assert "nearly full" in readiness.text
        assert mia.crashes == []
        await mia.disconnects()
