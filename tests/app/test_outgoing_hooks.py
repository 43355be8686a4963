"""Outgoing webhooks: what a receiver is told, in which order, and what ends it."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from standardwebhooks import WebhookVerificationError
from standardwebhooks.webhooks import Webhook

from chat.errors import BadHookAddress, BadKeyword, BadProgram, NoSuchProgram, NoSuchRoom, SlowDown
from chat.model.outgoing import Attempt, OutgoingHook, PauseReason, Problem, Trigger
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.outgoing.deliveries import (
    ATTEMPT_LIMIT,
    MAX_ATTEMPTS,
    DeliveryTimings,
    retry_seconds,
)
from chat.outgoing.hooks import CHECK_BURST, OUTGOING_LIMIT, OutgoingHooks
from chat.outgoing.triggers import CHAIN_LIMIT
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.workspace.timings import Timings
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.event_client import make_bot
from tests.harness.http import http_client
from tests.harness.process import ROOT, free_port
from tests.harness.receiver import Receiver, Request, answer, json_answer, receiving
from tests.harness.waiting import wait_until, wait_until_true

# Failed deliveries are tried again at once.
FAST = Timings(deliveries=DeliveryTimings(first_retry=1e-6, sweep=0.05))


@dataclass
class Outgoing:
    """A chat with Ann and Bob, and a receiver that is told what they post in the lobby."""

    chat: ChatServer
    ann: Person
    bob: Person
    lobby: Room
    receiver: Receiver
    hook: OutgoingHook

    async def posts(self, text: str, room: Room | None = None, person: Person | None = None) -> int:
        """Let Ann, or somebody else, post a text; returns its number."""
        room, person = room or self.lobby, person or self.ann
        return (await room.post(person, text, f"{room.info.id} {text}")).number

    async def makes(self, name: str, trigger: Trigger | None = None, *words: str) -> OutgoingHook:
        """Let Ann make another webhook for the same receiver."""
        return await self.hooks.create(
            self.ann, self.lobby, name, self.receiver.url, trigger or Trigger(), words
        )

    async def now(self) -> OutgoingHook:
        """The webhook in its state of now."""
        (found,) = [e for e in await self.all_hooks() if e.id == self.hook.id]
        return found

    async def all_hooks(self) -> tuple[OutgoingHook, ...]:
        """The webhooks of the lobby."""
        return await self.hooks.of_room(self.ann, self.lobby)

    async def recorded(self, count: int) -> tuple[Attempt, ...]:
        """The last requests, once there are so many."""

        async def are_recorded() -> bool:
            found = await self.hooks.attempts(self.ann, self.lobby, self.hook.id)
            return len(found) >= count

        await wait_until_true(are_recorded)
        return await self.hooks.attempts(self.ann, self.lobby, self.hook.id)

    async def is_paused(self, reason: PauseReason) -> None:
        """Wait until the webhook is paused for a reason."""

        async def is_paused() -> bool:
            return (await self.now()).pause is reason

        await wait_until_true(is_paused)

    async def texts(self, room: Room | None = None) -> list[str]:
        """The last texts of the lobby, or of another room."""
        room = room or self.lobby
        return [each.text for each in (await room.newest(self.ann)).messages]

    async def told(self, person: Person, hook: OutgoingHook | None = None) -> str:
        """What the bot of the webhook, or of another one, writes to a person."""
        bot = (hook or self.hook).bot
        direct = await self.chat.workspace.rooms.get_or_create_direct(bot, [person])

        async def texts() -> list[str]:
            return [each.text for each in (await direct.newest(person)).messages]

        await wait_until_true(texts)
        (text,) = await texts()
        return text

    @property
    def hooks(self) -> OutgoingHooks:
        """The outgoing webhooks of the chat."""
        return self.chat.workspace.outgoing_hooks


@pytest.fixture
async def outgoing(tmp_path: Path) -> AsyncIterator[Outgoing]:
    """Ann's webhook in the lobby."""
    folder = await create_empty_database(tmp_path / "data")
    async with receiving() as receiver, running_chat(folder, FAST, hook_addresses="127.0.0.1") as c:
        ann, bob = await sign_in(c.workspace, "Ann", "Bob")
        lobby = await c.workspace.rooms.by_slug(ann, "lobby")
        hook = await c.workspace.outgoing_hooks.create(
            ann, lobby, "Deploy", receiver.url, Trigger()
        )
        yield Outgoing(c, ann, bob, lobby, receiver, hook)


