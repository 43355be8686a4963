"""The data folder of a chat belongs to one store."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.errors import CannotStart, DataNotUsable
from chat.store.opening import ID_FILE, open_store
from tests.harness.engines import PostgresqlServer

UNREACHABLE = "postgresql://127.0.0.1:1/chat"


@pytest.fixture
def address(postgresql: PostgresqlServer) -> Iterator[str]:
    """The address of a database with the tables."""
    with postgresql.database() as address:
        yield address


async def test_folder_with_the_files_of_a_database_is_for_that_one_alone(
    tmp_path: Path, postgresql: PostgresqlServer, address: str
) -> None:
    folder = tmp_path / "data"
    for _ in range(2):
        store = await open_store(folder, address)
        store_id = await store.workspace_id()
        await store.close()
    with postgresql.empty_database() as other, pytest.raises(DataNotUsable, match="another"):
        await open_store(folder, other)
    with pytest.raises(DataNotUsable, match="Name it with --database"):
        await open_store(folder)
    assert [(each.name, each.read_text()) for each in folder.glob("*")] == [(ID_FILE, store_id)]


async def test_folder_of_sqlite_is_not_used_with_a_database(tmp_path: Path) -> None:
    await (await open_store(tmp_path)).close()
    pytest.importorskip("psycopg")
    with pytest.raises(DataNotUsable, match=r"chat\.db"):
        await open_store(tmp_path, UNREACHABLE)
    assert not (tmp_path / ID_FILE).exists()


async def test_folder_that_is_a_file_is_refused_before_the_database_is_opened(
    tmp_path: Path,
) -> None:
    pytest.importorskip("psycopg")
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="Choose another with --data"):
        await open_store(tmp_path / "file", UNREACHABLE)


async def test_missing_driver_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in [each for each in sys.modules if each.startswith("chat.store.postgresql")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(CannotStart, match="pip install"):
        await open_store(tmp_path, UNREACHABLE)
