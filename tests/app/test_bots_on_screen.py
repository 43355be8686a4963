"""Bots beside people: lists, cards, and conversations with them."""

import pytest

from chat.server.app import ChatServer
from tests.app.test_people_on_screen import opens_card, panel_lines
from tests.conftest import NewUser
from tests.harness.bots import Ops, marks
from tests.harness.control_tree import texts_of


async def test_bot_is_counted_with_the_bots_and_not_with_the_people(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, _ = await new_user("Ann"), await new_user("Bob")
    await Ops(chat).starts("Ada")
    await ann.until(lambda: ann.header.online_text == "2 here")
    (people,) = ann.find("Container", tooltip="People in this room")
    await ann.fires(people, "click")
    await ann.until(lambda: ann.dialog.is_open)
    await ann.until(lambda: panel_lines(ann) == ["Here: 2", "Ann", "Bob", "Bots: 1", "Ada", "BOT"])
    assert len(marks(ann.dialog.control)) == 1
    await ann.dialog.closes()
    await ann.clicks("About this room")
    await ann.until(lambda: ann.sees("2 in this room"))
    assert len(marks(ann.dialog.control)) == 1


async def test_card_of_a_bot_says_whose_it_is_and_opens_a_conversation(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    ops = await Ops(chat).starts()
    await ops.says("deployed")
    await bob.timeline.waits_for_message("deployed")
    await opens_card(bob, "deployed")
    card = bob.dialog.control
    assert "belongs to Ann" in texts_of(card)
    assert len(marks(card)) == 1
    assert not {"here", "not here", "away"} & set(texts_of(card)), "a bot has no presence"
    await bob.clicks("Message")
    await bob.until(lambda: bob.header.title == "ops")
    await bob.until(lambda: bob.header.online_text == "bot")
    await bob.until(lambda: "ops" in bob.sidebar.rooms)
    assert len(marks(bob.sidebar.list_control)) == 1
    assert marks(ann.sidebar.list_control) == []


@pytest.mark.parametrize("room", ["Lobby", "Builds"])
async def test_bot_of_a_webhook_gets_no_messages(
    chat: ChatServer, new_user: NewUser, room: str
) -> None:
    ann = await new_user("Ann")
    if room != "Lobby":
        await ann.rooms_dialog.creates_room(room)
    ops = Ops(chat)
    owner = await chat.workspace.find_person("Ann")
    ops.lobby = await chat.workspace.rooms.by_slug(owner, room.lower())
    hook = await chat.workspace.hooks.create(owner, ops.lobby, "ci")
    ops.person = hook.bot
    await ops.says("passed")
    await ann.timeline.waits_for_message("passed")
    await opens_card(ann, "passed")
    texts = texts_of(ann.dialog.control)
    assert "a webhook, which belongs to Ann" in texts
    assert "Mention" in texts
    assert "Message" not in texts
    await ann.dialog.dismisses()
    await chat.workspace.bots.delete(ops.person)
    await opens_card(ann, "passed")
    assert "does not exist any more" in texts_of(ann.dialog.control)


async def test_completion_and_switcher_say_that_a_name_is_a_bot(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann, _ = await new_user("Ann"), await new_user("Opa")
    await Ops(chat).starts()
    await ann.composer.types("@op")
    await ann.until(lambda: ann.sees("ops") and ann.sees("Opa"))
    assert len(ann.find("Text", value="bot")) == 1
    await ann.composer.types("")
    await ann.quick_switcher.types("op", "Opa", "ops")
    assert "bot" in texts_of(ann.dialog.control)
