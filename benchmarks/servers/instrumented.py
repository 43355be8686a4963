"""This chat in a process that reports about itself on a second port."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chat.server.app import ChatServer
from chat.server.logs import set_up_logs
from chat.server.settings import Environment, Settings, from_environment


def run(
    port: int, folder: Path, report_port: int, make_report: Callable[[], Any], **overrides: Any
) -> None:
    """Run the chat until it is stopped.

    Each connection to `report_port` receives the result of `make_report()` as JSON. `overrides` are
    settings of the chat, besides those of the environment.
    """
    set_up_logs(folder)
    values = {**from_environment(), "port": port, "data": folder, **overrides}
    settings = Settings(web=True, no_browser=True, **values)
    asyncio.run(_serve(settings, report_port, make_report))


async def _serve(settings: Settings, report_port: int, make_report: Callable[[], Any]) -> None:
    async def send_report(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(make_report()).encode())
        writer.close()

    report_server = await asyncio.start_server(send_report, "127.0.0.1", report_port)
    await ChatServer(settings, Environment(has_screen=False)).run()
    report_server.close()
