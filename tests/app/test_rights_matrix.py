"""Every role, in every kind of room, on every way in: what it may read, write and moderate.

The table is computed from three rules (`is_allowed`), and each cell is asked of the running chat:
as the screen asks, by the light pages, by the HTTP API, and by Socket.IO.
"""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import httpx
import pytest

from chat.errors import ChatError
from chat.model.joining import JoinPolicy
from chat.model.moderation import Role
from chat.model.people import Person
from chat.model.reports import ReportKind
from chat.model.rooms import MODERATORS_SLUG, RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.web.guard.cookies import token_cookie_name
from chat.workspace.timings import Timings
from chat.workspace.workspace import Workspace
from tests.conftest import running_chat
from tests.harness.domain import create_empty_database
from tests.harness.http import http_client
from tests.harness.programs import Program, Programs, programs
from tests.harness.socketio_page import SocketIOPage

__all__ = ["programs"]

pytestmark = pytest.mark.usefixtures("no_sessions")

INSIDE = ("owner", "moderator", "room moderator", "member", "muted", "guest")
OUTSIDE = ("moderator outside", "member outside", "guest outside")
ROLES = (*INSIDE, *OUTSIDE)
MODERATORS = {"owner", "moderator", "room moderator", "moderator outside"}
KINDS = ("public", "private", "direct", "thread")
ACTS = ("read", "write", "moderate", "report")

# A bot owns no chat.
BOT_ROLES = ROLES[1:]

# In the text of each room, its title and the text of its file.
CANARY = "canary"

Cells = dict[tuple[str, str, str], bool]


def is_allowed(role: str, kind: str, act: str) -> bool:
    """Whether a role may do this in a room of a kind."""
    if role in OUTSIDE and (kind != "public" or role == "guest outside"):
        return False
    if act == "write":
        return role != "muted"
    if act == "report":
        # Who reads a message reports it; of those who are silenced, too.
        return True
    return act == "read" or (kind != "direct" and role in MODERATORS)


def expected(roles: tuple[str, ...], acts: tuple[str, ...]) -> Cells:
    """The cells of these roles and acts."""
    return {cell: is_allowed(*cell) for cell in product(roles, KINDS, acts)}


@dataclass
class Town:
    """A chat with a person or a bot for each role, and a room of each kind."""

    chat: ChatServer
    author: Person
    actors: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)

    async def build(self) -> None:
        """Make the rooms, add the people who are inside, and give the roles."""
        workspace, author = self.chat.workspace, self.author
        inside = [each for role, each in self.actors.items() if role in INSIDE]
        public = await workspace.rooms.create(author, "Garden", invited=inside)
        private = await workspace.rooms.create(
            author, f"Cellar {CANARY}", RoomKind.PRIVATE, f"{CANARY} topic", invited=inside
        )
        root = await private.post(author, f"{CANARY} root", "root")
        thread = await workspace.rooms.get_or_create_thread(author, private, root.number)
        direct = await workspace.rooms.get_or_create_direct(author, inside)
        self.rooms = {"public": public, "private": private, "direct": direct, "thread": thread}
        for kind, room in self.rooms.items():
            text = "roses" if kind == "public" else f"{CANARY} of the {kind} room"
            await room.post(author, text, f"first {kind}")
        owner = self.actors.get("owner", author)
        secret = workspace.ownership.link_secret
        assert secret is not None
        await workspace.ownership.claim_with_link(owner, secret)
        for role, actor in self.actors.items():
            if role.startswith("moderator"):
                await workspace.roles.set_chat_role(owner, actor, Role.MODERATOR)
            elif role.startswith("guest"):
                await workspace.roles.set_chat_role(owner, actor, Role.GUEST)
            elif role == "room moderator":
                for each in (public, private):
                    await workspace.rooms.set_moderator(author, each, actor, moderates=True)
            elif role == "muted":
                await workspace.moderation.mute(owner, actor, None)

    async def other_message(self, role: str, kind: str) -> int:
        """The number of a new message of somebody else."""
        return (await self.rooms[kind].post(self.author, "a slip", f"slip {role} {kind}")).number

    def cells(self, *acts: str) -> Iterator[tuple[str, str, str]]:
        """The cells of these acts."""
        return product(self.actors, KINDS, acts)


