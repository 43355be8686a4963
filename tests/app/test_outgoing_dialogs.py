"""The dialogs of outgoing webhooks: who makes one, what it says of its deliveries, and its end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chat.outgoing.deliveries import ATTEMPT_LIMIT, DeliveryTimings
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.app.test_loop_steps import Steps, assert_small, steps  # noqa: F401
from tests.conftest import NewUser, running_chat
from tests.harness.control_tree import find_all, texts_of
from tests.harness.domain import create_empty_database
from tests.harness.program_dialogs import ProgramDialogs
from tests.harness.receiver import Receiver, answer, receiving
from tests.harness.user import ChatUser
from tests.harness.waiting import wait_until_true

NAME, ADDRESS = "Name, as Deploy or Archive", "Address, as https://example.org/chat"
WORDS = "Only with one of these words"
TIMINGS = Timings(deliveries=DeliveryTimings(first_retry=3600))


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[ChatServer]:
    """A chat whose webhooks may send to this computer."""
    folder = await create_empty_database(tmp_path / "data")
    async with running_chat(folder, TIMINGS, hook_addresses="127.0.0.1") as chat:
        yield chat


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The program that is told what is posted."""
    async with receiving() as receiver:
        yield receiver


async def opens_webhooks(user: ChatUser) -> ProgramDialogs:
    """Open the dialog of the webhooks of the lobby."""
    dialogs = ProgramDialogs(user)
    await user.clicks("About this room")
    await user.clicks("Webhooks")
    await dialogs.waits_for("Webhooks of Lobby")
    return dialogs


async def fills(user: ChatUser, **values: str) -> None:
    """Fill the fields of the form."""
    labels = {"name": NAME, "address": ADDRESS, "words": WORDS}
    for name, value in values.items():
        await user.fills(await user.waits_for_control("TextField", label=labels[name]), value)


async def ticks(user: ChatUser, label: str) -> None:
    """Click the box beside a label."""
    rows = find_all("Row", user.dialog.control)
    (row,) = [each for each in rows if texts_of(each) == [label]]
    (box,) = find_all("Checkbox", row)
    await user.sets(box, value=not box.get("value"))


async def makes_webhook(user: ChatUser, url: str) -> tuple[ProgramDialogs, str]:
    """Make an outgoing webhook; returns the dialogs, with its own open, and its secret."""
    dialogs = await opens_webhooks(user)
    await user.clicks("New outgoing webhook")
    await dialogs.waits_for("New outgoing webhook")
    await fills(user, name="Deploy", address=url)
    await user.clicks("Make webhook")
    await dialogs.waits_for("Secret of Deploy")
    secret = await dialogs.copies("Secret")
    await user.clicks("Back")
    await dialogs.waits_for("Outgoing webhook Deploy")
    return dialogs, secret


async def loads_until(user: ChatUser, dialogs: ProgramDialogs, text: str) -> None:
    """Load the dialog again until it has a text."""
    async with asyncio.timeout(20):
        while not any(text in each for each in dialogs.texts):
            await dialogs.loads_again()


async def test_webhook_is_made_told_and_seen(new_user: NewUser, receiver: Receiver) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs, secret = await makes_webhook(ann, receiver.url)
    assert secret.startswith("whsec_")
    assert "Nothing was sent yet." in dialogs.texts
    assert "new messages  ·  of people" in dialogs.texts
    assert secret not in " ".join(dialogs.texts)
    await bob.composer.posts("deploy, please")
    await receiver.waits_for(1)
    receiver.requests[0].verify(secret)
    assert receiver.texts == ["deploy, please"]
    await loads_until(ann, dialogs, "200")
    # A click on the delivery leads to the message.
    (item,) = [each for each in ann.dialog.items() if "200" in texts_of(each)]
    await ann.fires(item, "click")
    await ann.until(lambda: not ann.dialog.is_open)
    await ann.until(lambda: ann.timeline.is_target_row("deploy, please"))
    # Whoever may write in the room sees it, too, and not its secret.
    dialogs = await opens_webhooks(bob)
    await bob.dialog.chooses("Deploy")
    await dialogs.waits_for("Outgoing webhook Deploy")
    assert secret not in " ".join(dialogs.texts)


async def test_test_is_sent_and_its_failure_is_a_sentence(
    new_user: NewUser, receiver: Receiver
) -> None:
    ann = await new_user("Ann")
    dialogs, _ = await makes_webhook(ann, receiver.url)
    receiver.queued = [
        answer(302, location="https://elsewhere.example/"),
        answer(500, b"no such channel"),
    ]
    await ann.clicks("Send a test event")
    await ann.until(
        lambda: (
            "302 It leads to another address. Enter that one instead. "
            "https://elsewhere.example/" in dialogs.texts
        )
    )
    await ann.clicks("Send a test event")
    await ann.until(lambda: "500 no such channel" in dialogs.texts)
    await ann.clicks("Send a test event")
    await ann.until(lambda: "200" in dialogs.texts)
    assert len(receiver.requests) == 3


async def test_refused_address_keeps_what_was_typed_and_names_the_setting(
    new_user: NewUser, receiver: Receiver
) -> None:
    ann = await new_user("Ann")
    dialogs = await opens_webhooks(ann)
    await ann.clicks("New outgoing webhook")
    await fills(ann, name="Deploy", address="http://10.0.0.7/hook", words="deploy，ship, @Deploy")
    await ticks(ann, "Changes: edits, reactions, pins, votes")
    await ticks(ann, "Also what programs post, except itself")
    await ann.clicks("Make webhook")
    await ann.until(lambda: any("--hook-addresses 10.0.0.7" in each for each in dialogs.texts))
    await fills(ann, address=receiver.url)
    await ann.clicks("Make webhook")
    await dialogs.waits_for("Secret of Deploy")
    await ann.clicks("Back")
    await dialogs.waits_for("Outgoing webhook Deploy")
    words = "only with: deploy, ship, @Deploy"
    assert f"new messages, changes  ·  of people and programs  ·  {words}" in dialogs.texts, (
        dialogs.texts
    )


