"""SQLite: `chat.db` in the data folder, opened with care, in WAL mode."""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event

from chat.errors import BadDatabase, CannotStart, DataInUse, NewerDatabase
from chat.store.migrations import bring_up_to_date, is_from_the_future
from chat.store.sql import SqlStore

_MAGIC = b"SQLite format 3\x00"

# A whole check reads every page: under a second for this much.
_CHECK_UP_TO = 64 * 1024 * 1024


async def open_sqlite(folder: Path) -> SqlStore:
    """Open the store in `folder`, making both if need be.

    Raises DataInUse, BadDatabase or NewerDatabase; the folder is as it was then.
    """
    lock = _lock(folder)
    path = folder / "chat.db"
    try:
        if path.exists() and path.stat().st_size:
            _look_before_touching(path)
        write, read = _engine(path, writes=True), _engine(path, writes=False)
        try:
            with write.connect() as connection, connection.begin():
                bring_up_to_date(connection)
        except Exception as failure:
            raise BadDatabase(f"{path} could not be brought up to date: {failure}") from failure
    except BaseException:
        lock.release()
        raise
    return SqlStore(write, read, release=lock.release)


def _lock(folder: Path) -> FileLock:
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


def _look_before_touching(path: Path) -> None:
    """Read the database without changing a byte of its folder. Raises BadDatabase, NewerDatabase.

    A database that was closed well has no `-wal` beside it and can be read as `immutable`, which
    makes no side files; after a crash SQLite has to read the `-wal` too.
    """
    damaged = BadDatabase(
        f"{path} is not a database of this chat, or it is damaged. "
        "Put a backup in its place, or choose another folder with --data."
    )
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise damaged
    how = "mode=ro" if Path(f"{path}-wal").exists() else "mode=ro&immutable=1"
    uri = f"file:{quote(str(path))}?{how}&uri=true"
    engine = create_engine(f"sqlite:///{uri}")
    try:
        with engine.connect() as connection:
            if path.stat().st_size <= _CHECK_UP_TO:
                verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if verdict != "ok":
                    raise damaged
            newer = is_from_the_future(connection)
    except (sqlite3.DatabaseError, OSError) as failure:
        raise damaged from failure
    except Exception as failure:
        if isinstance(getattr(failure, "orig", None), sqlite3.DatabaseError):
            raise damaged from failure
        raise
    finally:
        engine.dispose()
    if newer:
        raise NewerDatabase(path)


def _engine(path: Path, *, writes: bool) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        # Transactions are begun below, in words; the driver's own guesses are off.
        connection.isolation_level = None
        # NORMAL loses acknowledged messages when the power goes (measured), FULL none.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=5000",
            f"query_only={'OFF' if writes else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    if os.name == "posix" and not path.exists():
        # Messages are private talk: only the owner of the process may read the file.
        path.touch(mode=0o600)
    return engine
