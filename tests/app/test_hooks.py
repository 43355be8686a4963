"""Incoming webhooks over HTTP: what is posted, what is refused, and what each answer says."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from chat.errors import NoSuchRoom
from chat.model.people import Person
from chat.model.programs import Hook
from chat.programs.hooks import BODY_LIMIT, DELIVERY_LIMIT
from chat.programs.rate_limits import BURST
from chat.rooms.room import Room
from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.domain import create_empty_database, open_workspace, sign_in
from tests.harness.http import http_client
from tests.harness.user import ChatUser


@dataclass
class Post:
    """A webhook of the lobby that Ann has made, and its address."""

    chat: ChatServer
    ann: ChatUser
    person: Person
    lobby: Room
    hook: Hook
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        """The address of the webhook."""
        return f"{self.chat.url}/hooks/{self.hook.key}"

    async def sends(self, **options: Any) -> httpx.Response:
        """Send a request to the webhook."""
        return await self.http.post(self.url, **options)

    async def texts(self) -> list[str]:
        """The texts of the webhook in the lobby."""
        page = await self.lobby.newest(self.person)
        return [each.text for each in page.messages if each.via is not None]


@pytest.fixture
async def post(chat: ChatServer, new_user: NewUser) -> AsyncIterator[Post]:
    """Ann's webhook in the lobby."""
    ann = await new_user("Ann")
    workspace = chat.workspace
    (person,) = await workspace.all_people()
    lobby = await workspace.rooms.by_slug(person, "lobby")
    hook = await workspace.hooks.create(person, lobby, "ops")
    async with http_client() as http:
        yield Post(chat, ann, person, lobby, hook, http)


async def test_plain_text_is_posted_and_answered_with_ok(post: Post) -> None:
    answer = await post.sends(content="hello from curl")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer.headers["content-type"].startswith("text/plain")
    await post.ann.waits_for_text("hello from curl")
    assert await post.texts() == ["hello from curl"]


async def test_payload_of_slack_is_posted_with_its_sender(post: Post) -> None:
    payload = {"text": "*Disk* is full", "username": "Grafana", "icon_emoji": ":fire:"}
    assert (await post.sends(json=payload)).text == "ok"
    assert (await post.sends(data={"payload": json.dumps({"text": "from a form"})})).text == "ok"
    page = await post.lobby.newest(post.person)
    first, second = page.messages[-2:]
    assert (first.text, second.text) == ("**Disk** is full", "from a form")
    assert first.via is not None
    assert (first.via.hook_name, first.via.sender) == ("ops", "Grafana")
    # The name of the author is that of the webhook, whatever the payload says.
    assert (first.author.name, first.author.is_bot) == ("ops", True)


async def test_same_body_within_seconds_is_one_message_with_a_count(post: Post) -> None:
    answers = await asyncio.gather(*(post.sends(content="down!") for _ in range(5)))
    assert {each.text for each in answers} == {"ok"}
    assert await post.texts() == ["down!"]
    last = (await post.lobby.newest(post.person)).messages[-1]
    assert last.via is not None
    assert last.via.count == 5


async def test_repeated_key_is_one_message(post: Post) -> None:
    headers = {"Idempotency-Key": "build 17"}
    for _ in range(3):
        assert (await post.sends(content="built", headers=headers)).text == "ok"
    assert await post.texts() == ["built"]
    assert (await post.sends(content="built", headers={"Idempotency-Key": "18"})).text == "ok"
    assert await post.texts() == ["built", "built"]


async def test_calls_need_the_right(post: Post) -> None:
    await post.sends(content="@everyone look")
    last = (await post.lobby.newest(post.person)).messages[-1]
    assert last.mentions == frozenset()
    hooks = post.chat.workspace.hooks
    await hooks.set_may_call(post.person, post.lobby, post.hook.id, may_call=True)
    await post.sends(content="@everyone look again")
    last = (await post.lobby.newest(post.person)).messages[-1]
    assert last.mentions == {post.person.id}


