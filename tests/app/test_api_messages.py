"""The HTTP API: rooms, people and messages, as a program reads and writes them."""

from chat.model.people import Person
from chat.model.programs import Scope
from chat.model.rooms import RoomKind
from chat.workspace.workspace import Workspace
from tests.conftest import NewUser
from tests.harness.programs import Program, Programs, ann, ops, programs, workspace

__all__ = ["ann", "ops", "programs", "workspace"]


async def test_what_a_program_posts_is_on_the_screen_of_a_person(
    ops: Program, new_user: NewUser
) -> None:
    bob = await new_user("Bob")
    posted = await ops.posts("the build is green")
    await bob.until(lambda: bob.sees("the build is green"))
    assert (posted["room"], posted["author"]["name"]) == ("lobby", "ops")
    assert posted["author"]["is_bot"]
    number = posted["number"]
    edited = await ops.sends("PATCH", f"/rooms/lobby/messages/{number}", text="it is red")
    assert edited.json()["text"] == "it is red"
    assert edited.json()["edited_at"] is not None
    await bob.until(lambda: bob.sees("it is red") and not bob.sees("the build is green"))
    gone = await ops.sends("DELETE", f"/rooms/lobby/messages/{number}")
    assert (gone.status_code, gone.content) == (204, b"")
    await bob.until(lambda: not bob.sees("it is red"))
    assert (await ops.error("DELETE", f"/rooms/lobby/messages/{number}"))[1] == "no_such_message"


async def test_program_learns_who_it_is_and_whose(
    ops: Program, programs: Programs, ann: Person, workspace: Workspace
) -> None:
    profile = await ops.gets("/me")
    assert profile["bot"] == {"id": ops.bot.id, "name": "ops", "is_bot": True}
    assert profile["owner"]["name"] == "Ann"
    assert profile["token"]["rooms"] is None
    assert set(profile["token"]["scopes"]) == {"read", "write", "react", "manage"}
    garden = await workspace.rooms.create(ann, "Garden")
    reader = await programs.another_token(ops.bot, [Scope.READ], [garden.info.id])
    token = (await reader.gets("/me"))["token"]
    assert (token["label"], token["scopes"], token["rooms"]) == ("a test", ["read"], ["garden"])


