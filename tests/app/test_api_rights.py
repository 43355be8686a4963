"""The HTTP API: a token allows its scopes in its rooms, and tells nothing of others."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.web.guard.cookies import token_cookie_name
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.harness.domain import upload_file
from tests.harness.http import http_client
from tests.harness.programs import Program, Programs, ann, ops, programs, refusal, workspace

__all__ = ["ann", "ops", "programs", "workspace"]

# A call of each operation on a room, with the scopes that it needs.
CALLS: dict[str, tuple[str, str, dict[str, Any], set[str]]] = {
    "room": ("GET", "/rooms/{}", {}, {"read"}),
    "messages": ("GET", "/rooms/{}/messages", {}, {"read"}),
    "message": ("GET", "/rooms/{}/messages/1", {}, {"read"}),
    "thread": ("GET", "/rooms/{}/messages/1/thread", {}, {"read"}),
    "search": ("GET", "/search?q=plan&room={}", {}, {"read"}),
    "post": ("POST", "/rooms/{}/messages", {"json": {"text": "hi"}}, {"write"}),
    "reply": ("POST", "/rooms/{}/messages", {"json": {"text": "hi", "thread": 1}}, {"write"}),
    "edit": ("PATCH", "/rooms/{}/messages/1", {"json": {"text": "hi"}}, {"write"}),
    "delete": ("DELETE", "/rooms/{}/messages/1", {}, {"write"}),
    "react": ("PUT", "/rooms/{}/messages/1/reactions/🎉", {}, {"react"}),
    "unreact": ("DELETE", "/rooms/{}/messages/1/reactions/🎉", {}, {"react"}),
    "pin": ("PUT", "/rooms/{}/messages/1/pin", {}, {"manage"}),
    "unpin": ("DELETE", "/rooms/{}/messages/1/pin", {}, {"manage"}),
    "upload": ("POST", "/files?room={}&name=a.txt", {"content": b"abc"}, {"write"}),
}

# The calls that concern no room.
OTHER_CALLS: dict[str, tuple[str, str, dict[str, Any], set[str]]] = {
    "people": ("GET", "/people", {}, {"read"}),
    "rooms": ("GET", "/rooms", {}, {"read"}),
    "search": ("GET", "/search?q=plan", {}, {"read"}),
    "file": ("GET", "/files/0000", {}, {"read"}),
    "create room": ("POST", "/rooms", {"json": {"title": "New"}}, {"manage"}),
    "direct": ("POST", "/direct", {"json": {"names": ["Ann"]}}, {"write"}),
}


@pytest.fixture
def timings() -> Timings:
    """Each test asks more often than a program may."""
    return Timings(program_burst=10_000)


@pytest.fixture
async def secret_room(workspace: Workspace, ann: Person) -> Room:
    """A private room of Ann's with a message."""
    room = await workspace.rooms.create(ann, "Secret", RoomKind.PRIVATE)
    await room.post(ann, "the secret plan", "1")
    return room


