"""`GET /api/events`: what happens in the rooms of a program, as a page of JSON or as a stream."""

import asyncio
import contextlib
import json
import random
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat.errors import ChatError
from chat.programs.events import STORED_TYPES, EventType, ProgramEvent
from chat.web.api.errors import (
    ErrorCode,
    bad_field,
    error_code,
    error_response,
    error_responses,
    error_sentence,
)
from chat.web.api.event_json import control_block, event_block, event_json
from chat.web.api.program_route import program_of
from chat.workspace.program_events import ROOM_LIMIT, EventReader

# Seconds that a request waits for events, at most. Proxies end it after 60.
WAIT_SECONDS = 55.0

# Bytes of one answer, and of a part of a stream; one event may be longer.
ANSWER_BYTES = 256 * 1024
PART_BYTES = 64 * 1024

# Milliseconds after which a browser connects again.
_RETRY_MILLISECONDS = 2000

# Heartbeats of streams that began together come at different times.
_EARLIEST_HEARTBEAT = 0.8

_STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    # Nginx would collect the events.
    "x-accel-buffering": "no",
}


class EventsQuery(BaseModel):
    """Which events, and from where on."""

    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(
        None,
        description="A cursor: `cursor` of an answer or an event. Without one, an answer has only "
        "the cursor of now. The header `Last-Event-ID` counts before it.",
    )
    wait: float = Field(
        WAIT_SECONDS,
        ge=0,
        le=WAIT_SECONDS,
        description="How many seconds a request waits if there is nothing yet.",
    )
    types: str | None = Field(
        None,
        description="The types of events, separated by commas. Without it, all but `action`, "
        "`typing` and `presence`.",
        examples=["message_posted,message_changed"],
    )
    rooms: str | None = Field(
        None,
        description="Addresses of rooms and threads, separated by commas. Without it, all rooms "
        "that the token is valid in and the bot may read.",
        examples=["lobby,releases"],
    )

    def event_types(self) -> frozenset[EventType]:
        """Raises RequestRefused."""
        if self.types is None:
            return STORED_TYPES
        names = self.types.split(",")
        known = {each.value for each in EventType}
        if unknown := [each for each in names if each not in known]:
            raise bad_field("types", f"there is no type {unknown[0][:50]!r}")
        return frozenset(map(EventType, names))

    def slugs(self) -> list[str]:
        """Raises RequestRefused."""
        found = [] if self.rooms is None else self.rooms.split(",")
        if len(found) > ROOM_LIMIT:
            raise bad_field("rooms", f"at most {ROOM_LIMIT} fit")
        return found


class EventsAnswer(BaseModel):
    """A page of events; `cursor` is for the next request, which answers at once if `has_more`."""

    ok: bool = True
    events: list[dict[str, Any]]
    cursor: str
    has_more: bool