async def test_rooms_and_people_are_listed_page_by_page(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    for n in range(4):
        await workspace.rooms.create(ann, f"Room {n}")
    hidden = await workspace.rooms.create(ann, "Hidden", RoomKind.PRIVATE)
    ours = await workspace.rooms.create(ann, "Ours", RoomKind.PRIVATE, invited=[ops.bot])
    titles, cursor = list[str](), None
    while titles == [] or cursor is not None:
        query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = await ops.gets("/rooms", **query)
        assert len(page["rooms"]) <= 2
        titles += [each["title"] for each in page["rooms"]]
        cursor = page["next_cursor"]
    assert titles == ["Lobby", "Room 0", "Room 1", "Room 2", "Room 3", "Ours"]
    assert hidden.info.title not in titles
    one = await ops.gets(f"/rooms/{ours.info.slug}")
    assert (one["kind"], one["is_member"], one["member_count"]) == ("private", True, 2)
    await ops.posts("hello")
    page = await ops.gets("/people", limit=1)
    rest = await ops.gets("/people", limit=1, cursor=page["next_cursor"])
    people = [(each["name"], each["is_bot"]) for each in page["people"] + rest["people"]]
    assert (people, rest["next_cursor"]) == ([("Ann", False), ("ops", True)], None)


async def test_pages_before_after_and_around_a_message(ops: Program) -> None:
    first = (await ops.posts("0"))["number"]
    for n in range(1, 9):
        await ops.posts(str(n))

    async def texts(**query: int) -> tuple[list[str], bool, bool]:
        page = await ops.gets("/rooms/lobby/messages", **query)
        messages = [each["text"] for each in page["messages"]]
        return messages, page["has_older"], page["has_newer"]

    assert await texts(limit=3) == (["6", "7", "8"], True, False)
    assert await texts(before=first + 6, limit=3) == (["3", "4", "5"], True, True)
    assert await texts(after=first, limit=3) == (["1", "2", "3"], True, True)
    assert await texts(around=first + 4, limit=4) == (["2", "3", "4", "5"], True, True)
    assert len((await texts(limit=200))[0]) == first + 8
    for limit in (0, 201):
        error = await ops.error("GET", "/rooms/lobby/messages", params={"limit": limit})
        assert error == (422, "bad_field")


async def test_reply_in_a_thread_and_a_quote(ops: Program) -> None:
    root = (await ops.posts("shall we deploy?"))["number"]
    path = f"/rooms/lobby/messages/{root}/thread"
    empty = await ops.gets(path)
    assert (empty["messages"], empty["thread"]) == ([], None)
    reply = await ops.posts("yes", thread=root)
    thread = await ops.gets(path)
    assert thread["thread"] == reply["room"] != "lobby"
    room = await ops.gets(f"/rooms/{reply['room']}")
    assert (room["kind"], room["thread_of"]) == ("thread", {"room": "lobby", "number": root})
    assert (await ops.gets("/rooms/lobby"))["thread_of"] is None
    assert [each["text"] for each in thread["messages"]] == ["yes"]
    assert (await ops.gets(f"/rooms/lobby/messages/{root}"))["replies"] == 1
    # A thread is a room, whose messages are changed as all others.
    again = await ops.posts("now", room=reply["room"], quote=reply["number"])
    assert again["quote"] == {"number": reply["number"], "author": "ops", "text": "yes"}
    nested = await ops.error(
        "POST", f"/rooms/{reply['room']}/messages", json={"text": "no", "thread": 1}
    )
    assert nested == (404, "no_such_message")


async def test_reaction_and_pin_are_set_not_toggled(ops: Program) -> None:
    number = (await ops.posts("done"))["number"]
    path = f"/rooms/lobby/messages/{number}"
    for _ in range(2):
        reacted = (await ops.sends("PUT", f"{path}/reactions/🎉")).json()
        assert [each["emoji"] for each in reacted["reactions"]] == ["🎉"]
        assert (await ops.sends("PUT", f"{path}/pin")).json()["pinned"]
    for _ in range(2):
        assert (await ops.sends("DELETE", f"{path}/reactions/🎉")).json()["reactions"] == []
        assert not (await ops.sends("DELETE", f"{path}/pin")).json()["pinned"]
    assert await ops.error("PUT", f"{path}/reactions/no") == (422, "bad_reaction")
    assert await ops.error("PUT", "/rooms/lobby/messages/999/pin") == (404, "no_such_message")


async def test_program_makes_a_room_and_moderates_it(
    ops: Program, ann: Person, workspace: Workspace
) -> None:
    made = await ops.sends(
        "POST", "/rooms", title="Releases", topic="What went out", kind="private", invite=[ann.id]
    )
    # The address of a private room ends with random letters.
    slug = made.json()["slug"]
    assert (made.status_code, slug[:-8]) == (201, "releases-")
    room = await workspace.rooms.by_slug(ann, slug)
    assert set(room.members) == {ann.id, ops.bot.id}
    message = await room.post(ann, "oops", "1")
    path = f"/rooms/{slug}/messages/{message.number}"
    assert (await ops.sends("DELETE", path)).status_code == 204
    again = {"title": "Releases"}
    assert await ops.error("POST", "/rooms", json=again) == (409, "title_taken")
    nobody = {"title": "Other", "invite": [999]}
    assert await ops.error("POST", "/rooms", json=nobody) == (422, "no_such_person")


async def test_search_finds_page_by_page(ops: Program) -> None:
    for n in range(5):
        await ops.posts(f"deploy number {n}")
    found, cursor = list[str](), None
    while found == [] or cursor is not None:
        query = {"q": "deploy", "limit": 2} | ({} if cursor is None else {"cursor": cursor})
        page = await ops.gets("/search", **query)
        found += [each["text"] for each in page["messages"]]
        cursor = page["next_cursor"]
    assert found == [f"deploy number {n}" for n in (4, 3, 2, 1, 0)]
    for cursor in ("x", "c2VhcmNoOg", "cm9vbXM6MQ", "🎉"):
        error = await ops.error("GET", "/search", params={"q": "deploy", "cursor": cursor})
        assert error == (422, "bad_cursor")