async def test_refusals_have_a_code_and_a_sentence(post: Post) -> None:
    empty = await post.sends(json={"text": ""})
    assert (empty.status_code, empty.text.partition(":")[0]) == (400, "no_text")
    large = await post.sends(content=b"x" * (BODY_LIMIT + 1))
    assert (large.status_code, large.text.partition(":")[0]) == (413, "too_large")
    unknown = await post.http.post(f"{post.chat.url}/hooks/unknown", content="hello")
    assert (unknown.status_code, unknown.text.partition(":")[0]) == (404, "no_service")
    hooks = post.chat.workspace.hooks
    await hooks.set_paused(post.person, post.lobby, post.hook.id, paused=True)
    paused = await post.sends(content="hello")
    assert (paused.status_code, "Resume it" in paused.text) == (403, True)
    await hooks.set_paused(post.person, post.lobby, post.hook.id, paused=False)
    assert (await post.sends(content="hello")).text == "ok"
    answers = await hooks.deliveries(post.person, post.lobby, post.hook.id)
    assert [each.status for each in answers] == [200, 403, 413, 400]
    assert answers[0].message_number == (await post.lobby.newest(post.person)).messages[-1].number


async def test_archived_room_is_named(post: Post, new_user: NewUser) -> None:
    workspace = post.chat.workspace
    room = await workspace.rooms.create(post.person, "Builds")
    hook = await workspace.hooks.create(post.person, room, "CI")
    url = f"{post.chat.url}/hooks/{hook.key}"
    assert (await post.http.post(url, content="built")).text == "ok"
    await workspace.rooms.set_archived(post.person, room, archived=True)
    refused = await post.http.post(url, content="built again")
    assert (refused.status_code, refused.text.partition(":")[0]) == (403, "channel_is_archived")


async def test_new_address_and_deletion_end_the_old_one(post: Post) -> None:
    hooks, old_url = post.chat.workspace.hooks, post.url
    await hooks.regenerate(post.person, post.lobby, post.hook.id)
    assert (await post.http.post(old_url, content="old")).status_code == 404
    (hook,) = await hooks.of_room(post.person, post.lobby)
    url = f"{post.chat.url}/hooks/{hook.key}"
    assert (await post.http.post(url, content="new")).text == "ok"
    await hooks.delete(post.person, post.lobby, hook.id)
    assert (await post.http.post(url, content="late")).status_code == 404
    assert await hooks.of_room(post.person, post.lobby) == ()
    assert await post.texts() == ["new"]


async def test_flood_is_slowed_down_and_costs_nobody_else(post: Post) -> None:
    answers = [await post.sends(content=f"alert {n}") for n in range(BURST + 5)]
    assert [each.status_code for each in answers[:BURST]] == [200] * BURST
    slow = answers[-1]
    assert (slow.status_code, slow.text.partition(":")[0]) == (429, "slow_down")
    assert int(slow.headers["retry-after"]) >= 1
    other = await post.chat.workspace.hooks.create(post.person, post.lobby, "other")
    answer = await post.http.post(f"{post.chat.url}/hooks/{other.key}", content="hello")
    assert answer.text == "ok"
    kept = await post.chat.workspace.hooks.deliveries(post.person, post.lobby, post.hook.id)
    assert len(kept) == DELIVERY_LIMIT


async def folded_count(post: Post) -> int:
    """How many requests are counted on the last message of the lobby."""
    via = (await post.lobby.newest(post.person)).messages[-1].via
    return 0 if via is None else via.folded


async def test_flood_that_asks_for_it_is_folded_into_one_message_with_a_count(post: Post) -> None:
    url = f"{post.url}?fold=1"
    answers = [await post.http.post(url, content=f"alert {n}") for n in range(BURST + 31)]
    assert {(each.status_code, each.text) for each in answers} == {(200, "ok")}
    texts = await post.texts()
    # The first one that came too fast is the message; two a second may still have been posted.
    assert BURST < len(texts) <= BURST + 5
    folded = BURST + 31 - len(texts)
    await post.ann.until(lambda: post.ann.sees_partial(f"and {folded} more"))
    assert await folded_count(post) == folded
    # A flood costs no row for each request.
    kept = await post.chat.workspace.hooks.deliveries(post.person, post.lobby, post.hook.id)
    assert len(kept) == DELIVERY_LIMIT
    # Who does not ask for it is refused, as before.
    await post.http.post(url, content="one more")
    refused = [await post.sends(content=f"more {n}") for n in range(3)]
    assert refused[-1].status_code == 429


