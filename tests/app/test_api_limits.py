"""The HTTP API: what is sent twice is posted once, and what is too much is refused."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import httpx
import pytest

from chat.activity.rate_limits import RateLimits
from chat.model.messages import Message, NewMessage
from chat.model.people import Person
from chat.programs.rate_limits import BURST, ROOM_BURST, ROOM_MESSAGES_PER_SECOND
from chat.programs.requests import RUNNING_LIMIT
from chat.server.app import ChatServer
from chat.store.sql_store import SqlStore
from chat.text.message_text import TEXT_LIMIT
from chat.web.api.program_route import MAX_VIEW_BODY_BYTES
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database, sign_in
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace
from tests.harness.waiting import wait_until

__all__ = ["ann", "ops", "programs", "workspace"]

MESSAGES = "/rooms/lobby/messages"
MANY_REQUESTS = pytest.mark.parametrize("timings", [Timings(program_burst=10_000)])


async def texts(program: Program) -> list[str]:
    """The texts of the lobby, without the lines of those who joined."""
    page = await program.gets(MESSAGES, limit=200)
    return [each["text"] for each in page["messages"] if each["kind"] == "text"]


@MANY_REQUESTS
async def test_hundred_requests_with_one_key_are_one_message(
    ops: Program, programs: Programs
) -> None:
    # Several tokens of one bot: one of them runs twenty requests at most.
    senders = [ops, *[await programs.another_token(ops.bot) for _ in range(4)]]
    responses = await asyncio.gather(
        *[
            senders[n % 5].http.post(
                MESSAGES, json={"text": "once"}, headers={"idempotency-key": "deploy-1"}
            )
            for n in range(100)
        ]
    )
    assert Counter(each.status_code for each in responses) == {201: 1, 200: 99}
    assert len({each.json()["number"] for each in responses}) == 1
    assert await texts(ops) == ["once"]


async def test_key_is_of_one_body_for_ever(ops: Program, workspace: Workspace) -> None:
    key = {"idempotency-key": "k"}
    first = await ops.http.post(MESSAGES, json={"text": "a"}, headers=key)
    again = await ops.http.post(MESSAGES, json={"text": "a", "files": []}, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    await workspace.rooms.create(ops.bot, "Garden")
    for path, body in (
        (MESSAGES, {"text": "b"}),
        (MESSAGES, {"text": "a", "quote": first.json()["number"]}),
        ("/rooms/garden/messages", {"text": "a"}),
    ):
        reused = await ops.http.post(path, json=body, headers=key)
        assert refusal(reused) == (422, "key_reused")
    await ops.sends("PATCH", f"{MESSAGES}/{first.json()['number']}", text="edited")
    later = await ops.http.post(MESSAGES, json={"text": "a"}, headers=key)
    assert (later.status_code, later.json()["text"]) == (200, "edited")
    # The answer to the first request may have been lost before the room was archived.
    garden = await workspace.rooms.by_slug(ops.bot, "garden")
    other_key = {"idempotency-key": "in the garden"}
    for _ in range(2):
        planted = await ops.http.post(
            "/rooms/garden/messages", json={"text": "planted"}, headers=other_key
        )
        if not garden.info.archived:
            await workspace.rooms.set_archived(ops.bot, garden, archived=True)
    assert (planted.status_code, planted.json()["text"]) == (200, "planted")
    for bad in ("", "x" * 256):
        response = await ops.http.post(
            MESSAGES, json={"text": "a"}, headers={"idempotency-key": bad}
        )
        assert refusal(response)[0] == 422
    longest = {"idempotency-key": "x" * 255}
    posted = await ops.http.post(MESSAGES, json={"text": "c"}, headers=longest)
    assert posted.status_code == 201


async def test_two_bots_may_have_the_same_key(
    ops: Program, programs: Programs, ann: Person
) -> None:
    other = await programs.make(ann, "other")
    for each in (ops, other):
        response = await each.http.post(
            MESSAGES, json={"text": each.bot.name}, headers={"idempotency-key": "k"}
        )
        assert response.status_code == 201
    assert await texts(ops) == ["ops", "other"]


async def test_program_that_asks_too_fast_is_told_when_to_go_on(
    ops: Program, programs: Programs, ann: Person
) -> None:
    for _ in range(BURST):
        assert (await ops.http.get("/me")).status_code == 200
    refused = await ops.http.get("/me")
    while refused.status_code == 200:
        refused = await ops.http.get("/me")
    assert refusal(refused) == (429, "slow_down")
    assert refused.headers["retry-after"] == str(refused.json()["retry_after"]) == "1"
    other = await programs.make(ann, "other")
    assert (await other.http.get("/me")).status_code == 200
    await asyncio.sleep(int(refused.headers["retry-after"]))
    assert (await ops.http.get("/me")).status_code == 200


@MANY_REQUESTS
async def test_messages_of_all_programs_of_a_room_are_limited_together(
    ops: Program, programs: Programs, ann: Person, workspace: Workspace
) -> None:
    # The clock stands still, so that no place is added however slow this computer is.
    workspace.room_message_limits = RateLimits(
        ROOM_BURST, ROOM_MESSAGES_PER_SECOND, clock=lambda: 0.0
    )
    other = await programs.make(ann, "other")
    key = {"idempotency-key": "first"}
    assert (await ops.http.post(MESSAGES, json={"text": "1"}, headers=key)).status_code == 201
    for n in range(1, ROOM_BURST):
        await (ops, other)[n % 2].posts(str(n))
    for each in (ops, other):
        assert await each.error("POST", MESSAGES, json={"text": "more"}) == (429, "slow_down")
    # A message that is stored already is none more.
    assert (await ops.http.post(MESSAGES, json={"text": "1"}, headers=key)).status_code == 200
    await workspace.rooms.create(ann, "Garden")
    assert (await ops.posts("elsewhere", room="garden"))["text"] == "elsewhere"
    # People are not held up.
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    assert (await lobby.post(ann, "from Ann", "1")).text == "from Ann"


@MANY_REQUESTS
async def test_requests_of_one_token_that_run_at_once_are_bounded(
    ops: Program, chat: ChatServer
) -> None:
    """Twenty requests whose bodies never end; the next one is refused until one is gone."""
    requests = chat.workspace.program_requests
    writers = [await _half_request(chat, ops) for _ in range(RUNNING_LIMIT)]
    await wait_until(lambda: len(requests) == RUNNING_LIMIT)
    assert await ops.error("GET", "/me") == (429, "slow_down")
    for writer in writers:
        writer.close()
    await wait_until(lambda: len(requests) == 0)
    assert (await ops.http.get("/me")).status_code == 200


async def _half_request(chat: ChatServer, program: Program) -> asyncio.StreamWriter:
    host = chat.url.split("//")[1].rstrip("/")
    _, writer = await asyncio.open_connection(*host.split(":"))
    head = (
        f"POST /api{MESSAGES} HTTP/1.1\r\nHost: {host}\r\n"
        f"Authorization: {program.http.headers['authorization']}\r\n"
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text": "'
    )
    writer.write(head.encode())
    await writer.drain()
    return writer


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_large_body_is_refused_before_it_is_read(is_chunked: bool, ops: Program) -> None:
    body = json.dumps({"text": "x" * MAX_VIEW_BODY_BYTES}).encode()

    async def chunks() -> object:
        yield body

    content = chunks() if is_chunked else body
    headers = {"content-type": "application/json"}
    response = await ops.http.post(MESSAGES, content=content, headers=headers)  # type: ignore[arg-type]
    assert refusal(response) == (413, "body_too_large")
    assert response.headers["connection"] == "close"
    assert await texts(ops) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "bad_field"),
        (b"{", 400, "bad_request"),
        (b"\xff\xfe", 400, "bad_request"),
        (b"[" * 50_000, 400, "bad_request"),
        (b"null", 422, "bad_field"),
        (b'"text"', 422, "bad_field"),
        (b'{"text": 5}', 422, "bad_field"),
        (b'{"txt": "hi"}', 422, "bad_field"),
        (b'{"text": "\\ud800"}', 422, "bad_text"),
        (b'{"\\ud800": "hi", "text": ""}', 422, "bad_field"),
        (b'{"text": "hi", "quote": 1e400}', 422, "bad_field"),
        (b'{"text": "hi", "quote": %d}' % 10**30, 422, "bad_field"),
        (b'{"text": "hi", "quote": 999}', 404, "no_such_message"),
        (b'{"text": "  \\u200b "}', 422, "bad_text"),
        (b'{"text": "hi", "files": ["none"]}', 422, "no_such_upload"),
        (b'{"text": "hi", "thread": 999}', 404, "no_such_message"),
        (json.dumps({"text": "x" * (TEXT_LIMIT + 1)}).encode(), 422, "bad_text"),
    ],
)
async def test_bad_body_is_refused_with_its_code(
    body: bytes, status: int, code: str, ops: Program
) -> None:
    headers = {"content-type": "application/json"}
    response = await ops.http.post(MESSAGES, content=body, headers=headers)
    assert refusal(response) == (status, code)
    assert await texts(ops) == []


async def test_unknown_field_is_named_and_so_is_an_unknown_call(ops: Program) -> None:
    response = await ops.sends("POST", MESSAGES, text="hi", chanel="x")
    assert "“chanel”" in response.json()["message"]
    query = await ops.http.get(MESSAGES, params={"befor": 5})
    assert refusal(query) == (422, "bad_field")
    for path in ("/nothing", "/", "/a%0Ab", "/rooms/", "/rooms/lobby/messages/1/nothing"):
        assert await ops.error("GET", path) == (404, "no_such_call")
    wrong = await ops.http.put("/rooms")
    assert refusal(wrong) == (405, "wrong_method")
    assert wrong.headers["allow"] == "GET, POST"
    message = await ops.http.post("/rooms/lobby/messages/1")
    assert message.headers["allow"] == "DELETE, GET, PATCH"
    chinese = await ops.http.get("/rooms/nowhere", headers={"accept-language": "zh-CN"})
    assert chinese.json()["error"] == "no_such_room"
    assert "room" not in chinese.json()["message"]


async def test_program_calls_many_people_only_if_it_says_so(
    ops: Program, workspace: Workspace
) -> None:
    await sign_in(workspace, *[f"Person {n}" for n in range(20)])
    body = {"text": "@everyone: the server is down"}
    refused = await ops.http.post(MESSAGES, json=body)
    assert refusal(refused) == (409, "many_people_called")
    assert "“confirm_calls”: true" in refused.json()["message"]
    assert await texts(ops) == []
    posted = await ops.http.post(MESSAGES, json={**body, "confirm_calls": True})
    assert posted.status_code == 201
    assert len(posted.json()["mentions"]) == 21


async def test_programs_of_a_person_make_a_limited_number_of_rooms(
    tmp_path: Path,
) -> None:
    data = await create_empty_database(tmp_path / "data")
    async with running_chat(data, rooms_an_hour=3, conversations_an_hour=1) as chat:
        (ann, _, _), programs = await sign_in(chat.workspace, "Ann", "Bob", "Cem"), Programs(chat)
        ops, other = [await programs.make(ann, name) for name in ("ops", "other")]
        for n in range(3):
            made = await (ops, other)[n % 2].sends("POST", "/rooms", title=f"Room {n}")
            assert made.status_code == 201
        refused = await ops.sends("POST", "/rooms", title="One more")
        assert refusal(refused) == (429, "slow_down")
        assert 3500 < int(refused.headers["retry-after"]) <= 3600
        assert (await ops.sends("POST", "/direct", names=["Bob"])).is_success
        refused = await other.sends("POST", "/direct", names=["Cem"])
        assert refusal(refused) == (429, "slow_down")
        # Those of the person are counted apart.
        await chat.workspace.rooms.create(ann, "Room of Ann")
        await programs.close()


async def test_message_is_posted_although_its_client_is_gone(
    ops: Program, chat: ChatServer, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, is_storing, may_store = SqlStore.append, asyncio.Event(), asyncio.Event()

    async def append_later(store: SqlStore, new_message: NewMessage) -> Message:
        is_storing.set()
        await may_store.wait()
        return await append(store, new_message)

    await ops.posts("I am in the lobby")
    monkeypatch.setattr(SqlStore, "append", append_later)
    writer = await _half_request(chat, ops)
    writer.write(b"x" * 88 + b'"}')
    await is_storing.wait()
    address = writer.get_extra_info("sockname")
    writer.close()
    await wait_until(lambda: address not in [_client(each) for each in chat.connections])
    may_store.set()
    lobby = await chat.workspace.rooms.by_slug(ann, "lobby")
    await wait_until(lambda: [each.text for each in lobby.recent(2) or ()][-1:] == ["x" * 88])
    await wait_until(lambda: len(chat.workspace.program_requests) == 0)


def _client(connection: object) -> object:
    return getattr(connection, "client", None)


async def test_internal_failure_is_answered_and_logged(
    ops: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(ops.workspace.bots, "owner_id", fail)
    assert await ops.error("GET", "/me") == (500, "internal_error")
    assert "RuntimeError: a bug" in caplog.text


async def test_answers_without_a_token_need_no_body(chat: ChatServer, ops: Program) -> None:
    """A stranger's body is not read: the refusal comes while the body is still open."""
    ops.http.headers["authorization"] = "Bearer fc_wrong"
    writer = await _half_request(chat, ops)
    writer.close()
    async with asyncio.timeout(5):
        response: httpx.Response = await ops.http.post(MESSAGES, json={"text": "hi"})
    assert refusal(response) == (401, "bad_token")
    assert response.headers["connection"] == "close"
