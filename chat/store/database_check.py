"""The check of a database before it is opened, and the sentences about what is wrong with it."""

import contextlib
import errno
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import structlog
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import DBAPIError

from chat.errors import BadDatabase, CannotStart, DataNotUsable, ForeignLog, NewerDatabase
from chat.store.database_file import FileHeader, wal_path
from chat.store.migrations import is_newer_than_program

log = structlog.get_logger(__name__)

# Bytes. A full integrity check reads every page: under a second for a database of this size.
_FULL_CHECK_SIZE_LIMIT = 64 * 1024 * 1024

# The codes of SQLite for a damaged database, and for a file that is no database.
_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

_PERMISSION_CODES = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_AUTH,
}
_PERMISSION_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT}


def check_database(path: Path) -> None:
    """Check the database, if there is one, without changing a byte of its folder.

    A database that was closed in order has no `-wal` file, and is read as `immutable`, which
    creates no files. After a crash SQLite has to write files to read the `-wal`. The check then
    reads copies, unless they are too large to make at every such start, or there is no room.

    Raises BadDatabase, NewerDatabase, ForeignLog and DataNotUsable.
    """
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            if wal_path(path).exists() and wal_path(path).stat().st_size:
                raise ForeignLog(path)
            return
        header = FileHeader.read(path)
        if header is None:
            raise _damaged_database(path)
        content = _read_content(path)
    except (OSError, sqlite3.Error, DBAPIError) as failure:
        raise opening_error(path, failure) from failure
    if content.run_id not in {0, header.run_id}:
        raise ForeignLog(path)
    if not content.is_sound:
        raise _damaged_database(path)
    if content.is_newer:
        raise NewerDatabase(path)
    is_unfinished = header.uses_wal and (header.run_id or content.is_empty)
    if is_unfinished and not wal_path(path).exists():
        log.warning(
            f"{path} is a copy of a chat that was running, without its chat.db-wal: "
            "the last messages may be missing. If you have that file, stop the chat, put both "
            "files of the copy in place, and start again."
        )


@dataclass(frozen=True, slots=True)
class _Content:
    """What is in a database, with its log. The other values are only right if it `is_sound`."""

    run_id: int
    is_sound: bool = False
    is_empty: bool = False
    is_newer: bool = False


def _read_content(path: Path) -> _Content:
    """Read a database with its log. Raises OSError if one of them cannot be written."""
    logs = [each for each in (wal_path(path), Path(f"{path}-journal")) if each.exists()]
    for each in (path, *logs):
        each.open("r+b").close()
    if not logs:
        return _read_content_as(path, "mode=ro&immutable=1")
    with contextlib.ExitStack() as stack:
        copy = None
        with contextlib.suppress(OSError):
            copy = _copy(stack, [path, *logs])
        if copy is not None:
            return _read_content_as(copy, "mode=rw")
    return _read_content_as(path, "mode=ro")


def _copy(stack: contextlib.ExitStack, sources: Sequence[Path]) -> Path | None:
    """A copy of the first of these files, with the others beside it; None if they are large."""
    if sum(each.stat().st_size for each in sources) > _FULL_CHECK_SIZE_LIMIT:
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flet-chat-")))
    for source in sources:
        shutil.copyfile(source, folder / source.name)
    return folder / sources[0].name


def _read_content_as(path: Path, mode: str) -> _Content:
    uri = f"file:{quote(str(path))}?{mode}"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True))
    run_id = 0
    try:
        with engine.connect() as connection:
            run_id = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if path.stat().st_size <= _FULL_CHECK_SIZE_LIMIT:
                verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if verdict != "ok":
                    return _Content(run_id)
            tables = inspect(connection).get_table_names()
            if tables and "alembic_version" not in tables:
                return _Content(run_id)
            return _Content(run_id, True, not tables, is_newer_than_program(connection))
    except DBAPIError as failure:
        if _error_code(failure) not in _DAMAGE_CODES:
            raise
        return _Content(run_id)
    finally:
        engine.dispose()


def _error_code(failure: Exception) -> int:
    """SQLite's primary result code of an error, 0 if it has none."""
    cause = failure.orig if isinstance(failure, DBAPIError) else failure
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def opening_error(path: Path, failure: Exception) -> CannotStart:
    """The error for a database that cannot be opened."""
    code, number = _error_code(failure), getattr(failure, "errno", None)
    if code in _PERMISSION_CODES or number in _PERMISSION_ERRNOS:
        return DataNotUsable(
            f"{path} cannot be read and written: this user has no permission. Give it the rights "
            "for the folder and all files in it, or choose another folder with --data."
        )
    if code == sqlite3.SQLITE_FULL or number in _FULL_ERRNOS:
        return DataNotUsable(
            f"There is no room on the disk of {path.parent}. Make some, and start again."
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return DataNotUsable(f"Another program works on {path}. Close it, and start again.")
    if code == sqlite3.SQLITE_IOERR:
        return DataNotUsable(
            f"The disk of {path} reported an error. Check the disk, and start again."
        )
    return _damaged_database(path)


def _damaged_database(path: Path) -> BadDatabase:
    return BadDatabase(
        f"{path} is not a database of this chat, or it is damaged. "
        "Put a backup in its place, or choose another folder with --data."
    )
