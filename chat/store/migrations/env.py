"""What Alembic runs to find its connection: the one that the store already holds."""

from alembic import context

from chat.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
