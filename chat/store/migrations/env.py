"""Alembic's environment: it runs the migrations on the connection of the store."""

from alembic import context

from chat.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
