"""`PUT /words`: stores the text that was in the composer while the browser was disconnected."""

import asyncio
from weakref import WeakValueDictionary

from fastapi import FastAPI
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from chat.errors import ChatError
from chat.model.people import Person, PersonId
from chat.rooms.drafts import DRAFT_LIMIT
from chat.web.guard.cookies import token_cookie_name
from chat.workspace.workspace import Workspace

_PATH_LIMIT = 200

# JSON writes some characters in six bytes.
MAX_BODY_BYTES = 6 * (DRAFT_LIMIT + _PATH_LIMIT) + 100

# Bodies that are read at once. After a restart of the chat, all browsers come at the same time:
# they wait for each other, and what they send waits in buffers of a fixed size.
MAX_BODIES = 8


class DraftBody(BaseModel):
    """The body: the path of the room, and the text."""

    path: str = Field(max_length=_PATH_LIMIT)
    text: str = Field(max_length=DRAFT_LIMIT)


class DraftEndpoint:
    """Answers 204 when the draft is stored. Of one person, one body is read at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._places = asyncio.Semaphore(MAX_BODIES)
        self._person_locks: WeakValueDictionary[PersonId, asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, request: Request) -> Response:
        """Nothing of the body is read before it is known whose it is."""
        token = request.cookies.get(token_cookie_name(self._workspace))
        person = await self._workspace.identity.person_for_token(token)
        if person is None:
            return _refusal(401)
        lock = self._person_locks.setdefault(person.id, asyncio.Lock())
        try:
            async with lock, self._places:
                content = await _read_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if content is None:
            return _refusal(413)
        return Response(status_code=await self._store(person, content))

    async def _store(self, person: Person, content: bytes) -> int:
        try:
            body = DraftBody.model_validate_json(content)
            room = await self._workspace.resolve(person, body.path)
            await room.restore_draft(person, body.text)
        except ValidationError:
            return 422
        except ChatError:
            return 404
        return 204


def add_drafts(app: FastAPI, workspace: Workspace) -> None:
    """Add `PUT /words`."""
    endpoint = DraftEndpoint(workspace)

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
