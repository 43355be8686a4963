"""Checkpoints of the write-ahead log run in a thread of their own, not within a commit.

SQLite's automatic checkpoint runs in the commit that makes the log too large, and that commit takes
fifty milliseconds. A passive checkpoint on another connection delays no commit.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

# Seconds between two checks of the log, and the size in bytes from which it is checkpointed.
_POLL_INTERVAL = 1.0
_WAL_SIZE_LIMIT = 1024 * 1024

# Pages of 4 KiB in the log from which SQLite's automatic checkpoint runs after all, for the case
# that this thread does not keep up.
AUTOCHECKPOINT_PAGES = 20_000


class Checkpointer:
    """The checkpoint thread of one database. It has to stop before the last connection closes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal_path = Path(f"{path}-wal")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chat-checkpoints", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with contextlib.closing(sqlite3.connect(self._path)) as connection:
                while not self._stopped.wait(_POLL_INTERVAL):
                    if self._is_wal_large():
                        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error:
            log.exception("no checkpoints any more")

    def _is_wal_large(self) -> bool:
        try:
            return self._wal_path.stat().st_size > _WAL_SIZE_LIMIT
        except OSError:
            return False
