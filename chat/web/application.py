"""The ASGI application: the socket, the page and its files, and the requests of the page."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flet.pubsub import PubSubHub
from flet_web.fastapi import FastAPI
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from chat import __version__
from chat.loop_time import LoopWatch
from chat.ui.main import Main
from chat.web import slack
from chat.web.api.app import API_PATH, create_api
from chat.web.guard.cookies import add_token_exchange, token_cookie_name
from chat.web.guard.origins import Origins
from chat.web.http.downloads import add_downloads
from chat.web.http.drafts import add_drafts
from chat.web.http.first_view import add_first_view
from chat.web.http.hooks import add_hooks
from chat.web.http.sign_in import add_sign_in
from chat.web.http.static_files import PrecompressedFiles, StaticSite
from chat.web.http.uploads import add_uploads
from chat.web.light.endpoint import LightPages, add_light_pages
from chat.web.local_socket import LocalSocket
from chat.web.socket.endpoint import SocketEndpoint
from chat.workspace.workspace import Workspace

# Flutter needs wasm, blob workers and inline styles; nothing may come from another host. (Flet's
# client asks a public CDN for a script that it does not need: this policy blocks the request.)
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
)

_SECURITY_HEADERS = {
    "content-security-policy": _CONTENT_SECURITY_POLICY,
    # These two let Flutter draw on several threads.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}

# For a chat that is opened over https: a browser that has been there uses nothing else for a year.
# Browsers ignore it over http, as in the local network.
_HTTPS_HEADERS = {"strict-transport-security": f"max-age={365 * 24 * 3600}"}


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The parts of the application.

    `page` is the result of `build_page`; `session_timeout` is in seconds;
    `socket_path` is that of the socket for programs on this computer, `socketio` the application at
    `/socket.io`; both are None without them.
    """

    workspace: Workspace
    main: Main
    hub: PubSubHub
    title: str
    page: Mapping[str, bytes]
    precompressed: PrecompressedFiles
    version: str
    loop_watch: LoopWatch
    origins: frozenset[str] = frozenset()
    session_timeout: int = 600
    socket_path: Path | None = None
    socketio: ASGIApp | None = None
    light_pages: LightPages | None = None


def create_app(config: AppConfig) -> ASGIApp:
    """The application that uvicorn runs."""
    app = FastAPI(title=config.title, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.workspace = config.workspace
    boot_id = secrets.token_hex(8)
    endpoint = SocketEndpoint(config.origins, config.session_timeout, main=config.main)

    async def serve_socket(websocket: WebSocket) -> None:
        await endpoint.serve(websocket, config.hub, token_cookie_name(config.workspace))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        problem = config.workspace.problem()
        body = {
            "status": "ok" if problem is None else str(problem),
            "version": __version__,
            "boot": boot_id,
            "loop_held_ms": round(1000 * config.loop_watch.worst),
        }
        headers = {"cache-control": "no-store"}
        return JSONResponse(body, 200 if problem is None else 503, headers)

    origins = Origins(config.origins)
    add_token_exchange(app, config.workspace, origins)
    add_sign_in(app, config.workspace, origins)
    add_first_view(app, config.workspace)
    add_drafts(app, config.workspace)
    add_uploads(app, config.workspace, origins)
    add_downloads(app, config.workspace)
    add_hooks(app, config.workspace)
    if config.light_pages is not None:
        add_light_pages(app, config.light_pages)
    static_site = StaticSite(
        config.page,
        config.version,
        config.workspace,
        precompressed=config.precompressed,
        origins=origins,
    )
    app.mount("/", static_site)
    headers = _SECURITY_HEADERS | (_HTTPS_HEADERS if origins.has_https else {})
    api = create_api(config.workspace)
    api.include_router(slack.router)
    outer = OuterApp(app, headers, api=api, socketio=config.socketio, serve_socket=serve_socket)
    return outer if config.socket_path is None else LocalSocket(outer, config.socket_path)


class OuterApp:
    """Sockets go straight to `serve_socket`, which saves FastAPI's memory for each, and requests of
    programs to `api` and `socketio`; `app` gets the rest.

    `headers` are added to every response. (Starlette's own way to mount an application would pass
    over an address with a line break.)
    """

    def __init__(
        self,
        app: ASGIApp,
        headers: Mapping[str, str],
        *,
        api: ASGIApp,
        socketio: ASGIApp | None,
        serve_socket: Callable[[WebSocket], Awaitable[None]],
    ) -> None:
        self._app = app
        self._api = api
        self._socketio = socketio
        self._serve_socket = serve_socket
        self._headers = [(k.encode(), v.encode()) for k, v in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the security headers to its response."""
        if scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._serve_socket(WebSocket(scope, receive, send))
            return
        is_socketio = self._socketio is not None and scope["path"].startswith("/socket.io/")
        if self._socketio is not None and is_socketio and scope["type"] == "websocket":
            await self._socketio(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own_headers = list(message.get("headers", ()))
                # A header that a response sets itself is stricter.
                own_names = {name for name, _ in own_headers}
                message["headers"] = own_headers + [
                    each for each in self._headers if each[0] not in own_names
                ]
            await send(message)

        if self._socketio is not None and is_socketio:
            await self._socketio(scope, receive, send_with_headers)
            return
        if scope["type"] == "http" and scope["path"].startswith(f"{API_PATH}/"):
            scope = {**scope, "root_path": scope.get("root_path", "") + API_PATH}
            await self._api(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)
