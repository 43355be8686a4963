"""The errors of the API: their codes, which are part of its contract, and their answers."""

from collections.abc import Mapping
from enum import StrEnum
from math import ceil
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from chat import errors
from chat.errors import ChatError, Translatable, gettext_noop
from chat.languages import negotiate_language
from chat.model.programs import Scope

# The seconds after which another program may have ended to read events.
_READERS_WAIT = 5

# The longest part of a request that a sentence repeats.
_MAX_REPEATED = 200


class ErrorCode(StrEnum):
    """The codes, in order of their status. None is ever renamed."""

    BAD_REQUEST = "bad_request"
    BAD_TOKEN = "bad_token"
    MISSING_SCOPE = "missing_scope"
    TOKEN_BOUND_TO_ROOMS = "token_bound_to_rooms"
    MODERATOR_REQUIRED = "moderator_required"
    MUTED = "muted"
    BANNED = "banned"
    NO_SUCH_CALL = "no_such_call"
    NO_SUCH_ROOM = "no_such_room"
    NO_SUCH_MESSAGE = "no_such_message"
    NO_SUCH_FILE = "no_such_file"
    NO_SUCH_ACTION = "no_such_action"
    WRONG_METHOD = "wrong_method"
    ROOM_ARCHIVED = "room_archived"
    TITLE_TAKEN = "title_taken"
    MANY_PEOPLE_CALLED = "many_people_called"
    NOT_EDITABLE = "not_editable"
    ALREADY_REPORTED = "already_reported"
    NO_OWNER = "no_owner"
    STREAM_GAP = "stream_gap"
    STREAM_ENDED = "stream_ended"
    TOO_MANY_STREAMS = "too_many_streams"
    RESYNC = "resync"
    LENGTH_REQUIRED = "length_required"
    BODY_TOO_LARGE = "body_too_large"
    FILE_TOO_LARGE = "file_too_large"
    STREAM_FULL = "stream_full"
    BAD_FIELD = "bad_field"
    BAD_TEXT = "bad_text"
    BAD_VIEW = "bad_view"
    BAD_REACTION = "bad_reaction"
    BAD_REPORT = "bad_report"
    BAD_ROOM = "bad_room"
    BAD_QUERY = "bad_query"
    BAD_CURSOR = "bad_cursor"
    BAD_KEY = "bad_key"
    KEY_REUSED = "key_reused"
    NO_SUCH_PERSON = "no_such_person"
    AMBIGUOUS_NAME = "ambiguous_name"
    NO_SUCH_UPLOAD = "no_such_upload"
    BAD_UPLOAD = "bad_upload"
    TOO_MANY_FILES = "too_many_files"
    SLOW_DOWN = "slow_down"
    TOO_MANY_READERS = "too_many_readers"
    INTERNAL_ERROR = "internal_error"
    NOT_STORED = "not_stored"
    NOT_READ = "not_read"
    STORAGE_FULL = "storage_full"


STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.BAD_TOKEN: 401,
    ErrorCode.MISSING_SCOPE: 403,
    ErrorCode.TOKEN_BOUND_TO_ROOMS: 403,
    ErrorCode.MODERATOR_REQUIRED: 403,
    ErrorCode.MUTED: 403,
    ErrorCode.BANNED: 403,
    ErrorCode.NO_SUCH_CALL: 404,
    ErrorCode.NO_SUCH_ROOM: 404,
    ErrorCode.NO_SUCH_MESSAGE: 404,
    ErrorCode.NO_SUCH_FILE: 404,
    ErrorCode.NO_SUCH_ACTION: 404,
    ErrorCode.WRONG_METHOD: 405,
    ErrorCode.ROOM_ARCHIVED: 409,
    ErrorCode.TITLE_TAKEN: 409,
    ErrorCode.MANY_PEOPLE_CALLED: 409,
    ErrorCode.NOT_EDITABLE: 409,
    ErrorCode.ALREADY_REPORTED: 409,
    ErrorCode.NO_OWNER: 409,
    ErrorCode.STREAM_GAP: 409,
    ErrorCode.STREAM_ENDED: 409,
    ErrorCode.TOO_MANY_STREAMS: 409,
    ErrorCode.RESYNC: 410,
    ErrorCode.LENGTH_REQUIRED: 411,
    ErrorCode.BODY_TOO_LARGE: 413,
    ErrorCode.FILE_TOO_LARGE: 413,
    ErrorCode.STREAM_FULL: 413,
    ErrorCode.BAD_FIELD: 422,
    ErrorCode.BAD_TEXT: 422,
    ErrorCode.BAD_VIEW: 422,
    ErrorCode.BAD_REACTION: 422,
    ErrorCode.BAD_REPORT: 422,
    ErrorCode.BAD_ROOM: 422,
    ErrorCode.BAD_QUERY: 422,
    ErrorCode.BAD_CURSOR: 422,
    ErrorCode.BAD_KEY: 422,
    ErrorCode.KEY_REUSED: 422,
    ErrorCode.NO_SUCH_PERSON: 422,
    ErrorCode.AMBIGUOUS_NAME: 422,
    ErrorCode.NO_SUCH_UPLOAD: 422,
    ErrorCode.BAD_UPLOAD: 422,
    ErrorCode.TOO_MANY_FILES: 422,
    ErrorCode.SLOW_DOWN: 429,
    ErrorCode.TOO_MANY_READERS: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.NOT_STORED: 503,
    ErrorCode.NOT_READ: 503,
    ErrorCode.STORAGE_FULL: 507,
}

