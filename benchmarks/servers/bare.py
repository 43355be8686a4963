"""A bare web socket on uvicorn: the bytes of each message go to all clients unchanged."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

clients: set[WebSocket] = set()


async def serve(socket: WebSocket) -> None:
    """Serve one client until it disconnects."""
    await socket.accept()
    clients.add(socket)
    try:
        while True:
            data = await socket.receive_bytes()
            for each in tuple(clients):
                await each.send_bytes(data)
    except WebSocketDisconnect:
        pass
    finally:
        clients.discard(socket)


app = Starlette(routes=[WebSocketRoute("/ws", serve)])

if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop=sys.argv[2],
        log_level="warning",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
    )
