"""A bare web socket on uvicorn: what anyone says goes to everyone as the bytes that came."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

people: set[WebSocket] = set()


async def serve(socket: WebSocket) -> None:
    """Serve one person until they go."""
    await socket.accept()
    people.add(socket)
    try:
        while True:
            data = await socket.receive_bytes()
            for each in tuple(people):
                await each.send_bytes(data)
    except WebSocketDisconnect:
        pass
    finally:
        people.discard(socket)


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