@pytest.fixture
async def anonymous(chat: ChatServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with http_client(base_url=chat.url.rstrip("/") + "/api") as http:
        yield http


async def test_room_that_a_token_may_not_read_is_as_one_that_does_not_exist(
    ops: Program, programs: Programs, secret_room: Room, workspace: Workspace, ann: Person
) -> None:
    garden = await workspace.rooms.create(ann, "Garden")
    only_garden = await programs.another_token(ops.bot, rooms=[garden.info.id])
    member = await programs.make(ann, "member")
    await workspace.rooms.invite(ann, secret_room, member.bot)
    await garden.post(ann, "a plan", "2")
    for name, (method, path, options, _) in CALLS.items():
        refusals = [
            await program.http.request(method, path.format(slug), **options)
            for program, slug in (
                (ops, secret_room.info.slug),
                (only_garden, "lobby"),
                (only_garden, "nowhere"),
            )
        ]
        assert refusal(refusals[0]) == (404, "no_such_room"), name
        assert {each.content for each in refusals} == {refusals[0].content}, name
        own_path = path.format(secret_room.info.slug)
        answer = await member.http.request(method, own_path, **options)
        assert answer.json() != refusals[0].json(), name


async def test_search_and_lists_are_narrowed_to_the_rooms_of_the_token(
    ops: Program, programs: Programs, secret_room: Room, workspace: Workspace, ann: Person
) -> None:
    garden = await workspace.rooms.create(ann, "Garden", RoomKind.PRIVATE, invited=[ops.bot])
    await garden.post(ann, "a plan for the garden", "2")
    root = await garden.post(ann, "questions", "3")
    thread = await workspace.rooms.get_or_create_thread(ann, garden, root.number)
    await thread.post(ann, "which plan?", "4")
    await (await workspace.rooms.by_slug(ann, "lobby")).post(ann, "a plan for all", "5")

    async def found(program: Program, words: str = "plan", **query: str) -> list[str]:
        answer = await program.gets("/search", q=words, **query)
        return [each["text"] for each in answer["messages"]]

    assert await found(ops) == ["a plan for all", "which plan?", "a plan for the garden"]
    narrow = await programs.another_token(ops.bot, rooms=[garden.info.id])
    assert await found(narrow) == ["which plan?", "a plan for the garden"]
    assert await found(narrow, "plan in:lobby") == []
    assert await found(narrow, room=garden.info.slug) == ["which plan?", "a plan for the garden"]
    assert await found(ops, room="lobby") == ["a plan for all"]
    listed = (await narrow.gets("/rooms"))["rooms"]
    assert [each["slug"] for each in listed] == [garden.info.slug]
    assert (await narrow.gets(f"/rooms/{thread.info.slug}/messages"))["messages"][0]["text"]
    made = await narrow.error("POST", "/rooms", json={"title": "Escape"})
    assert made == (403, "token_bound_to_rooms")


async def test_file_is_for_readers_of_its_room_with_a_token_for_it(
    ops: Program, programs: Programs, secret_room: Room, workspace: Workspace, ann: Person
) -> None:
    upload_id = await upload_file(workspace, ann, secret_room, "plan.txt", b"the plan")
    message = await secret_room.post(ann, "", "2", upload_ids=[upload_id])
    path = f"/files/{message.files[0].id}"
    missing = await ops.http.get("/files/0000")
    assert refusal(missing) == (404, "no_such_file")
    assert (await ops.http.get(path)).content == missing.content
    await workspace.rooms.invite(ann, secret_room, ops.bot)
    assert (await ops.http.get(path)).content == b"the plan"
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    elsewhere = await programs.another_token(ops.bot, rooms=[lobby.info.id])
    assert (await elsewhere.http.get(path)).content == missing.content


@pytest.mark.parametrize("scope", list(Scope))
async def test_token_without_a_scope_is_refused(
    scope: Scope, programs: Programs, ann: Person
) -> None:
    program = await programs.make(ann, scopes=[scope])
    message = await programs.make(ann, "another")
    await message.posts("hello")
    for name, (method, path, options, scopes) in (CALLS | OTHER_CALLS).items():
        response = await program.http.request(method, path.format("lobby"), **options)
        is_refused = not response.is_success and response.json()["error"] == "missing_scope"
        # Message 1 is Ann's: with a right to write alone, it is not deleted.
        assert is_refused is (scope.value not in scopes or name == "delete"), name
        assert response.status_code == 403 or not is_refused


async def test_bot_deletes_messages_of_others_only_where_it_moderates(
    ops: Program, workspace: Workspace, ann: Person
) -> None:
    lobby = await workspace.rooms.by_slug(ann, "lobby")
    message = await lobby.post(ann, "mine", "1")
    path = f"/rooms/lobby/messages/{message.number}"
    assert await ops.error("DELETE", path) == (404, "no_such_message")
    assert await ops.error("PATCH", path, json={"text": "yours"}) == (404, "no_such_message")
    assert (await ops.gets(path))["text"] == "mine"


async def test_archived_room_is_read_and_not_written(
    ops: Program, programs: Programs, workspace: Workspace, ann: Person
) -> None:
    room = await workspace.rooms.create(ann, "Old", invited=[ops.bot])
    await ops.posts("before", room="old")
    await workspace.rooms.set_archived(ann, room, archived=True)
    assert (await ops.gets("/rooms/old"))["archived"]
    assert "before" in [
        each["text"] for each in (await ops.gets("/rooms/old/messages"))["messages"]
    ]
    stranger = await programs.make(ann, "stranger")
    for program in (ops, stranger):
        for _, (method, path, options, scopes) in CALLS.items():
            if "read" not in scopes:
                error = await program.error(method, path.format("old"), **options)
                assert error == (409, "room_archived")
    assert stranger.bot.id not in room.members


async def test_token_ends_when_it_is_revoked_or_expires_or_its_owner_leaves(
    ops: Program, programs: Programs, workspace: Workspace, ann: Person
) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=50)
    short_lived = await programs.another_token(ops.bot, expires_at=soon)
    assert (await ops.http.get("/me")).status_code == 200
    await workspace.api_tokens.revoke(ops.bot, ops.token.id)
    while datetime.now(UTC) <= soon:
        pass
    other = await programs.make(ann, "other")
    await workspace.sign_out(ann)
    for each in (ops, short_lived, other):
        response = await each.http.get("/me")
        assert refusal(response) == (401, "bad_token")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_bot_that_is_removed_from_a_private_room_loses_it_at_once(
    ops: Program, secret_room: Room, workspace: Workspace, ann: Person
) -> None:
    await workspace.rooms.invite(ann, secret_room, ops.bot)
    path = f"/rooms/{secret_room.info.slug}/messages"
    assert (await ops.http.get(path)).status_code == 200
    await workspace.rooms.remove(ann, secret_room, ops.bot)
    assert await ops.error("GET", path) == (404, "no_such_room")


async def test_only_the_header_with_the_token_counts(
    chat: ChatServer, ops: Program, ann: Person, anonymous: httpx.AsyncClient
) -> None:
    cookie = {"cookie": f"{token_cookie_name(chat.workspace)}=token of Ann"}
    page = chat.url.rstrip("/")
    assert (await anonymous.get(f"{page}/avatars/none", headers=cookie)).status_code == 404
    for headers in (
        {},
        cookie,
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": f"Basic {ops.secret}"},
        {"authorization": f"Bearer {ops.secret}x"},
        {"x-api-key": ops.secret},
    ):
        for path in ("/me", f"/me?token={ops.secret}", "/rooms/lobby/messages"):
            assert refusal(await anonymous.get(path, headers=headers)) == (401, "bad_token")
    named = {"authorization": f"bEARER  {ops.secret}"}
    assert (await anonymous.get("/me", headers=named)).status_code == 200


async def test_page_of_another_origin_may_not_ask(
    ops: Program, anonymous: httpx.AsyncClient
) -> None:
    preflight = {
        "origin": "https://elsewhere.example",
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }
    response = await anonymous.options("/me", headers=preflight)
    assert response.status_code == 401
    asked = await ops.http.options("/me", headers=preflight)
    assert refusal(asked) == (405, "wrong_method")
    answered = await ops.http.get("/me", headers={"origin": "https://elsewhere.example"})
    for each in (response, asked, answered):
        assert not [name for name in each.headers if name.startswith("access-control")]
    assert answered.headers["cache-control"] == "no-store"
