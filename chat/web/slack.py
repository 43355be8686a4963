"""The part of Slack's Web API that tools use: `slack_sdk.WebClient(base_url=".../api/")` works.

The calls and their answers: https://docs.slack.dev/reference/methods. A refusal is an answer with
`ok: false` and Slack's word for the reason. The id of a channel is `C` and the number of a room.
`ts` is the time of a message in seconds, a dot and its number. That of a message in a thread has
nine digits for its number and nine for the thread, because Slack's clients name the channel only.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from chat import errors
from chat.errors import ChatError, NoSuchMessage, NoSuchRoom
from chat.hook_payloads.composition import compose
from chat.hook_payloads.json_values import Fields
from chat.hook_payloads.message import HookMessage
from chat.hook_payloads.slack.message import read_slack
from chat.model.messages import Message
from chat.model.programs import Bar, Via
from chat.model.programs import Scope as TokenScope
from chat.model.rooms import RoomInfo, RoomKind
from chat.text.emoji import emoji_by_shortcode
from chat.text.message_text import is_blank
from chat.web.api.cursors import decode_cursor, encode_cursor
from chat.web.api.errors import ErrorCode, error_code
from chat.web.api.program_route import ProgramRoute, Session
from chat.workspace.program_messages import ProgramMessages, ProgramText
from chat.workspace.program_rooms import LIST_LIMIT, ProgramRoom, ProgramRooms
from chat.workspace.program_session import ProgramSession
from chat.workspace.program_streams import ProgramStream, ProgramStreams

# A form of more fields is not read.
_MAX_FIELDS = 100

# Of the number of a message, and of that of its thread, in a `ts`.
_DIGITS = 9

# Slack's words for our codes; the others are the same, or are said as they are.
_SLACK_CODES: Mapping[ErrorCode, str] = {
    ErrorCode.BAD_TOKEN: "invalid_auth",
    ErrorCode.MISSING_SCOPE: "missing_scope",
    ErrorCode.NO_SUCH_ROOM: "channel_not_found",
    ErrorCode.NO_SUCH_MESSAGE: "message_not_found",
    ErrorCode.ROOM_ARCHIVED: "is_archived",
    ErrorCode.MUTED: "restricted_action",
    ErrorCode.BANNED: "restricted_action",
    ErrorCode.BAD_REACTION: "invalid_name",
    ErrorCode.BAD_CURSOR: "invalid_cursor",
    ErrorCode.SLOW_DOWN: "ratelimited",
    ErrorCode.BODY_TOO_LARGE: "msg_too_long",
    ErrorCode.NOT_STORED: "internal_error",
    ErrorCode.NOT_READ: "internal_error",
}


class SlackRefused(ChatError):
    """A refusal with a word of Slack's that has no counterpart here."""

    def __init__(self, *, word: str) -> None:
        super().__init__()
        self.word = word


class SlackRoute(ProgramRoute):
    """A call whose refusals are Slack's: the status is 200, except for one that came too fast."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal."""
        try:
            await super().handle(scope, receive, send)
        except ChatError as error:
            await _refusal(error)(scope, receive, send)

    def typed(self, scope: Scope) -> Scope:
        """Slack's client sends JSON and forms: the type says which."""
        return scope


def _refusal(error: ChatError) -> Response:
    if isinstance(error, SlackRefused):
        return JSONResponse({"ok": False, "error": error.word})
    code = error_code(error)
    answer = {"ok": False, "error": _SLACK_CODES.get(code, code.value)}
    if isinstance(error, errors.SlowDown):
        return JSONResponse(answer, 429, {"retry-after": str(max(1, int(error.wait) + 1))})
    return JSONResponse(answer)


router = APIRouter(route_class=SlackRoute, include_in_schema=False)

_Arguments = Mapping[str, Any]
_Call = Callable[[ProgramSession, _Arguments], Awaitable[dict[str, Any]]]


