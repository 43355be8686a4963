"""`GET /healthz` says that the process lives, `GET /readyz` whether it should get requests.

A supervisor restarts a process that does not live. A balancer sends nothing to one that is not
ready: a restart would not give a full disk more room.
"""

import secrets

from fastapi import FastAPI
from starlette.responses import JSONResponse

from chat import __version__
from chat.loop_time import LoopWatch
from chat.workspace.workspace import Workspace

_HEADERS = {"cache-control": "no-store"}

_DRAINING = "The chat is about to stop."


class Health:
    """The answers of one process. Nothing is read from the disk or the store for them."""

    def __init__(self, workspace: Workspace, loop_watch: LoopWatch) -> None:
        self._workspace = workspace
        self.loop_watch = loop_watch
        # Pages know by it that the chat was started anew.
        self._boot_id = secrets.token_hex(8)
        # Whether the clients are being told to connect elsewhere; see `chat/server/drain.py`.
        self.is_draining = False

    def unready_reason(self) -> str | None:
        """Why the process should get no requests, a sentence; None if it should."""
        if self.is_draining:
            return _DRAINING
        problem = self._workspace.problem()
        return None if problem is None else str(problem)

    def live_answer(self) -> JSONResponse:
        """200 while the event loop answers; `loop_held_ms` is its longest step of a minute.

        A page that waits for the chat reloads unless `draining` is true.
        """
        body = {
            "status": "ok",
            "version": __version__,
            "boot": self._boot_id,
            "draining": self.is_draining,
            "loop_held_ms": round(1000 * self.loop_watch.worst),
        }
        return JSONResponse(body, 200, _HEADERS)

    def ready_answer(self) -> JSONResponse:
        """200, or 503 with the reason: nothing can be stored, or the process is about to stop."""
        reason = self.unready_reason()
        return JSONResponse({"status": reason or "ok"}, 503 if reason else 200, _HEADERS)


def add_health(app: FastAPI, health: Health) -> None:
    """Add `GET /healthz` and `GET /readyz`."""

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        return health.live_answer()

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        return health.ready_answer()
