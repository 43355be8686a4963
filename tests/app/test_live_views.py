"""Live controls in messages: two people, a program that comes and goes, and a server that does."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chat.model.people import Person
from chat.model.programs import Scope
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.conftest import NewUser, running_chat
from tests.harness.control_tree import Control, find_all, texts_of
from tests.harness.domain import create_empty_database
from tests.harness.event_client import make_bot, make_token
from tests.harness.user import ChatUser
from tests.harness.view_bot import Counter, ViewBot, counter, counter_view

QUICK = Timings(answer_seconds=0.3, back_seconds=0.0)


async def start_bot(chat: ChatServer, name: str = "deploy") -> ViewBot:
    """A bot of Ann's, which is not running yet."""
    ann = await chat.workspace.find_person("Ann")
    bot = await make_bot(chat.workspace, ann, name)
    return ViewBot(chat, await make_token(chat.workspace, bot, Scope.READ, Scope.WRITE))


def control(user: ChatUser, kind: str, **values: Any) -> Control:
    """A control of the newest view on the screen."""
    found = [each for row in user.timeline.rows for each in find_all(kind, row, **values)]
    return found[0]


async def clicks(user: ChatUser, label: str) -> None:
    """Click a button of a view."""
    kind = {"Add": "FilledButton", "Check": "TextButton"}[label]
    await user.fires(control(user, kind, content=label), "click")


