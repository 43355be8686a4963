"""The HTTP API: a message that is written piece by piece, as a person sees it and as its end is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chat.errors import SlowDown
from chat.model.people import Person
from chat.model.programs import Scope
from chat.programs.rate_limits import PIECE_BURST
from chat.programs.requests import ProgramRequests
from chat.programs.streams import LENGTH_LIMIT, STREAMS_PER_AUTHOR
from chat.server.app import ChatServer
from chat.text.message_text import TEXT_LIMIT
from chat.web.api.streams import TOKEN_CHECK_SECONDS
from chat.workspace.timings import Timings
from tests.conftest import NewUser
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace
from tests.harness.waiting import wait_until

__all__ = ["ann", "ops", "programs", "workspace"]


async def begins(program: Program, **fields: Any) -> str:
    """Begin a message in the lobby, and return its path."""
    answer = await program.http.post("/rooms/lobby/streams", json=fields)
    assert answer.status_code == 201, answer.text
    assert answer.json()["stream_state"] == "streaming"
    return f"/rooms/{answer.json()['room']}/messages/{answer.json()['number']}"


async def appends(program: Program, path: str, at: int, text: str) -> httpx.Response:
    """Send a piece."""
    return await program.sends("POST", f"{path}/append", at=at, text=text)


async def test_people_see_a_message_grow_until_it_is_complete(
    ops: Program, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    path = await begins(ops)
    assert (await appends(ops, path, 0, "Building")).json() == {"length": 8}
    await bob.until(lambda: bob.sees("Building"))
    assert (await appends(ops, path, 8, " the page")).json() == {"length": 17}
    await bob.until(lambda: bob.sees("Building the page"))
    done = (await ops.sends("POST", f"{path}/finish")).json()
    assert (done["text"], done["stream_state"]) == ("Building the page", None)
    assert done["edited_at"] is None


async def test_repeated_piece_changes_nothing_and_a_gap_is_named(ops: Program) -> None:
    path = await begins(ops)
    for _ in range(2):
        assert (await appends(ops, path, 0, "😀 one")).json() == {"length": 5}
    gap = await appends(ops, path, 6, "two")
    assert refusal(gap) == (409, "stream_gap")
    assert gap.json()["length"] == 5
    assert (await appends(ops, path, 3, "ne two")).json() == {"length": 9}
    assert (await ops.sends("POST", f"{path}/finish")).json()["text"] == "😀 one two"


async def test_end_may_be_told_twice_but_not_changed(ops: Program) -> None:
    path = await begins(ops, code=True)
    await appends(ops, path, 0, "make: *** [all] Error 1")
    for _ in range(2):
        answer = (await ops.sends("POST", f"{path}/interrupt")).json()
        assert answer["stream_state"] == "interrupted"
        assert answer["text"] == "```\nmake: *** [all] Error 1\n```"
    assert await ops.error("POST", f"{path}/finish") == (409, "stream_ended")
    late = await appends(ops, path, 23, "!")
    assert refusal(late) == (409, "stream_ended")
    whole = await begins(ops)
    for _ in range(2):
        assert (await ops.sends("POST", f"{whole}/finish")).json()["stream_state"] is None
    assert await ops.error("POST", f"{whole}/interrupt") == (409, "stream_ended")
    assert (await ops.error("POST", "/rooms/lobby/messages/999/finish"))[1] == "no_such_message"


async def test_long_output_shows_its_end_and_has_the_whole_as_a_file(ops: Program) -> None:
    path = await begins(ops, code=True)
    text = "".join(f"line {n}\n" for n in range(4000))
    for at in range(0, len(text), 10_000):
        await appends(ops, path, at, text[at : at + 10_000])
    done = (await ops.sends("POST", f"{path}/finish")).json()
    assert len(done["text"]) <= TEXT_LIMIT
    assert "line 3999" in done["text"]
    (file,) = done["files"]
    assert (await ops.http.get(f"/files/{file['id']}")).text == text


async def test_key_begins_one_message(ops: Program) -> None:
    key = {"idempotency-key": "build-7"}
    answers = await asyncio.gather(
        *(ops.http.post("/rooms/lobby/streams", json={}, headers=key) for _ in range(5))
    )
    assert len({each.json()["number"] for each in answers}) == 1
    again = await ops.http.post("/rooms/lobby/streams", json={}, headers=key)
    assert again.status_code == 200
    other = await ops.http.post("/rooms/lobby/streams", json={"code": True}, headers=key)
    assert refusal(other) == (422, "key_reused")
    post = await ops.http.post("/rooms/lobby/messages", json={"text": "x"}, headers=key)
    assert refusal(post) == (422, "key_reused")


async def test_reply_in_a_thread_and_a_quote_can_grow(ops: Program) -> None:
    root = (await ops.posts("which build is it?"))["number"]
    answer = await ops.http.post("/rooms/lobby/streams", json={"thread": root})
    thread = answer.json()["room"]
    assert thread != "lobby"
    path = f"/rooms/{thread}/messages/{answer.json()['number']}"
    await appends(ops, path, 0, "number 7")
    await ops.sends("POST", f"{path}/finish")
    replies = await ops.gets(f"/rooms/lobby/messages/{root}/thread")
    assert [each["text"] for each in replies["messages"]] == ["number 7"]
    quoting = await ops.http.post("/rooms/lobby/streams", json={"quote": root})
    assert quoting.json()["quote"]["number"] == root


async def test_another_program_cannot_write_or_end_it(
    ops: Program, programs: Programs, ann: Person
) -> None:
    path = await begins(ops)
    other = await programs.make(ann, "other")
    assert refusal(await appends(other, path, 0, "mine")) == (409, "stream_ended")
    assert await other.error("POST", f"{path}/interrupt") == (409, "stream_ended")
    assert await other.error("POST", f"{path}/finish") == (409, "stream_ended")
    reader = await programs.another_token(ops.bot, [Scope.READ])
    assert refusal(await appends(reader, path, 0, "x")) == (403, "missing_scope")
    assert await reader.error("POST", "/rooms/lobby/streams", json={}) == (403, "missing_scope")
    assert (await appends(ops, path, 0, "still ours")).json() == {"length": 10}


async def test_limits_of_pieces_and_of_messages_at_a_time(ops: Program) -> None:
    path = await begins(ops)
    for at in (-1, LENGTH_LIMIT + 1):
        assert refusal(await appends(ops, path, at, "")) == (422, "bad_field")
    assert refusal(await appends(ops, path, 0, "x" * 70_000)) == (413, "body_too_large")
    for idle in (4, 301):
        error = await ops.error("POST", "/rooms/lobby/streams", json={"idle_seconds": idle})
        assert error == (422, "bad_field")
    for _ in range(STREAMS_PER_AUTHOR - 1):
        await begins(ops)
    error = await ops.error("POST", "/rooms/lobby/streams", json={})
    assert error == (409, "too_many_streams")


@pytest.mark.parametrize("timings", [Timings(program_burst=2)])
async def test_pieces_are_counted_apart_from_requests(ops: Program) -> None:
    path = await begins(ops)
    answers = await asyncio.gather(*(appends(ops, path, 0, "") for _ in range(19)))
    assert {each.status_code for each in answers} == {200}
    assert (await ops.sends("POST", f"{path}/finish")).status_code == 200


def test_pieces_of_a_token_have_a_limit() -> None:
    requests = ProgramRequests(burst=1)
    sent = 0
    with pytest.raises(SlowDown):
        while sent < 10 * PIECE_BURST:
            with requests.running(1, is_piece=True):
                sent += 1
    assert PIECE_BURST <= sent < 2 * PIECE_BURST
    with requests.running(1), requests.running(2, is_piece=True):
        assert len(requests) == 2


class Output:
    """A body that is sent while it is written."""

    def __init__(self) -> None:
        self._pieces = asyncio.Queue[bytes]()

    def writes(self, piece: bytes) -> None:
        """Send a piece; an empty one is the end."""
        self._pieces.put_nowait(piece)

    async def sent(self) -> AsyncIterator[bytes]:
        """The pieces."""
        while piece := await self._pieces.get():
            yield piece


async def test_body_is_one_message_while_it_arrives(ops: Program, new_user: NewUser) -> None:
    bob = await new_user("Bob")
    output = Output()
    sending = asyncio.create_task(ops.http.post("/rooms/lobby/output", content=output.sent()))
    output.writes("compiling \U0001f600".encode()[:-2])
    await bob.until(lambda: bob.sees("compiling "))
    output.writes("\U0001f600".encode()[-2:])
    output.writes(b"\nlinking\n")
    await bob.until(lambda: bob.sees("compiling \U0001f600\nlinking"))
    output.writes(b"")
    answer = await sending
    assert answer.status_code == 201
    assert answer.json()["text"] == "```\ncompiling \U0001f600\nlinking\n```"
    assert answer.json()["stream_state"] is None
    plain = await ops.http.post("/rooms/lobby/output?code=false", content=b"**done**")
    assert plain.json()["text"] == "**done**"


async def test_broken_connection_interrupts_the_message(
    ops: Program, ann: Person, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    output = Output()
    sending = asyncio.create_task(ops.http.post("/rooms/lobby/output", content=output.sent()))
    output.writes(b"almost done")
    await bob.until(lambda: bob.sees("almost done"))
    sending.cancel()
    lobby = await ops.workspace.rooms.by_slug(ann, "lobby")
    await wait_until(lambda: not len(ops.workspace.streams))
    message = await lobby.message(ann, lobby.last_number)
    assert (message.text, message.stream_state) == ("```\nalmost done\n```", "interrupted")


async def test_body_that_is_too_long_is_a_message_of_what_fits(ops: Program) -> None:
    answer = await ops.http.post("/rooms/lobby/output", content=b"x" * (LENGTH_LIMIT + 1))
    assert refusal(answer) == (413, "stream_full")
    (message,) = (await ops.gets("/rooms/lobby/messages", limit=1))["messages"]
    assert message["stream_state"] is None
    assert 900_000 < message["files"][0]["size"] <= LENGTH_LIMIT


async def test_output_needs_a_room_and_the_right_to_write(
    ops: Program, programs: Programs, chat: ChatServer
) -> None:
    reader = await programs.another_token(ops.bot, [Scope.READ])
    path = "/rooms/lobby/output"
    assert await reader.error("POST", path, content=b"x") == (403, "missing_scope")
    nowhere = await ops.error("POST", "/rooms/nowhere/output", content=b"x")
    assert nowhere == (404, "no_such_room")
    output = Output()
    sending = asyncio.create_task(ops.http.post(path, content=output.sent()))
    output.writes(b"begun")
    await wait_until(lambda: len(chat.workspace.streams))
    await chat.workspace.api_tokens.revoke(ops.bot)
    await asyncio.sleep(TOKEN_CHECK_SECONDS + 0.5)
    output.writes(b" and goes on")
    # httpx reads the answer when it has sent the whole body.
    output.writes(b"")
    assert refusal(await sending) == (401, "bad_token")
    assert not len(chat.workspace.streams)
