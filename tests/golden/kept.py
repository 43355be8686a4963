"""The golden files, and how they are renewed."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from chat.store.sqlite import open_sqlite
from tests.golden.client import Drawings, frozen_clock
from tests.golden.drawn import draw_all
from tests.golden.story import told

_FOLDER = Path(__file__).parent
_DRAWN, _SCHEMA, _SCRIPT = (_FOLDER / name for name in ("drawn.json", "schema.sql", "script.txt"))


@dataclass(frozen=True, slots=True)
class Golden:
    """The content of the golden files: hashes by name, SQL, and frames as text."""

    drawn: dict[str, str]
    schema: str
    script: str

    def keep(self) -> None:
        """Write the golden files."""
        _DRAWN.write_text(json.dumps(self.drawn, ensure_ascii=False, indent=0) + "\n", "utf-8")
        _SCHEMA.write_text(self.schema, "utf-8")
        _SCRIPT.write_text(self.script, "utf-8")


def kept() -> Golden:
    """Read the golden files."""
    drawn = json.loads(_DRAWN.read_text("utf-8"))
    return Golden(drawn, _SCHEMA.read_text("utf-8"), _SCRIPT.read_text("utf-8"))


async def drawings() -> Drawings:
    """All drawings of this version."""
    with TemporaryDirectory() as folder, frozen_clock():
        return await draw_all(Path(folder))


async def schema() -> str:
    """The SQL of `sqlite_master` in a fresh database of this version, in order of name."""
    with TemporaryDirectory() as folder:
        store = await open_sqlite(Path(folder))
        await store.close()
        return schema_of(Path(folder) / "chat.db")


def schema_of(path: Path) -> str:
    """The SQL of `sqlite_master` in this database, in order of name."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        ).fetchall()
        (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    parts = [
        f"-- {kind} {name} of {table}\n{sql or '-- (made by SQLite)'}\n"
        for kind, name, table, sql in found
    ]
    return "\n".join([f"-- version {version}\n", *parts])


async def golden() -> Golden:
    """The golden content of this version."""
    return Golden((await drawings()).hashes(), await schema(), await told())