async def test_receiver_is_told_what_people_post_signed_and_in_order(outgoing: Outgoing) -> None:
    numbers = [await outgoing.posts(f"text {n}") for n in range(5)]
    await outgoing.receiver.waits_for(5)
    requests = outgoing.receiver.requests
    assert [each.event["number"] for each in requests] == numbers
    assert len({each.id for each in requests}) == 5
    for each in requests:
        each.verify(outgoing.hook.secret)
    event = requests[0].event
    assert (event["type"], event["room"]["slug"]) == ("message_posted", "lobby")
    assert event["message"]["author"]["name"] == "Ann"
    # It goes on in the API where the event was.
    assert len(event["cursor"]) == 28
    with pytest.raises(WebhookVerificationError):
        changed = requests[0].body.replace(b"text 0", b"text 1")
        Webhook(outgoing.hook.secret).verify(changed, requests[0].headers)
    attempts = await outgoing.recorded(5)
    assert [(each.status, each.number, each.count) for each in attempts] == [
        (200, number, 1) for number in reversed(numbers)
    ]


async def test_only_what_the_trigger_names_is_told(outgoing: Outgoing) -> None:
    await outgoing.hooks.delete(outgoing.ann, outgoing.lobby, outgoing.hook.id)
    trigger = Trigger(posts=True, changes=True)
    await outgoing.makes("Words", trigger, "deploy", "@Words")
    deleted = await outgoing.makes("Gone", Trigger(posts=False, deletions=True))
    await outgoing.posts("hello")
    number = await outgoing.posts("Deploy it, please")
    await outgoing.posts("deployment `deploy` https://x.example/deploy")
    await outgoing.posts("@Words are you there?")
    await outgoing.receiver.waits_for(2)
    await outgoing.lobby.edit(outgoing.ann, number, "Please deploy it")
    await outgoing.receiver.waits_for(3)
    assert outgoing.receiver.texts == [
        "Deploy it, please",
        "@Words are you there?",
        "Please deploy it",
    ]
    await outgoing.lobby.delete(outgoing.ann, number)
    await outgoing.receiver.waits_for(4)
    last = outgoing.receiver.requests[-1]
    last.verify(deleted.secret)
    assert (last.event["type"], last.event["number"], last.text) == ("message_deleted", number, "")


async def test_thread_and_other_rooms(outgoing: Outgoing) -> None:
    rooms = outgoing.chat.workspace.rooms
    garden = await rooms.create(outgoing.ann, "Garden")
    await outgoing.posts("in the garden", garden)
    number = await outgoing.posts("in the lobby")
    thread = await rooms.get_or_create_thread(outgoing.bob, outgoing.lobby, number)
    await outgoing.posts("in the thread", thread, outgoing.bob)
    await outgoing.receiver.waits_for(2)
    assert outgoing.receiver.texts == ["in the lobby", "in the thread"]
    room = outgoing.receiver.requests[-1].event["room"]
    assert (room["kind"], room["thread_of"]) == ("thread", {"room": "lobby", "number": number})
    # The number of a message in a thread is not one of the room.
    assert [each.number for each in await outgoing.recorded(2)] == [0, number]


async def test_answer_with_a_text_is_posted_as_a_reply_and_not_told_again(
    outgoing: Outgoing,
) -> None:
    outgoing.receiver.queued = [
        json_answer({"text": "*Deployed*, @everyone", "username": "CI"}),
        json_answer({"text": 7}),
        answer(200, b'{"text": "cut of'),
        answer(200, b"[" * 60_000),
        json_answer({"text": "x" * 70_000}),
        answer(500, b'{"text": "not posted"}'),
    ]
    number = await outgoing.posts("deploy")
    for n in range(5):
        await outgoing.posts(f"more {n}")
    await outgoing.receiver.waits_for(7)
    page = await outgoing.lobby.newest(outgoing.ann)
    (reply,) = [each for each in page.messages if each.author.id == outgoing.hook.bot.id]
    assert "**Deployed**" in reply.text
    assert reply.quote is not None
    assert (reply.quote.number, reply.mentions) == (number, frozenset())
    assert reply.via is not None
    assert (reply.via.hook_name, reply.via.sender, reply.via.chain) == ("Deploy", "CI", 1)
    assert len(outgoing.receiver.requests) == 7


