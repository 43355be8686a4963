"""HTTP uploads: one address for each file, valid once."""

from collections.abc import AsyncIterator

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
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import Origins
from chat.web.http.timeouts import UPLOAD_PREFIX
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

_STATUS_CODES: dict[type[ChatError], int] = {
    NoSuchUpload: 404,
    FileTooLarge: 413,
    NotAPicture: 415,
    PictureTooLarge: 415,
    StorageFull: 507,
    NotStored: 500,
}


def add_uploads(app: FastAPI, workspace: Workspace, origins: Origins, cookie: TokenCookie) -> None:
    """`PUT /upload/<token>` takes the content of a file as its body, and answers with JSON.

    The answer is `{"id", "size", "note"}` for a stored file, or `{"error"}` with a sentence. The
    token identifies the person. A cookie, if there is one, has to belong to the same person. (The
    desktop window sends none.)
    """

    async def receive(request: Request) -> Response:
        try:
            if not origins.is_allowed(request.scope):
                return _error_response(request, NoSuchUpload(), 403)
            return await _receive_upload(request, workspace, cookie)
        except ClientDisconnect:
            return Response(status_code=400)
        except ChatError as error:
            return _error_response(request, error, _status_code(error))

    app.add_route(UPLOAD_PREFIX + "{token}", receive, methods=["PUT"])


async def _receive_upload(request: Request, workspace: Workspace, cookie: TokenCookie) -> Response:
    upload = workspace.uploads.find(request.path_params["token"])
    await _check_sender(workspace, upload, cookie.read(request))
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        return _error_response(request, WrongSize(is_larger=False), 411)
    await workspace.uploads.receive(
        upload, None if length is None else int(length), _body_chunks(request)
    )
    note = None if upload.warning is None else _request_language(request).error(upload.warning)
    body = {"id": upload.id, "size": upload.size, "note": note}
    return JSONResponse(body, headers={"cache-control": "no-store"})


async def _check_sender(workspace: Workspace, upload: Upload, token: str | None) -> None:
    if token is None:
        return
    person = await workspace.identity.person_for_token(token)
    if person is None or person.id != upload.person_id:
        raise NoSuchUpload


async def _body_chunks(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


def _status_code(error: ChatError) -> int:
    if isinstance(error, WrongSize):
        return 413 if error.is_larger else 400
    for error_type, status in _STATUS_CODES.items():
        if isinstance(error, error_type):
            return status
    return 408 if isinstance(error, BadUpload) else 400


def _error_response(request: Request, error: ChatError, status: int) -> Response:
    headers = {"cache-control": "no-store"}
    if request.scope["http_version"] == "1.1":
        # The rest of the body is not read.
        headers["connection"] = "close"
    return JSONResponse({"error": _request_language(request).error(error)}, status, headers)


def _request_language(request: Request) -> Language:
    return negotiate_language(request.headers.get("accept-language"))
