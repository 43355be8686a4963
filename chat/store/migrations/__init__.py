"""The steps by which an older database becomes one of today, run at every start."""

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
    """Whether the database was left by a later program than this one."""
    known_revisions = {
        script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()
    }
    return not set(MigrationContext.configure(connection).get_current_heads()) <= known_revisions


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the steps that this database has not seen, inside the connection's transaction."""
    command.upgrade(_config(connection), revision)