# The code of each refusal of the chat, or of the nearest of its base classes.
CODES: Mapping[type[ChatError], ErrorCode] = {
    errors.BadToken: ErrorCode.BAD_TOKEN,
    errors.BadCursor: ErrorCode.BAD_CURSOR,
    errors.CursorOutdated: ErrorCode.RESYNC,
    errors.TooManyReaders: ErrorCode.TOO_MANY_READERS,
    errors.MissingScope: ErrorCode.MISSING_SCOPE,
    errors.TokenBoundToRooms: ErrorCode.TOKEN_BOUND_TO_ROOMS,
    errors.ModeratorRequired: ErrorCode.MODERATOR_REQUIRED,
    errors.ChatModeratorRequired: ErrorCode.MODERATOR_REQUIRED,
    errors.Muted: ErrorCode.MUTED,
    errors.PersonBanned: ErrorCode.BANNED,
    errors.GuestRefused: ErrorCode.MODERATOR_REQUIRED,
    errors.NoSuchRoom: ErrorCode.NO_SUCH_ROOM,
    errors.NoSuchMessage: ErrorCode.NO_SUCH_MESSAGE,
    errors.NoSuchFile: ErrorCode.NO_SUCH_FILE,
    errors.RoomArchived: ErrorCode.ROOM_ARCHIVED,
    errors.TitleTaken: ErrorCode.TITLE_TAKEN,
    errors.SlugTaken: ErrorCode.TITLE_TAKEN,
    errors.ManyPeopleCalled: ErrorCode.MANY_PEOPLE_CALLED,
    errors.BadPoll: ErrorCode.NOT_EDITABLE,
    errors.NoOwner: ErrorCode.NO_OWNER,
    errors.StreamGap: ErrorCode.STREAM_GAP,
    errors.StreamEnded: ErrorCode.STREAM_ENDED,
    errors.StreamFull: ErrorCode.STREAM_FULL,
    errors.TooManyStreams: ErrorCode.TOO_MANY_STREAMS,
    errors.FileTooLarge: ErrorCode.FILE_TOO_LARGE,
    errors.BadText: ErrorCode.BAD_TEXT,
    errors.BadView: ErrorCode.BAD_VIEW,
    errors.NoSuchAction: ErrorCode.NO_SUCH_ACTION,
    errors.BadReaction: ErrorCode.BAD_REACTION,
    errors.AlreadyReported: ErrorCode.ALREADY_REPORTED,
    errors.BadReport: ErrorCode.BAD_REPORT,
    errors.BadRoom: ErrorCode.BAD_ROOM,
    errors.BadQuery: ErrorCode.BAD_QUERY,
    errors.BadKey: ErrorCode.BAD_KEY,
    errors.KeyReused: ErrorCode.KEY_REUSED,
    errors.NoSuchPerson: ErrorCode.NO_SUCH_PERSON,
    errors.AmbiguousName: ErrorCode.AMBIGUOUS_NAME,
    errors.NoSuchUpload: ErrorCode.NO_SUCH_UPLOAD,
    errors.TooManyFiles: ErrorCode.TOO_MANY_FILES,
    errors.BadUpload: ErrorCode.BAD_UPLOAD,
    errors.SlowDown: ErrorCode.SLOW_DOWN,
    errors.NotStored: ErrorCode.NOT_STORED,
    errors.NotRead: ErrorCode.NOT_READ,
    errors.StorageFull: ErrorCode.STORAGE_FULL,
}

