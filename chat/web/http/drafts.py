"""`PUT /words`: recovers the texts of a field whose connection broke."""

import asyncio
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import FastAPI
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from chat.model.people import Person, PersonId
from chat.rooms.drafts import DRAFT_LIMIT
from chat.ui.client.page_messages import (
    FIELD_LIMIT,
    MAX_CLIENT_ID_LENGTH,
    MAX_FILES,
    MAX_PATH_LENGTH,
    MAX_SENT_LENGTH,
)
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import client_network
from chat.workspace.recovery import MAX_SENT_TEXTS, FieldState, SentText, recover_field
from chat.workspace.workspace import Workspace

# JSON writes some characters in six bytes. A sent text has some 500 bytes of ids and names besides.
MAX_BODY_BYTES = 6 * (DRAFT_LIMIT + MAX_SENT_LENGTH + MAX_PATH_LENGTH) + 500 * MAX_SENT_TEXTS

# Bodies that are read at once. After a restart of the chat, all browsers come at the same time:
# they wait for each other, and what they send waits in buffers of a fixed size.
MAX_BODIES = 8

_Number = Annotated[int, Field(ge=0, lt=10**9)]


class SentTextBody(BaseModel):
    """A text that a page sent and that was not settled; see `SentText`."""

    client_id: str = Field(pattern=rf"^[0-9a-z]{{1,{MAX_CLIENT_ID_LENGTH}}}$")
    path: str = Field(max_length=MAX_PATH_LENGTH)
    text: str = Field(max_length=FIELD_LIMIT)
    edited_number: _Number = 0
    quoted_number: _Number = 0
    upload_ids: tuple[str, ...] | None = Field((), max_length=MAX_FILES)
    is_uncertain: bool = False


class FieldBody(BaseModel):
    """The body of a request with the field of a page whose connection broke; see `FieldState`."""

    path: str = Field(max_length=MAX_PATH_LENGTH)
    text: str | None = Field(None, max_length=DRAFT_LIMIT)
    edited_number: _Number = 0
    sent: tuple[SentTextBody, ...] = Field((), max_length=MAX_SENT_TEXTS)


class DraftEndpoint:
    """Answers with the text that stays in the field. Of one person, one body is read at a time."""

    def __init__(self, workspace: Workspace, cookie: TokenCookie) -> None:
        self._workspace = workspace
        self._cookie = cookie
        self._places = asyncio.Semaphore(MAX_BODIES)
        self._person_locks: WeakValueDictionary[PersonId, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, request: Request) -> Response:
        """Nothing of the body is read before it is known whose it is."""
        token = self._cookie.read(request)
        person = await self._workspace.identity.person_for_token(token)
        if person is None:
            return _refusal(401)
        self._workspace.networks.saw(person.id, client_network(request.scope))
        lock = self._person_locks.setdefault(person.id, asyncio.Lock())
        try:
            async with lock, self._places:
                content = await _read_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if content is None:
            return _refusal(413)
        return await self._recover(person, content)

    async def _recover(self, person: Person, content: bytes) -> Response:
        try:
            body = FieldBody.model_validate_json(content)
        except ValidationError:
            return Response(status_code=422)
        sent = [SentText(**dict(each)) for each in body.sent]
        state = FieldState(body.path, body.text, body.edited_number, sent)
        recovered = await recover_field(self._workspace, person, state)
        return JSONResponse({"text": recovered.text, "path": recovered.path})


def add_drafts(app: FastAPI, workspace: Workspace, cookie: TokenCookie) -> None:
    """Add `PUT /words`."""
    endpoint = DraftEndpoint(workspace, cookie)

    async def respond(request: Request) -> Response:
        return await endpoint(request)

    app.add_route("/words", respond, methods=["PUT"])


async def _read_body(request: Request) -> bytes | None:
    """The body of a request; None if it is too large. Raises ClientDisconnect."""
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return None
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            return None
    return bytes(content)


def _refusal(status: int) -> Response:
    # The rest of the body is not read.
    return Response(status_code=status, headers={"connection": "close"})
