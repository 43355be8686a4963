"""SQLite: kills, full disks and damaged files; a database that cannot be read is not changed."""

import asyncio
import os
import shutil
import sqlite3
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, event
from structlog.testing import capture_logs

from chat.errors import BadDatabase, CannotStart, DataInUse, NewerDatabase
from chat.store.schema import metadata
from chat.store.sqlite import open_sqlite
from tests.store.test_contract import new_message, numbers


@pytest.fixture(autouse=True)
def captured_logs() -> Iterator[None]:
    """Capture the logs: expected failures must not fill the terminal with tracebacks."""
    with capture_logs():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat with some history that was closed in order; tests copy it."""
    folder = tmp_path_factory.mktemp("chat")
    store = await open_sqlite(folder)
    ann = (await store.add_person("Ann")).person
    texts = (f"{n} " + "x" * 500 for n in range(200))
    await asyncio.gather(*(store.append(new_message(1, ann, text, text[:8])) for text in texts))
    await store.close()
    return folder


def create_database(folder: Path, content: bytes) -> Path:
    """A new folder with only this content as its database."""
    folder.mkdir()
    database = folder / "chat.db"
    database.write_bytes(content)
    return database


async def another_process(script: str, folder: Path) -> Process:
    """Another Python process that works on the same folder."""
    command = (sys.executable, "-c", script, str(folder))
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


def folder_state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Names, times and bytes of a folder's files, except the lock."""
    return {
        path.name: (path.stat().st_mtime_ns, b"" if path.is_dir() else path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.name != "chat.lock"
    }


async def opening_error(folder: Path) -> CannotStart:
    """The error of opening the chat in `folder`. Asserts that the folder is unchanged."""
    before = folder_state(folder)
    with pytest.raises(CannotStart) as error:
        await open_sqlite(folder)
    assert folder_state(folder) == before
    assert "\n" not in str(error.value)
    assert str(folder) in str(error.value)
    return error.value


POSTING_SCRIPT = """
import asyncio, sys
from pathlib import Path
from chat.model.messages import MessageKind, NewMessage
from chat.store.sqlite import open_sqlite

async def post():
    store = await open_sqlite(Path(sys.argv[1]))
    ann = (await store.add_person("Ann")).person
    while True:
        first = 1 + len((await store.after(1, number=0, limit=100_000)).messages)
        drafts = [
            NewMessage(1, ann, MessageKind.TEXT, f"line {n}", str(n))
            for n in range(first, first + 5)
        ]
        for message in await asyncio.gather(*map(store.append, drafts)):
            print(message.number, message.text, flush=True)

asyncio.run(post())
"""


async def test_acknowledged_messages_survive_a_kill(folder: Path) -> None:
    poster = await another_process(POSTING_SCRIPT, folder)
    assert poster.stdout is not None
    acknowledged = [await poster.stdout.readline() for _ in range(23)]
    poster.kill()
    rest, _ = await poster.communicate()
    acknowledged += [line for line in rest.splitlines(keepends=True) if line.endswith(b"\n")]
    store = await open_sqlite(folder)
    messages = (await store.after(1, number=0, limit=100_000)).messages
    await store.close()
    assert [m.number for m in messages] == list(range(1, len(messages) + 1))
    assert len(acknowledged) >= 23
    assert set(acknowledged) <= {f"{m.number} {m.text}\n".encode() for m in messages}


FULL_DISK_SCRIPT = """
import asyncio, resource, sys
from pathlib import Path
from chat.errors import NotStored
from chat.model.messages import MessageKind, NewMessage
from chat.store.sqlite import open_sqlite

def limit_file_size(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def post():
    folder = Path(sys.argv[1])
    store = await open_sqlite(folder)
    ann = (await store.add_person("Ann")).person
    limit_file_size((folder / "chat.db-wal").stat().st_size + 30_000)
    stored = []
    for n in range(100):
        try:
            new = NewMessage(1, ann, MessageKind.TEXT, "x" * 2000, str(n))
            stored.append((await store.append(new)).number)
        except NotStored:
            break
    else:
        raise AssertionError("the disk was never full")
    limit_file_size(resource.RLIM_INFINITY)
    new = NewMessage(1, ann, MessageKind.TEXT, "at last", "last")
    stored.append((await store.append(new)).number)
    await store.close()
    print(*stored)

asyncio.run(post())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the full disk is simulated with POSIX limits")
async def test_full_disk_raises_not_stored_and_writes_resume_later(folder: Path) -> None:
    poster = await another_process(FULL_DISK_SCRIPT, folder)
    output, errors = await poster.communicate()
    assert poster.returncode == 0, errors.decode()
    stored = [int(number) for number in output.splitlines()[-1].split()]
    assert stored == list(range(1, len(stored) + 1))
    store = await open_sqlite(folder)
    assert numbers(await store.after(1, number=0, limit=200)) == stored
    await store.close()


SECOND_OPEN_SCRIPT = """
import asyncio, sys
from pathlib import Path
from chat.store.sqlite import open_sqlite

try:
    asyncio.run(open_sqlite(Path(sys.argv[1])))
except Exception as refusal:
    print(type(refusal).__name__)
"""


async def test_second_store_on_the_same_folder_is_refused(folder: Path) -> None:
    first = await open_sqlite(folder)
    with pytest.raises(DataInUse) as error:
        await open_sqlite(folder)
    assert str(folder) in str(error.value)
    assert "--data" in str(error.value)
    assert (await first.add_person("Ann")).person.name == "Ann"
    await first.close()
    second = await open_sqlite(folder)
    await second.close()


async def test_another_process_on_the_same_folder_is_refused(folder: Path) -> None:
    store = await open_sqlite(folder)
    output, errors = await (await another_process(SECOND_OPEN_SCRIPT, folder)).communicate()
    await store.close()
    assert output == b"DataInUse\n", errors.decode()


async def test_refused_folder_is_unlocked_again(folder: Path) -> None:
    database = create_database(folder, b"not a database")
    await opening_error(folder)
    database.unlink()
    store = await open_sqlite(folder)
    await store.close()


@pytest.mark.parametrize(
    "name", ["Ann & Bob", "100%", "what?", "a#b", "a?b=c", "%3F", "小明", "“x”"]
)
async def test_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    for person in ("Ann", "Bob"):
        store = await open_sqlite(folder)
        await store.add_person(person)
        await store.close()
    assert list(folder_state(folder)) == ["chat.db"]
    assert list(folder_state(tmp_path)) == [name]


async def test_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("I am a file")
    with pytest.raises(CannotStart, match="--data"):
        await open_sqlite(tmp_path / "data")
    assert (tmp_path / "data").read_text() == "I am a file"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
async def test_database_files_are_readable_by_their_owner_only(folder: Path) -> None:
    umask = os.umask(0o022)
    try:
        store = await open_sqlite(folder)
        await store.add_person("Ann")
        modes = {
            name: stat.S_IMODE((folder / name).stat().st_mode) for name in folder_state(folder)
        }
        await store.close()
    finally:
        os.umask(umask)
    assert modes == dict.fromkeys(("chat.db", "chat.db-shm", "chat.db-wal"), 0o600)


def random_bytes(path: Path) -> None:
    path.write_bytes(os.urandom(50_000))


def text_file(path: Path) -> None:
    path.write_text("Dear diary,\n" * 1000)


def few_bytes(path: Path) -> None:
    path.write_bytes(b"x")


def half_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9])


def only_the_magic_string(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16])


def only_a_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def header_and_zeros(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + bytes(len(content) - 100))


def damaged_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 3 * 4096):
        content[start : start + 300] = os.urandom(300)
    path.write_bytes(content)


def one_damaged_page(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-4096:] = b"\xa5" * 4096
    path.write_bytes(content)


def lost_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 // 4096 * 4096])


def folder_instead_of_file(path: Path) -> None:
    path.unlink()
    path.mkdir()


SET_NEWER_VERSION = "UPDATE alembic_version SET version_num = '9999'"
STORE_DRAFT = "INSERT INTO words VALUES (1, 1, 'wait, I ')"


@contextmanager
def crashed_copy(
    chat: Path, folder: Path, statement: str, *, with_index: bool = True
) -> Iterator[None]:
    """The state of `folder` after a chat was killed just after it committed `statement`."""
    running = folder.with_name("running")
    shutil.copytree(chat, running)
    with closing(sqlite3.connect(running / "chat.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        with database:
            database.execute(statement)
        shutil.copytree(running, folder)
        assert (folder / "chat.db-wal").stat().st_size > 0
        if not with_index:
            (folder / "chat.db-shm").unlink()
        yield


DAMAGES = (
    random_bytes,
    text_file,
    few_bytes,
    half_a_header,
    only_the_magic_string,
    only_a_header,
    header_and_zeros,
    damaged_pages,
    one_damaged_page,
    lost_half,
    folder_instead_of_file,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
async def test_damaged_database_is_refused_and_not_changed(
    filled_folder: Path, folder: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(filled_folder, folder)
    damage(folder / "chat.db")
    assert isinstance(await opening_error(folder), BadDatabase)


@pytest.mark.parametrize("damage", DAMAGES[:-1], ids=lambda damage: damage.__name__)
async def test_database_damaged_after_a_crash_is_refused_and_not_changed(
    filled_folder: Path, folder: Path, damage: Callable[[Path], None]
) -> None:
    with crashed_copy(filled_folder, folder, STORE_DRAFT):
        damage(folder / "chat.db")
        assert isinstance(await opening_error(folder), BadDatabase)


@pytest.mark.parametrize("table", ["notes", "message"])
async def test_database_of_another_program_is_refused_and_not_changed(
    folder: Path, table: str
) -> None:
    with closing(sqlite3.connect(create_database(folder, b""))) as database, database:
        database.execute(f"CREATE TABLE {table} (words TEXT)")
        database.execute(f"INSERT INTO {table} VALUES ('mine')")
    assert isinstance(await opening_error(folder), BadDatabase)


async def test_empty_database_file_is_initialised(folder: Path) -> None:
    create_database(folder, b"")
    store = await open_sqlite(folder)
    assert len(await store.public_rooms()) == 1
    await store.close()


async def test_newer_database_is_refused_and_not_changed(filled_folder: Path, folder: Path) -> None:
    shutil.copytree(filled_folder, folder)
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        database.execute(SET_NEWER_VERSION)
    error = await opening_error(folder)
    assert isinstance(error, NewerDatabase)
    assert "newer Flet Chat" in str(error)


@pytest.mark.parametrize("with_index", [True, False], ids=["with -shm", "without -shm"])
async def test_newer_database_after_a_crash_is_refused_and_not_changed(
    filled_folder: Path, folder: Path, with_index: bool
) -> None:
    with crashed_copy(filled_folder, folder, SET_NEWER_VERSION, with_index=with_index):
        assert isinstance(await opening_error(folder), NewerDatabase)


@pytest.mark.parametrize("with_index", [True, False], ids=["with -shm", "without -shm"])
async def test_database_after_a_crash_opens_with_its_last_commit(
    filled_folder: Path, folder: Path, with_index: bool
) -> None:
    with crashed_copy(filled_folder, folder, STORE_DRAFT, with_index=with_index):
        store = await open_sqlite(folder)
        assert await store.draft(1, 1) == "wait, I "
        assert len((await store.newest(1, 300)).messages) == 200
        await store.close()


async def test_migrations_create_the_tables_of_the_schema(folder: Path) -> None:
    store = await open_sqlite(folder)
    await store.close()
    engine = create_engine(f"sqlite:///{folder / 'chat.db'}")
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            # FTS5's own tables are not part of the schema.
            "include_name": lambda name, kind, _: kind != "table" or not name.startswith("search"),
        }
        context = MigrationContext.configure(connection, opts=options)
        difference = compare_metadata(context, metadata)
    engine.dispose()
    assert difference == []


# Any lower level loses acknowledged messages when the power fails.
FULL_SYNC = 2
DURABILITY_PRAGMAS = ("journal_mode", "synchronous")


async def test_commits_use_wal_and_full_sync(folder: Path) -> None:
    pragmas: set[tuple[str, int]] = set()

    def record_pragmas(connection: Connection) -> None:
        modes = (connection.exec_driver_sql(f"PRAGMA {name}") for name in DURABILITY_PRAGMAS)
        pragmas.add(tuple(mode.scalar_one() for mode in modes))

    store = await open_sqlite(folder)
    event.listen(Engine, "commit", record_pragmas)
    try:
        await store.add_person("Ann")
    finally:
        event.remove(Engine, "commit", record_pragmas)
        await store.close()
    assert pragmas == {("wal", FULL_SYNC)}


async def test_older_rows_of_one_emoji_in_two_forms_are_one_reaction(folder: Path) -> None:
    store = await open_sqlite(folder)
    ann, bob = (await store.add_person("Ann")).person, (await store.add_person("Bob")).person
    message = await store.append(new_message(1, ann, "roses", "a1"))
    for person in (ann, bob):
        await store.react(1, message.number, person.id, "❤\ufe0f")
    with closing(sqlite3.connect(folder / "chat.db")) as database, database:
        database.execute("UPDATE reaction SET emoji = ? WHERE person = ?", ("❤", ann.id))
        database.execute(
            "INSERT INTO reaction (message, person, emoji) SELECT message, person, ? FROM reaction"
            " WHERE person = ?",
            ("❤\ufe0f", ann.id),
        )
    (changed,) = await store.react(1, message.number, bob.id, "❤")
    assert [(each.emoji, each.people) for each in changed.message.reactions] == [
        ("❤\ufe0f", (ann,))
    ]
    (changed,) = await store.react(1, message.number, ann.id, "❤\ufe0f")
    assert changed.message.reactions == ()
    await store.close()
