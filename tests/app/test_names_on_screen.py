"""Names that are somebody's, as people meet them: in forms, in rooms, and on their return."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from chat.people.arrivals import ADDRESS_ARRIVALS
from chat.people.presence import PresenceTimings
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.app.test_start_screen import signs_in
from tests.conftest import NewUser, running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client
from tests.harness.user import ChatUser

AT_ONCE = Timings(presence=PresenceTimings(offline_delay=0.05, batch_delay=0.0))


@pytest.mark.parametrize("timings", [AT_ONCE], ids=[""])
async def test_nobody_comes_in_under_the_name_of_somebody_away(
    new_user: NewUser, chat: ChatServer
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    await bob.rooms_dialog.creates_room("Nest", private=True)
    await ann.disconnects()
    await bob.until(lambda: chat.workspace.presence.connected_count == 1)
    thief = await new_user()
    await thief.clicks("Start chat")
    await thief.until(lambda: thief.find("AlertDialog", open=True))
    for name in ("Ann", "A\u200dnn", "АNN"):
        await thief.fills(thief.name_field, name)
        await thief.presses_enter(thief.name_field)
        await thief.until(lambda: thief.name_field.get("error"))
        await thief.fires(thief.name_field, "change", "")
        await thief.until(lambda: not thief.name_field.get("error"))
    await bob.composer.posts("/invite Ann")
    await bob.timeline.waits_for_message("Bob invited Ann.")
    await bob.composer.posts("/dm Ann the code is 4711")
    await bob.until(lambda: bob.header.title == "Ann")
    await ann.connects()
    await ann.waits_for_text("Nest")
    assert [each.name for each in await chat.workspace.all_people()] == ["Ann", "Bob"]


async def test_free_name_is_one_tap_away(new_user: NewUser) -> None:
    await new_user("Ann")
    await new_user("Ann 2")
    other = await new_user()
    await other.clicks("Start chat")
    await other.until(lambda: other.find("AlertDialog", open=True))
    await other.fills(other.name_field, "ann")
    await other.clicks("Join chat")
    await other.waits_for_text("ann 4")
    assert not other.sees("ann 2")
    assert other.name_field["value"] == "ann"
    assert other.sees_partial("Is it you, ann, on another device?")
    # Typing on takes the offers away.
    await other.fires(other.name_field, "change", "anna")
    await other.until(lambda: not other.sees("ann 4"))
    await other.clicks("Join chat")
    await other.clicks("ann 4")
    await other.waits_for_text("Welcome, ann 4!")


async def test_person_who_comes_back_after_a_long_time_is_told_who_they_are(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder) as chat:
        ann = ChatUser(chat.url)
        await ann.opens("/")
        await ann.signs_in("Ann")
        await ann.composer.posts("the old words")
        await ann.disconnects()
    long_ago = timedelta(days=31) // timedelta(microseconds=1)
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        move = "UPDATE person SET came_at = came_at - ?, seen_at = seen_at - ?"
        database.execute(move, (long_ago, long_ago))
    async with running_chat(folder) as chat:
        newcomer = ChatUser(chat.url)
        await newcomer.opens("/")
        await newcomer.signs_in("Ann")
        await newcomer.composer.posts("the new words")
        authors = [name for name in newcomer.timeline.texts if name.startswith("Ann")]
        assert any(name.startswith("Ann (–") for name in authors)
        back = ChatUser(chat.url)
        back.cookies = ann.cookies
        await back.opens("/")
        await back.waits_for_text("While you were away, somebody else took the name Ann.")
        (bar,) = back.find("SnackBar", action="Choose a name")
        await back.fires(bar, "action")
        await back.waits_for_text("Your profile")
        for each in (newcomer, back):
            await each.disconnects()


async def test_new_people_of_one_address_wait_and_are_told_for_how_long(
    chat: ChatServer,
) -> None:
    statuses, sentence = [], ""
    for number in range(ADDRESS_ARRIVALS + 1):
        async with http_client(base_url=chat.url) as http:
            await http.get("/")
            # A proxy on this computer names its client last.
            forwarded = {"x-forwarded-for": f"198.51.100.{number}, 192.0.2.7"}
            answer = await signs_in(chat, http, f"P{number}", **forwarded)
            statuses.append(answer.status_code)
            sentence = answer.text
    assert statuses == [204] * ADDRESS_ARRIVALS + [422]
    assert "Many people have just come in from your network. Wait " in sentence
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        elsewhere = await signs_in(chat, http, "Ann", **{"x-forwarded-for": "192.0.2.8"})
        assert elsewhere.status_code == 204
    async with http_client(base_url=chat.url) as http:
        await http.get("/")
        assert (await signs_in(chat, http, "Here at home")).status_code == 204
