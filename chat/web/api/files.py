"""The calls about files: sending one for a message, and fetching one."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from chat.errors import gettext_noop
from chat.languages import negotiate_language
from chat.web.api.answers import UploadAnswer
from chat.web.api.errors import ErrorCode, RequestRefused, error_responses
from chat.web.api.program_route import FileRoute, ProgramRoute, Session
from chat.web.api.requests import UPLOAD_ID_LIMIT, UploadQuery
from chat.web.http.downloads import build_response
from chat.workspace.program_files import ProgramFiles

router = APIRouter(route_class=ProgramRoute, tags=["files"])
upload_router = APIRouter(route_class=FileRoute, tags=["files"])

# The content of any file, as an answer and as a body.
_ANY_BYTES: dict[str, Any] = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
}


@upload_router.post(
    "/files",
    status_code=201,
    openapi_extra={"requestBody": {"required": True, "content": _ANY_BYTES}},
    responses=error_responses(
        ErrorCode.NO_SUCH_ROOM,
        ErrorCode.NO_SUCH_MESSAGE,
        ErrorCode.ROOM_ARCHIVED,
        ErrorCode.MUTED,
        ErrorCode.BANNED,
        ErrorCode.LENGTH_REQUIRED,
        ErrorCode.FILE_TOO_LARGE,
        ErrorCode.BAD_UPLOAD,
        ErrorCode.TOO_MANY_FILES,
        ErrorCode.NOT_STORED,
        ErrorCode.STORAGE_FULL,
    ),
)
async def upload_file(
    session: Session, query: Annotated[UploadQuery, Query()], request: Request
) -> UploadAnswer:
    """Send a file, as the body itself, for a message in this room. Scope: `write`.

    It waits for its message for an hour.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        sentence = gettext_noop("Say with Content-Length how long the file is.")
        raise RequestRefused(ErrorCode.LENGTH_REQUIRED, sentence)
    files = ProgramFiles(session)
    upload = await files.begin_upload(query.room, query.thread, query.name, int(length))
    await files.receive(upload, _chunks(request))
    t = negotiate_language(request.headers.get("accept-language"))
    note = None if upload.warning is None else t.error(upload.warning)
    return UploadAnswer(upload_id=upload.id, name=upload.name, size=upload.size, note=note)


@router.get(
    "/files/{file_id}",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": _ANY_BYTES},
        206: {"description": "The part that the header Range asks for.", "content": _ANY_BYTES},
        304: {"description": "The file is the one of the header If-None-Match."},
        416: {"description": "The file has no such part."},
        **error_responses(ErrorCode.NO_SUCH_FILE),
    },
)
async def download_file(
    session: Session,
    file_id: Annotated[str, Path(min_length=1, max_length=UPLOAD_ID_LIMIT)],
    request: Request,
) -> Response:
    """The content of a file of a message. Scope: `read`."""
    download = await ProgramFiles(session).download(file_id)
    return build_response(request, session.workspace, download)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk
