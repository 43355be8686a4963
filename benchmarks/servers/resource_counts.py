"""This chat, reporting its resources: tasks, sessions, open files and memory."""

import asyncio
import gc
import sys
from pathlib import Path

from flet_web.fastapi import app_manager

from benchmarks.servers.instrumented import run


def resources() -> dict[str, int]:
    """Counts that grow if something leaks; `KB` is the resident memory."""
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


if __name__ == "__main__":
    port, folder, report_port, session_timeout = sys.argv[1:]
    run(int(port), Path(folder), int(report_port), resources, session_timeout=int(session_timeout))
