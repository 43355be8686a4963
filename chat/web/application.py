"""The ASGI application: the socket, the page and its files, `/healthz`, and rescued words."""

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
from chat.web.guard.cookies import give_token, token_cookie
from chat.web.guard.origins import Origins
from chat.web.http.downloads import add_downloads
from chat.web.http.fallback_fonts import Fonts
from chat.web.http.index_page import assets_folder, flet_folder
from chat.web.http.static_files import Compressed
from chat.web.http.uploads import add_uploads
from chat.web.socket.endpoint import Door
from chat.workspace.workspace import Workspace

# Flutter needs wasm, blob workers and inline styles; nothing may come from another host. (Flet's
# client asks a public CDN for a script that it does not need: this is what stops it.)
_POLICY = "; ".join(
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

_HEADERS = {
    "content-security-policy": _POLICY,
    # Both let Flutter draw on several threads.
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}

# A file under the version's own address never changes. Any other is asked for again each time, and
# answered with 304: after an upgrade nothing old is shown.
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Served:
    """What the application is made of; the house is asked for when a request comes.

    `page` is the folder that `make_page` filled.
    """

    get_workspace: Callable[[], Workspace]
    main: Main
    hub: Callable[[], PubSubHub]
    title: str
    page: Path
    files: Compressed
    version: str
    origins: frozenset[str] = frozenset()
    session_timeout: int = 600


class Words(BaseModel):
    """What stood in the field while the connection was away."""

    path: str = Field(max_length=200)
    text: str = Field(max_length=DRAFT_LIMIT)


def application(served: Served) -> ASGIApp:
    """The application that uvicorn runs."""
    app = FastAPI(title=served.title, docs_url=None, redoc_url=None, openapi_url=None)
    boot = secrets.token_hex(8)
    door = Door(served.main, served.origins, served.session_timeout)

    async def talk(websocket: WebSocket) -> None:
        await door.serve(websocket, served.hub(), token_cookie(served.get_workspace()))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        body = {"status": "ok", "version": __version__, "boot": boot}
        return JSONResponse(body, headers={"cache-control": "no-store"})

    @app.put("/words")
    async def words(words: Words, request: Request) -> Response:
        workspace = served.get_workspace()
        person = await workspace.people.person_for_token(
            request.cookies.get(token_cookie(workspace))
        )
        if person is None:
            return Response(status_code=401)
        try:
            room = await workspace.resolve(person, words.path)
            await room.restore_draft(person, words.text)
        except ChatError:
            return Response(status_code=404)
        return Response(status_code=204)

    @app.exception_handler(RequestValidationError)
    async def refused(request: Request, error: RequestValidationError) -> Response:
        # The usual answer repeats what was sent, which may not even be text.
        return Response(status_code=422)

    add_uploads(app, served.get_workspace, Origins(served.origins))
    add_downloads(app, served.get_workspace)
    app.mount("/", Site(served))
    return Front(app, talk)


class Site(StaticFiles):
    """The page at every address without an ending, and the files of the page."""

    def __init__(self, served: Served) -> None:
        super().__init__(directory=served.page)
        self._index = served.page / "index.html"
        self._served = served
        self._versioned = f"v{served.version}/"
        self._fonts = Fonts(assets_folder() / "fonts")
        self.all_directories = [served.page, assets_folder(), flet_folder()]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, or the page with a token for a browser that has none."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405)
        path = Path(path).as_posix()
        versioned = path.startswith(self._versioned)
        path = path.removeprefix(self._versioned)
        if self._fonts.asked(path):
            keep = _FOR_EVER if versioned else _ASK_AGAIN
            return await self._fonts.answer(path, Request(scope), keep)
        if versioned:
            return await self._kept(path, scope)
        if "." in Path(path).name and path != "index.html":
            return await self._file(path, scope)
        response = FileResponse(self._index, headers={"cache-control": "no-store"})
        await give_token(Request(scope), response, self._served.get_workspace())
        return response

    async def _kept(self, path: str, scope: Scope) -> Response:
        """A file that never changes, as small as the browser takes it."""
        asked = Request(scope).headers
        smaller = self._served.files.best(path, asked.get("accept-encoding", ""))
        # A copy of a file that the page made itself would be another file's.
        if smaller is None or (self._served.page / path).exists():
            response = await self._file(path, scope)
        else:
            copy, encoding = smaller
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            headers = {"content-encoding": encoding}
            response = FileResponse(copy, 200, headers, kind, stat_result=copy.stat())
            if self.is_not_modified(response.headers, asked):
                response = NotModifiedResponse(response.headers)
        # Of a 304 the browser takes the headers, too.
        if response.status_code in {200, 304}:
            response.headers["cache-control"] = _FOR_EVER
        response.headers["vary"] = "accept-encoding"
        return response

    async def _file(self, path: str, scope: Scope) -> Response:
        # The scripts that draw the pictures lie beside them, and all fonts in one.
        if path.endswith((".py", ".zip")):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _ASK_AGAIN
        return response


class Front:
    """Sockets go straight to `talk`, without what FastAPI keeps for each; else `app` answers."""

    def __init__(self, app: ASGIApp, talk: Callable[[WebSocket], Awaitable[None]]) -> None:
        self._app = app
        self._talk = talk
        self._headers = [(k.encode(), v.encode()) for k, v in _HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and add our headers to every answer."""
        if scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._talk(WebSocket(scope, receive, send))
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                # What an answer says of itself is stricter.
                said = {name for name, _ in own}
                message["headers"] = own + [each for each in self._headers if each[0] not in said]
            await send(message)

        await self._app(scope, receive, send_with_headers)