async def test_click_redraws_the_message_for_two_people_and_submits_fields(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bot = await start_bot(chat)
    await bot.posts("Clicks: 0", counter_view(0))
    async with bot.running(Counter().answer):
        for person in (ann, bob):
            await person.waits_for_text("Clicks: 0")
        await ann.fills(control(ann, "TextField"), "it is ready")
        await ann.fires(control(ann, "TextField"), "blur")
        await ann.sets(control(ann, "Slider"), value=70.0)
        await clicks(bob, "Add")
        for person in (ann, bob):
            await person.waits_for_text("Clicks: 1")
        # Bob's click is told with the values that he sees; what Ann has typed is still hers.
        assert bot.events[0]["values"] == {"why": "", "share": 20}
        assert (bot.events[0]["person"]["name"], bot.events[0]["data"]) == ("Bob", 1)
        assert control(ann, "TextField")["value"] == "it is ready"
        assert control(ann, "Slider")["value"] == 70.0
        assert control(bob, "TextField").get("value", "") == ""
        await bob.waits_for_text("add is done.")
        assert not ann.sees("add is done.")
        await clicks(ann, "Add")
        await ann.waits_for_text("Clicks: 2")
        assert bot.events[1]["values"] == {"why": "it is ready", "share": 70.0}
        assert bot.events[1]["state"] == {"count": 1}
        # What was submitted is the program's now.
        await ann.until(lambda: control(ann, "TextField").get("value", "") == "")
        await bob.waits_for_text("Clicks: 2")
        assert not bob.sees("add is done.") or bot.statuses == [200, 200]


async def test_row_is_drawn_anew_when_the_person_has_left_the_field(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bot = await start_bot(chat)
    await bot.posts("Clicks: 0", counter_view(0))
    async with bot.running(Counter().answer):
        for person in (ann, bob):
            await person.waits_for_text("Clicks: 0")
        for end in ("blur", "submit", "a click"):
            text_field, count = control(ann, "TextField"), len(bot.events)
            await ann.fires(text_field, "focus")
            await ann.fills(text_field, "half a sen")
            for each in (1, 2):
                await clicks(bob, "Add")
                await bob.waits_for_text(f"Clicks: {count + each}")
            await bob.composer.posts(f"before {end}")
            await ann.timeline.waits_for_message(f"before {end}")
            assert ann.sees(f"Clicks: {count}")
            await ann.sets(text_field, value="half a sentence")
            if end == "a click":
                await clicks(ann, "Check")
            else:
                await ann.fires(text_field, end)
            # The newest is drawn, with what was typed.
            await ann.waits_for_text(f"Clicks: {count + 2}")
            if end != "a click":
                assert control(ann, "TextField")["value"] == "half a sentence"
        await ann.waits_for_text("check is done.")
        # Nobody writes any more.
        await clicks(bob, "Add")
        await ann.waits_for_text("Clicks: 7")


async def test_deleted_view_goes_at_once_while_somebody_writes_in_it(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    bot = await start_bot(chat)
    number = await bot.posts("Clicks: 0", counter_view(0))
    await ann.waits_for_text("Clicks: 0")
    await ann.fills(control(ann, "TextField"), "half a sen")
    await bot.deletes(number)
    await ann.until(lambda: not ann.sees("Clicks: 0"))


async def test_wrong_input_is_told_at_its_field_and_nothing_is_lost(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    bot = await start_bot(chat)
    await bot.posts("Clicks: 0", counter_view(0))
    async with bot.running(Counter().answer):
        await ann.waits_for_text("Clicks: 0")
        await ann.sets(control(ann, "Slider"), value=35.0)
        await clicks(ann, "Check")
        await ann.until(lambda: control(ann, "TextField").get("error") == "Say why.")
        assert control(ann, "Slider")["value"] == 35.0
        await ann.fills(control(ann, "TextField"), "because")
        await clicks(ann, "Check")
        await ann.until(lambda: not control(ann, "TextField").get("error"))
        assert bot.events[-1]["values"] == {"why": "because", "share": 35.0}


async def test_switch_acts_at_once_and_leaves_the_other_fields_alone(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    bot = await start_bot(chat)
    await bot.posts("Clicks: 0", counter_view(0))
    async with bot.running(lambda event: {"say": f"Loud: {event['value']}"}):
        await ann.waits_for_text("Clicks: 0")
        await ann.fills(control(ann, "TextField"), "half a sen")
        switch = control(ann, "Switch")
        await ann.sets(switch, value=True)
        await ann.fires(switch, "change", True)
        await ann.waits_for_text("Loud: True")
        await ann.until(lambda: not control(ann, "Switch").get("value"))
        assert control(ann, "TextField")["value"] == "half a sen"


async def test_hundred_clicks_of_two_people_are_two_hundred_events(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bot = await start_bot(chat)
    await bot.posts("Clicks: 0", counter_view(0))
    async with bot.running(Counter().answer):
        for person in (ann, bob):
            await person.waits_for_text("Clicks: 0")
        buttons = [control(person, "FilledButton") for person in (ann, bob)]
        for _ in range(100):
            await asyncio.gather(ann.fires(buttons[0], "click"), bob.fires(buttons[1], "click"))
        for person in (ann, bob):
            await person.until(lambda who=person: who.sees("Clicks: 200"), 60)  # type: ignore[misc]
    assert len({each["id"] for each in bot.events}) == 200
    assert [each["person"]["name"] for each in bot.events].count("Ann") == 100
    assert texts_of(control(ann, "Column")) == texts_of(control(bob, "Column"))


@pytest.mark.parametrize("timings", [QUICK])
async def test_click_without_the_program_has_a_sentence_and_the_owner_is_told_once(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bot = await start_bot(chat)
    number = await bot.posts("Clicks: 0", counter_view(0))
    await bob.waits_for_text("Clicks: 0")
    for _ in range(2):
        await clicks(bob, "Add")
        await bob.waits_for_text("deploy is not running; its owner Ann was told. Try again later.")
    await clicks(ann, "Add")
    await ann.waits_for_text("deploy is not running. Start it, and try again.")
    await ann.until(lambda: "deploy" in ann.sidebar.rooms)
    owner = await chat.workspace.find_person("Ann")
    (direct,) = [
        each for each in chat.workspace.memberships.for_person(owner) if each.title == "deploy"
    ]
    room = await chat.workspace.rooms.by_id(owner, direct.room.id)
    await ann.until(lambda: room.last_number == 1)
    texts = [each.text for each in (await room.newest(owner)).messages]
    assert texts == [
        f"Bob used a control of [a message of mine](/room/lobby/{number}), and I am not running. "
        "Start me."
    ]
    # A program that is there, and says nothing.
    async with bot.running(lambda event: None):
        await clicks(bob, "Add")
        await bob.waits_for_partial_text("deploy did not answer.")


async def test_view_survives_restarts_of_the_server_and_of_the_program(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    cookies: dict[str, str] = {}
    secret = ""
    for count in (0, 1, 2):
        async with running_chat(folder) as chat:
            ann = ChatUser(chat.url)
            ann.cookies |= cookies
            await ann.opens()
            if not secret:
                await ann.signs_in("Ann")
                owner: Person = await chat.workspace.find_person("Ann")
                person = await make_bot(chat.workspace, owner)
                secret = await make_token(chat.workspace, person, Scope.READ, Scope.WRITE)
                await ViewBot(chat, secret).posts("Clicks: 0", counter_view(0))
            cookies = ann.cookies
            await ann.waits_for_text(f"Clicks: {count}")
            # The program has lost all that it knew.
            bot = ViewBot(chat, secret)
            async with bot.running(Counter().answer):
                await clicks(ann, "Add")
                await ann.waits_for_text(f"Clicks: {count + 1}")
            assert bot.events[0]["state"] == {"count": count}
            await ann.disconnects()


async def test_text_stands_for_the_controls_elsewhere(chat: ChatServer, new_user: NewUser) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    bot = await start_bot(chat)
    await bot.posts("Release 1.4 waits for you, @Bob", counter_view(0))
    await bob.waits_for_text("Clicks: 0")
    assert not bob.sees_partial("Release 1.4 waits")
    person = await chat.workspace.find_person("Bob")
    _, hits = await chat.workspace.search(person, "release", None)
    assert [each.message.text for each in hits] == ["Release 1.4 waits for you, @Bob"]
    ((_, mentioning),) = await chat.workspace.mentions(person)
    assert mentioning.text == "Release 1.4 waits for you, @Bob"
    await ann.composer.posts("/me waits")
    await bob.timeline.waits_for_message("waits")
    await bob.message_menu.opens("Clicks: 0")
    await bob.clicks("Reply")
    await bob.waits_for_partial_text("Release 1.4 waits")


async def test_forged_events_and_values_of_controls_do_nothing(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    bot = await start_bot(chat)
    drawing = counter(0)
    drawing["controls"][4]["disabled"] = True
    await bot.posts("Clicks: 0", counter_view(0) | {"drawing": drawing})
    async with bot.running(Counter().answer):
        await ann.waits_for_text("Clicks: 0")
        await ann.fires(control(ann, "FilledButton"), "click")
        text_field, slider = control(ann, "TextField"), control(ann, "Slider")
        for value in (5, None, "x" * 5000, [1], True):
            await ann.reports_set(text_field, value=value)
        for value in ("5", 10_000, None, [5]):
            await ann.reports_set(slider, value=value)
        await ann.reports_set(control(ann, "Text", value="Clicks: 0"), value="Clicks: 9")
        for name in ("add", "hover", "on_click", "change_end", "submit"):
            await ann.fires(text_field, name, {"value": 3})
        await ann.fills(text_field, "honest")
        await clicks(ann, "Check")
        await ann.waits_for_text("check is done.")
    assert [(each["action"], each["values"]) for each in bot.events] == [
        ("check", {"why": "honest", "share": 20})
    ]
