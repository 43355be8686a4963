"""The file `chat.db` of a running chat, with its write-ahead log `chat.db-wal`.

One connection writes and checkpoints. Before version 3.51.3, SQLite damages a database that one
connection checkpoints while another one commits (https://sqlite.org/wal.html#walresetbug).

A log belongs to one run of the program. The number of the run is in the header of the database
(`PRAGMA user_version`), and in the first commit of every log. It is 0 while the chat is closed.
SQLite would read a log of another run, and mix its pages with those of the database.
"""

import secrets
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import structlog
from filelock import FileLock
from sqlalchemy import Connection

from chat.errors import DataFolderGone
from chat.store.writer import Outcome

log = structlog.get_logger(__name__)

# Seconds after the last commit, or after the last checkpoint, before the next checkpoint. A copy of
# `chat.db` alone lacks no more than this, unless people write all the time.
CHECKPOINT_DELAY = 1.0

# Bytes of the log: from the first size on it is checkpointed as soon as no job waits, from the
# second on in any case. A checkpoint of a megabyte takes a few milliseconds.
_CHECKPOINT_SIZE = 1024 * 1024
_FORCED_CHECKPOINT_SIZE = 8 * 1024 * 1024

# Seconds to wait for another program that reads the database, at the start and at the end.
_EXCLUSIVE_TIMEOUT = 1.0

_MAGIC = b"SQLite format 3\x00"
_HEADER_SIZE = 100
_WAL_VERSION = 2


@dataclass(frozen=True, slots=True)
class FileHeader:
    """The header of a database file, without the changes in its log.

    `uses_wal` is whether the file was last open in WAL mode; `run_id` is 0 if it was closed.
    """

    uses_wal: bool
    run_id: int

    @classmethod
    def read(cls, path: Path) -> "FileHeader | None":
        """The header of the file; None if it is no SQLite database. Raises OSError."""
        with path.open("rb") as file:
            content = file.read(_HEADER_SIZE)
        if len(content) < _HEADER_SIZE or not content.startswith(_MAGIC):
            return None
        return cls(content[19] == _WAL_VERSION, int.from_bytes(content[60:64], "big", signed=True))


class DatabaseFile:
    """The file of one run. Only the thread that writes calls its methods; all threads may call
    `check` and `size_bytes`."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path = path
        self._wal_path = wal_path(path)
        self._lock = lock
        self._run_id = 0
        self._identities: dict[Path, tuple[int, int]] = {}
        self._is_labelled = False
        self._is_checkpointed = True
        self._is_failing = False
        self._checkpointed_at = time.monotonic()

    def begin_run(self) -> None:
        """Store a new number of the run. Raises sqlite3.Error."""
        with _open_alone(self._path) as connection:
            # Without a log, the number is in the file itself before the first commit of the run.
            if _leave_wal_mode(connection):
                self._run_id = secrets.randbelow(2**31 - 1) + 1
                connection.execute(f"PRAGMA user_version={self._run_id}")
            elif (header := FileHeader.read(self._path)) is not None:
                # Another program reads the file, and there is a log of a former run.
                self._run_id = header.run_id

    def begin_writing(self, connection: Connection) -> None:
        """Called when the tables are up to date. From now on, `check` knows the open files."""
        self._checkpoint(connection)
        self._identities = {path: _identity(path) for path in (self._path, self._wal_path)}

    def check(self) -> None:
        """Raise DataFolderGone if the open files are not those of the folder any more.

        SQLite would go on to write to deleted files, and report success.
        """
        if not all(map(self._is_in_place, self._identities)):
            raise DataFolderGone

    def begin(self, connection: Connection) -> None:
        """`BEGIN IMMEDIATE` has locked the database: there is nothing left to do."""

    def ends_transaction(self, failure: Exception) -> bool:
        """No: a job that failed is undone to its savepoint."""
        return False

    def outcome(
        self, connection: Connection, failure: Exception, attempt: int, *, was_complete: bool
    ) -> Outcome:
        """A failed transaction is not repeated: nobody else writes to this file."""
        return Outcome.FAILED

    def before_commit(self, connection: Connection) -> None:
        """Label a log that may have begun anew since the last checkpoint."""
        if not self._is_labelled:
            connection.exec_driver_sql(f"PRAGMA user_version={self._run_id}")

    def after_commit(self, connection: Connection, *, is_idle: bool) -> None:
        """Checkpoint a large log; `is_idle` is whether no job waits."""
        self._is_labelled, self._is_checkpointed = True, False
        if time.monotonic() - self._checkpointed_at < CHECKPOINT_DELAY:
            return
        limit = _CHECKPOINT_SIZE if is_idle else _FORCED_CHECKPOINT_SIZE
        if self._wal_size() > limit:
            self._checkpoint(connection)

    @property
    def idle_timeout(self) -> float | None:
        """The seconds without a job before `on_idle` is called; None if there is nothing to do."""
        return None if self._is_checkpointed else CHECKPOINT_DELAY

    def on_idle(self, connection: Connection) -> None:
        """Checkpoint the log, whatever its size. Called when nothing was written for a while."""
        self._checkpoint(connection)

    def size_bytes(self, _: Connection) -> int:
        """The size of the file and its log; 0 for one that is not there."""
        return _size(self._path) + self._wal_size()

    def close(self) -> None:
        """Remove the log and the number of the run, after the connections have closed."""
        try:
            if self._is_in_place(self._path):
                with _open_alone(self._path) as connection:
                    if _leave_wal_mode(connection):
                        connection.execute("PRAGMA user_version=0")
        except sqlite3.Error as failure:
            # The next start reads the log, as after a crash.
            log.warning("the database was not closed in order", reason=str(failure))
        finally:
            self._lock.release()

    def _is_in_place(self, path: Path) -> bool:
        try:
            return _identity(path) == self._identities.get(path)
        except OSError:
            return False

    def _checkpoint(self, connection: Connection) -> None:
        driver_connection = connection.connection.driver_connection
        assert isinstance(driver_connection, sqlite3.Connection), "the store is on SQLite"
        # After a failure, too: a full disk does not get more room by being asked all the time.
        self._checkpointed_at = time.monotonic()
        try:
            statement = "PRAGMA wal_checkpoint(PASSIVE)"
            _, pages, checkpointed_pages = driver_connection.execute(statement).fetchone()
        except sqlite3.Error:
            if not self._is_failing:
                log.exception("no checkpoint; it is tried again")
            self._is_failing = True
        else:
            # A reader may still need some pages as they were.
            self._is_checkpointed = pages == checkpointed_pages
            self._is_failing = self._is_labelled = False

    def _wal_size(self) -> int:
        return _size(self._wal_path)


def wal_path(path: Path) -> Path:
    """The path of the write-ahead log of a database."""
    return Path(f"{path}-wal")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _open_alone(path: Path) -> closing[sqlite3.Connection]:
    """The only connection to an existing database."""
    uri = f"file:{quote(str(path))}?mode=rw"
    return closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_EXCLUSIVE_TIMEOUT))


def _leave_wal_mode(connection: sqlite3.Connection) -> bool:
    """Checkpoint and delete the log; False if another program has the database open."""
    try:
        (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as failure:
        if failure.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return bool(mode == "delete")
