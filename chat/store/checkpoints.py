"""The write-ahead log is brought into the database beside the writing, not within a commit.

SQLite does it by itself in the commit that makes the log long: whoever waits for that one waits
fifty milliseconds. A passive checkpoint on another connection keeps nobody waiting.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

# How often the log is looked at, in seconds, and from which size on it is brought in, in bytes.
_POLL_INTERVAL = 1.0
_WAL_SIZE_LIMIT = 1024 * 1024

# Where this thread does not keep up, SQLite does it by itself again, in pages of 4 KiB.
AUTOCHECKPOINT_PAGES = 20_000


class Checkpointer:
    """A thread for one database; `stop` before its last connection is closed."""

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
