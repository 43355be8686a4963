"""The ASGI application: the socket, the page and its files, `/healthz`, and rescued drafts."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi.exceptions import RequestValidationError
from flet.pubsub import PubSubHub
from flet_web.fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from chat import __version__
from chat.rooms.drafts import DRAFT_LIMIT
from chat.ui.client.page_messages import MAX_CLIENT_ID_LENGTH, MAX_FILES
from chat.ui.composer.message_field import FIELD_LIMIT
from chat.ui.main import Main
from chat.web.guard.cookies import token_cookie_name
from chat.web.guard.origins import Origins
from chat.web.http.downloads import add_downloads
from chat.web.http.static_files import PrecompressedFiles, StaticSite
from chat.web.http.uploads import add_uploads
from chat.web.socket.endpoint import SocketEndpoint
from chat.workspace.recovery import MAX_SENT_TEXTS, FieldState, SentText, recover_field
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


@dataclass(frozen=True, slots=True)
class AppConfig:
    """The parts of the application.

    `page_folder` is the folder that `build_page` filled; `session_timeout` is in seconds.
    """

    workspace: Workspace
    main: Main
    hub: PubSubHub
    title: str
    page_folder: Path
    precompressed: PrecompressedFiles
    version: str
    origins: frozenset[str] = frozenset()
    session_timeout: int = 600


_MAX_PATH_LENGTH = 200

_Number = Annotated[int, Field(ge=0, lt=10**9)]


class SentTextBody(BaseModel):
    """A text that a page sent and that was not settled; see `SentText`."""

    client_id: str = Field(pattern=rf"^[0-9a-z]{{1,{MAX_CLIENT_ID_LENGTH}}}$")
    path: str = Field(max_length=_MAX_PATH_LENGTH)
    text: str = Field(max_length=FIELD_LIMIT)
    edited_number: _Number = 0
    quoted_number: _Number = 0
    upload_ids: tuple[str, ...] | None = Field((), max_length=MAX_FILES)
    is_uncertain: bool = False


class FieldBody(BaseModel):
    """The body of a request with the field of a page whose connection broke; see `FieldState`."""

    path: str = Field(max_length=_MAX_PATH_LENGTH)
    text: str | None = Field(None, max_length=DRAFT_LIMIT)
    edited_number: _Number = 0
    sent: tuple[SentTextBody, ...] = Field((), max_length=MAX_SENT_TEXTS)


def create_app(config: AppConfig) -> ASGIApp:
    """The application that uvicorn runs."""
    app = FastAPI(title=config.title, docs_url=None, redoc_url=None, openapi_url=None)
    boot_id = secrets.token_hex(8)
    endpoint = SocketEndpoint(config.origins, config.session_timeout, main=config.main)

    async def serve_socket(websocket: WebSocket) -> None:
        await endpoint.serve(websocket, config.hub, token_cookie_name(config.workspace))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        body = {"status": "ok", "version": __version__, "boot": boot_id}
        return JSONResponse(body, headers={"cache-control": "no-store"})

    @app.put("/words")
    async def recover(body: FieldBody, request: Request) -> Response:
        workspace = config.workspace
        person = await workspace.identity.person_for_token(
            request.cookies.get(token_cookie_name(workspace))
        )
        if person is None:
            return Response(status_code=401)
        sent = [SentText(**dict(each)) for each in body.sent]
        state = FieldState(body.path, body.text, body.edited_number, sent)
        recovered = await recover_field(workspace, person, state)
        return JSONResponse({"text": recovered.text, "path": recovered.path})

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
        # FastAPI's own response repeats the input, which may not even be text.
        return Response(status_code=422)

    add_uploads(app, config.workspace, Origins(config.origins))
    add_downloads(app, config.workspace)
    static_site = StaticSite(
        config.page_folder,
        config.version,
        config.workspace,
        precompressed=config.precompressed,
    )
    app.mount("/", static_site)
    return OuterApp(app, serve_socket=serve_socket)


class OuterApp:
    """Sockets go straight to `serve_socket`, which saves FastAPI's memory for each; `app` gets the
    rest."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        serve_socket: Callable[[WebSocket], Awaitable[None]],
    ) -> None:
        self._app = app
        self._serve_socket = serve_socket
        self._headers = [(k.encode(), v.encode()) for k, v in _SECURITY_HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add the security headers to its response."""
        if scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._serve_socket(WebSocket(scope, receive, send))
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

        await self._app(scope, receive, send_with_headers)