async def test_fold_whose_message_was_deleted_begins_anew(post: Post) -> None:
    url = f"{post.url}?fold=1"
    for n in range(BURST + 10):
        await post.http.post(url, content=f"alert {n}")
    await post.ann.until(lambda: post.ann.sees_partial(" more"))
    folded = (await post.lobby.newest(post.person)).messages[-1]
    await post.lobby.delete(post.person, folded.number)
    async with asyncio.timeout(20):
        while (await post.lobby.newest(post.person)).messages[-1].text != "after it":
            assert (await post.http.post(url, content="after it")).text == "ok"
            await asyncio.sleep(0.05)


async def test_refused_requests_are_refused_in_a_fold_too(post: Post) -> None:
    url = f"{post.url}?fold=1"
    for n in range(BURST + 3):
        await post.http.post(url, content=f"alert {n}")
    large = await post.http.post(url, content=b"x" * (BODY_LIMIT + 1))
    assert large.status_code == 413
    hooks = post.chat.workspace.hooks
    await hooks.set_paused(post.person, post.lobby, post.hook.id, paused=True)
    assert (await post.http.post(url, content="hello")).status_code == 403


async def test_count_of_a_fold_is_stored_when_the_chat_stops(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    workspace, _ = await open_workspace(folder, lambda topic, event: None)
    (ann,) = await sign_in(workspace, "Ann")
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    hook = await workspace.hooks.create(ann, lobby, "ops")

    async def body() -> bytes:
        return b"down"

    for _ in range(BURST + 8):
        answer = await workspace.hooks.receive(
            hook.key, {"idempotency-key": secrets.token_hex(4)}, body, fold=True
        )
        assert answer.status == 200
    await workspace.close()
    workspace, _ = await open_workspace(folder, lambda topic, event: None)
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    last = (await lobby.newest(ann)).messages[-1]
    assert last.via is not None
    assert last.via.folded == 7
    await workspace.close()


async def test_long_body_is_a_file_too(post: Post) -> None:
    text = "\n".join(f"line {n} of the log" for n in range(2000))
    assert (await post.sends(content=text)).text == "ok"
    last = (await post.lobby.newest(post.person)).messages[-1]
    assert [each.name for each in last.files] == ["message.txt"]
    assert last.files[0].blob.size >= len(text)


async def test_page_of_the_address_explains_it(post: Post) -> None:
    page = await post.http.get(post.url)
    assert (page.status_code, f"curl -d 'Hello' {post.url}" in page.text) == (200, True)
    assert (await post.http.get(f"{post.chat.url}/hooks/unknown")).status_code == 404


async def test_reader_who_is_not_in_the_room_makes_no_webhook(
    post: Post, new_user: NewUser
) -> None:
    workspace = post.chat.workspace
    await new_user("Bob")
    bob = await workspace.find_person("Bob")
    room = await workspace.rooms.create(post.person, "Builds")
    with pytest.raises(NoSuchRoom):
        await workspace.hooks.create(bob, room, "mine")
    with pytest.raises(NoSuchRoom):
        await workspace.hooks.of_room(bob, room)


async def test_real_apprise_posts_by_its_mattermost_address(post: Post) -> None:
    address = f"mmost://127.0.0.1:{post.chat.url.rsplit(':', 1)[1]}/{post.hook.key}"
    command = (sys.executable, "-c", "from apprise.cli import main; main()")
    arguments = ("-t", "Disk", "-b", "Only 3 % are left.", address)
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    (text,) = await post.texts()
    assert "Disk" in text
    assert "Only 3 % are left." in text


async def test_body_with_more_names_than_fit_is_posted_without_mentions(
    post: Post, new_user: NewUser
) -> None:
    names = [f"Guest {n}" for n in range(25)]
    for each in names:
        person = await post.chat.workspace.identity.sign_in(each, None)
        await post.chat.workspace.on_signed_in(person)
    text = " ".join(f"@{each}" for each in names)
    assert (await post.sends(content=text)).text == "ok"
    assert (await post.lobby.newest(post.person)).messages[-1].mentions == frozenset()
    # A large body takes another path through the code.
    large = json.dumps({"text": text, "attachments": [{"text": "x" * 20_000}]})
    assert (await post.sends(content=large)).text == "ok"
