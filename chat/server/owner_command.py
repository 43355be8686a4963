"""`flet-chat reset-owner`: whoever holds the data folder gets a link that makes them the owner.

The chat does not run meanwhile. What a running chat would accept is the link that it has printed.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from chat.errors import CannotStart
from chat.server.settings import Settings, from_environment
from chat.server.standard_streams import print_line


async def _create_link(settings: Settings) -> tuple[str, float]:
    """Store a link, and return its secret and its lifetime in seconds. Raises CannotStart."""
    # Imported here, so that the other commands do not load the store.
    from chat.people.ownership import RESET_LINK_LIFETIME, create_reset_link
    from chat.store.opening import open_store

    store = await open_store(settings.data, settings.database)
    try:
        return await create_reset_link(store), RESET_LINK_LIFETIME.total_seconds()
    finally:
        await store.close()


def _reset_owner(data: Path | None, database: str | None) -> None:
    """Print a link for the owner. Raises CannotStart."""
    settings = Settings(**from_environment())
    if data is not None:
        settings = replace(settings, data=data)
    if database is not None:
        settings = replace(settings, database=database)
    if not settings.database and not (settings.data / "chat.db").is_file():
        raise CannotStart(f"There is no chat in {settings.data}. Name its folder with --data.")
    secret, lifetime = asyncio.run(_create_link(settings))
    origins = sorted(settings.origins)
    base = origins[0] if origins else f"http://localhost:{settings.port}"
    print_line(
        f"Start the chat, then open {base}/chat?owner={secret} and sign in: you own it then. "
        f"The link works once, for {lifetime / 3600:.0f} hours."
    )


reset_owner_command = click.Command(
    "reset-owner",
    params=[
        click.Option(
            ["--data"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder that holds chat.db; by default the platform's own. [CHAT_DATA]",
        ),
        click.Option(
            ["--database"],
            metavar="URL",
            help="The PostgreSQL database of the chat, if it is not in chat.db. [CHAT_DATABASE]",
        ),
    ],
    callback=_reset_owner,
    short_help="Print a link that makes you the owner.",
    help="Print a one-time link that makes whoever opens it the owner of a chat on this computer. "
    "Stop the chat first.",
)
