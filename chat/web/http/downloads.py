"""Where files and pictures are fetched from: each request is asked whose it is.

What a person sent is only ever saved: it is never shown, run or framed, whatever it is. What is
shown was made by `chat/files/thumbnail_worker.py`.
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
from chat.web.guard.cookies import token_cookie
from chat.workspace.downloads import Download
from chat.workspace.workspace import Workspace

Find = Callable[[Workspace, Person, Request], Awaitable[Download]]

# One stretch (RFC 9110, 14.1.2); whoever asks for several gets all of it.
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")

_SANDBOX = "sandbox; default-src 'none'"

# Nothing at these addresses ever changes; what may be read there does, and is asked again where it
# was sent by a person.
_SHOWN = "private, max-age=604800, immutable"
_SAVED = "private, no-cache"


def add_downloads(app: FastAPI, get_workspace: Callable[[], Workspace]) -> None:
    """`/files/<id>/<name>`, `/pictures/<id>/<small or large>` and `/avatars/<content>`.

    Whoever may not read there gets the same 404 as for what is not there. A browser is known by its
    cookie, a client without cookies by a pass before the address (`chat/files/signed_urls.py`).
    """

    def add(path: str, find: Find) -> None:
        async def answer(request: Request) -> Response:
            try:
                person = await _who(request, get_workspace())
                return _answer(
                    request, get_workspace(), await find(get_workspace(), person, request)
                )
            except NoSuchFile as refusal:
                say = negotiate_language(request.headers.get("accept-language"))
                headers = {"cache-control": "no-store"}
                return JSONResponse({"error": say.error(refusal)}, 404, headers)

        app.add_route(path, answer, methods=["GET"])
        app.add_route(f"{SIGNED_PREFIX}{{pass}}{path}", answer, methods=["GET"])

    add("/files/{id}/{name}", _file)
    add("/pictures/{id}/{which}", _view)
    add("/avatars/{content}", _avatar)


async def _file(workspace: Workspace, person: Person, request: Request) -> Download:
    return await workspace.downloads.file(person, request.path_params["id"])


async def _view(workspace: Workspace, person: Person, request: Request) -> Download:
    wanted = request.path_params
    return await workspace.downloads.thumbnail(person, wanted["id"], wanted["which"])


async def _avatar(workspace: Workspace, person: Person, request: Request) -> Download:
    return await workspace.downloads.avatar(request.path_params["content"])


async def _who(request: Request, workspace: Workspace) -> Person:
    """Raises NoSuchFile for whoever is nobody here."""
    given = request.path_params.get("pass")
    if given is not None:
        address = request.scope["path"].removeprefix(f"{SIGNED_PREFIX}{given}")
        person = await workspace.downloads.verify(address, given)
    else:
        person = await workspace.people.person_for_token(
            request.cookies.get(token_cookie(workspace))
        )
    if person is None:
        raise NoSuchFile
    return person


def _answer(request: Request, workspace: Workspace, found: Download) -> Response:
    etag = f'"{found.key}"'
    headers = {
        "etag": etag,
        "accept-ranges": "bytes",
        "cache-control": _SHOWN if found.media_type else _SAVED,
        "cross-origin-resource-policy": "same-origin",
        "content-disposition": "inline" if found.media_type else _attachment(found.name),
    }
    if not found.media_type:
        headers["content-security-policy"] = _SANDBOX
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    status, first, length = 200, 0, found.size
    stretch = _stretch(request, found.size, etag)
    if stretch is not None:
        first, length = stretch
        if not length:
            headers["content-range"] = f"bytes */{found.size}"
            return Response(status_code=416, headers=headers)
        status = 206
        headers["content-range"] = f"bytes {first}-{first + length - 1}/{found.size}"
    headers["content-length"] = str(length)
    kind = found.media_type or "application/octet-stream"
    body = (
        _nothing() if request.method == "HEAD" else workspace.downloads.read(found, first, length)
    )
    return StreamingResponse(body, status, headers, kind)


def _stretch(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Where the wanted stretch begins and how long it is; None for all, a length of 0 for one
    that is not there."""
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    if wanted is None or wanted.groups() == ("", ""):
        return None
    if request.headers.get("if-range", etag) != etag:
        return None
    begin, end = wanted.groups()
    if not begin:
        length = min(int(end), size)
        return size - length, length
    first = int(begin)
    last = min(int(end), size - 1) if end else size - 1
    if end and int(end) < first:
        return None
    return first, max(0, last - first + 1)


def _attachment(name: str) -> str:
    """How a browser is to save it (RFC 6266, and RFC 8187 for what is not ASCII)."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
