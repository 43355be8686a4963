"""This chat in a process that tells, on a second port, what it holds: tasks, sessions, files."""

import asyncio
import gc
import json
import sys
from pathlib import Path

from flet_web.fastapi import app_manager

from chat.app import Chat
from chat.logs import set_up_logs
from chat.settings import Settings, Surroundings


def holds() -> dict[str, int]:
    """What would grow if anything was left behind."""
    gc.collect()
    sessions = vars(app_manager)["_FletAppManager__sessions"].values()
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return {
        "tasks": len(asyncio.all_tasks()),
        "sessions": len(sessions),
        "connected": sum(each.connection is not None for each in sessions),
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "KB": int(next(line for line in status if line.startswith("VmRSS")).split()[1]),
    }


async def serve(settings: Settings, tells: int) -> None:
    """Run the chat until it is stopped."""

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(json.dumps(holds()).encode())
        writer.close()

    telling = await asyncio.start_server(tell, "127.0.0.1", tells)
    await Chat(settings, Surroundings(screen=False)).run()
    telling.close()


if __name__ == "__main__":
    port, folder, second, seconds = sys.argv[1:]
    data = Path(folder)
    set_up_logs(data)
    here = {"web": True, "no_browser": True, "port": int(port), "data": data}
    asyncio.run(serve(Settings(**here, session_timeout=int(seconds)), int(second)))
