"""python-socketio on uvicorn: each event is emitted to all clients."""

# mypy: disable-error-code="import-untyped, import-not-found, untyped-decorator"

import sys
from typing import Any

import socketio
import uvicorn

server = socketio.AsyncServer(async_mode="asgi")


@server.event
async def post(sid: str, message: dict[str, Any]) -> None:
    """Emit the message to all clients."""
    await server.emit("post", message)


if __name__ == "__main__":
    uvicorn.run(
        socketio.ASGIApp(server),
        port=int(sys.argv[1]),
        loop=sys.argv[2],
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