# A person is asked in a dialog; a program gets the name of the field.
_SENTENCES: Mapping[type[ChatError], Translatable] = {
    errors.ManyPeopleCalled: gettext_noop(
        "This message calls {count} people. Send it again with “confirm_calls”: true, "
        "or mention fewer."
    ),
}

# The codes that any call may answer with.
COMMON_CODES = (
    ErrorCode.BAD_REQUEST,
    ErrorCode.BAD_TOKEN,
    ErrorCode.MISSING_SCOPE,
    ErrorCode.BODY_TOO_LARGE,
    ErrorCode.BAD_FIELD,
    ErrorCode.SLOW_DOWN,
    ErrorCode.INTERNAL_ERROR,
    ErrorCode.NOT_READ,
)


class RequestRefused(ChatError):
    """A request that is no call of the API, or not in its form."""

    def __init__(self, code: ErrorCode, sentence: Translatable, **values: object) -> None:
        super().__init__(sentence, **values)
        self.code = code


class ErrorAnswer(BaseModel):
    """What went wrong, as a code for the program and a sentence for the person who runs it."""

    ok: Literal[False] = False
    error: ErrorCode
    message: str = Field(description="A sentence that says what to do.")
    retry_after: int | None = Field(
        None, description="Only with `slow_down`: the seconds to wait, as in `Retry-After`."
    )
    length: int | None = Field(
        None, description="Only with `stream_gap`: the characters that the text has so far."
    )


def error_code(error: ChatError) -> ErrorCode:
    """The code of a refusal."""
    if isinstance(error, RequestRefused):
        return error.code
    return next((CODES[each] for each in type(error).__mro__ if each in CODES), _UNKNOWN)


_UNKNOWN = ErrorCode.BAD_REQUEST


