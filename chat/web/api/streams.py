"""The calls about messages that are written piece by piece, as a build log or an answer."""

import asyncio
import codecs
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from chat.errors import StreamEnded
from chat.programs.streams import IDLE_SECONDS
from chat.web.api.answers import LengthAnswer, MessageAnswer
from chat.web.api.errors import ErrorCode, error_responses
from chat.web.api.messages import IdempotencyKey
from chat.web.api.program_route import (
    FileRoute,
    PieceRoute,
    ProgramRoute,
    Session,
    check_token,
)
from chat.web.api.requests import MessageNumber, OutputQuery, PieceBody, Slug, StreamBody
from chat.workspace.program_streams import ProgramStream, ProgramStreams

router = APIRouter(route_class=ProgramRoute, tags=["streams"])
piece_router = APIRouter(route_class=PieceRoute, tags=["streams"])
output_router = APIRouter(route_class=FileRoute, tags=["streams"])

# Seconds after which the token of a body that goes on is checked again.
TOKEN_CHECK_SECONDS = 5.0

_END_ERRORS = error_responses(
    ErrorCode.NO_SUCH_ROOM,
    ErrorCode.NO_SUCH_MESSAGE,
    ErrorCode.ROOM_ARCHIVED,
    ErrorCode.MUTED,
    ErrorCode.BANNED,
    ErrorCode.STREAM_ENDED,
    ErrorCode.BAD_UPLOAD,
    ErrorCode.NOT_STORED,
    ErrorCode.STORAGE_FULL,
)


@router.post(
    "/rooms/{slug}/streams",
    status_code=201,
    responses={
        200: {"model": MessageAnswer, "description": "The first message with this key."},
        **error_responses(
            ErrorCode.NO_SUCH_ROOM,
            ErrorCode.NO_SUCH_MESSAGE,
            ErrorCode.ROOM_ARCHIVED,
            ErrorCode.MUTED,
            ErrorCode.BANNED,
            ErrorCode.STREAM_ENDED,
            ErrorCode.BAD_KEY,
            ErrorCode.KEY_REUSED,
            ErrorCode.TOO_MANY_STREAMS,
            ErrorCode.NOT_STORED,
        ),
    },
)
async def begin_stream(
    session: Session,
    slug: Slug,
    body: StreamBody,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> MessageAnswer:
    """Begin a message that is written piece by piece. Scope: `write`.

    Its row follows five times a second. Mentions and notifications come at its end.
    """
    new = ProgramStream(
        is_code=body.code,
        quoted_number=body.quote,
        thread_number=body.thread,
        idle_seconds=body.idle_seconds,
    )
    room, message, is_new = await ProgramStreams(session).begin(slug, new, idempotency_key)
    if not is_new:
        response.status_code = 200
    return MessageAnswer.of(room, message)


_ANY_TEXT: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}


@output_router.post(
    "/rooms/{slug}/output",
    status_code=201,
    openapi_extra={"requestBody": {"content": _ANY_TEXT}},
    responses=error_responses(
        ErrorCode.NO_SUCH_ROOM,
        ErrorCode.ROOM_ARCHIVED,
        ErrorCode.MUTED,
        ErrorCode.BANNED,
        ErrorCode.STREAM_ENDED,
        ErrorCode.STREAM_FULL,
        ErrorCode.TOO_MANY_STREAMS,
        ErrorCode.BAD_UPLOAD,
        ErrorCode.NOT_STORED,
        ErrorCode.STORAGE_FULL,
    ),
)
async def post_output(
    session: Session, slug: Slug, query: Annotated[OutputQuery, Query()], request: Request
) -> MessageAnswer:
    """Post the body, a text in UTF-8, as one message that grows while it arrives. Scope: `write`.

    At its end the message is complete; if the connection breaks, it is marked as interrupted. A
    proxy on the way may collect the whole body: the calls above do without that.
    """
    new = ProgramStream(is_code=query.code)
    return MessageAnswer.of(*await ProgramStreams(session).receive(slug, new, _texts(request)))


async def _texts(request: Request) -> AsyncIterator[str]:
    """The body as it arrives. Raises StreamEnded after a long silence, ClientDisconnect, BadToken
    for a token that was revoked meanwhile."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    loop = asyncio.get_running_loop()
    checked_at = loop.time()
    chunks = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(chunks, b"")
        except TimeoutError:
            raise StreamEnded from None
        if loop.time() - checked_at > TOKEN_CHECK_SECONDS:
            await check_token(request)
            checked_at = loop.time()
        # The last chunk is empty.
        yield decoder.decode(chunk, final=not chunk)
        if not chunk:
            return


@piece_router.post(
    "/rooms/{slug}/messages/{number}/append",
    responses=error_responses(
        ErrorCode.NO_SUCH_ROOM,
        ErrorCode.STREAM_GAP,
        ErrorCode.STREAM_ENDED,
        ErrorCode.STREAM_FULL,
    ),
)
async def append_piece(
    session: Session, slug: Slug, number: MessageNumber, body: PieceBody
) -> LengthAnswer:
    """Add a piece to a message that is being written. Scope: `write`.

    A piece that is sent again changes nothing. For one that begins beyond the end of the text, the
    error `stream_gap` has the right place as `length`.
    """
    length = await ProgramStreams(session).append(slug, number, body.at, body.text)
    return LengthAnswer(length=length)


@router.post("/rooms/{slug}/messages/{number}/finish", responses=_END_ERRORS)
async def finish_stream(session: Session, slug: Slug, number: MessageNumber) -> MessageAnswer:
    """Complete a message that is being written; once more changes nothing. Scope: `write`.

    A long one shows its end, and has the whole text as a file.
    """
    return MessageAnswer.of(slug, await ProgramStreams(session).finish(slug, number))


@router.post("/rooms/{slug}/messages/{number}/interrupt", responses=_END_ERRORS)
async def interrupt_stream(session: Session, slug: Slug, number: MessageNumber) -> MessageAnswer:
    """Mark a message as interrupted; once more changes nothing. Scope: `write`."""
    return MessageAnswer.of(slug, await ProgramStreams(session).interrupt(slug, number))