@pytest.fixture
async def chat(tmp_path: Path, door: str) -> AsyncIterator[ChatServer]:
    """A chat with Socket.IO, which programs may ask as often as they like."""
    folder = await create_empty_database(tmp_path / "data")
    timings = Timings(program_burst=10_000, room_burst=10_000)
    async with running_chat(folder, timings, socketio=True, join=door) as chat:
        yield chat


@pytest.fixture
def door() -> str:
    """The door of the chat. A test overrides it by parametrising this."""
    return "open"


async def joins(chat: ChatServer, name: str) -> Person:
    """A person whose token is their name."""
    person = await chat.workspace.identity.sign_in(name.title(), name)
    await chat.workspace.on_signed_in(person)
    return person


@pytest.fixture
async def town(chat: ChatServer) -> Town:
    """A town of people."""
    town = Town(chat, await joins(chat, "author"))
    town.actors = {role: await joins(chat, role) for role in ROLES}
    await town.build()
    return town


def browser_of(chat: ChatServer, role: str) -> httpx.AsyncClient:
    """The browser of a person."""
    return http_client(base_url=chat.url, cookies={token_cookie_name(chat.workspace): role})


async def succeeds(work: object) -> bool:
    """Whether an operation is not refused."""
    try:
        await work  # type: ignore[misc]
    except ChatError:
        return False
    return True


async def test_screen_allows_what_the_table_says(town: Town) -> None:
    rooms, cells = town.chat.workspace.rooms, Cells()
    for role, kind, act in town.cells(*ACTS):
        actor, room = town.actors[role], town.rooms[kind]
        if act == "read":
            cells[role, kind, act] = await succeeds(room.newest(actor))
            continue
        if room.can_read(actor):
            # The screen shows a room that was entered.
            await rooms.enter(actor, room.info.slug)
        if act == "report":
            number = await town.other_message(f"{role} again", kind)
            reporting = town.chat.workspace.reports.report(actor, room, number, ReportKind.SPAM)
            cells[role, kind, act] = await succeeds(reporting)
            continue
        if act == "write":
            cells[role, kind, act] = await succeeds(room.post(actor, "hello", f"{role} {kind}"))
        else:
            number = await town.other_message(role, kind)
            cells[role, kind, act] = await succeeds(room.delete(actor, number))
            may_slow_down = await succeeds(rooms.set_slow_mode(actor, room, room.info.slow_seconds))
            is_titled = kind in {"public", "private"}
            assert may_slow_down is (cells[role, kind, act] and is_titled), (role, kind)
    assert cells == expected(ROLES, ACTS)


@pytest.mark.parametrize("door", list(JoinPolicy))
async def test_invitations_are_made_and_knocks_answered_by_whom_the_table_says(
    town: Town, door: str
) -> None:
    workspace = town.chat.workspace
    makers, answering = set(), set()
    for role, actor in town.actors.items():
        may_make = await succeeds(workspace.invitations.make(actor))
        assert workspace.invitations.may_make(actor) is may_make, role
        makers |= {role} if may_make else set()
        answering |= {role} if await succeeds(knocks_for(workspace, actor)) else set()
    moderators = {"owner", "moderator", "moderator outside"}
    everybody = set(ROLES) - {"muted", "guest", "guest outside"}
    assert makers == (everybody if door == "open" else moderators)
    assert answering == moderators


async def knocks_for(workspace: Workspace, actor: Person) -> None:
    """Look who asks to come in."""
    workspace.knocks.waiting(actor)


async def test_light_pages_allow_what_the_table_says_and_show_no_canary(town: Town) -> None:
    cells, seen = Cells(), dict[str, bytes]()
    for role in ROLES:
        seen[role] = b""
        async with browser_of(town.chat, role) as http:
            for kind, room in town.rooms.items():
                slug = room.info.slug
                rows = await http.get("/light/rows", params={"room": slug})
                page = await http.get("/light/chat", params={"room": slug})
                view = await http.get("/first-view", params={"path": f"/room/{slug}"})
                seen[role] += rows.content + page.content + view.content
                cells[role, kind, "read"] = rows.status_code == 200
            lobby = await http.get("/light/chat")
            key = re.search(r'name="key" value="([^"]*)"', lobby.text)
            assert key is not None
            seen[role] += lobby.content + (await http.get("/audit.jsonl")).content
            for kind, room in town.rooms.items():
                form = {"key": key[1], "room": room.info.slug, "text": f"by {role}"}
                answer = await http.post("/light/chat", data=form)
                cells[role, kind, "write"] = answer.status_code == 303
                seen[role] += answer.content
    assert cells == expected(ROLES, ("read", "write"))
    assert {role for role, content in seen.items() if CANARY.encode() in content} == set(INSIDE)


