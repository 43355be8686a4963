"""This chat in a process that tells of itself, on a second port, to whoever connects there."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat.server.app import ChatServer
from chat.server.logs import set_up_logs
from chat.server.settings import Environment, Settings


def run(port: int, folder: Path, second: int, tells: Callable[[], Any], **more: Any) -> None:
    """Run the chat until it is stopped. What `tells()` gives goes out as JSON to each connection
    to the `second` port; `more` are settings of the chat.
    """
    set_up_logs(folder)
    settings = Settings(web=True, no_browser=True, port=port, data=folder, **more)
    asyncio.run(_serve(settings, second, tells))


async def _serve(settings: Settings, second: int, tells: Callable[[], Any]) -> None:
    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(tells()).encode())
        writer.close()

    telling = await asyncio.start_server(tell, "127.0.0.1", second)
    await ChatServer(settings, Environment(has_screen=False)).run()
    telling.close()
