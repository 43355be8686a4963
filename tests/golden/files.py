"""The golden files: reading, writing, and their content in this version."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chat.store.sqlite import open_sqlite
from tests.golden.client import Drawings, frozen_clock
from tests.golden.drawn import draw_all
from tests.golden.story import story_frames

_FOLDER = Path(__file__).parent
_DRAWN, _SCHEMA, _SCRIPT = (_FOLDER / name for name in ("drawn.json", "schema.sql", "script.txt"))


@dataclass(frozen=True, slots=True)
class Golden:
    """The content of the golden files: hashes by name, SQL, and frames as text."""

    hashes: dict[str, str]
    schema: str
    script: str

    def write(self) -> None:
        """Write the golden files."""
        _DRAWN.write_text(json.dumps(self.hashes, ensure_ascii=False, indent=0) + "\n", "utf-8")
        _SCHEMA.write_text(self.schema, "utf-8")
        _SCRIPT.write_text(self.script, "utf-8")


def stored_golden() -> Golden:
    """Read the golden files."""
    hashes = json.loads(_DRAWN.read_text("utf-8"))
    return Golden(hashes, _SCHEMA.read_text("utf-8"), _SCRIPT.read_text("utf-8"))


async def current_drawings() -> Drawings:
    """All drawings of this version."""
    with TemporaryDirectory() as folder, frozen_clock():
        return await draw_all(Path(folder))


async def current_schema() -> str:
    """The SQL of `sqlite_master` in a fresh database of this version, in order of name."""
    with TemporaryDirectory() as folder:
        store = await open_sqlite(Path(folder))
        await store.close()
        return schema_of(Path(folder) / "chat.db")


def schema_of(path: Path) -> str:
    """The SQL of `sqlite_master` in this database, in order of name."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        ).fetchall()
        (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    parts = [
        f"-- {kind} {name} of {table}\n{sql or '-- (made by SQLite)'}\n"
        for kind, name, table, sql in rows
    ]
    return "\n".join([f"-- version {version}\n", *parts])


async def current_golden() -> Golden:
    """The golden content of this version."""
    return Golden((await current_drawings()).hashes(), await current_schema(), await story_frames())
