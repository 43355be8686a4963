"""Opens the store on a database of PostgreSQL 15 or later."""

import secrets
import time
from typing import Any

import psycopg
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from chat.errors import CannotStart, DatabaseInUse
from chat.store.database import READ_THREADS
from chat.store.postgresql.server_errors import is_repeatable, starting_error
from chat.store.postgresql.tables import upgrade
from chat.store.postgresql.transactions import NodeTransactions, lock_store
from chat.store.queries.search_postgresql import TsvectorSearchIndex
from chat.store.sql_store import SqlStore

# Milliseconds. A statement of the chat takes some milliseconds; one that takes longer than this
# would hold up all others.
STATEMENT_TIMEOUT = 5_000
LOCK_TIMEOUT = 2_000
# A node that hangs in a transaction holds the lock of the store for no longer than this.
IDLE_IN_TRANSACTION_TIMEOUT = 10_000

# Seconds: a connection that is cut is noticed after 5 + 2 · 3, also while data is on its way.
_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 2,
    "tcp_user_timeout": 11_000,  # milliseconds
    "connect_timeout": 5,
}

# The connections of a node: of the threads that read, of the one that writes, and a spare one.
CONNECTIONS_A_NODE = READ_THREADS + 2

# The connections that are left to others: backups, monitoring, and who looks for a problem.
SPARE_CONNECTIONS = 10

OLDEST_VERSION = 15

# A node is known in `pg_stat_activity` by a name that begins so.
_APPLICATION = "flet-chat "

# The number of the advisory lock of the process that uses a database alone: "fletnode" in ASCII.
_DATABASE_LOCK = int.from_bytes(b"fletnode")
_LOCK_DATABASE = "SELECT pg_try_advisory_lock(%s)"

# How often a start looks for that lock, and the seconds in between.
_ALONE_ATTEMPTS, _ALONE_SECONDS = 10, 0.3

# How often the lock of the store is asked for at the start, LOCK_TIMEOUT each time.
_START_ATTEMPTS = 10


async def open_postgresql(address: str, *, alone: bool = False) -> SqlStore:
    """Open the store in the database at `address`: `postgresql://USER:PASSWORD@HOST:PORT/NAME`.

    The tables are made if there are none. With `alone`, the database is refused while another
    process has opened it so. Raises CannotStart.
    """
    url = _parse(address)
    application = f"{_APPLICATION}{secrets.token_hex(4)}"
    write_engine = _create_engine(url, application, size=1, writable=True)
    if alone:
        event.listen(write_engine, "connect", _lock_database)
    read_engine = _create_engine(url, application, size=READ_THREADS, writable=False)
    transactions = NodeTransactions()
    try:
        if alone:
            _require_alone(write_engine)
        _prepare(write_engine, transactions)
    except Exception as failure:
        write_engine.dispose()
        if isinstance(failure, CannotStart):
            raise
        raise starting_error(url, failure) from failure
    return SqlStore(write_engine, read_engine, TsvectorSearchIndex(), files=transactions)


def _parse(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in {"postgresql", "postgres"}:
        # The address is not repeated: it may contain a password.
        raise CannotStart(
            "--database is no address of a database. Write it as "
            "postgresql://USER:PASSWORD@HOST:PORT/NAME."
        )
    return url.set(drivername="postgresql+psycopg")


def _lock_database(connection: psycopg.Connection[Any], _: Any) -> None:
    """Lock the database for as long as the connection that writes is there, if nobody has it.

    After a cut, the server may not know yet that the former connection is gone. Nobody else could
    have opened the database in the meantime and still be refused: only a start looks at the lock.
    """
    connection.execute(_LOCK_DATABASE, (_DATABASE_LOCK,))
    connection.commit()


def _require_alone(engine: Engine) -> None:
    """Raises DatabaseInUse."""
    for _ in range(_ALONE_ATTEMPTS):
        with engine.begin() as connection:
            if connection.exec_driver_sql(_LOCK_DATABASE, (_DATABASE_LOCK,)).scalar_one():
                return
        # The server needs a moment to end the connections of a process that was killed.
        time.sleep(_ALONE_SECONDS)
    raise DatabaseInUse


def _prepare(engine: Engine, transactions: NodeTransactions) -> None:
    """Check the server, and bring the tables up to date."""
    for attempt in range(_START_ATTEMPTS):
        try:
            with engine.begin() as connection:
                _check_version(connection)
                lock_store(connection)
                _check_connections(connection)
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                upgrade(connection)
                transactions.open(connection)
        except DBAPIError as failure:
            if not is_repeatable(failure) or attempt == _START_ATTEMPTS - 1:
                raise
        else:
            return


def _check_version(connection: Connection) -> None:
    version, encoding = connection.execute(_SELECT_SERVER).one()
    if version // 10_000 < OLDEST_VERSION:
        raise CannotStart(
            f"The server has PostgreSQL {version // 10_000}, and the chat needs {OLDEST_VERSION} "
            "or later. Upgrade it, or name another server in --database."
        )
    if encoding != "UTF8":
        raise CannotStart(
            f"The database has the encoding {encoding}, which lacks characters that people write. "
            "Create one with: createdb --encoding=UTF8 --template=template0 NAME."
        )


def _check_connections(connection: Connection) -> None:
    """Refuse the start of a node for which the server has too few connections."""
    pattern = {"pattern": f"{_APPLICATION}%"}
    nodes, most = connection.execute(_SELECT_CONNECTIONS, pattern).one()
    needed = nodes * CONNECTIONS_A_NODE
    if needed > most - SPARE_CONNECTIONS:
        raise CannotStart(
            f"{nodes} nodes with {CONNECTIONS_A_NODE} connections each need {needed}, and the "
            f"server has {most}, of which {SPARE_CONNECTIONS} are left to others. Set "
            f"max_connections to {needed + SPARE_CONNECTIONS} or more in postgresql.conf and "
            "restart it, or run fewer nodes."
        )


def _create_engine(url: URL, application: str, *, size: int, writable: bool) -> Engine:
    settings = {
        "statement_timeout": STATEMENT_TIMEOUT,
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
    }
    own_options = url.normalized_query.get("options", ())
    options = " ".join([*(f"-c {name}={value}" for name, value in settings.items()), *own_options])
    engine = create_engine(
        url,
        connect_args={**_KEEPALIVES, "options": options, "application_name": application},
        # A read is one snapshot. What is written waits for the lock of the store, and then reads
        # what those before have stored.
        isolation_level="READ COMMITTED" if writable else "REPEATABLE READ",
        pool_size=size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        # Texts of people must not get into the log with a traceback.
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: psycopg.Connection[Any], _: Any) -> None:
        connection.read_only = not writable
        connection.adapters.register_dumper(str, _TextDumper)

    return engine


class _TextDumper(StrDumper):
    """PostgreSQL has no text with a NUL. No stored text has one, and such a parameter is equal to
    none of them: it gets U+FFFE in its place, which stands for no character."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffe") if "\0" in obj else obj)


_SELECT_SERVER = text(
    "SELECT CAST(current_setting('server_version_num') AS int), "
    "pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
)
_SELECT_CONNECTIONS = text(
    "SELECT count(DISTINCT application_name), CAST(current_setting('max_connections') AS int) "
    "FROM pg_stat_activity WHERE application_name LIKE :pattern"
)
