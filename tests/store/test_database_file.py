"""`chat.db` and its log: checkpoints, copies, lost files and missing rights."""

import asyncio
import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from structlog.typing import EventDict

from chat.errors import ChatError, DataFolderGone, DataNotUsable, ForeignLog, NotStored
from chat.model.people import Person
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite
from tests.harness.waiting import wait_until
from tests.store.test_contract import new_message, numbers
from tests.store.test_sqlite import another_process, create_database, opening_error

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files and limits")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


@pytest_asyncio.fixture
async def running(folder: Path) -> AsyncIterator[Store]:
    """A running chat in `folder`, in which Ann (id 1) has said “hello”."""
    store = await open_sqlite(folder)
    with capture_logs():
        await post(store, (await store.add_person("Ann")).person, "hello")
        yield store
        await store.close()


async def post(store: Store, author: Person, *texts: str) -> None:
    """Post in the lobby."""
    await asyncio.gather(*(store.append(new_message(1, author, text)) for text in texts))


def texts_of_file(path: Path) -> list[str]:
    """The messages in a database file, without its log; none during a checkpoint."""
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as database:
        try:
            return [text for (text,) in database.execute("SELECT text FROM message ORDER BY id")]
        except sqlite3.DatabaseError:
            return []


async def texts_of_chat(folder: Path) -> list[str]:
    """The messages of a chat after it has been opened."""
    store = await open_sqlite(folder)
    try:
        return [each.text for each in (await store.newest(1, 100)).messages]
    finally:
        await store.close()


def copy_files(source: Path, target: Path, *names: str) -> None:
    """Copy some files of a data folder to another, as a person does."""
    target.mkdir(exist_ok=True)
    for name in names:
        shutil.copyfile(source / name, target / name)


def warnings(logs: list[EventDict]) -> list[str]:
    """The warnings among these log entries."""
    return [each["event"] for each in logs if each["log_level"] == "warning"]


WRITERS_SCRIPT = """
import asyncio, sqlite3, sys
from pathlib import Path

connections = []

def record_connection(event, arguments):
    if event == "sqlite3.connect/handle":
        connections.append(arguments[0])

sys.addaudithook(record_connection)

from chat.model.messages import MessageKind, NewMessage
from chat.store.sqlite import open_sqlite

def may_write(connection):
    try:
        return not connection.execute("PRAGMA query_only").fetchone()[0]
    except sqlite3.ProgrammingError as error:
        return "closed database" not in str(error)

async def main():
    store = await open_sqlite(Path(sys.argv[1]))
    ann = (await store.add_person("Ann")).person
    await store.append(NewMessage(1, ann, MessageKind.TEXT, "hello", "1"))
    await asyncio.gather(*(store.newest(1, 10) for _ in range(20)))
    # Time for a thread that has a connection of its own.
    await asyncio.sleep(0.3)
    print(sum(map(may_write, connections)))
    await store.close()

asyncio.run(main())
"""


async def test_one_connection_writes_and_checkpoints(folder: Path) -> None:
    output, errors = await (await another_process(WRITERS_SCRIPT, folder)).communicate()
    assert output.splitlines()[-1:] == [b"1"], errors.decode()


@pytest.mark.parametrize(("count", "size"), [(1, 10), (40, 3000), (400, 3000)])
async def test_messages_are_in_the_database_file_soon(
    folder: Path, running: Store, count: int, size: int
) -> None:
    texts = [f"{n} ".ljust(size, "x") for n in range(count)]
    await post(running, Person(1, "Ann"), *texts)
    path = folder / "chat.db"
    await wait_until(lambda: len(texts_of_file(path)) == count + 1, 10, description="a checkpoint")


@pytest.mark.parametrize("rounds", [3])
async def test_log_stays_small_while_people_write(
    folder: Path, running: Store, rounds: int
) -> None:
    """Each round writes a few megabytes."""
    sizes = []
    for n in range(rounds):
        await post(running, Person(1, "Ann"), *(f"{n} {m}".ljust(9000, "x") for m in range(300)))
        path, count = folder / "chat.db", 1 + 300 * (n + 1)
        await wait_until(lambda: len(texts_of_file(path)) == count, 10)  # noqa: B023
        sizes.append((folder / "chat.db-wal").stat().st_size)
    assert max(sizes) < 3 * min(sizes)
    await post(running, Person(1, "Ann"), "the log begins anew")
    assert (folder / "chat.db-wal").stat().st_size < 200_000


