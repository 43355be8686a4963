"""The store on SQLite: `chat.db` in the data folder, in WAL mode."""

import sqlite3
from pathlib import Path
from typing import Any

import structlog
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event

from chat.errors import BadDatabase, CannotStart, DataInUse, DataNotUsable
from chat.store.database_check import check_database, opening_error
from chat.store.database_file import DatabaseFile
from chat.store.migrations import upgrade
from chat.store.queries.search import Fts5SearchIndex
from chat.store.sql_store import SqlStore

log = structlog.get_logger(__name__)

# The version of SQLite's library, for the log.
SQLITE_VERSION = sqlite3.sqlite_version


async def open_sqlite(folder: Path) -> SqlStore:
    """Open the store in `folder`; both are created if they do not exist.

    Raises DataInUse, DataNotUsable, ForeignLog, BadDatabase and NewerDatabase, and leaves the
    folder unchanged then.
    """
    lock = _acquire_lock(folder)
    path = folder / "chat.db"
    try:
        check_database(path)
        return _open_checked(path, lock)
    except BaseException:
        lock.release()
        raise


def _open_checked(path: Path, lock: FileLock) -> SqlStore:
    database_file = DatabaseFile(path, lock)
    try:
        _create_file(path)
        database_file.begin_run()
    except (OSError, sqlite3.Error) as failure:
        raise opening_error(path, failure) from failure
    write_engine = _create_engine(path, writable=True)
    read_engine = _create_engine(path, writable=False)
    try:
        with write_engine.connect() as connection:
            with connection.begin():
                upgrade(connection)
            database_file.begin_writing(connection)
    except Exception as failure:
        write_engine.dispose()
        database_file.close()
        log.exception("not brought up to date", path=str(path))
        error = opening_error(path, failure)
        if isinstance(error, DataNotUsable):
            raise error from failure
        raise BadDatabase(
            f"{path} could not be brought up to date; chat.log beside it says why."
        ) from failure
    return SqlStore(write_engine, read_engine, Fts5SearchIndex(), files=database_file)


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


def _create_file(path: Path) -> None:
    """Create an empty database, unless there is one. Raises OSError."""
    if not path.exists():
        # Messages are private: only the user of the process may read the file.
        path.touch(mode=0o600)


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
            # `DatabaseFile` checkpoints between two commits, not within one. A log that begins
            # anew is truncated, so that its size is that of its content.
            "wal_autocheckpoint=0",
            "journal_size_limit=0",
            f"query_only={'OFF' if writable else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writable else "BEGIN")

    return engine
