"""The whole of Socket.IO in one object, for the application and the server."""

from flet.pubsub import PubSubHub
from starlette.types import Receive, Scope, Send

from chat.web.guard.origins import Origins
from chat.web.socketio.sessions import SocketIOSessions
from chat.web.socketio.transport import SocketIOTransport
from chat.workspace.workspace import Workspace


class SocketIOEndpoint:
    """The ASGI application at `/socket.io`.

    A server that stops calls `end` before it waits for its connections, and `close` after that.
    """

    def __init__(self, workspace: Workspace, hub: PubSubHub, origins: Origins) -> None:
        self._transport = SocketIOTransport(origins)
        self._sessions = SocketIOSessions(workspace, hub, self._transport)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or serve a web socket until it ends."""
        await self._transport(scope, receive, send)

    @property
    def connection_count(self) -> int:
        """The number of connections."""
        return self._transport.connection_count

    def end(self) -> None:
        """End all connections, as the chat is about to stop."""
        self._transport.end()

    async def close(self) -> None:
        """Wait until all connections have ended, and who came with them is signed out."""
        await self._transport.close()
        await self._sessions.close()
