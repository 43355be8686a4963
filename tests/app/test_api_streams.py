"""The HTTP API: a message that is written piece by piece, as a person sees it and as its end is."""

import asyncio
from typing import Any

import httpx

from chat.model.people import Person
from chat.model.programs import Scope
from chat.programs.rate_limits import PIECE_BURST
from chat.programs.streams import LENGTH_LIMIT, STREAMS_PER_AUTHOR
from chat.text.message_text import TEXT_LIMIT
from tests.conftest import NewUser
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace

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


async def test_pieces_have_a_limit_of_their_own(ops: Program) -> None:
    path = await begins(ops)
    refused = list[httpx.Response]()
    # A slow computer needs more of them: some may be sent again each second.
    for _ in range(10):
        sent = (appends(ops, path, 0, "") for _ in range(PIECE_BURST))
        refused += [each for each in await asyncio.gather(*sent) if each.status_code == 429]
        if refused:
            break
    assert refused
    assert all(each.json()["retry_after"] >= 1 for each in refused)
    assert (await ops.sends("POST", f"{path}/finish")).status_code == 200
