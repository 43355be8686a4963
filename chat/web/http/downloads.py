"""HTTP downloads of files, thumbnails and avatars; each request is authorized.

An attachment is only ever saved by the browser: never displayed, run or framed, whatever its type.
The pictures that are displayed were made by `chat/files/thumbnail_worker.py`.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from chat.errors import NoSuchFile
from chat.files.signed_urls import SIGNED_PREFIX
from chat.languages import negotiate_language
from chat.model.people import Person
from chat.web.guard.cookies import TokenCookie
from chat.workspace.downloads import Download
from chat.workspace.workspace import Workspace

FindDownload = Callable[[Workspace, Person, Request], Awaitable[Download]]

# A single range (RFC 9110, 14.1.2). A request for several ranges gets the whole file.
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")

_SANDBOX = "sandbox; default-src 'none'"

# The content at these addresses never changes, but the right to read it can. For attachments the
# browser therefore asks again.
_INLINE_CACHE_CONTROL = "private, max-age=604800, immutable"
_ATTACHMENT_CACHE_CONTROL = "private, no-cache"


def add_downloads(app: FastAPI, workspace: Workspace, cookie: TokenCookie) -> None:
    """`/files/<id>/<name>`, `/pictures/<id>/<small or large>`, `/avatars/<content>` and
    `/crop/<id>.picture`.

    A file that the person may not read gets the same 404 as a file that does not exist. A browser
    is identified by its cookie, a client without cookies by a signature before the path
    (`chat/files/signed_urls.py`).
    """

    def add_route(path: str, find: FindDownload) -> None:
        async def respond(request: Request) -> Response:
            try:
                person = await authenticate(request, workspace, cookie)
                return build_response(request, workspace, await find(workspace, person, request))
            except NoSuchFile as error:
                t = negotiate_language(request.headers.get("accept-language"))
                headers = {"cache-control": "no-store"}
                return JSONResponse({"error": t.error(error)}, 404, headers)

        app.add_route(path, respond, methods=["GET"])
        app.add_route(f"{SIGNED_PREFIX}{{pass}}{path}", respond, methods=["GET"])

    add_route("/files/{id}/{name}", _find_file)
    add_route("/pictures/{id}/{which}", _find_thumbnail)
    add_route("/avatars/{content}", _find_avatar)
    add_route("/crop/{id}.picture", _find_crop_source)


async def _find_file(workspace: Workspace, person: Person, request: Request) -> Download:
    return await workspace.downloads.file(person, request.path_params["id"])


async def _find_thumbnail(workspace: Workspace, person: Person, request: Request) -> Download:
    params = request.path_params
    return await workspace.downloads.thumbnail(person, params["id"], params["which"])


async def _find_avatar(workspace: Workspace, person: Person, request: Request) -> Download:
    return await workspace.downloads.avatar(request.path_params["content"])


async def _find_crop_source(workspace: Workspace, person: Person, request: Request) -> Download:
    return await workspace.downloads.crop_source(person, request.path_params["id"])


async def authenticate(request: Request, workspace: Workspace, cookie: TokenCookie) -> Person:
    """The person who requests this. Raises NoSuchFile if it is unknown."""
    signature = request.path_params.get("pass")
    if signature is not None:
        path = request.scope["path"].removeprefix(f"{SIGNED_PREFIX}{signature}")
        person = await workspace.downloads.verify(path, signature)
    else:
        person = await workspace.identity.person_for_token(cookie.read(request))
    if person is None:
        raise NoSuchFile
    return person


def build_response(request: Request, workspace: Workspace, download: Download) -> Response:
    """The answer with a content, or with the range of it that was asked for."""
    etag = f'"{download.key}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": _INLINE_CACHE_CONTROL
        if download.media_type
        else _ATTACHMENT_CACHE_CONTROL,
        "cross-origin-resource-policy": "same-origin",
        "content-disposition": "inline"
        if download.media_type
        else _attachment_disposition(download.name),
    }
    if not download.media_type:
        headers["content-security-policy"] = _SANDBOX
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    status, start, length = 200, 0, download.size
    byte_range = _parse_range(request, download.size, etag)
    if byte_range is not None:
        start, length = byte_range
        if not length:
            headers["content-range"] = f"bytes */{download.size}"
            return Response(status_code=416, headers=headers)
        status = 206
        headers["content-range"] = f"bytes {start}-{start + length - 1}/{download.size}"
    headers["content-length"] = str(length)
    media_type = download.media_type or "application/octet-stream"
    body = (
        _empty_body()
        if request.method == "HEAD"
        else workspace.downloads.read(download, start, length)
    )
    return StreamingResponse(body, status, headers, media_type)


def _parse_range(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Start and length of the requested range, in bytes; None for the whole file.

    A length of 0 stands for a range outside of the file.
    """
    header = _RANGE.fullmatch(request.headers.get("range", ""))
    if header is None or header.groups() == ("", ""):
        return None
    if request.headers.get("if-range", etag) != etag:
        return None
    begin, end = header.groups()
    if not begin:
        length = min(int(end), size)
        return size - length, length
    start = int(begin)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < start:
        return None
    return start, max(0, last - start + 1)


def _attachment_disposition(name: str) -> str:
    """The Content-Disposition of a file to save (RFC 6266; RFC 8187 for non-ASCII names)."""
    ascii_name = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _empty_body() -> AsyncIterator[bytes]:
    return
    yield b""