async def test_programs_are_left_out_unless_the_trigger_names_them(outgoing: Outgoing) -> None:
    bot = await make_bot(outgoing.chat.workspace, outgoing.bob)
    await outgoing.posts("by a bot", person=bot)
    await outgoing.posts("by Ann")
    await outgoing.receiver.waits_for(1)
    assert outgoing.receiver.texts == ["by Ann"]
    trigger = Trigger(programs=True)
    hooks, hook = outgoing.hooks, outgoing.hook
    await hooks.change(outgoing.ann, outgoing.lobby, hook.id, hook.url, trigger)
    await outgoing.posts("by a bot again", person=bot)
    await outgoing.receiver.waits_for(2)
    assert outgoing.receiver.texts[1:] == ["by a bot again"]


async def test_two_webhooks_that_answer_each_other_stop(outgoing: Outgoing) -> None:
    await outgoing.hooks.delete(outgoing.ann, outgoing.lobby, outgoing.hook.id)

    async def echo(request: Request) -> bytes:
        return json_answer({"text": f"{request.text}!"})

    outgoing.receiver.respond = echo
    for name in ("Ping", "Pong"):
        await outgoing.makes(name, Trigger(programs=True))
    await outgoing.posts("hello")
    # Both answer the person, and each the answers of the other, until the chain is too long.
    expected = 2 * CHAIN_LIMIT
    await wait_until(lambda: len(outgoing.receiver.requests) >= expected, 30)
    await outgoing.posts("bye")
    await wait_until(lambda: len(outgoing.receiver.requests) >= 2 * expected, 30)
    assert len(outgoing.receiver.requests) == 2 * expected
    assert f"hello{'!' * CHAIN_LIMIT}" in await outgoing.texts()
    assert f"hello{'!' * (CHAIN_LIMIT + 1)}" not in await outgoing.texts()


async def test_failed_delivery_is_tried_again_with_the_same_id_before_what_follows(
    outgoing: Outgoing,
) -> None:
    outgoing.receiver.queued = [answer(500), answer(503), b"nothing"]
    for text in ("first", "second"):
        await outgoing.posts(text)
    await outgoing.receiver.waits_for(5)
    assert outgoing.receiver.texts == ["first"] * 4 + ["second"]
    ids = [each.id for each in outgoing.receiver.requests]
    assert len(set(ids[:4])) == 1
    assert ids[4] != ids[0]
    attempts = await outgoing.recorded(5)
    assert [(each.status, each.problem, each.count) for each in reversed(attempts)][:4] == [
        (500, Problem.STATUS, 1),
        (503, Problem.STATUS, 2),
        (0, Problem.NO_ANSWER, 3),
        (200, None, 4),
    ]
    assert (await outgoing.now()).progress.failures == 0


def test_attempts_grow_apart_and_last_two_days_and_a_half() -> None:
    waits = [retry_seconds(n) for n in range(1, MAX_ATTEMPTS)]
    assert waits[:4] == [5, 15, 45, 135]
    assert waits[-1] == 12 * 3600
    assert 2 < sum(waits) / 86_400 < 3


async def test_receiver_that_fails_for_days_is_paused_and_its_maker_told(
    outgoing: Outgoing,
) -> None:
    outgoing.receiver.queued = [answer(500)] * MAX_ATTEMPTS
    await outgoing.posts("lost?")
    await outgoing.is_paused(PauseReason.FAILING)
    assert len(outgoing.receiver.requests) == MAX_ATTEMPTS
    await outgoing.posts("while it is paused")
    text = await outgoing.told(outgoing.ann)
    assert "127.0.0.1 did not take what I sent" in text
    kept = await outgoing.hooks.attempts(outgoing.ann, outgoing.lobby, outgoing.hook.id)
    assert len(kept) == ATTEMPT_LIMIT
    await outgoing.hooks.resume(outgoing.bob, outgoing.lobby, outgoing.hook.id)
    await outgoing.receiver.waits_for(MAX_ATTEMPTS + 2)
    assert outgoing.receiver.texts[-2:] == ["lost?", "while it is paused"]
    assert (await outgoing.now()).responsible_id == outgoing.bob.id


async def test_receiver_that_is_gone_is_paused_at_once(outgoing: Outgoing) -> None:
    outgoing.receiver.queued = [answer(410)]
    await outgoing.posts("hello")
    await outgoing.is_paused(PauseReason.GONE)
    assert "does not exist any more" in await outgoing.told(outgoing.ann)
    await outgoing.posts("missed")
    await outgoing.hooks.resume(outgoing.ann, outgoing.lobby, outgoing.hook.id, skip=True)
    await outgoing.posts("from now on")
    await outgoing.receiver.waits_for(2)
    assert outgoing.receiver.texts == ["hello", "from now on"]


