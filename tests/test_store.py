"""The store: what is acknowledged is kept, in order and once; what cannot be read is not touched.

The contract runs on every engine of `ENGINES`; below it stands what is SQLite's own.
"""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import stat
import sys
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event
from structlog.testing import capture_logs

from chat.emoji import Taste
from chat.errors import BadDatabase, CannotStart, ChatError, DataInUse, NewerDatabase, NotStored
from chat.messages import Draft, History, Kind, Message, Person, RoomId
from chat.store import Store
from chat.store.schema import metadata
from chat.store.sqlite import open_sqlite

NOWHERE: RoomId = 4711


class Place:
    """Where a store rests: it is opened here, and opened here again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def open(self) -> Store:
        """The store that rests here."""
        return await open_sqlite(self.folder)

    def build_room(self, slug: str) -> RoomId:
        """A second room; the product has no way to it yet."""
        with closing(sqlite3.connect(self.folder / "chat.db")) as database, database:
            row = "INSERT INTO room (slug, title, topic, last_number) VALUES (?, ?, '', 0)"
            number = database.execute(row, (slug, slug.title())).lastrowid
        assert number is not None
        return number


ENGINES: dict[str, Callable[[Path], Place]] = {"sqlite": Place}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Failures are asked for here: they need no pages of traceback on the terminal."""
    with capture_logs():
        yield


