"""The transactions of one node on PostgreSQL: one writes at a time, and none is lost or doubled.

Every transaction that writes first takes the lock of the store, an advisory lock of PostgreSQL. So
the nodes write one after another, as the jobs of one node do: what a transaction has read stays
true until it commits, rooms are never locked in another order than by a neighbour, and the numbers
of the sequence become visible in order. The server releases the lock when the transaction is
visible, and when its connection is lost.

Each transaction stores its number in the row of its node. If the connection is lost at the commit,
that row says whether it was stored.
"""

import random
import secrets
import time

import structlog
from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.exc import DBAPIError

from chat.store import schema, timestamps
from chat.store.postgresql.server_errors import is_connection_lost, is_repeatable
from chat.store.queries import sequence
from chat.store.writer import Outcome

log = structlog.get_logger(__name__)

# The number of the advisory lock: "fletchat" in ASCII.
_LOCK = int.from_bytes(b"fletchat")

# Seconds for which a transaction is repeated while the server cannot be reached or another node
# holds the lock: a restart takes less, and people wait for no longer.
REPEAT_SECONDS = 15.0

# Seconds between two attempts: at random between nothing and these, so that the nodes come apart.
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 2.0

# The keys of the rows of the nodes. Such a row has the number of a transaction, and its time.
_NODE_KEY, _NODE_KEYS = "node ", "node %"

# Microseconds after which the row of a node is deleted at the next start; one that still runs
# stores it again.
_ROW_LIFETIME = 24 * 60 * 60 * 1_000_000

_workspace = schema.workspace.c


def lock_store(connection: Connection) -> None:
    """Wait until no other transaction writes, and keep others from it until the end of this one."""
    connection.execute(_TAKE_LOCK, {"number": _LOCK})
    sequence.forget_last(connection)


class NodeTransactions:
    """The transactions of the thread that writes; the CommitLog of the store on PostgreSQL."""

    idle_timeout = None

    def __init__(self) -> None:
        self._node_key = f"{_NODE_KEY}{secrets.token_hex(8)}"
        self._number = 0
        self._failing_since: float | None = None

    def open(self, connection: Connection) -> None:
        """Delete the rows of nodes that have not written for long, inside the transaction."""
        rows = connection.execute(select(schema.workspace).where(_workspace.key.like(_NODE_KEYS)))
        oldest = timestamps.now() - _ROW_LIFETIME
        old_keys = [row.key for row in rows if int(row.value.split()[1]) < oldest]
        connection.execute(delete(schema.workspace).where(_workspace.key.in_(old_keys)))

    def check(self) -> None:
        """The server says itself whether it can store: there is nothing to check."""

    def begin(self, connection: Connection) -> None:
        """Take the lock of the store."""
        lock_store(connection)
        self._failing_since = None

    def before_commit(self, connection: Connection) -> None:
        """Store the number of the transaction."""
        self._number += 1
        value = f"{self._number} {timestamps.now()}"
        connection.execute(_STORE_NUMBER, {"key": self._node_key, "value": value})

    def after_commit(self, connection: Connection, *, is_idle: bool) -> None:
        """The server looks after its log itself."""

    def on_idle(self, connection: Connection) -> None:
        """Never called: there is no `idle_timeout`."""

    def ends_transaction(self, failure: Exception) -> bool:
        """Whether the server has undone the transaction with its savepoints."""
        return is_connection_lost(failure) or is_repeatable(failure)

    def outcome(
        self, connection: Connection, failure: Exception, attempt: int, *, was_complete: bool
    ) -> Outcome:
        """What became of a transaction; waits until it is known, for up to REPEAT_SECONDS."""
        is_lost = is_connection_lost(failure)
        if not is_lost and not is_repeatable(failure):
            return Outcome.FAILED
        if self._failing_since is None:
            self._failing_since = time.monotonic()
            log.warning("a transaction is repeated", reason=type(failure).__name__)
        if not is_lost or not was_complete:
            return Outcome.REPEAT if self._wait(attempt) else Outcome.FAILED
        number = self._number
        while self._wait(attempt):
            attempt += 1
            try:
                was_stored = self._last_stored(connection) == number
            except DBAPIError as error:
                if not self.ends_transaction(error):
                    raise
            else:
                return Outcome.COMMITTED if was_stored else Outcome.REPEAT
        return Outcome.FAILED

    def size_bytes(self, connection: Connection) -> int:
        """The size of the database with its indexes."""
        return int(connection.execute(_SELECT_SIZE).scalar_one())

    def close(self) -> None:
        """The connections are closed: there is nothing left to do."""

    def _wait(self, attempt: int) -> bool:
        """Wait before the next attempt; False if there were enough of them."""
        assert self._failing_since is not None, "an attempt has failed"
        if time.monotonic() - self._failing_since > REPEAT_SECONDS:
            return False
        time.sleep(random.uniform(0, min(_FIRST_DELAY * 2**attempt, _LONGEST_DELAY)))
        return True

    def _last_stored(self, connection: Connection) -> int:
        """The number of the last transaction of this node that was stored, 0 if there is none.

        With the lock: the server may still be about to commit the one whose answer was lost.
        """
        with connection.begin():
            connection.execute(_TAKE_LOCK, {"number": _LOCK})
            key = {"the_key": self._node_key}
            value = connection.execute(_SELECT_NUMBER, key).scalar_one_or_none()
            return 0 if value is None else int(value.split()[0])


_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(:number)")
_STORE_NUMBER = text("""
INSERT INTO house (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
""")
_SELECT_SIZE = text("SELECT pg_database_size(current_database())")
_SELECT_NUMBER = select(_workspace.value).where(_workspace.key == bindparam("the_key"))