async def test_nothing_is_told_after_its_maker_has_left_the_room(outgoing: Outgoing) -> None:
    workspace = outgoing.chat.workspace
    garden = await workspace.rooms.create(outgoing.ann, "Garden", RoomKind.PRIVATE)
    await workspace.rooms.invite(outgoing.ann, garden, outgoing.bob)
    hook = await outgoing.hooks.create(
        outgoing.bob, garden, "Spy", outgoing.receiver.url, Trigger()
    )
    await outgoing.posts("before", garden)
    await outgoing.receiver.waits_for(1)
    # What was posted and not delivered yet is not told either.
    outgoing.receiver.queued = [answer(500, retry_after="1"), answer(500)]
    await workspace.rooms.remove(outgoing.ann, garden, outgoing.bob)
    await outgoing.posts("a secret", garden)

    assert "are not in Garden any more" in await outgoing.told(outgoing.bob, hook)
    (found,) = await outgoing.hooks.of_room(outgoing.ann, garden)
    assert found.pause is PauseReason.NO_ACCESS
    assert outgoing.receiver.texts == ["before"]
    with pytest.raises(NoSuchRoom):
        await outgoing.hooks.resume(outgoing.bob, garden, hook.id)


async def test_bot_that_was_removed_pauses_its_webhook_and_comes_back_with_it(
    outgoing: Outgoing,
) -> None:
    workspace = outgoing.chat.workspace
    garden = await workspace.rooms.create(outgoing.ann, "Garden", RoomKind.PRIVATE)
    hook = await outgoing.hooks.create(
        outgoing.ann, garden, "Rake", outgoing.receiver.url, Trigger()
    )
    await workspace.rooms.remove(outgoing.ann, garden, hook.bot)

    assert "are not in Garden any more" in await outgoing.told(outgoing.ann, hook)
    await outgoing.hooks.resume(outgoing.ann, garden, hook.id)
    await outgoing.posts("leaves", garden)
    await outgoing.receiver.waits_for(1)
    assert outgoing.receiver.texts == ["leaves"]


async def test_deleted_webhook_and_that_of_a_person_who_left_are_silent(
    outgoing: Outgoing,
) -> None:
    mine = await outgoing.hooks.create(
        outgoing.bob, outgoing.lobby, "Bobs", outgoing.receiver.url, Trigger()
    )
    await outgoing.hooks.delete(outgoing.ann, outgoing.lobby, outgoing.hook.id)
    await outgoing.posts("for Bob")
    await outgoing.receiver.waits_for(1)
    outgoing.receiver.requests[0].verify(mine.secret)
    await outgoing.chat.workspace.sign_out(outgoing.bob)
    other = await outgoing.makes("Other")
    await outgoing.posts("for the other")
    await outgoing.receiver.waits_for(2)
    outgoing.receiver.requests[1].verify(other.secret)
    assert [each.id for each in await outgoing.all_hooks()] == [other.id]
    assert len(outgoing.receiver.requests) == 2
    with pytest.raises(NoSuchProgram):
        await outgoing.hooks.test(outgoing.ann, outgoing.lobby, mine.id)


async def test_test_and_send_again(outgoing: Outgoing) -> None:
    ann, lobby, hooks, hook = outgoing.ann, outgoing.lobby, outgoing.hooks, outgoing.hook
    tested = await hooks.test(ann, lobby, hook.id)
    assert (tested.status, tested.problem) == (200, None)
    (request,) = outgoing.receiver.requests
    request.verify(hook.secret)
    assert (request.event["type"], request.event["webhook"]) == ("test", "Deploy")
    number = await outgoing.posts("hello")
    await outgoing.receiver.waits_for(2)
    attempts = await outgoing.recorded(2)
    again = await hooks.send_again(ann, lobby, hook.id, attempts[0])
    assert (again.number, again.count, again.status) == (number, 2, 200)
    assert outgoing.receiver.requests[1].body == outgoing.receiver.requests[2].body
    assert outgoing.receiver.requests[1].id == outgoing.receiver.requests[2].id
    await lobby.delete(ann, number)
    with pytest.raises(BadProgram):
        await hooks.send_again(ann, lobby, hook.id, attempts[0])
    with pytest.raises(SlowDown):
        for _ in range(CHECK_BURST):
            await hooks.test(ann, lobby, hook.id)


