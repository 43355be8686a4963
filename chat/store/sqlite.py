"""The store on SQLite: `chat.db` in the data folder, in WAL mode."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DatabaseError

from chat.errors import BadDatabase, CannotStart, DataInUse, NewerDatabase
from chat.store.checkpoints import AUTOCHECKPOINT_PAGES, Checkpointer
from chat.store.migrations import is_newer_than_program, upgrade
from chat.store.queries.search import Fts5SearchIndex
from chat.store.sql_store import SqlStore

log = structlog.get_logger(__name__)

_MAGIC = b"SQLite format 3\x00"

# Bytes. A full integrity check reads every page: under a second for a database of this size.
_FULL_CHECK_SIZE_LIMIT = 64 * 1024 * 1024


async def open_sqlite(folder: Path) -> SqlStore:
    """Open the store in `folder`; both are created if they do not exist.

    Raises DataInUse, BadDatabase and NewerDatabase, and leaves the folder unchanged then.
    """
    lock = _acquire_lock(folder)
    path = folder / "chat.db"
    try:
        if path.is_dir() or (path.exists() and path.stat().st_size):
            _check_untouched(path)
        write_engine, read_engine = (
            _create_engine(path, writable=True),
            _create_engine(path, writable=False),
        )
        try:
            with write_engine.connect() as connection, connection.begin():
                upgrade(connection)
        except Exception as failure:
            write_engine.dispose()
            log.exception("not brought up to date", path=str(path))
            raise BadDatabase(
                f"{path} could not be brought up to date; chat.log beside it says why."
            ) from failure
    except BaseException:
        lock.release()
        raise
    checkpointer = Checkpointer(path)
    return SqlStore(
        write_engine,
        read_engine,
        Fts5SearchIndex(),
        on_closing=checkpointer.stop,
        on_closed=lock.release,
    )


def _acquire_lock(folder: Path) -> FileLock:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "chat.lock")
        lock.acquire(timeout=0)
    except Timeout:
        raise DataInUse(folder) from None
    except OSError as failure:
        raise CannotStart(
            f"The folder {folder} cannot be used ({failure.strerror}). Choose another with --data."
        ) from failure
    return lock


def _check_untouched(path: Path) -> None:
    """Check the database without changing a byte of its folder.

    A database that was closed in order has no `-wal` file, and is read as `immutable`, which
    creates no files. After a crash SQLite has to write files to read the `-wal`. The check then
    reads copies, unless they are too large to make at every such start.

    Raises BadDatabase and NewerDatabase.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise _damaged_database(path)
        wal = Path(f"{path}-wal")
        if not wal.exists():
            newer = _is_newer(path, "mode=ro&immutable=1")
        elif path.stat().st_size + wal.stat().st_size > _FULL_CHECK_SIZE_LIMIT:
            newer = _is_newer(path, "mode=ro")
        else:
            with tempfile.TemporaryDirectory(prefix="flet-chat-") as folder:
                for source in (path, wal):
                    shutil.copyfile(source, Path(folder) / source.name)
                newer = _is_newer(Path(folder) / path.name, "mode=rw")
    except (OSError, DatabaseError) as failure:
        raise _damaged_database(path) from failure
    if newer is None:
        raise _damaged_database(path)
    if newer:
        raise NewerDatabase(path)


def _is_newer(path: Path, mode: str) -> bool | None:
    """Whether a later program made this database; None if it is damaged or not of a chat."""
    uri = f"file:{quote(str(path))}?{mode}"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True))
    try:
        with engine.connect() as connection:
            if path.stat().st_size <= _FULL_CHECK_SIZE_LIMIT:
                verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if verdict != "ok":
                    return None
            tables = inspect(connection).get_table_names()
            if tables and "alembic_version" not in tables:
                return None
            return is_newer_than_program(connection)
    finally:
        engine.dispose()


def _damaged_database(path: Path) -> BadDatabase:
    return BadDatabase(
        f"{path} is not a database of this chat, or it is damaged. "
        "Put a backup in its place, or choose another folder with --data."
    )


def _create_engine(path: Path, *, writable: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"check_same_thread": False},
        # Texts of people must not get into the log with a traceback.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _: Any) -> None:
        # `on_begin` begins transactions explicitly, in place of the driver.
        connection.isolation_level = None
        # NORMAL loses acknowledged messages when the power fails (measured), FULL does not.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            f"wal_autocheckpoint={AUTOCHECKPOINT_PAGES}",
            f"query_only={'OFF' if writable else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writable else "BEGIN")

    if os.name == "posix" and not path.exists():
        # Messages are private: only the user of the process may read the file.
        path.touch(mode=0o600)
    return engine