@pytest.fixture(params=["sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place for each engine."""
    return ENGINES[request.param](tmp_path / "data")


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    """A fresh store."""
    opened = await place.open()
    yield opened
    await opened.close()


@pytest.fixture
async def ann(store: Store) -> Person:
    """Somebody who writes."""
    return await store.add_person("Ann")


@pytest.fixture
async def bob(store: Store) -> Person:
    """Somebody else."""
    return await store.add_person("Bob")


@pytest.fixture
async def lobby(store: Store) -> RoomId:
    """The room that every chat begins with."""
    return (await store.rooms())[0].id


def draft(
    room: RoomId, author: Person, text: str = "hello", client_id: str = "", kind: Kind = Kind.TEXT
) -> Draft:
    """A message that nobody has sent yet, with its text as its id if it has no other."""
    return Draft(room, author, kind, text, client_id or text)


async def say(store: Store, room: RoomId, author: Person, count: int) -> list[Message]:
    """Messages "1", "2", "3" …"""
    return [await store.append(draft(room, author, str(n))) for n in range(1, count + 1)]


def numbers(page: History) -> list[int]:
    """Which messages are on a page."""
    return [message.number for message in page.messages]


def before_it(page: History) -> int | None:
    """Which message stands before a page."""
    return page.previous.number if page.previous else None


def token(secret: str) -> bytes:
    """The hash of a token, as the store knows it."""
    return hashlib.sha256(secret.encode()).digest()


async def test_a_new_chat_has_a_lobby_and_nothing_in_it(store: Store) -> None:
    (room,) = await store.rooms()
    assert (room.slug, room.title) == ("lobby", "Lobby")
    assert await store.newest(room.id, 10) == History()


async def test_messages_of_a_room_are_numbered_one_two_three(
    store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    said = [await store.append(draft(lobby, who, f"{who.name} {n}"))
            for n in range(2) for who in (ann, bob)]  # fmt: skip
    assert [m.number for m in said] == [1, 2, 3, 4]


async def test_each_room_counts_for_itself(
    place: Place, store: Store, lobby: RoomId, ann: Person
) -> None:
    library = place.build_room("library")
    said = [await store.append(draft(room, ann, f"{room} {n}"))
            for n in range(3) for room in (lobby, library)]  # fmt: skip
    assert [m.number for m in said] == [1, 1, 2, 2, 3, 3]
    assert [m.text for m in (await store.newest(library, 9)).messages] == [
        f"{library} {n}" for n in range(3)
    ]
    assert [room.slug for room in await store.rooms()] == ["library", "lobby"]


async def test_a_message_is_read_as_it_was_written(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    text = "  exactly\r\n\tthis: ﬁ e\u0301 🦊 \u202b\x1b[0m  "
    begun = datetime.now(UTC)
    said = await store.append(draft(lobby, ann, text, "a1"))
    joined = await store.append(draft(lobby, ann, "", "a2", Kind.JOINED))
    assert (await store.newest(lobby, 10)).messages == (said, joined)
    assert (said.room, said.author, said.kind, said.text) == (lobby, ann, Kind.TEXT, text)
    assert joined.kind is Kind.JOINED
    assert said.sent_at.utcoffset() == timedelta(0)
    slack = timedelta(seconds=1)
    assert begun - slack <= said.sent_at <= joined.sent_at <= datetime.now(UTC) + slack


async def test_a_retry_is_the_same_message_and_takes_no_number(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    first = await store.append(draft(lobby, ann, "hello", "a1"))
    assert await store.append(draft(lobby, ann, "hello", "a1")) == first
    assert await store.append(draft(lobby, ann, "not what it was", "a1")) == first
    second = await store.append(draft(lobby, ann, "next", "a2"))
    assert second.number == 2
    assert (await store.newest(lobby, 10)).messages == (first, second)


async def test_twenty_tries_at_once_are_one_message(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    tries = [store.append(draft(lobby, ann, "hello", "a1")) for _ in range(20)]
    assert len(set(await asyncio.gather(*tries))) == 1
    assert numbers(await store.newest(lobby, 10)) == [1]


async def test_the_same_client_id_of_another_author_is_another_message(
    store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    of_ann = await store.append(draft(lobby, ann, "I am Ann", "a1"))
    of_bob = await store.append(draft(lobby, bob, "I am Bob", "a1"))
    assert (of_ann.number, of_bob.number) == (1, 2)
    assert of_bob.text == "I am Bob"


PAGES = {
    # How it is asked for: what is on it, what stands before it, has_older, has_newer.
    "newest 4": ([7, 8, 9, 10], 6, True, False),
    "newest 9": ([2, 3, 4, 5, 6, 7, 8, 9, 10], 1, True, False),
    "newest 10": ([*range(1, 11)], None, False, False),
    "newest 11": ([*range(1, 11)], None, False, False),
    "before 7 3": ([4, 5, 6], 3, True, True),
    "before 10 3": ([7, 8, 9], 6, True, True),
    "before 5 3": ([2, 3, 4], 1, True, True),
    "before 4 3": ([1, 2, 3], None, False, True),
    "before 3 3": ([1, 2], None, False, True),
    "before 2 1": ([1], None, False, True),
    "before 1 3": ([], None, False, True),
    "before 11 3": ([8, 9, 10], 7, True, False),
    "after 0 3": ([1, 2, 3], None, False, True),
    "after 0 9": ([1, 2, 3, 4, 5, 6, 7, 8, 9], None, False, True),
    "after 0 10": ([*range(1, 11)], None, False, False),
    "after 1 3": ([2, 3, 4], 1, True, True),
    "after 6 3": ([7, 8, 9], 6, True, True),
    "after 7 3": ([8, 9, 10], 7, True, False),
    "after 8 3": ([9, 10], 8, True, False),
    "after 9 1": ([10], 9, True, False),
    "after 10 3": ([], 10, True, False),
}


@pytest.mark.parametrize(("asked", "page"), PAGES.items(), ids=PAGES)
async def test_a_page_says_what_stands_around_it(
    store: Store,
    lobby: RoomId,
    ann: Person,
    asked: str,
    page: tuple[list[int], int | None, bool, bool],
) -> None:
    await asyncio.gather(*(store.append(draft(lobby, ann, str(n))) for n in range(10)))
    which, *where = asked.split()
    found: History = await getattr(store, which)(lobby, *map(int, where))
    assert (numbers(found), before_it(found), found.has_older, found.has_newer) == page


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10, 50])
async def test_page_by_page_no_message_is_skipped_or_doubled(
    store: Store, lobby: RoomId, ann: Person, size: int
) -> None:
    said = await asyncio.gather(*(store.append(draft(lobby, ann, str(n))) for n in range(10)))
    page = await store.newest(lobby, size)
    back = [*page.messages]
    while page.has_older:
        page = await store.before(lobby, back[0].number, size)
        back = [*page.messages, *back]
    page = await store.after(lobby, 0, size)
    forth = [*page.messages]
    while page.has_newer:
        page = await store.after(lobby, forth[-1].number, size)
        forth += page.messages
    assert back == forth == sorted(said, key=lambda m: m.number)


async def test_a_page_of_one_room_knows_nothing_of_another(
    place: Place, store: Store, lobby: RoomId, ann: Person
) -> None:
    library = place.build_room("library")
    await say(store, lobby, ann, 3)
    assert await store.newest(library, 10) == History()
    assert await store.after(library, 0, 10) == History()
    assert numbers(await store.before(library, 3, 10)) == []


async def test_unsent_words_wait_for_each_person_in_each_room(
    place: Place, store: Store, lobby: RoomId, ann: Person, bob: Person
) -> None:
    library = place.build_room("library")
    assert await store.words(lobby, ann.id) == ""
    await store.keep_words(lobby, ann.id, "dear all,\n")
    await store.keep_words(lobby, bob.id, "hm")
    await store.keep_words(lobby, ann.id, "dear Bob,\n")
    assert await store.words(lobby, ann.id) == "dear Bob,\n"
    assert await store.words(lobby, bob.id) == "hm"
    assert await store.words(library, ann.id) == ""
    await store.keep_words(lobby, ann.id, "")
    assert await store.words(lobby, ann.id) == ""
    assert await store.words(lobby, bob.id) == "hm"


async def test_each_person_likes_other_emoji(store: Store, ann: Person, bob: Person) -> None:
    assert await store.taste(ann.id) == Taste()
    await store.keep_taste(ann.id, Taste(("🎉",), 2))
    await store.keep_taste(ann.id, Taste(("👨‍👩‍👧", "🎉"), 5))
    assert await store.taste(ann.id) == Taste(("👨‍👩‍👧", "🎉"), 5)
    assert await store.taste(bob.id) == Taste()


async def test_two_people_may_bear_one_name_and_are_two(store: Store) -> None:
    first, second = [await store.add_person("Ann") for _ in range(2)]
    assert first.name == second.name == "Ann"
    assert first.id != second.id


async def test_a_token_brings_back_its_person_and_no_other(
    store: Store, ann: Person, bob: Person
) -> None:
    await store.remember(token("a"), ann.id)
    await store.remember(token("b"), bob.id)
    assert await store.whose(token("a")) == ann
    assert await store.whose(token("b")) == bob
    assert await store.whose(token("c")) is None


async def test_a_browser_that_comes_in_as_another_person_is_that_person(
    store: Store, ann: Person, bob: Person
) -> None:
    await store.remember(token("a"), ann.id)
    await store.remember(token("a"), bob.id)
    assert await store.whose(token("a")) == bob
    await store.forget(ann.id)
    assert await store.whose(token("a")) == bob


async def test_a_person_who_leaves_takes_all_their_tokens_along(
    store: Store, ann: Person, bob: Person
) -> None:
    for secret, person in (("a", ann), ("a's phone", ann), ("b", bob)):
        await store.remember(token(secret), person.id)
    assert not await store.is_spent(token("a"))
    await store.forget(ann.id)
    for secret in ("a", "a's phone"):
        assert await store.whose(token(secret)) is None
        assert await store.is_spent(token(secret))
    assert await store.whose(token("b")) == bob
    assert not await store.is_spent(token("b"))
    assert not await store.is_spent(token("never seen"))


async def test_five_hundred_at_once_get_five_hundred_numbers_without_a_gap(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    said = await asyncio.gather(*(store.append(draft(lobby, ann, str(n))) for n in range(500)))
    assert sorted(m.number for m in said) == list(range(1, 501))
    assert {m.text for m in said} == {str(n) for n in range(500)}
    assert (await store.after(lobby, 0, 600)).messages == tuple(
        sorted(said, key=lambda m: m.number)
    )


async def test_those_who_wait_share_a_commit(store: Store, lobby: RoomId, ann: Person) -> None:
    commits = 0

    def count(_: Connection) -> None:
        nonlocal commits
        commits += 1

    event.listen(Engine, "commit", count)
    try:
        await asyncio.gather(*(store.append(draft(lobby, ann, str(n))) for n in range(500)))
    finally:
        event.remove(Engine, "commit", count)
    assert 1 <= commits <= 100


async def test_a_failing_job_takes_no_neighbour_with_it(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    nobody = Person(NOWHERE, "Nobody")
    jobs = [store.append(draft(lobby, nobody if n % 10 == 5 else ann, str(n))) for n in range(100)]
    ended = await asyncio.gather(*jobs, return_exceptions=True)
    failed = [n for n, result in enumerate(ended) if isinstance(result, BaseException)]
    assert failed == list(range(5, 100, 10))
    stored = [result for result in ended if isinstance(result, Message)]
    assert sorted(m.number for m in stored) == list(range(1, 91))
    assert (await store.newest(lobby, 200)).messages == tuple(
        sorted(stored, key=lambda m: m.number)
    )
    assert (await store.append(draft(lobby, ann, "next"))).number == 91


async def test_what_could_not_be_written_is_told_in_words(
    store: Store, lobby: RoomId, ann: Person
) -> None:
    with pytest.raises(ChatError):
        await store.append(draft(NOWHERE, ann))
    with pytest.raises(NotStored):
        await store.append(draft(lobby, Person(NOWHERE, "Nobody")))


async def test_a_failure_does_not_repeat_what_was_said(store: Store, lobby: RoomId) -> None:
    secret = hashlib.sha256(b"what Ann said").hexdigest()
    nobody = Person(NOWHERE, "Nobody")
    ended = await asyncio.gather(
        store.append(draft(lobby, nobody, secret)),
        store.keep_words(lobby, nobody.id, secret),
        store.remember(secret.encode(), nobody.id),
        return_exceptions=True,
    )
    for failure in ended:
        assert isinstance(failure, Exception)
        assert secret not in "".join(traceback.format_exception(failure))


async def test_one_who_gives_up_waiting_stops_nobody_else(
    place: Place, store: Store, lobby: RoomId, ann: Person
) -> None:
    with closing(sqlite3.connect(place.folder / "chat.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # Nothing can be written until this ends.
        impatient = asyncio.create_task(store.append(draft(lobby, ann, "never mind")))
        hopeless = asyncio.create_task(store.append(draft(NOWHERE, ann, "never mind")))
        patient = asyncio.create_task(store.append(draft(lobby, ann, "hello")))
        await asyncio.sleep(0)
        for task in (impatient, hopeless):
            task.cancel()
        await asyncio.wait({impatient, hopeless})
        other.execute("ROLLBACK")
    assert (await asyncio.wait_for(patient, 3)).text == "hello"
    after = await asyncio.wait_for(store.append(draft(lobby, ann, "still there?")), 3)
    assert after.text == "still there?"
    found = (await store.newest(lobby, 10)).messages
    assert [m.text for m in found if m.text != "never mind"] == ["hello", "still there?"]


async def test_after_closing_nothing_is_stored_and_that_is_said(
    place: Place, lobby: RoomId, ann: Person, store: Store
) -> None:
    await store.append(draft(lobby, ann, "last words"))
    await store.close()
    with pytest.raises(NotStored):
        await store.append(draft(lobby, ann, "too late"))
    again = await place.open()
    assert [m.text for m in (await again.newest(lobby, 10)).messages] == ["last words"]
    await again.close()


async def test_closing_waits_for_what_was_begun(place: Place) -> None:
    store = await place.open()
    ann, room = await store.add_person("Ann"), (await store.rooms())[0].id
    posts = [asyncio.create_task(store.append(draft(room, ann, str(n)))) for n in range(300)]
    await asyncio.sleep(0)
    await store.close()
    async with asyncio.timeout(5):
        said = await asyncio.gather(*posts)
    again = await place.open()
    assert (await again.after(room, 0, 400)).messages == tuple(sorted(said, key=lambda m: m.number))
    await again.close()


async def test_everything_is_there_after_closing_and_opening_again(place: Place) -> None:
    store = await place.open()
    house, rooms = await store.house_id(), await store.rooms()
    ann, bob = await store.add_person("Ann"), await store.add_person("Bob")
    said = await say(store, rooms[0].id, ann, 3)
    await store.keep_words(rooms[0].id, ann.id, "and now")
    await store.remember(token("a"), ann.id)
    await store.remember(token("b"), bob.id)
    await store.forget(bob.id)
    await store.close()

    again = await place.open()
    assert await again.house_id() == house
    assert await again.rooms() == rooms
    assert (await again.newest(rooms[0].id, 10)).messages == tuple(said)
    assert await again.words(rooms[0].id, ann.id) == "and now"
    assert await again.whose(token("a")) == ann
    assert await again.is_spent(token("b"))
    assert await again.append(draft(rooms[0].id, ann, "2")) == said[1]
    assert (await again.append(draft(rooms[0].id, ann, "next"))).number == 4
    assert (await again.add_person("Cid")).id not in {ann.id, bob.id}
    await again.close()


async def test_every_chat_has_a_name_of_its_own(tmp_path: Path) -> None:
    names = set()
    for folder in ("one", "two"):
        store = await open_sqlite(tmp_path / folder)
        names.add(await store.house_id())
        await store.close()
    assert len(names) == 2
    assert all(len(name) >= 16 for name in names)


# SQLite's own.


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder, which is not there yet."""
    return tmp_path / "data"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def a_chat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat with some history, closed well; to be copied."""
    folder = tmp_path_factory.mktemp("chat")
    store = await open_sqlite(folder)
    ann = await store.add_person("Ann")
    texts = (f"{n} " + "x" * 500 for n in range(200))
    await asyncio.gather(*(store.append(draft(1, ann, text, text[:8])) for text in texts))
    await store.close()
    return folder


def lay(folder: Path, content: bytes) -> Path:
    """A new folder with nothing but this as its database."""
    folder.mkdir()
    database = folder / "chat.db"
    database.write_bytes(content)
    return database


async def another_process(script: str, folder: Path) -> Process:
    """Python at work on the same folder."""
    command = (sys.executable, "-c", script, str(folder))
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


def as_it_is(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Names, times and bytes of a folder's files; the lock may come and go."""
    return {
        path.name: (path.stat().st_mtime_ns, b"" if path.is_dir() else path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.name != "chat.lock"
    }


async def refusal_of(folder: Path) -> CannotStart:
    """Why the chat in `folder` cannot be opened; the folder must be as it was."""
    before = as_it_is(folder)
    with pytest.raises(CannotStart) as refusal:
        await open_sqlite(folder)
    assert as_it_is(folder) == before
    assert "\n" not in str(refusal.value)
    assert str(folder) in str(refusal.value)
    return refusal.value


POSTER = """
import asyncio, sys
from pathlib import Path
from chat.messages import Draft, Kind
from chat.store.sqlite import open_sqlite

async def post():
    store = await open_sqlite(Path(sys.argv[1]))
    ann = await store.add_person("Ann")
    while True:
        first = 1 + len((await store.after(1, 0, 100000)).messages)
        drafts = [Draft(1, ann, Kind.TEXT, f"line {n}", str(n)) for n in range(first, first + 5)]
        for message in await asyncio.gather(*map(store.append, drafts)):
            print(message.number, message.text, flush=True)

asyncio.run(post())
"""


async def test_an_acknowledged_message_survives_a_kill(folder: Path) -> None:
    poster = await another_process(POSTER, folder)
    assert poster.stdout is not None
    acknowledged = [await poster.stdout.readline() for _ in range(23)]
    poster.kill()
    rest, _ = await poster.communicate()
    acknowledged += [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    store = await open_sqlite(folder)
    found = (await store.after(1, 0, 100_000)).messages
    await store.close()
    assert [m.number for m in found] == list(range(1, len(found) + 1))
    assert len(acknowledged) >= 23
    assert set(acknowledged) <= {f"{m.number} {m.text}\n".encode() for m in found}


FULL = """
import asyncio, resource, sys
from pathlib import Path
from chat.errors import NotStored
from chat.messages import Draft, Kind
from chat.store.sqlite import open_sqlite

def room_for(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def post():
    folder = Path(sys.argv[1])
    store = await open_sqlite(folder)
    ann = await store.add_person("Ann")
    room_for((folder / "chat.db-wal").stat().st_size + 30_000)
    stored = []
    for n in range(100):
        try:
            stored.append((await store.append(Draft(1, ann, Kind.TEXT, "x" * 2000, str(n)))).number)
        except NotStored:
            break
    else:
        raise AssertionError("the disk was never full")
    room_for(resource.RLIM_INFINITY)
    stored.append((await store.append(Draft(1, ann, Kind.TEXT, "at last", "last"))).number)
    await store.close()
    print(*stored)

asyncio.run(post())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a full disk is played with POSIX limits")
async def test_a_full_disk_is_told_and_when_there_is_room_again_it_goes_on(folder: Path) -> None:
    poster = await another_process(FULL, folder)
    told, complaint = await poster.communicate()
    assert poster.returncode == 0, complaint.decode()
    stored = [int(number) for number in told.splitlines()[-1].split()]
    assert stored == list(range(1, len(stored) + 1))
    store = await open_sqlite(folder)
    assert numbers(await store.after(1, 0, 200)) == stored
    await store.close()


SECOND = """
import asyncio, sys
from pathlib import Path
from chat.store.sqlite import open_sqlite

try:
    asyncio.run(open_sqlite(Path(sys.argv[1])))
except Exception as refusal:
    print(type(refusal).__name__)
"""


async def test_a_second_chat_on_the_same_folder_is_refused_in_words(folder: Path) -> None:
    first = await open_sqlite(folder)
    with pytest.raises(DataInUse) as refusal:
        await open_sqlite(folder)
    assert str(folder) in str(refusal.value)
    assert "--data" in str(refusal.value)
    assert (await first.add_person("Ann")).name == "Ann"
    await first.close()
    second = await open_sqlite(folder)
    await second.close()


async def test_another_process_on_the_same_folder_is_refused_too(folder: Path) -> None:
    store = await open_sqlite(folder)
    told, complaint = await (await another_process(SECOND, folder)).communicate()
    await store.close()
    assert told == b"DataInUse\n", complaint.decode()


async def test_a_refused_folder_is_free_again_for_the_right_one(folder: Path) -> None:
    database = lay(folder, b"not a database")
    await refusal_of(folder)
    database.unlink()
    store = await open_sqlite(folder)
    await store.close()


@pytest.mark.parametrize(
    "name", ["Ann & Bob", "100%", "what?", "a#b", "a?b=c", "%3F", "小明", "“x”"]
)
async def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    for _ in range(2):
        store = await open_sqlite(folder)
        await store.add_person("Ann")
        await store.close()
    assert list(as_it_is(folder)) == ["chat.db"]
    assert list(as_it_is(tmp_path)) == [name]


async def test_a_folder_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am a file")
    with pytest.raises(CannotStart, match="--data"):
        await open_sqlite(tmp_path / "data")
    assert (tmp_path / "data").read_text() == "I am a file"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
async def test_only_the_owner_may_read_what_is_said(folder: Path) -> None:
    umask = os.umask(0o022)
    try:
        store = await open_sqlite(folder)
        await store.add_person("Ann")
        modes = {name: stat.S_IMODE((folder / name).stat().st_mode) for name in as_it_is(folder)}
        await store.close()
    finally:
        os.umask(umask)
    assert modes == dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal"), 0o600)


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(50_000))


def a_text_file(path: Path) -> None:
    path.write_text("Dear diary,\n" * 1000)


def a_few_bytes(path: Path) -> None:
    path.write_bytes(b"x")


def half_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9])


def only_the_magic(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16])


def only_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def a_header_and_zeros(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes(len(whole) - 100))


def damaged_pages(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    for start in range(4096, len(whole), 3 * 4096):
        whole[start : start + 300] = os.urandom(300)
    path.write_bytes(whole)


def one_damaged_page(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[-4096:] = b"\xa5" * 4096
    path.write_bytes(whole)


def a_lost_half(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 // 4096 * 4096])


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


FROM_THE_FUTURE = "UPDATE alembic_version SET version_num = '9999'"
UNSENT = "INSERT INTO words VALUES (1, 1, 'wait, I ')"


@contextmanager
def crashed(chat: Path, folder: Path, statement: str, *, with_index: bool = True) -> Iterator[None]:
    """What a chat leaves in `folder` that is killed just after it committed `statement`."""
    running = folder.with_name("running")
    shutil.copytree(chat, running)
    with closing(sqlite3.connect(running / "chat.db")) as database:
        with database:
            database.execute(statement)
        shutil.copytree(running, folder)
        assert (folder / "chat.db-wal").stat().st_size > 0
        if not with_index:
            (folder / "chat.db-shm").unlink()
        yield


DAMAGES = (
    garbage,
    a_text_file,
    a_few_bytes,
    half_a_header,
    only_the_magic,
    only_a_header,
    a_header_and_zeros,
    damaged_pages,
    one_damaged_page,
    a_lost_half,
    a_folder,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_a_damaged_database_is_refused_and_not_touched(
    a_chat: Path, folder: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(a_chat, folder)
    damage(folder / "chat.db")
    assert isinstance(await refusal_of(folder), BadDatabase)


@pytest.mark.parametrize("damage", DAMAGES[:-1], ids=lambda damage: damage.__name__)
async def test_a_database_damaged_in_a_crash_is_refused_and_not_touched(
    a_chat: Path, folder: Path, damage: Callable[[Path], None]
) -> None:
    with crashed(a_chat, folder, UNSENT):
        damage(folder / "chat.db")
        assert isinstance(await refusal_of(folder), BadDatabase)


@pytest.mark.parametrize("table", ["notes", "message"])
async def test_a_database_of_another_program_is_refused_and_not_touched(
    folder: Path, table: str
) -> None:
    with closing(sqlite3.connect(lay(folder, b""))) as database, database:
        database.execute(f"CREATE TABLE {table} (words TEXT)")
        database.execute(f"INSERT INTO {table} VALUES ('mine')")
    assert isinstance(await refusal_of(folder), BadDatabase)


async def test_an_empty_file_becomes_a_chat(folder: Path) -> None:
    lay(folder, b"")
    store = await open_sqlite(folder)
    assert len(await store.rooms()) == 1
    await store.close()


async def test_a_newer_database_is_refused_and_not_touched(a_chat: Path, folder: Path) -> None:
    shutil.copytree(a_chat, folder)
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        database.execute(FROM_THE_FUTURE)
    refusal = await refusal_of(folder)
    assert isinstance(refusal, NewerDatabase)
    assert "newer Flet Chat" in str(refusal)


@pytest.mark.parametrize("with_index", [True, False], ids=["with -shm", "without -shm"])
async def test_a_newer_database_left_by_a_crash_is_refused_and_not_touched(
    a_chat: Path, folder: Path, with_index: bool
) -> None:
    with crashed(a_chat, folder, FROM_THE_FUTURE, with_index=with_index):
        assert isinstance(await refusal_of(folder), NewerDatabase)


@pytest.mark.parametrize("with_index", [True, False], ids=["with -shm", "without -shm"])
async def test_a_chat_left_by_a_crash_opens_with_its_last_words(
    a_chat: Path, folder: Path, with_index: bool
) -> None:
    with crashed(a_chat, folder, UNSENT, with_index=with_index):
        store = await open_sqlite(folder)
        assert await store.words(1, 1) == "wait, I "
        assert len((await store.newest(1, 300)).messages) == 200
        await store.close()


async def test_the_migrations_make_the_tables_of_the_schema(folder: Path) -> None:
    store = await open_sqlite(folder)
    await store.close()
    engine = create_engine(f"sqlite:///{folder / 'chat.db'}")
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            # FTS5's own tables belong to no engine but SQLite.
            "include_name": lambda name, kind, _: kind != "table" or not name.startswith("search"),
        }
        context = MigrationContext.configure(connection, opts=options)
        difference = compare_metadata(context, metadata)
    engine.dispose()
    assert difference == []


# Anything less loses acknowledged messages when the power goes.
FULL_SYNC = 2
MODES = ("journal_mode", "synchronous")


async def test_a_commit_waits_for_the_disk(folder: Path) -> None:
    seen: set[tuple[str, int]] = set()

    def look(connection: Connection) -> None:
        modes = (connection.exec_driver_sql(f"PRAGMA {name}") for name in MODES)
        seen.add(tuple(mode.scalar_one() for mode in modes))

    store = await open_sqlite(folder)
    event.listen(Engine, "commit", look)
    try:
        await store.add_person("Ann")
    finally:
        event.remove(Engine, "commit", look)
        await store.close()
    assert seen == {("wal", FULL_SYNC)}
