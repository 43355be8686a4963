"""Fixtures of all tests: a chat that runs in the test's own loop, its users, and a workspace."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from playwright.sync_api import Browser

from chat.accounts import password_hashes
from chat.files.storage import FolderStorage
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomKind
from chat.rooms.room import Room
from chat.server.app import ChatServer
from chat.server.settings import Environment, Settings
from chat.store.contract import Store
from chat.store.sql_store import SqlStore
from chat.store.sqlite import open_sqlite
from chat.web.http import static_files
from chat.workspace.timings import DEFAULT_TIMINGS, Timings
from chat.workspace.workspace import Workspace
from tests.harness.activity import MANY_ACTS, MANY_POSTS
from tests.harness.browser import launched_browser
from tests.harness.domain import EventRecorder, create_empty_database, sign_in
from tests.harness.engines import (
    ENGINES,
    PostgresqlServer,
    StoreLocation,
    new_location,
    postgresql_server,
)
from tests.harness.flet_internals import clear_flet_sessions
from tests.harness.process import CACHE_FOLDER, ForkedServer, ServerProcess
from tests.harness.user import ChatUser

# Plain tracebacks, as in the log of the chat: with colours and locals one takes half a second.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)

# The usual timings, for stories that post much.
MANY_ACTS_TIMINGS = replace(DEFAULT_TIMINGS, activity=MANY_ACTS)

NewUser = Callable[..., Awaitable[ChatUser]]

# Files that take long: those with a browser or a window, and these.
_SLOW_TESTS = (
    {"browser", "client"},
    {"test_lint_and_types.py", "test_renderers_agree.py", "test_event_replay.py"},
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all-sizes` runs each story of the screen at all four sizes."""
    parser.addoption(
        "--all-sizes", action="store_true", help="run each story of the screen at all four sizes"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files run first, so that the workers end at about the same time."""
    fixtures, names = _SLOW_TESTS
    slow_paths = {each.path for each in items if fixtures & {*getattr(each, "fixturenames", ())}}
    items.sort(key=lambda each: (each.path.name not in names, each.path not in slow_paths))


@pytest.fixture(scope="session", autouse=True)
def isolated_page_cache() -> Iterator[None]:
    """The chats of the tests have a page cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files, "cache_folder", lambda: CACHE_FOLDER / "flet-chat" / "page")
        yield


@pytest.fixture
def timings() -> Timings:
    """The timings of the chat or the workspace. A test overrides them by parametrising this."""
    return MANY_ACTS_TIMINGS


@pytest.fixture
async def chat(tmp_path: Path, timings: Timings) -> AsyncIterator[ChatServer]:
    """The whole chat with an empty database, on a free port of this computer."""
    async with running_chat(await create_empty_database(tmp_path / "data"), timings) as chat:
        yield chat


@asynccontextmanager
async def running_chat(
    folder: Path, timings: Timings = DEFAULT_TIMINGS, **settings: Any
) -> AsyncIterator[ChatServer]:
    """The whole chat on a free port of this computer, from its start to its end.

    `settings` are those of the chat that differ from the usual ones of a test.
    """
    usual = {"web": True, "no_browser": True, "port": 0, "data": folder, **MANY_POSTS}
    settings = {**usual, **settings}
    timings = replace(timings, activity=MANY_ACTS)
    chat = ChatServer(Settings(**settings), Environment(has_screen=False), timings)
    run_task = asyncio.create_task(chat.run())
    ready_task = asyncio.create_task(chat.ready.wait())
    await asyncio.wait({run_task, ready_task}, return_when=asyncio.FIRST_COMPLETED)
    if run_task.done():
        run_task.result()
    yield chat
    chat.stop()
    await run_task


@pytest.fixture
async def new_user(chat: ChatServer) -> AsyncIterator[NewUser]:
    """`await new_user()` is a user who has opened the page; `new_user("Ann")` has signed in, too.

    `new_user(like=ann)` is another tab of Ann's browser. A user who may receive the texts of
    `secret("plans")` is created with `secrets="plans"`.
    """
    people: list[ChatUser] = []

    async def new_user(
        name: str | None = None,
        path: str = "/",
        *,
        like: ChatUser | None = None,
        secrets: str = "",
        **options: object,
    ) -> ChatUser:
        person = ChatUser(chat.url, **options)  # type: ignore[arg-type]
        person.known_secrets = set(secrets.split())
        if like is not None:
            person.cookies, person.known_secrets = like.cookies, like.known_secrets
        people.append(person)
        await person.opens(path)
        if name is not None:
            await person.signs_in(name)
        return person

    yield new_user
    for person in people:
        person.receiving.set()  # a test that failed may have left a frozen client
        await person.disconnects()
        assert person.crashes == []


@pytest.fixture
def saved_drafts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The drafts that chats have stored, in order."""
    saved: list[str] = []
    save_draft = SqlStore.save_draft

    async def save_and_record(
        store: SqlStore, room_id: RoomId, person: PersonId, text: str
    ) -> None:
        await save_draft(store, room_id, person, text)
        saved.append(text)

    monkeypatch.setattr(SqlStore, "save_draft", save_and_record)
    return saved


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords that need little memory and time."""
    monkeypatch.setattr(password_hashes, "MEMORY_KIB", 64)


@pytest.fixture
def no_sessions() -> Iterator[None]:
    """Forget the sessions of earlier tests."""
    clear_flet_sessions()
    yield
    gc.enable()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One PostgreSQL server for all tests of a process."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreLocation]:
    """An empty location for a store, of each engine."""
    with new_location(request, tmp_path / "data") as location:
        yield location


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    with launched_browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The shared Chromium, without the contexts of the test when it has ended."""
    shared = set(chromium.contexts)
    yield chromium
    for context in chromium.contexts:
        if context not in shared:
            context.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """The real command in its own process."""
    server = ForkedServer(tmp_path / "data", "--web", "--no-browser").start()
    yield server
    server.kill_if_running()


@pytest.fixture
def recorder() -> EventRecorder:
    """The recorder of the events of `workspace`."""
    return EventRecorder()


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    """The store of `workspace`, which closes it."""
    return await open_sqlite(await create_empty_database(tmp_path))


@pytest.fixture
async def workspace(
    store: Store, tmp_path: Path, recorder: EventRecorder, timings: Timings
) -> AsyncIterator[Workspace]:
    """A workspace without a server; the recorder has all published events."""
    storage = FolderStorage(tmp_path / "files")
    opened = await Workspace.start(store, storage, recorder.on_event, timings=timings)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(workspace: Workspace) -> Person:
    """The owner of the workspace: the person who signed in first."""
    return (await sign_in(workspace, "Owner"))[0]


@pytest.fixture
async def ann(workspace: Workspace, owner: Person) -> Person:
    """The person who creates `public_room` and `private_room`."""
    return (await sign_in(workspace, "Ann"))[0]


@pytest.fixture
async def bob(workspace: Workspace, owner: Person) -> Person:
    """A member of `private_room`."""
    return (await sign_in(workspace, "Bob"))[0]


@pytest.fixture
async def outsider(workspace: Workspace, owner: Person) -> Person:
    """A person who is a member of neither room."""
    return (await sign_in(workspace, "Cid"))[0]


@pytest.fixture
async def public_room(workspace: Workspace, ann: Person) -> Room:
    """A public room with Ann as its only member."""
    return await workspace.rooms.create(ann, "Garden")


@pytest.fixture
async def private_room(workspace: Workspace, ann: Person, bob: Person) -> Room:
    """A private room of Ann and Bob."""
    return await workspace.rooms.create(ann, "Cellar", RoomKind.PRIVATE, invited=[bob])
