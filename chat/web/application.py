"""The ASGI application: the socket, the page and its files, `/healthz`, and rescued drafts."""

import mimetypes
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi.exceptions import RequestValidationError
from flet.pubsub import PubSubHub
from flet_web.fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from chat import __version__
from chat.errors import ChatError
from chat.rooms.drafts import DRAFT_LIMIT
from chat.ui.main import Main
from chat.web.guard.cookies import set_token_cookie, token_cookie_name
from chat.web.guard.origins import Origins
from chat.web.http.downloads import add_downloads
from chat.web.http.fallback_fonts import FallbackFonts
from chat.web.http.index_page import assets_folder, flet_folder
from chat.web.http.static_files import PrecompressedFiles
from chat.web.http.uploads import add_uploads
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

# A file under the prefix of the version never changes. Browsers ask for every other file again
# each time and get a 304, so that nothing old is shown after an upgrade.
_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"


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


class DraftBody(BaseModel):
    """A text that was left in the composer while the client was disconnected."""

    path: str = Field(max_length=200)
    text: str = Field(max_length=DRAFT_LIMIT)


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
    async def restore_draft(body: DraftBody, request: Request) -> Response:
        workspace = config.workspace
        person = await workspace.identity.person_for_token(
            request.cookies.get(token_cookie_name(workspace))
        )
        if person is None:
            return Response(status_code=401)
        try:
            room = await workspace.resolve(person, body.path)
            await room.restore_draft(person, body.text)
        except ChatError:
            return Response(status_code=404)
        return Response(status_code=204)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
        # FastAPI's own response repeats the input, which may not even be text.
        return Response(status_code=422)

    add_uploads(app, config.workspace, Origins(config.origins))
    add_downloads(app, config.workspace)
    app.mount("/", StaticSite(config))
    return OuterApp(app, serve_socket=serve_socket)


class StaticSite(StaticFiles):
    """The index page at every path without a file suffix, and the files of the page."""

    def __init__(self, config: AppConfig) -> None:
        super().__init__(directory=config.page_folder)
        self._index_path = config.page_folder / "index.html"
        self._config = config
        self._version_prefix = f"v{config.version}/"
        self._fallback_fonts = FallbackFonts(assets_folder() / "fonts")
        self.all_directories = [config.page_folder, assets_folder(), flet_folder()]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or the index page, with a token cookie for a browser that has none."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405)
        path = Path(path).as_posix()
        is_versioned = path.startswith(self._version_prefix)
        path = path.removeprefix(self._version_prefix)
        if self._fallback_fonts.is_font_path(path):
            cache_control = _IMMUTABLE if is_versioned else _REVALIDATE
            return await self._fallback_fonts.respond(path, Request(scope), cache_control)
        if is_versioned:
            return await self._serve_immutable(path, scope)
        if "." in Path(path).name and path != "index.html":
            return await self._serve_revalidated(path, scope)
        response = FileResponse(self._index_path, headers={"cache-control": "no-store"})
        await set_token_cookie(Request(scope), response, self._config.workspace)
        return response

    async def _serve_immutable(self, path: str, scope: Scope) -> Response:
        """A file that never changes, in the smallest encoding that the browser accepts."""
        request_headers = Request(scope).headers
        compressed = self._config.precompressed.find(
            path, request_headers.get("accept-encoding", "")
        )
        # Copies are made of the original files; a file that `build_page` rewrote has no copy.
        if compressed is None or (self._config.page_folder / path).exists():
            response = await self._serve_revalidated(path, scope)
        else:
            copy, encoding = compressed
            media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
            headers = {"content-encoding": encoding}
            response = FileResponse(copy, 200, headers, media_type, stat_result=copy.stat())
            if self.is_not_modified(response.headers, request_headers):
                response = NotModifiedResponse(response.headers)
        # A browser takes the headers of a 304, too.
        if response.status_code in {200, 304}:
            response.headers["cache-control"] = _IMMUTABLE
        response.headers["vary"] = "accept-encoding"
        return response

    async def _serve_revalidated(self, path: str, scope: Scope) -> Response:
        # The scripts that draw the pictures, and the archive of the fonts, are in the same folder.
        if path.endswith((".py", ".zip")):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _REVALIDATE
        return response


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
