"""What comes through the socket in the data folder: requests of programs on this computer.

They reach the API and nothing else: no page, no file of it, no web socket. Where a connection came
in is known from the listening socket itself; no header can say so.
"""

from pathlib import Path

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.web.api.app import API_PATH
from chat.web.api.program_route import FROM_THIS_COMPUTER


class LocalSocket:
    """Marks the requests that came through the socket at `path`, and lets through those to the API.

    `app` gets all others unchanged.
    """

    def __init__(self, app: ASGIApp, path: Path) -> None:
        self._app = app
        self._path = str(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        # Of a network socket it is an address with its port.
        if scope.get("server") != (self._path, None):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(f"{API_PATH}/"):
            await self._app({**scope, FROM_THIS_COMPUTER: True}, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            answer = PlainTextResponse("This socket is for programs: /api/.\n", 404)
            await answer(scope, receive, send)
