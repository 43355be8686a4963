"""Opens the store of a chat: `chat.db` in its data folder, or a PostgreSQL database.

The files that people send are in the data folder in both cases, named by hashes. At the start, a
chat deletes files that its store does not know. So a folder belongs to one store: `chat.db`, or the
one whose id is in `database.id`.
"""

import asyncio
from pathlib import Path

from chat.errors import CannotStart, DataNotUsable
from chat.store.contract import Store
from chat.store.sqlite import open_sqlite

# The file of a data folder with the id of its store on PostgreSQL.
ID_FILE = "database.id"


async def open_store(folder: Path, database: str = "") -> Store:
    """Open the store in `folder`, or at the address `database`: `postgresql://…`.

    Raises CannotStart, as its kinds DataInUse, BadDatabase and NewerDatabase.
    """
    if not database:
        await asyncio.to_thread(_require_folder_for_sqlite, folder)
        return await open_sqlite(folder)
    try:
        from chat.store.postgresql.opening import open_postgresql
    except ModuleNotFoundError as missing:
        raise CannotStart(
            "--database needs psycopg. Install it: python -m pip install 'psycopg[binary]'"
        ) from missing
    await asyncio.to_thread(_require_folder_for_database, folder)
    # Several processes do not tell each other of messages.
    store = await open_postgresql(database, alone=True)
    try:
        store_id = await store.workspace_id()
        await asyncio.to_thread(_keep_id, folder, store_id)
    except BaseException:
        await store.close()
        raise
    return store


def _require_folder_for_sqlite(folder: Path) -> None:
    if (folder / ID_FILE).exists():
        raise DataNotUsable(
            f"The files in {folder} belong to a chat in a PostgreSQL database. Name it with "
            "--database, or choose another folder with --data."
        )


def _require_folder_for_database(folder: Path) -> None:
    if (folder / "chat.db").exists():
        raise DataNotUsable(
            f"The folder {folder} has a chat of its own in chat.db. Start it without --database, "
            "or choose another folder for the files of this one with --data."
        )
    try:
        # Before the database is opened, because the log is there.
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise _folder_error(folder, failure) from failure


def _keep_id(folder: Path, store_id: str) -> None:
    """Store the id of the store in the folder, unless it is there. Raises CannotStart."""
    path = folder / ID_FILE
    try:
        if not path.exists():
            path.write_text(store_id, "ascii")
        kept_id = path.read_text("ascii", "replace").strip()
    except OSError as failure:
        raise _folder_error(folder, failure) from failure
    if kept_id != store_id:
        raise DataNotUsable(
            f"The files in {folder} belong to a chat in another database than --database names. "
            "Name that one, or choose another folder with --data."
        )


def _folder_error(folder: Path, failure: OSError) -> CannotStart:
    return CannotStart(
        f"The folder {folder} cannot be used ({failure.strerror}). Choose another with --data."
    )
