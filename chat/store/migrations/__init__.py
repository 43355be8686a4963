"""Migrations: the steps that bring an older database up to date, run at every start."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def is_newer_than_program(connection: Connection) -> bool:
    """Whether a later version of the program wrote this database."""
    known_revisions = {
        script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()
    }
    return not set(MigrationContext.configure(connection).get_current_heads()) <= known_revisions


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the missing steps up to `revision` inside the connection's transaction."""
    command.upgrade(_config(connection), revision)


def stamp(connection: Connection) -> None:
    """Note that no step is missing, inside the connection's transaction."""
    command.stamp(_config(connection), "head")
