"""One call of the API: its token is checked before anything of its body is read."""

from typing import Annotated

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from chat.errors import gettext_noop
from chat.web.api.errors import ErrorCode, RequestRefused
from chat.web.guard.origins import client_network
from chat.workspace.program_session import (
    ProgramSession,
    open_program_session,
    open_script_session,
)

# Bytes of a body, except of a file.
MAX_BODY_BYTES = 64 * 1024

# Bytes of a body with live controls: a drawing, a state, and a text.
MAX_VIEW_BODY_BYTES = 192 * 1024

# The name in the scope of a request that came through the socket in the data folder.
FROM_THIS_COMPUTER = "chat.from_this_computer"

_BEARER = "bearer "


class ProgramRoute(APIRoute):
    """A call with a JSON body, or without one. It counts for its token until it is answered.

    The session of the program is a parameter of the call: `session: Session`.
    """

    is_piece = False
    max_body_bytes = MAX_BODY_BYTES

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises BadToken, SlowDown, and RequestRefused for a body that is too large."""
        request = Request(scope, receive)
        session = await program_of(request)
        if FROM_THIS_COMPUTER not in scope:
            session.workspace.networks.saw(session.bot.id, client_network(scope))
        requests = session.workspace.program_requests
        is_expected = self.is_expected(session, scope)
        counting = requests.running(
            session.token.id, is_piece=self.is_piece, is_expected=is_expected
        )
        with counting:
            request.state.program_session = session
            receive = await self.bounded(request)
            await super().handle(self.typed(scope), receive, _without_cache(send))

    def is_expected(self, session: ProgramSession, scope: Scope) -> bool:
        """Whether the chat has asked for this request."""
        return False

    def typed(self, scope: Scope) -> Scope:
        """The request with the type of its body: JSON, although `curl -d` calls it a form."""
        others = [each for each in scope["headers"] if each[0] != b"content-type"]
        return {**scope, "headers": [*others, (b"content-type", b"application/json")]}

    async def bounded(self, request: Request) -> Receive:
        """The body of a request, which was read with a bound, as if it were to be read."""
        if _content_length(request) > self.max_body_bytes:
            raise _body_too_large(self.max_body_bytes)
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > self.max_body_bytes:
                raise _body_too_large(self.max_body_bytes)
        messages: list[Message] = [
            {"type": "http.request", "body": bytes(content), "more_body": False}
        ]

        async def receive() -> Message:
            return messages.pop() if messages else await request.receive()

        return receive


class MessageRoute(ProgramRoute):
    """A call with a message, which may have live controls."""

    max_body_bytes = MAX_VIEW_BODY_BYTES


class PieceRoute(ProgramRoute):
    """A call with a piece of a message, of which there are many: it counts apart."""

    is_piece = True


class ViewRoute(PieceRoute):
    """A call with live controls, which answers one click of many: it counts as a piece."""

    max_body_bytes = MAX_VIEW_BODY_BYTES


class ActionRoute(ViewRoute):
    """The answer to an action: as many as people click."""

    def is_expected(self, session: ProgramSession, scope: Scope) -> bool:
        actions = session.workspace.program_actions
        return actions.expects(session.bot, scope["path_params"].get("action_id", ""))


class FileRoute(ProgramRoute):
    """A call whose body is a file: the call itself reads it, as far as a file may be long."""

    def typed(self, scope: Scope) -> Scope:
        return scope

    async def bounded(self, request: Request) -> Receive:
        return request.receive


async def check_token(request: Request) -> None:
    """Raises BadToken for a request whose token was revoked, or has expired, since it began."""
    if secret := _bearer_token(request):
        await open_program_session(request.app.state.workspace, secret)


async def _session(request: Request) -> ProgramSession:
    found = request.state.program_session
    assert isinstance(found, ProgramSession), "the router has the route class ProgramRoute"
    return found


Session = Annotated[ProgramSession, Depends(_session)]


async def program_of(request: Request) -> ProgramSession:
    """The session of the program that sends a request. Raises BadToken and NoOwner."""
    workspace = request.app.state.workspace
    if FROM_THIS_COMPUTER in request.scope and "authorization" not in request.headers:
        return await open_script_session(workspace)
    return await open_program_session(workspace, _bearer_token(request))


def _bearer_token(request: Request) -> str:
    """The token of a request, or an empty string. The cookie of a person counts for nothing."""
    header = request.headers.get("authorization", "")
    return header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""


def _content_length(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _body_too_large(limit: int) -> RequestRefused:
    sentence = gettext_noop("The body is too large: {limit} KiB fit. Send a file for the rest.")
    return RequestRefused(ErrorCode.BODY_TOO_LARGE, sentence, limit=limit // 1024)


def _without_cache(send: Send) -> Send:
    """Answers to one program are kept by nobody on the way."""

    async def send_uncached(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if not any(name == b"cache-control" for name, _ in headers):
                message["headers"] = [*headers, (b"cache-control", b"no-store")]
        await send(message)

    return send_uncached