async def _auth_test(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    return {
        "url": "/",
        "team": "Flet Chat",
        "team_id": "T1",
        "user": session.bot.name,
        "user_id": f"U{session.bot.id}",
        "bot_id": f"B{session.bot.id}",
    }


async def _api_test(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    return {"args": dict(arguments)}


async def _list_conversations(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    after = decode_cursor("rooms", _text(arguments, "cursor") or None) or 0
    limit = min(max(1, _number(arguments, "limit", 100)), LIST_LIMIT)
    rooms, has_more = await ProgramRooms(session).rooms(after, limit)
    skips_archived = _text(arguments, "exclude_archived").lower() in {"true", "1"}
    channels = [_channel(each) for each in rooms if not (skips_archived and each.info.archived)]
    cursor = encode_cursor("rooms", rooms[-1].info.id) if has_more else ""
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


async def _post_message(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room = await _room(session, arguments)
    content = _content(arguments)
    thread = _text(arguments, "thread_ts")
    via = Via(
        "",
        content.sender.username,
        content.sender.icon_emoji,
        content.summary,
        tuple(Bar(*each) for each in content.colors),
    )
    new = ProgramText(
        text=content.text,
        thread_number=_message_number(thread) if thread else None,
        mentioning=content.mention_text,
        via=via,
    )
    key = _text(arguments, "client_msg_id") or None
    _, message, _ = await ProgramMessages(session).post(room.slug, new, key)
    return _posted(room, message)


async def _update_message(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room = await _room(session, arguments)
    slug, number = await _place(session, room, _text(arguments, "ts"))
    await _require_own(session, slug, number, "cant_update_message")
    message = await ProgramMessages(session).edit(slug, number, _content(arguments).text)
    return {**_posted(room, message), "text": message.text}


async def _delete_message(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room, ts = await _room(session, arguments), _text(arguments, "ts")
    slug, number = await _place(session, room, ts)
    await _require_own(session, slug, number, "cant_delete_message")
    await ProgramMessages(session).delete(slug, number)
    return {"channel": _channel_id(room), "ts": ts}


async def _add_reaction(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    return await _react(session, arguments, present=True)


async def _remove_reaction(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    return await _react(session, arguments, present=False)


async def _react(
    session: ProgramSession, arguments: _Arguments, *, present: bool
) -> dict[str, Any]:
    session.require(TokenScope.REACT)
    room = await _room(session, arguments)
    slug, number = await _place(session, room, _text(arguments, "timestamp"))
    emoji = emoji_by_shortcode(f":{_text(arguments, 'name').strip(':')}:")
    if emoji is None:
        raise SlackRefused(word="invalid_name")
    await ProgramMessages(session).react(slug, number, emoji.char, present=present)
    return {}


async def _start_stream(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room, thread = await _room(session, arguments), _text(arguments, "thread_ts")
    new = ProgramStream(thread_number=_message_number(thread) if thread else None)
    _, message, _ = await ProgramStreams(session).begin(room.slug, new)
    ts = _ts(room, message)
    if text := _piece(arguments):
        slug, number = await _place(session, room, ts)
        await ProgramStreams(session).append(slug, number, 0, text)
    return {"channel": _channel_id(room), "ts": ts}


async def _append_stream(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room, ts = await _room(session, arguments), _text(arguments, "ts")
    streams, (slug, number) = ProgramStreams(session), await _place(session, room, ts)
    length = await streams.length(slug, number)
    await streams.append(slug, number, length, _piece(arguments))
    return {"channel": _channel_id(room), "ts": ts}


async def _stop_stream(session: ProgramSession, arguments: _Arguments) -> dict[str, Any]:
    room = await _room(session, arguments)
    slug, number = await _place(session, room, _text(arguments, "ts"))
    if _piece(arguments):
        await _append_stream(session, arguments)
    return _posted(room, await ProgramStreams(session).finish(slug, number))


_CALLS: Mapping[str, _Call] = {
    "api.test": _api_test,
    "auth.test": _auth_test,
    "conversations.list": _list_conversations,
    "chat.postMessage": _post_message,
    "chat.startStream": _start_stream,
    "chat.appendStream": _append_stream,
    "chat.stopStream": _stop_stream,
    "chat.update": _update_message,
    "chat.delete": _delete_message,
    "reactions.add": _add_reaction,
    "reactions.remove": _remove_reaction,
}


def _add_call(name: str, call: _Call) -> None:
    async def respond(session: Session, request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, **await call(session, await _arguments(request))})
        except ChatError as error:
            return _refusal(error)

    router.add_api_route(f"/{name}", respond, methods=["GET", "POST"], name=name)


for _name, _each in _CALLS.items():
    _add_call(_name, _each)


async def _arguments(request: Request) -> _Arguments:
    """The arguments of a call: JSON, a form, or the query. Slack's client sends all three."""
    body = await request.body()
    found: dict[str, Any] = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            read = json.loads(body or b"{}")
        except (ValueError, RecursionError):
            raise SlackRefused(word="invalid_json") from None
        if not isinstance(read, dict):
            raise SlackRefused(word="json_not_object")
        return found | read
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise SlackRefused(word="invalid_form_data") from None
    return found | dict(pairs)


def _text(arguments: _Arguments, name: str) -> str:
    value = arguments.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _number(arguments: _Arguments, name: str, default: int) -> int:
    text = _text(arguments, name)
    return int(text) if text.isdecimal() and len(text) < 10 else default


async def _room(session: ProgramSession, arguments: _Arguments) -> RoomInfo:
    """The room of an argument: its id, its address or its title, with or without `#`."""
    name = _text(arguments, "channel").strip().removeprefix("#")
    rooms = session.workspace.rooms
    if name[:1] == "C" and name[1:].isdecimal() and len(name) < 12:
        info = (await rooms.by_id(session.bot, int(name[1:]))).info
    else:
        info = await session.workspace.find_room(session.bot, name)
    if not session.covers(info):
        raise NoSuchRoom
    return info


def _piece(arguments: _Arguments) -> str:
    """The text of a piece: the argument `markdown_text`, or the texts of `chunks`."""
    chunks = arguments.get("chunks") or []
    if isinstance(chunks, str):
        try:
            chunks = json.loads(chunks)
        except (ValueError, RecursionError):
            raise SlackRefused(word="invalid_chunks") from None
    texts = [_text(arguments, "markdown_text")]
    for each in chunks if isinstance(chunks, list) else []:
        if isinstance(each, dict) and isinstance(each.get("text"), str):
            texts.append(each["text"])
    return "".join(texts)


def _content(arguments: _Arguments) -> HookMessage:
    """The message of the arguments `text`, `blocks` and `attachments`."""
    content = compose(read_slack(Fields(dict(arguments)))).without_calls()
    if is_blank(content.text):
        raise SlackRefused(word="no_text")
    if content.full_text is not None:
        raise SlackRefused(word="msg_too_long")
    return content


async def _require_own(session: ProgramSession, slug: str, number: int, refusal: str) -> None:
    own_room = await session.room(slug, TokenScope.WRITE)
    if (await own_room.message(session.bot, number)).author.id != session.bot.id:
        raise SlackRefused(word=refusal)


def _channel_id(room: RoomInfo) -> str:
    return f"C{room.id}"


def _ts(room: RoomInfo, message: Message) -> str:
    """The `ts` of a message of a room, or of a thread in it."""
    number = f"{message.number:06}"
    if message.room_id != room.id:
        number = f"{message.number:0{_DIGITS}}{message.room_id:0{_DIGITS}}"
    return f"{int(message.sent_at.timestamp())}.{number}"


async def _place(session: ProgramSession, room: RoomInfo, ts: str) -> tuple[str, int]:
    """The address of the room or thread of a message, and its number. Raises NoSuchMessage."""
    number = _fraction(ts)
    if len(number) < 2 * _DIGITS:
        return room.slug, int(number)
    try:
        thread = await session.workspace.rooms.by_id(session.bot, int(number[_DIGITS:]))
    except NoSuchRoom:
        raise NoSuchMessage from None
    if thread.info.parent_id != room.id:
        raise NoSuchMessage
    return thread.info.slug, int(number[:_DIGITS])


def _message_number(ts: str) -> int:
    """The number of a message of a room that begins a thread. Raises NoSuchMessage."""
    number = _fraction(ts)
    if len(number) >= 2 * _DIGITS:
        raise NoSuchMessage
    return int(number)


def _fraction(ts: str) -> str:
    """The digits behind the dot. Raises NoSuchMessage."""
    _, _, number = ts.partition(".")
    if not (number.isascii() and number.isdecimal()) or len(number) > 2 * _DIGITS:
        raise NoSuchMessage
    return number


def _posted(room: RoomInfo, message: Message) -> dict[str, Any]:
    ts = _ts(room, message)
    said = {
        "type": "message",
        "ts": ts,
        "text": message.text,
        "user": f"U{message.author.id}",
        "bot_id": f"B{message.author.id}",
    }
    return {"channel": _channel_id(room), "ts": ts, "message": said}


def _channel(room: ProgramRoom) -> dict[str, Any]:
    info = room.info
    return {
        "id": _channel_id(info),
        "name": info.slug,
        "name_normalized": info.slug,
        "is_channel": info.kind is RoomKind.PUBLIC,
        "is_private": info.kind is not RoomKind.PUBLIC,
        "is_im": info.kind is RoomKind.DIRECT,
        "is_archived": info.archived,
        "is_member": room.is_member,
        "topic": {"value": info.topic},
        "purpose": {"value": room.title},
        "num_members": room.member_count,
    }