class EventsRoute(APIRoute):
    """The route itself answers: what FastAPI keeps for a call would be most of an idle stream."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, which may last."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            query = _query(request)
            cursor = request.headers.get("last-event-id") or query.after
            reader = await _open_reader(request, query, cursor)
        except ChatError as error:
            await error_response(request, error)(scope, receive, send)
            return
        leaving = asyncio.create_task(_close_when_left(receive, reader), name="wait for the client")
        try:
            if "text/event-stream" in request.headers.get("accept", ""):
                await _send_stream(request, reader, send)
            else:
                seconds = 0.0 if cursor is None else query.wait
                response = await _answer(request, reader, seconds)
                await response(scope, receive, send)
        finally:
            reader.close()
            leaving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await leaving


router = APIRouter(route_class=EventsRoute, tags=["events"])


@router.get(
    "/events",
    response_model=EventsAnswer,
    responses={
        200: {
            "description": "Events: as JSON, or with `Accept: text/event-stream` as a stream whose "
            "ids are cursors.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **error_responses(
            ErrorCode.NO_SUCH_ROOM,
            ErrorCode.RESYNC,
            ErrorCode.BAD_CURSOR,
            ErrorCode.TOO_MANY_READERS,
        ),
    },
)
async def get_events(query: Annotated[EventsQuery, Query()]) -> None:
    """What happened in the rooms of the program after a cursor, or waits until something does.

    Scope: `read`. A message comes as it is now. docs/events.md has the types.
    """
    # `EventsRoute` answers. This describes the call for the OpenAPI document.


def _query(request: Request) -> EventsQuery:
    try:
        return EventsQuery.model_validate(dict(request.query_params))
    except ValidationError as error:
        first = error.errors()[0]
        raise bad_field(".".join(map(str, first["loc"])), first["msg"]) from None


async def _open_reader(request: Request, query: EventsQuery, cursor: str | None) -> EventReader:
    session = await program_of(request)
    return await session.read_events(query.event_types(), query.slugs(), cursor)


async def _close_when_left(receive: Receive, reader: EventReader) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reader.close()


async def _answer(request: Request, reader: EventReader, seconds: float) -> Response:
    """A page of events, at once or as soon as there is one."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    try:
        while not (events := await reader.next_events()):
            left = deadline - loop.time()
            if left <= 0 or reader.is_ended or not await reader.wait(left):
                break
    except ChatError as error:
        return error_response(request, error)
    cursor, size, parts = reader.cursor, 0, list[bytes]()
    has_more = reader.is_behind
    for each in events:
        if parts and size > ANSWER_BYTES:
            # What does not fit any more comes with the next request.
            has_more = True
            break
        cursor_of_event = reader.cursor_of(each)
        parts.append(event_json(each, reader.parent_of(each), cursor_of_event))
        size += len(parts[-1])
        cursor = cursor_of_event or cursor
    else:
        cursor = reader.cursor
    content = b'{"ok":true,"events":[%s],"cursor":"%s","has_more":%s}'
    values = (b",".join(parts), cursor.encode(), json.dumps(has_more).encode())
    headers = {"cache-control": "no-store"}
    return Response(content % values, 200, headers, "application/json")


async def _send_stream(request: Request, reader: EventReader, send: Send) -> None:
    """Events without an end. The next ones are read when the client has taken the last ones."""
    events = request.app.state.workspace.program_events
    loop, seconds = asyncio.get_running_loop(), events.heartbeat_seconds

    async def write(block: bytes) -> None:
        await send({"type": "http.response.body", "body": block, "more_body": True})

    headers = [(name.encode(), value.encode()) for name, value in _STREAM_HEADERS.items()]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    hello = control_block(reader.cursor, type="hello", heartbeat_seconds=seconds)
    await write(b"retry: %d\n%s" % (_RETRY_MILLISECONDS, hello))
    silent_since = loop.time()
    interval = seconds * random.uniform(_EARLIEST_HEARTBEAT, 1)
    try:
        while not reader.is_ended:
            if found := await reader.next_events():
                for part in _parts(reader, found):
                    await write(part)
            elif (left := silent_since + interval - loop.time()) > 0:
                await reader.wait(left)
                continue
            else:
                await write(control_block(reader.cursor, type="heartbeat"))
            silent_since = loop.time()
            interval = seconds * random.uniform(_EARLIEST_HEARTBEAT, 1)
        await reader.next_events()
    except ChatError as error:
        code, sentence = error_code(error).value, error_sentence(request, error)
        await write(control_block(None, type="error", ok=False, error=code, message=sentence))
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _parts(reader: EventReader, events: tuple[ProgramEvent, ...]) -> Iterator[bytes]:
    """Events as blocks, some at a time. While one part is sent, a right may end."""
    blocks, size = list[bytes](), 0
    for each in events:
        if reader.may_read(each):
            cursor = reader.cursor_of(each)
            blocks.append(event_block(event_json(each, reader.parent_of(each), cursor), cursor))
            size += len(blocks[-1])
        if size > PART_BYTES:
            yield b"".join(blocks)
            blocks, size = [], 0
    if blocks:
        yield b"".join(blocks)
