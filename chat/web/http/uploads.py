"""Where files are sent to: one address for each, good for once."""

from collections.abc import AsyncIterator, Callable

import structlog
from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from chat.errors import (
    BadUpload,
    ChatError,
    FileTooLarge,
    NoSuchUpload,
    NotAPicture,
    NotStored,
    PictureTooLarge,
    StorageFull,
    WrongSize,
)
from chat.files.upload import Upload
from chat.languages import Language, negotiate_language
from chat.web.guard.cookies import token_cookie
from chat.web.guard.origins import Origins
from chat.web.http.timeouts import UPLOADS
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

_STATUS: dict[type[ChatError], int] = {
    NoSuchUpload: 404,
    FileTooLarge: 413,
    NotAPicture: 415,
    PictureTooLarge: 415,
    StorageFull: 507,
    NotStored: 500,
}


def add_uploads(app: FastAPI, get_workspace: Callable[[], Workspace], origins: Origins) -> None:
    """`PUT /upload/<token>` takes the bytes themselves and answers with JSON.

    `{"id", "size", "note"}` of what was taken, `{"error"}`, a sentence, of what was not. Who sends
    is known by the token; a browser's cookie has to be that person's too. (The desktop window
    sends none.)
    """

    async def take(request: Request) -> Response:
        try:
            if not origins.let_in(request.scope):
                return _refused(request, NoSuchUpload(), 403)
            return await _taken(request, get_workspace())
        except ClientDisconnect:
            return Response(status_code=400)
        except ChatError as refusal:
            return _refused(request, refusal, _status(refusal))

    app.add_route(UPLOADS + "{token}", take, methods=["PUT"])


async def _taken(request: Request, workspace: Workspace) -> Response:
    upload = workspace.uploads.find(request.path_params["token"])
    await _check_sender(request, workspace, upload)
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        return _refused(request, WrongSize(is_larger=False), 411)
    await workspace.uploads.receive(
        upload, None if length is None else int(length), _pieces(request)
    )
    note = None if upload.warning is None else _language(request).error(upload.warning)
    body = {"id": upload.id, "size": upload.size, "note": note}
    return JSONResponse(body, headers={"cache-control": "no-store"})


async def _check_sender(request: Request, workspace: Workspace, upload: Upload) -> None:
    cookie = request.cookies.get(token_cookie(workspace))
    if cookie is None:
        return
    person = await workspace.people.person_for_token(cookie)
    if person is None or person.id != upload.person_id:
        raise NoSuchUpload


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    async for piece in request.stream():
        if piece:
            yield piece


def _status(refusal: ChatError) -> int:
    if isinstance(refusal, WrongSize):
        return 413 if refusal.is_larger else 400
    for kind, status in _STATUS.items():
        if isinstance(refusal, kind):
            return status
    return 408 if isinstance(refusal, BadUpload) else 400


def _refused(request: Request, refusal: ChatError, status: int) -> Response:
    headers = {"cache-control": "no-store"}
    if request.scope["http_version"] == "1.1":
        # What is still on its way is not read.
        headers["connection"] = "close"
    return JSONResponse({"error": _language(request).error(refusal)}, status, headers)


def _language(request: Request) -> Language:
    return negotiate_language(request.headers.get("accept-language"))