FULL_DISK_SCRIPT = """
import asyncio, resource, sqlite3, sys
from pathlib import Path
from chat.model.messages import MessageKind, NewMessage
from chat.store.sqlite import open_sqlite

path = Path(sys.argv[1]) / "chat.db"

def limit_file_size(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def count():
    with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
        try:
            return database.execute("SELECT count(*) FROM message").fetchone()[0]
        except sqlite3.DatabaseError:
            # In the middle of a checkpoint.
            return -1

async def until_checkpointed(expected):
    async with asyncio.timeout(15):
        while count() < expected:
            await asyncio.sleep(0.05)

async def main():
    store = await open_sqlite(path.parent)
    ann = (await store.add_person("Ann")).person

    async def post(first, end):
        await asyncio.gather(*(
            store.append(NewMessage(1, ann, MessageKind.TEXT, str(n) * 700, str(n)))
            for n in range(first, end)
        ))

    await post(1000, 2000)
    await until_checkpointed(1000)
    await store.append(NewMessage(1, ann, MessageKind.TEXT, "a new log", "x"))
    limit_file_size(path.stat().st_size)
    await post(2000, 2400)
    # Time for a checkpoint, which fails.
    await asyncio.sleep(2.5)
    assert count() < 1401, "the disk was not full"
    limit_file_size(resource.RLIM_INFINITY)
    await until_checkpointed(1401)
    await store.close()

asyncio.run(main())
"""


@posix_only
async def test_checkpoints_go_on_after_a_full_disk(folder: Path) -> None:
    writer = await another_process(FULL_DISK_SCRIPT, folder)
    _, errors = await writer.communicate()
    assert writer.returncode == 0, errors.decode()


async def test_copy_with_the_log_has_everything_and_no_warning(
    folder: Path, running: Store, tmp_path: Path
) -> None:
    copy_files(folder, tmp_path / "copy", "chat.db", "chat.db-wal")
    with capture_logs() as logs:
        assert await texts_of_chat(tmp_path / "copy") == ["hello"]
    assert warnings(logs) == []


async def test_start_on_a_copy_without_the_log_says_so(
    folder: Path, running: Store, tmp_path: Path
) -> None:
    copy_files(folder, tmp_path / "copy", "chat.db")
    with capture_logs() as logs:
        await texts_of_chat(tmp_path / "copy")
    (warning,) = warnings(logs)
    assert "chat.db-wal" in warning
    assert "last messages may be missing" in warning
    with capture_logs() as logs:
        await texts_of_chat(tmp_path / "copy")
    assert warnings(logs) == [], "it was closed in order meanwhile"