async def test_successful_test_ends_the_wait_for_the_next_attempt(outgoing: Outgoing) -> None:
    # The receiver asks for an hour.
    outgoing.receiver.queued = [answer(503, retry_after="3600")]
    await outgoing.posts("hello")

    async def has_failed() -> bool:
        return (await outgoing.now()).progress.failures > 0

    await wait_until_true(has_failed)
    assert (await outgoing.hooks.test(outgoing.ann, outgoing.lobby, outgoing.hook.id)).status == 200
    await outgoing.receiver.waits_for(3)
    assert outgoing.receiver.requests[-1].text == "hello"


async def test_new_secret_signs_from_now_on(outgoing: Outgoing) -> None:
    renewed = await outgoing.hooks.renew_secret(outgoing.ann, outgoing.lobby, outgoing.hook.id)
    assert renewed.secret != outgoing.hook.secret
    await outgoing.posts("hello")
    await outgoing.receiver.waits_for(1)
    outgoing.receiver.requests[0].verify(renewed.secret)
    with pytest.raises(WebhookVerificationError):
        outgoing.receiver.requests[0].verify(outgoing.hook.secret)


async def test_refusals(outgoing: Outgoing) -> None:
    chat, ann, lobby, hooks = outgoing.chat, outgoing.ann, outgoing.lobby, outgoing.hooks
    url = outgoing.receiver.url
    with pytest.raises(BadProgram):
        await hooks.create(ann, lobby, "A", url, Trigger(posts=False))
    with pytest.raises(BadProgram):
        await hooks.create(ann, lobby, "A", url, Trigger(deletions=True), ["word"])
    with pytest.raises(BadKeyword):
        await hooks.create(ann, lobby, "A", url, Trigger(), ["!!!"])
    with pytest.raises(BadHookAddress):
        await hooks.create(ann, lobby, "A", f"{chat.url}/hooks/key", Trigger())
    with pytest.raises(BadHookAddress):
        await hooks.change(ann, lobby, outgoing.hook.id, "http://10.0.0.1/", Trigger())
    direct = await chat.workspace.rooms.get_or_create_direct(ann, [outgoing.bob])
    with pytest.raises(BadProgram):
        await hooks.create(ann, direct, "A", url, Trigger())
    garden = await chat.workspace.rooms.create(ann, "Garden")
    with pytest.raises(NoSuchRoom):
        await hooks.create(outgoing.bob, garden, "A", url, Trigger())
    with pytest.raises(NoSuchRoom):
        await hooks.of_room(outgoing.bob, garden)
    # No bot is left behind.
    assert len(chat.workspace.bots.of_person(ann)) == 1
    with pytest.raises(SlowDown):
        for n in range(CHECK_BURST + 1):
            await outgoing.makes(f"hook {n}")
    assert len(await outgoing.all_hooks()) <= OUTGOING_LIMIT


async def test_slow_receiver_holds_nobody_up(outgoing: Outgoing) -> None:
    released = asyncio.Event()

    async def respond(request: Request) -> bytes:
        if request.headers["host"].startswith("127.0.0.1") and request.text == "slow":
            await released.wait()
        return answer(200)

    outgoing.receiver.respond = respond
    await outgoing.posts("slow")
    await outgoing.receiver.waits_for(1)
    async with receiving() as other:
        await outgoing.hooks.create(outgoing.bob, outgoing.lobby, "Fast", other.url, Trigger())
        await outgoing.posts("hello")
        await other.waits_for(1)
        assert other.texts == ["hello"]
        # Of one webhook, one request after the other.
        assert outgoing.receiver.texts == ["slow"]
        released.set()
        await outgoing.receiver.waits_for(2)


async def test_receiver_of_the_documentation_checks_and_answers(
    outgoing: Outgoing, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    await outgoing.hooks.change(
        outgoing.ann, outgoing.lobby, outgoing.hook.id, url, outgoing.hook.trigger
    )
    script = tmp_path / "receiver.py"
    script.write_text(code.replace("whsec_...", outgoing.hook.secret).replace("8000", str(port)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stderr=asyncio.subprocess.DEVNULL
    )
    try:

        async def answers() -> bool:
            tested = await outgoing.chat.workspace.deliveries.test(await outgoing.now())
            return tested.problem is None

        await wait_until_true(answers)
        await outgoing.posts("hello")

        async def is_answered() -> bool:
            return "I was told: hello" in await outgoing.texts()

        await wait_until_true(is_answered)
        # What is not signed raises, and is answered with nothing.
        async with http_client() as http:
            with pytest.raises(httpx.RemoteProtocolError):
                await http.post(url, content=b'{"type": "message_posted"}')
    finally:
        process.kill()
        await process.wait()
