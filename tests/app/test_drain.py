"""The drain: each client is told to connect again, and what is typed is there after the restart."""

import asyncio
import signal
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect

from chat.server.app import ChatServer
from tests.conftest import NewUser
from tests.harness.hostile_clients import non_reading_socket, raw_socket
from tests.harness.http import http_client, request
from tests.harness.process import ServerProcess
from tests.harness.user import ChatUser

pytestmark = pytest.mark.usefixtures("no_sessions")


async def test_draining_chat_lives_is_not_ready_and_sends_new_sockets_elsewhere(
    chat: ChatServer, new_user: NewUser
) -> None:
    ann = await new_user("Ann")
    assert (await request(chat, "/readyz")).json() == {"status": "ok"}
    assert (await request(chat, "/healthz")).json()["draining"] is False
    # The drain lasts as long as a client that does not answer.
    port = int(chat.url.rsplit(":", 1)[1])
    with await non_reading_socket(port):
        chat.drain()
        readiness = await request(chat, "/readyz")
        assert readiness.status_code == 503
        assert readiness.json() == {"status": "The chat is about to stop."}
        health = await request(chat, "/healthz")
        assert health.status_code == 200
        assert health.json()["draining"] is True
        assert await ann.waits_until_disconnected() == 1012
        async with raw_socket(chat) as late:
            await late.wait_closed()
        assert late.close_code == 1012


async def test_open_post_finishes_and_a_half_typed_text_is_there_after_the_restart(
    server: ServerProcess,
) -> None:
    ann, bob = ChatUser(server.address), ChatUser(server.address)
    await ann.opens_as("Ann")
    await bob.opens_as("Bob")
    await ann.composer.posts("the last one")
    await bob.composer.types("half a sen")
    # Enter and the signal come at the same time: the text is stored, or it is the draft.
    await ann.composer.types("and one more")
    await ann.composer.sends()
    server.send_signal(signal.SIGTERM)
    assert {await each.waits_until_disconnected() for each in (ann, bob)} == {1012}
    assert await asyncio.to_thread(server.wait) == 0
    server.start()
    await bob.opens("/chat")
    await bob.composer.waits_for_text("half a sen")
    await ann.opens("/chat")
    await ann.timeline.waits_for_message("the last one")
    await ann.until(
        lambda: (ann.composer.text == "and one more") != ("and one more" in ann.timeline.texts)
    )
    for each in (ann, bob):
        await each.disconnects()


async def test_clients_are_told_at_different_times_and_work_until_then(
    server: ServerProcess,
) -> None:
    url = server.address.replace("http", "ws", 1) + "/ws"
    clients = [await connect(url, proxy=None) for _ in range(100)]

    async def closing_time(client: ClientConnection) -> float:
        await client.wait_closed()
        return time.monotonic()

    closing = [asyncio.create_task(closing_time(each)) for each in clients]
    server.send_signal(signal.SIGTERM)
    times = await asyncio.gather(*closing)
    assert {each.close_code for each in clients} == {1012}
    # A hundred in a second; told together, all would be gone within a tenth of that.
    assert max(times) - min(times) > 0.4
    assert await asyncio.to_thread(server.wait) == 0


@pytest.mark.parametrize("is_drain", [False, True])
async def test_ctrl_c_and_a_second_signal_do_not_wait_for_the_drain(
    server: ServerProcess, is_drain: bool
) -> None:
    url = server.address.replace("http", "ws", 1) + "/ws"
    clients = [await connect(url, proxy=None) for _ in range(200)]
    if is_drain:
        server.send_signal(signal.SIGTERM)
        async with http_client() as http:
            while not (await http.get(f"{server.address}/healthz")).json()["draining"]:
                pass
    server.send_signal(signal.SIGTERM if is_drain else signal.SIGINT)
    for client in clients:
        await client.wait_closed()
    assert {each.close_code for each in clients} == {1012}
    assert await asyncio.to_thread(server.wait) == 0
    log = (server.data_folder / "chat.log").read_text("utf-8")
    assert log.count("event=draining") == is_drain
    assert "event=drained" not in log
