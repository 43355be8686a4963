"""`GET /audit.jsonl`: the audit log as a file, a JSON object on each line, the newest row first."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from chat.errors import ChatError
from chat.files.signed_urls import SIGNED_PREFIX
from chat.languages import negotiate_language
from chat.model.moderation import AuditEntry
from chat.model.people import Person
from chat.people.audit_log import AUDIT_EXPORT_PATH, EXPORT_PAGE_SIZE
from chat.web.guard.cookies import TokenCookie
from chat.web.http.downloads import authenticate
from chat.workspace.workspace import Workspace

_HEADERS = {
    "cache-control": "no-store",
    "content-disposition": 'attachment; filename="audit.jsonl"',
    "cross-origin-resource-policy": "same-origin",
}


def add_audit_export(app: FastAPI, workspace: Workspace, cookie: TokenCookie) -> None:
    """Add `/audit.jsonl` for owner and moderators; all others get 404."""

    async def respond(request: Request) -> Response:
        try:
            person = await authenticate(request, workspace, cookie)
            first_page = await _page(workspace, person, None)
        except ChatError as error:
            t = negotiate_language(request.headers.get("accept-language"))
            return JSONResponse({"error": t.error(error)}, 404, {"cache-control": "no-store"})
        lines = _lines(workspace, person, first_page)
        return StreamingResponse(lines, 200, _HEADERS, "application/jsonl")

    app.add_route(AUDIT_EXPORT_PATH, respond, methods=["GET"])
    app.add_route(f"{SIGNED_PREFIX}{{pass}}{AUDIT_EXPORT_PATH}", respond, methods=["GET"])


async def _page(
    workspace: Workspace, person: Person, before_id: int | None
) -> tuple[AuditEntry, ...]:
    may_read = workspace.rooms.may_read
    return await workspace.audit_log.page(person, may_read, before_id, EXPORT_PAGE_SIZE)


async def _lines(
    workspace: Workspace, person: Person, page: tuple[AuditEntry, ...]
) -> AsyncIterator[str]:
    """The lines of all rows, a page at a time: the reader sets the pace."""
    while page:
        yield "".join(f"{json.dumps(_as_json(each), ensure_ascii=False)}\n" for each in page)
        page = await _page(workspace, person, page[-1].id)


def _as_json(entry: AuditEntry) -> dict[str, Any]:
    room = entry.room
    return {
        "id": entry.id,
        "at": entry.at.isoformat(),
        "act": entry.act.value,
        "actor": _person_as_json(entry.actor),
        "person": _person_as_json(entry.person),
        "room": None if room is None else {"slug": room.slug, "title": room.title},
        "number": entry.number,
        "reason": entry.reason,
        "detail": entry.detail,
    }


def _person_as_json(person: Person | None) -> dict[str, Any] | None:
    return None if person is None else {"id": person.id, "name": person.name}