def error_responses(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """The part of the OpenAPI document about the errors of a call, besides the common ones."""
    by_status = dict[int, list[ErrorCode]]()
    for code in ErrorCode:
        if code in codes or code in COMMON_CODES:
            by_status.setdefault(STATUS[code], []).append(code)
    return {status: _response(found) for status, found in sorted(by_status.items())}


def _response(codes: list[ErrorCode]) -> dict[str, Any]:
    content: dict[str, Any] = {
        "examples": {each.value: {"value": _example(each)} for each in codes},
    }
    response: dict[str, Any] = {
        "model": ErrorAnswer,
        "description": " or ".join(f"`{each.value}`" for each in codes),
        "content": {"application/json": content},
    }
    if ErrorCode.SLOW_DOWN in codes:
        seconds = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait."}
        response["headers"] = {"Retry-After": {**seconds, "required": True}}
    if ErrorCode.BAD_TOKEN in codes:
        schema = {"schema": {"type": "string"}, "required": True}
        response["headers"] = {"WWW-Authenticate": schema}
    return response


def _example(code: ErrorCode) -> dict[str, Any]:
    sentences = {error_code(each): str(each) for each in _EXAMPLES}
    message = sentences.get(code, "A sentence that says what to do.")
    example = {"ok": False, "error": code.value, "message": message}
    return example | ({"retry_after": 3} if code is ErrorCode.SLOW_DOWN else {})


_TITLES = ("Releases", "Releases 2")
_EXAMPLES = (
    errors.BadToken(),
    errors.MissingScope(Scope.WRITE.value),
    errors.TokenBoundToRooms(),
    errors.NoSuchRoom(),
    errors.NoSuchMessage(),
    errors.NoSuchFile(),
    errors.RoomArchived(),
    errors.Muted(900),
    errors.PersonBanned(86_400, "spam"),
    errors.TitleTaken(*_TITLES),
    errors.FileTooLarge(25 * 1024 * 1024),
    errors.TextTooLong(10_500, 10_000),
    errors.BadKey(255),
    errors.KeyReused(),
    errors.NoSuchPerson(str(999)),
    errors.NoSuchUpload(),
    errors.SlowDown(3),
    errors.NotStored(),
    errors.NotRead(),
    errors.StorageFull(),
)


def add_error_handlers(api: FastAPI) -> None:
    """Answer each refusal, and each failure, in the form of `ErrorAnswer`."""

    @api.exception_handler(ChatError)
    async def on_refusal(request: Request, error: ChatError) -> Response:
        return error_response(request, error)

    @api.exception_handler(RequestValidationError)
    async def on_bad_field(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return error_response(request, not_json())
        # The first part is where it stands: the body, the path or the query.
        name = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
        return error_response(request, bad_field(name, str(first["msg"])))

    @api.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            sentence = gettext_noop("There is no such call. Look at /api/openapi.json for all.")
            return error_response(request, RequestRefused(ErrorCode.NO_SUCH_CALL, sentence))
        if error.status_code == 405:
            sentence = gettext_noop("This address has other methods. The header Allow has them.")
            refusal = RequestRefused(ErrorCode.WRONG_METHOD, sentence)
            return error_response(request, refusal, {"allow": _allowed_methods(request)})
        return error_response(request, not_json())

    @api.exception_handler(ClientDisconnect)
    async def on_disconnect(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=400)

    @api.exception_handler(Exception)
    async def on_failure(request: Request, error: Exception) -> Response:
        # Starlette raises the exception again after this answer: the log has it.
        sentence = gettext_noop("Something went wrong here. Try again; the log has the reason.")
        return error_response(request, RequestRefused(ErrorCode.INTERNAL_ERROR, sentence))


def _allowed_methods(request: Request) -> str:
    """The methods of all calls at an address. (The router names those of the first one.)"""
    scope = {name: request.scope[name] for name in ("type", "path", "root_path")}
    return ", ".join(
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if any(
            route.matches({**scope, "method": method, "headers": []})[0] is Match.FULL
            for route in request.app.routes
        )
    )


def bad_field(name: str, problem: str) -> RequestRefused:
    """The refusal of a field or a parameter. Both may have a part of the request."""
    sentence = gettext_noop("Look at “{field}” in the request: {problem}.")
    values = {"field": name[:_MAX_REPEATED], "problem": problem[:_MAX_REPEATED]}
    return RequestRefused(ErrorCode.BAD_FIELD, sentence, **values)


def not_json() -> RequestRefused:
    """The refusal of a body that is not JSON."""
    sentence = gettext_noop("The body is not JSON. Send an object, as application/json.")
    return RequestRefused(ErrorCode.BAD_REQUEST, sentence)


def error_sentence(request: Request, error: ChatError) -> str:
    """The sentence of a refusal, in the language of a request."""
    t = negotiate_language(request.headers.get("accept-language"))
    sentence = _SENTENCES.get(type(error))
    message = t.error(error) if sentence is None else t(sentence, **error.values)
    # A part of a request that cannot be encoded may be in the sentence.
    return message.encode("utf-8", "replace").decode()


def error_response(
    request: Request, error: ChatError, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer with the code and the sentence of a refusal."""
    code = error_code(error)
    message = error_sentence(request, error)
    answer: dict[str, Any] = {"ok": False, "error": code.value, "message": message}
    headers = {"cache-control": "no-store", **(headers or {})}
    if isinstance(error, errors.SlowDown | errors.TooManyReaders):
        wait = error.wait if isinstance(error, errors.SlowDown) else _READERS_WAIT
        answer["retry_after"] = max(1, ceil(wait))
        headers["retry-after"] = str(answer["retry_after"])
    if isinstance(error, errors.StreamGap):
        answer["length"] = error.length
    if code is ErrorCode.BAD_TOKEN:
        headers["www-authenticate"] = "Bearer"
    if code in _UNREAD_BODY and request.scope["http_version"] == "1.1":
        # The rest of the body is not read.
        headers["connection"] = "close"
    return JSONResponse(answer, STATUS[code], headers)


# After these refusals there may be a body that nobody reads.
_UNREAD_BODY = frozenset(
    {
        ErrorCode.BAD_TOKEN,
        ErrorCode.SLOW_DOWN,
        ErrorCode.LENGTH_REQUIRED,
        ErrorCode.BODY_TOO_LARGE,
        ErrorCode.FILE_TOO_LARGE,
        ErrorCode.STREAM_FULL,
        ErrorCode.STREAM_ENDED,
        ErrorCode.BAD_UPLOAD,
        ErrorCode.TOO_MANY_FILES,
        ErrorCode.STORAGE_FULL,
        ErrorCode.NO_SUCH_CALL,
        ErrorCode.WRONG_METHOD,
    }
)