async def test_start_on_an_empty_copy_of_an_older_version_says_so(tmp_path: Path) -> None:
    folder = tmp_path
    with closing(sqlite3.connect(folder / "chat.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE person (id INTEGER)")
        copy_files(folder, tmp_path / "copy", "chat.db")
    with capture_logs() as logs:
        await texts_of_chat(tmp_path / "copy")
    assert len(warnings(logs)) == 1


async def closed_backup(folder: Path, target: Path) -> None:
    """A backup of a chat that was closed."""
    store = await open_sqlite(folder)
    await post(store, (await store.add_person("Ann")).person, "in the backup")
    await store.close()
    copy_files(folder, target, "chat.db")


async def running_backup(folder: Path, target: Path) -> None:
    """A backup of a running chat, whose log is not in it."""
    store = await open_sqlite(folder)
    await post(store, (await store.add_person("Ann")).person, "in the backup")
    copy_files(folder, target, "chat.db")
    await store.close()


async def empty_file(folder: Path, target: Path) -> None:
    """A database of no bytes."""
    create_database(target, b"")


async def another_chat(folder: Path, target: Path) -> None:
    """The database of another chat."""
    await closed_backup(folder.with_name("other"), target)


@pytest.mark.parametrize(
    "make_backup",
    [closed_backup, running_backup, empty_file, another_chat],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize("later", [1, 400])
async def test_database_beside_the_log_of_another_run_is_refused_and_not_changed(
    folder: Path, tmp_path: Path, make_backup: Callable[[Path, Path], Any], later: int
) -> None:
    """A backup is put in the place of `chat.db` after a crash, and the log stays there."""
    await make_backup(folder, tmp_path / "backup")
    store = await open_sqlite(folder)
    bob = (await store.add_person("Bob")).person
    await post(store, bob, *(f"{n} ".ljust(3000, "x") for n in range(later)))
    copy_files(folder, tmp_path / "crashed", "chat.db-wal")
    await store.close()
    copy_files(tmp_path / "backup", tmp_path / "crashed", "chat.db")
    assert isinstance(await opening_error(tmp_path / "crashed"), ForeignLog)
    (tmp_path / "crashed" / "chat.db-wal").unlink()
    await texts_of_chat(tmp_path / "crashed")


async def test_every_log_is_labelled(folder: Path, running: Store, tmp_path: Path) -> None:
    """A log begins anew after a checkpoint, and is refused beside an older database as well."""
    copy_files(folder, tmp_path / "old", "chat.db")
    ann = Person(1, "Ann")
    for n in range(3):
        await post(running, ann, f"round {n}")
        await wait_until(lambda: f"round {n}" in texts_of_file(folder / "chat.db"))  # noqa: B023
    await post(running, ann, "last")
    with closing(sqlite3.connect(tmp_path / "old" / "chat.db")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("PRAGMA user_version=0")
    copy_files(folder, tmp_path / "old", "chat.db-wal")
    assert isinstance(await opening_error(tmp_path / "old"), ForeignLog)


OPENING_SCRIPT = """
import asyncio, sys
from pathlib import Path
from chat.store.sqlite import open_sqlite
from tests.harness.permissions import obey_permissions

obey_permissions()
try:
    asyncio.run(open_sqlite(Path(sys.argv[1])))
except Exception as refusal:
    print(type(refusal).__name__, refusal)
"""


async def opening_output(folder: Path) -> str:
    """What an ordinary user is told who opens the folder."""
    output, errors = await (await another_process(OPENING_SCRIPT, folder)).communicate()
    assert errors == b""
    return output.decode()


@posix_only
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("chat.db", 0o000),
        ("chat.db", 0o200),
        ("chat.db", 0o400),
        ("chat.db-wal", 0o000),
        ("chat.db-wal", 0o400),
        (".", 0o500),
    ],
)
async def test_missing_rights_are_named_and_not_called_damage(
    folder: Path, running: Store, tmp_path: Path, name: str, mode: int
) -> None:
    crashed = tmp_path / "crashed"
    copy_files(folder, crashed, "chat.db", "chat.db-wal")
    (crashed / "chat.lock").touch()
    (crashed / name).chmod(mode)
    try:
        output = await opening_output(crashed)
    finally:
        crashed.chmod(0o700)
    assert output.startswith("DataNotUsable"), output
    assert "permission" in output
    assert "damaged" not in output
    for each in crashed.iterdir():
        each.chmod(0o600)
    assert await texts_of_chat(crashed) == ["hello"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
async def test_full_temporary_folder_does_not_keep_a_chat_from_opening(
    folder: Path,
    running: Store,
    tmp_path: Path,
    number: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy_files(folder, tmp_path / "crashed", "chat.db", "chat.db-wal")

    def fail(source: Path, target: Path) -> None:
        raise OSError(number, os.strerror(number), str(target))

    monkeypatch.setattr(shutil, "copyfile", fail)
    assert await texts_of_chat(tmp_path / "crashed") == ["hello"]


async def test_database_that_another_program_writes_to_is_not_called_damaged(folder: Path) -> None:
    await closed_backup(folder, folder.with_name("unused"))
    with closing(sqlite3.connect(folder / "chat.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DataNotUsable, match="Another program"):
            await open_sqlite(folder)
    assert await texts_of_chat(folder) == ["in the backup"]


async def test_database_that_another_program_reads_is_opened(folder: Path) -> None:
    await closed_backup(folder, folder.with_name("unused"))
    with closing(sqlite3.connect(folder / "chat.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN")
        other.execute("SELECT * FROM person").fetchall()
        store = await open_sqlite(folder)
        await post(store, (await store.add_person("Bob")).person, "meanwhile")
        await store.close()
    assert await texts_of_chat(folder) == ["in the backup", "meanwhile"]


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def move_folder(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def remove_database(folder: Path) -> None:
    (folder / "chat.db").unlink()


def remove_log(folder: Path) -> None:
    (folder / "chat.db-wal").unlink()


def replace_database(folder: Path) -> None:
    shutil.copyfile(folder / "chat.db", folder / "new.db")
    (folder / "new.db").replace(folder / "chat.db")


@posix_only
@pytest.mark.parametrize(
    "loss",
    [remove_folder, move_folder, remove_database, remove_log, replace_database],
    ids=lambda each: each.__name__,
)
async def test_nothing_is_acknowledged_after_the_files_are_lost(
    folder: Path, loss: Callable[[Path], None]
) -> None:
    store = await open_sqlite(folder)
    ann = (await store.add_person("Ann")).person
    assert store.problem() is None
    loss(folder)
    assert isinstance(store.problem(), DataFolderGone)
    results = await asyncio.gather(
        *(store.append(new_message(1, ann, f"{n}")) for n in range(3)), return_exceptions=True
    )
    with pytest.raises(DataFolderGone, match="put it back"):
        await store.append(new_message(1, ann, "alone"))
    assert [isinstance(each, NotStored) for each in results] == [True] * 3
    before = sorted(folder.parent.rglob("*"))
    with capture_logs():
        await store.close()
    assert set(folder.parent.rglob("*")) <= set(before), "closing makes no files"


@posix_only
async def test_writing_goes_on_when_the_folder_is_put_back(folder: Path) -> None:
    store = await open_sqlite(folder)
    ann = (await store.add_person("Ann")).person
    move_folder(folder)
    with pytest.raises(DataFolderGone):
        await store.append(new_message(1, ann, "lost?"))
    folder.with_name("moved").rename(folder)
    await store.append(new_message(1, ann, "back"))
    assert store.problem() is None
    await store.close()
    assert await texts_of_chat(folder) == ["back"]


FAILING_SCRIPT = """
import asyncio, resource, sys
from pathlib import Path
from chat.errors import NotStored
from chat.store.sqlite import open_sqlite

async def main():
    store = await open_sqlite(Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    try:
        await store.add_person("Ann")
    except NotStored:
        print(type(store.problem()).__name__)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    await store.add_person("Ann")
    print(store.problem())
    await store.close()

asyncio.run(main())
"""


@posix_only
async def test_store_reports_a_full_disk_until_a_write_succeeds(folder: Path) -> None:
    output, errors = await (await another_process(FAILING_SCRIPT, folder)).communicate()
    assert [line for line in output.splitlines() if b"=" not in line][-2:] == [
        b"NotStored",
        b"None",
    ], errors.decode()


async def test_refusals_are_no_problem_of_the_store(folder: Path) -> None:
    store = await open_sqlite(folder)
    with pytest.raises(ChatError):
        await store.delete(1, 99, 1)
    assert store.problem() is None
    await store.close()


async def test_page_before_a_number_is_read_at_one_moment(folder: Path) -> None:
    """Whether there are newer messages, and the messages, are of one snapshot."""
    store = await open_sqlite(folder)
    ann = (await store.add_person("Ann")).person
    await post(store, ann, "first")
    for number in range(2, 60):
        page, _ = await asyncio.gather(
            store.before(1, number, 100), store.append(new_message(1, ann, f"{number}"))
        )
        is_newest_shown = page.change_number < number
        assert page.has_newer is not is_newest_shown
        assert numbers(page) == list(range(1, number))
    await store.close()