async def test_failing_webhook_says_so_and_goes_on_after_a_change(
    new_user: NewUser, receiver: Receiver
) -> None:
    ann = await new_user("Ann")
    dialogs, _ = await makes_webhook(ann, receiver.url)
    receiver.queued = [answer(404)]
    await ann.clicks("Back")
    await dialogs.waits_for("Webhooks of Lobby")
    await ann.dialog.closes()
    await ann.composer.posts("first")
    await receiver.waits_for(1)
    dialogs = await opens_webhooks(ann)
    await ann.until(lambda: any(each.startswith("failing  ·  127.0.0.1") for each in dialogs.texts))
    await ann.dialog.chooses("Deploy")
    await dialogs.waits_for("Outgoing webhook Deploy")
    assert any(each.startswith("The last attempt failed. The next") for each in dialogs.texts)
    await ann.clicks("Change")
    await dialogs.waits_for("Change Deploy")
    await fills(ann, address=f"{receiver.url}/v2")
    await ann.clicks("Save")
    await dialogs.waits_for("Outgoing webhook Deploy")
    await receiver.waits_for(2)
    assert receiver.requests[1].line.startswith("POST /chat/v2 ")
    assert receiver.texts == ["first", "first"]
    assert receiver.requests[0].id == receiver.requests[1].id


async def test_paused_webhook_is_resumed_with_what_was_missed_or_without(
    new_user: NewUser, receiver: Receiver
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs, _ = await makes_webhook(ann, receiver.url)
    await ann.clicks("Pause")
    await ann.until(lambda: "It is paused: nothing is sent." in dialogs.texts)
    await bob.composer.posts("missed and sent later")
    await ann.clicks("Resume with what was missed")
    await receiver.waits_for(1)
    await ann.clicks("Pause")
    await ann.until(lambda: "It is paused: nothing is sent." in dialogs.texts)
    await bob.composer.posts("missed and left out")
    await ann.timeline.waits_for_message("missed and left out")
    await ann.clicks("Resume from now on")
    await ann.until(lambda: "It is paused: nothing is sent." not in dialogs.texts)
    await bob.composer.posts("from now on")
    await receiver.waits_for(2)
    assert receiver.texts == ["missed and sent later", "from now on"]


async def test_new_secret_and_deletion_are_asked_about(
    new_user: NewUser, receiver: Receiver
) -> None:
    ann = await new_user("Ann")
    dialogs, old = await makes_webhook(ann, receiver.url)
    await ann.clicks("New secret")
    await dialogs.answers("A new secret for Deploy?", "Cancel")
    await dialogs.waits_for("Outgoing webhook Deploy")
    await ann.clicks("New secret")
    await dialogs.answers("A new secret for Deploy?", "New secret")
    await dialogs.waits_for("Secret of Deploy")
    new = await dialogs.copies("Secret")
    assert new != old
    await ann.clicks("Back")
    await dialogs.waits_for("Outgoing webhook Deploy")
    await ann.clicks("Send a test event")
    await ann.until(lambda: "200" in dialogs.texts)
    receiver.requests[0].verify(new)
    await ann.clicks("Delete webhook")
    await dialogs.answers("Delete the webhook Deploy?", "Delete")
    await dialogs.waits_for("Webhooks of Lobby")
    assert not any(each.startswith("Deploy") for each in dialogs.texts)


async def test_delivery_is_sent_again(new_user: NewUser, receiver: Receiver) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs, _ = await makes_webhook(ann, receiver.url)
    await bob.composer.posts("hello")
    await receiver.waits_for(1)
    await loads_until(ann, dialogs, "200")
    await ann.clicks("Send again")
    await ann.until(lambda: any("attempt 2" in each for each in dialogs.texts))
    assert receiver.requests[0].id == receiver.requests[1].id
    assert receiver.texts == ["hello", "hello"]


async def test_dialogs_fill_the_screen_of_a_phone(new_user: NewUser, receiver: Receiver) -> None:
    ann = await new_user("Ann", width=390)
    dialogs, _ = await makes_webhook(ann, receiver.url)
    control = ann.dialog.control
    assert control is not None
    assert control["inset_padding"] == 0
    assert dialogs.title == "Outgoing webhook Deploy"
    await ann.dialog.closes()


async def test_dialogs_are_drawn_in_small_steps(
    new_user: NewUser,
    receiver: Receiver,
    steps: Steps,  # noqa: F811
) -> None:
    ann, bob = await new_user("Ann"), await new_user("Bob")
    dialogs, _ = await makes_webhook(ann, receiver.url)
    for n in range(ATTEMPT_LIMIT):
        await bob.composer.posts(f"text {n}")
    await receiver.waits_for(ATTEMPT_LIMIT)

    async def are_shown() -> bool:
        await dialogs.loads_again()
        return dialogs.texts.count("200") == ATTEMPT_LIMIT

    await wait_until_true(are_shown)
    steps.reset()
    await dialogs.loads_again()
    assert_small(steps, "an outgoing webhook")
    await ann.clicks("Change")
    await dialogs.waits_for("Change Deploy")
    assert_small(steps, "its form")