async def test_socketio_allows_what_the_table_says_and_sends_no_canary(town: Town) -> None:
    cells, seen = Cells(), set[str]()
    for role in ROLES:
        page = SocketIOPage()
        try:
            await page.connects(town.chat.url, {"token": role})
            await page.waits_for("signed_in")
            answers = []
            for kind, room in town.rooms.items():
                joined = await page.asks("join", room.info.slug)
                posted = await page.asks("message", {"text": "hello", "room": room.info.slug})
                cells[role, kind, "read"] = joined["ok"]
                cells[role, kind, "write"] = posted["ok"]
                answers += [joined, posted]
            # Whatever was sent to it has come before the answer of its own.
            await page.asks("join", "lobby")
            if CANARY in str(answers) + str(page.events):
                seen.add(role)
        finally:
            await page.leaves()
    assert cells == expected(ROLES, ("read", "write"))
    assert seen == set(INSIDE)


async def test_api_allows_what_the_table_says_and_sends_no_canary(
    chat: ChatServer, programs: Programs
) -> None:
    town, bots = Town(chat, await joins(chat, "author")), dict[str, Program]()
    for role in BOT_ROLES:
        bots[role] = await programs.make(town.author, role)
    town.actors = {role: each.bot for role, each in bots.items()}
    await town.build()
    cells, seen = Cells(), dict[str, str]()
    for role, program in bots.items():
        answers = [
            await program.http.get(path)
            for path in ("/rooms", "/people", f"/search?q={CANARY}", "/me")
        ]
        for kind, room in town.rooms.items():
            slug = room.info.slug
            page = await program.http.get(f"/rooms/{slug}/messages")
            cells[role, kind, "read"] = page.status_code == 200
            posted = await program.http.post(f"/rooms/{slug}/messages", json={"text": "hello"})
            cells[role, kind, "write"] = posted.status_code == 201
            number = await town.other_message(role, kind)
            deleted = await program.http.delete(f"/rooms/{slug}/messages/{number}")
            cells[role, kind, "moderate"] = deleted.status_code == 204
            number = await town.other_message(f"{role} again", kind)
            path = f"/rooms/{slug}/messages/{number}/report"
            reported = await program.http.post(path, json={"kind": "spam"})
            cells[role, kind, "report"] = reported.status_code == 204
            answers += [page, posted, deleted, reported]
        answers.append(await program.http.get("/events", params={"wait": 0}))
        seen[role] = "".join(each.text for each in answers)
    assert cells == expected(BOT_ROLES, ACTS)
    assert {role for role, text in seen.items() if CANARY in text} == set(INSIDE) - {"owner"}


async def test_only_owner_and_moderators_read_what_is_reported(
    town: Town, programs: Programs
) -> None:
    workspace, seen = town.chat.workspace, dict[str, str]()
    lobby = await workspace.rooms.by_slug(town.author, "lobby")
    posted = await lobby.post(town.author, "some words", "words")
    note = f"{CANARY} of a report"
    member = town.actors["member"]
    await workspace.reports.report(member, lobby, posted.number, ReportKind.SPAM, note)
    bot = await programs.make(town.author, "ops")
    for role, actor in town.actors.items():
        answers = []
        async with browser_of(town.chat, role) as http:
            for path in ("/light/rows", "/light/chat"):
                answers.append((await http.get(path, params={"room": MODERATORS_SLUG})).text)
            path = f"/room/{MODERATORS_SLUG}"
            answers.append((await http.get("/first-view", params={"path": path})).text)
        page = SocketIOPage()
        try:
            await page.connects(town.chat.url, {"token": role})
            await page.waits_for("signed_in")
            answers.append(str(await page.asks("join", MODERATORS_SLUG)))
            await page.asks("join", "lobby")
            answers.append(str(page.events))
        finally:
            await page.leaves()
        _, hits = await workspace.search(actor, f"{CANARY} report", None)
        seen[role] = "".join(answers) + "".join(each.message.text for each in hits)
    reading = {role for role, text in seen.items() if note in text}
    assert reading == {"owner", "moderator", "moderator outside"}
    page_of_bot = await bot.http.get(f"/rooms/{MODERATORS_SLUG}/messages")
    search_of_bot = await bot.http.get("/search", params={"q": CANARY})
    assert page_of_bot.status_code == 404
    assert note not in search_of_bot.text
