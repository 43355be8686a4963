"""A receiver of a webhook, and two kills of the chat: nothing is lost, repeats have their id."""

import asyncio
from collections import defaultdict
from pathlib import Path

from chat.model.outgoing import Trigger
from chat.outgoing.addresses import AddressRules, AllowedHosts
from chat.outgoing.deliveries import Sending
from chat.outgoing.requests import Requester
from chat.web.api.event_json import event_json
from tests.harness.domain import create_empty_database, open_workspace, sign_in
from tests.harness.posting_server import PostingServer
from tests.harness.receiver import OK, Request, receiving

POSTS = 200
KILLED_AT = (50, 120)


async def test_two_kills_in_the_middle_of_a_request_lose_nothing(tmp_path: Path) -> None:
    folder = await create_empty_database(tmp_path / "data")
    async with receiving() as receiver:
        workspace, _ = await open_workspace(folder, lambda topic, event: None)
        (ann,) = await sign_in(workspace, "Ann")
        rules = AddressRules(AllowedHosts.parse(["127.0.0.1"]))
        cursors = workspace.program_events.cursors
        await workspace.deliveries.start(Sending(event_json, cursors, Requester(rules)))
        lobby = await workspace.rooms.by_slug(ann, "lobby")
        hook = await workspace.outgoing_hooks.create(ann, lobby, "Log", receiver.url, Trigger())
        await workspace.close()
        server = PostingServer(folder, POSTS, hook_addresses="127.0.0.1")
        done = asyncio.Event()

        async def respond(request: Request) -> bytes:
            # The request has arrived, and its sender never hears of it.
            if len(receiver.requests) in KILLED_AT:
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
            if len({each.id for each in receiver.requests}) == POSTS + 1:
                done.set()
            return OK

        receiver.respond = respond
        try:
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(120):
                await done.wait()
            await asyncio.to_thread(server.stop)
        finally:
            server.kill_if_running()
    workspace, store = await open_workspace(folder, lambda topic, event: None)
    stored = (await store.newest(1, 2 * POSTS)).messages[-POSTS - 1 :]
    (after,) = await store.outgoing_hooks()
    await workspace.close()
    numbers_of_ids = defaultdict[str, list[int]](list)
    for each in receiver.requests:
        each.verify(hook.secret)
        numbers_of_ids[each.id].append(each.event["number"])
    # In order, and each message has one id, however often it was sent.
    assert [numbers[0] for numbers in numbers_of_ids.values()] == [each.number for each in stored]
    assert all(len(set(numbers)) == 1 for numbers in numbers_of_ids.values())
    repeats = sum(len(numbers) - 1 for numbers in numbers_of_ids.values())
    assert len(KILLED_AT) <= repeats <= 2 * len(KILLED_AT)
    assert after.progress.failures == 0
    assert after.progress.position >= hook.progress.position + POSTS
