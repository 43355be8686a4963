"""The cookies of a browser: the token of its person, and its time zone."""

from fastapi import FastAPI
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from chat.model.devices import TOKEN_LIFETIME
from chat.people.browser_tokens import token_hash
from chat.web.guard.origins import Origins
from chat.workspace.workspace import Workspace

# The browser's time zone by its IANA name; the page script sets it before it connects.
ZONE_COOKIE = "flet_chat_zone"

_MAX_CODE_BYTES = 100

# How long a browser keeps the code of an invitation that it has opened, in seconds.
_INVITATION_SECONDS = 24 * 3600

# A browser takes a cookie with this prefix only over https and from this host itself: no other
# service of the host on another port, and no other host of the domain, can plant one (RFC 6265bis,
# 4.1.3.2).
HOST_PREFIX = "__Host-"


def token_cookie_name(workspace: Workspace) -> str:
    """The name of the cookie with the person's token, which no script can read.

    Cookies are not separated by port: two chats on one computer need different names. Over https
    HOST_PREFIX stands before it.
    """
    return f"flet_chat_{workspace.id[:8]}"


class InvitationCookie:
    """Keeps the code of an invitation from the link until its visitor has given a name.

    No script reads it, and the address bar has it no more.
    """

    def __init__(self, workspace: Workspace, origins: Origins) -> None:
        self._name = f"flet_chat_invitation_{workspace.id[:8]}"
        self._origins = origins

    def read(self, connection: HTTPConnection) -> str | None:
        """The code that the browser sent."""
        return connection.cookies.get(self._name)

    def set(self, request: Request, response: Response, code: str) -> None:
        """Give the browser a code."""
        response.set_cookie(
            self._name,
            code,
            max_age=_INVITATION_SECONDS,
            path="/",
            httponly=True,
            samesite="lax",
            secure=bool(self._origins.is_https(request.scope)),
        )

    def forget(self, response: Response) -> None:
        """Let the browser forget the code: it cannot be used any more."""
        response.delete_cookie(self._name, path="/", httponly=True, samesite="lax")


class TokenCookie:
    """Reads and sets the cookie with the token.

    Over https only the name with HOST_PREFIX counts. Where a loopback name is asked for, the
    browser may be behind a proxy or on this computer: it gets both names, and keeps what it may.
    """

    def __init__(self, workspace: Workspace, origins: Origins) -> None:
        self.invitation = InvitationCookie(workspace, origins)
        self._identity = workspace.identity
        self._devices = workspace.devices
        self._name = token_cookie_name(workspace)
        self._origins = origins

    def read(self, connection: HTTPConnection) -> str | None:
        """The token that the browser sent, whoever has issued it; None without one."""
        for name in self._names(connection):
            if (token := connection.cookies.get(name)) is not None:
                return token
        return None

    async def give(self, request: Request, response: Response) -> None:
        """Give the browser a token, unless it has one that the chat issued.

        A browser that somebody has just come in with fetches its new token, and keeps the old one
        until then.
        """
        token = self.read(request)
        identity = self._identity
        if token and identity.browser_tokens.is_exchanged(token):
            return
        if token and await identity.is_known(token) and not await identity.is_revoked(token):
            await self._renew(request, response, token)
            return
        self.set(request, response, identity.browser_tokens.issue())

    async def _renew(self, request: Request, response: Response, token: str) -> None:
        """Set the cookie of a person again once a week, so that it never ends while it is used."""
        is_stranger = self._identity.browser_tokens.was_issued(token)
        if not is_stranger and await self._devices.renew(token_hash(token)):
            self.set(request, response, token)

    def set(self, request: Request, response: Response, token: str) -> None:
        """Give the browser this token."""
        for name in self._names(request):
            response.set_cookie(
                name,
                token,
                max_age=round(TOKEN_LIFETIME.total_seconds()),
                path="/",
                httponly=True,
                samesite="lax",
                secure=self._origins.is_https(request.scope) is not False,
            )

    def _names(self, connection: HTTPConnection) -> tuple[str, ...]:
        """The names that count, the first one first."""
        secure_name = HOST_PREFIX + self._name
        match self._origins.is_https(connection.scope):
            case True:
                return (secure_name,)
            case False:
                return (self._name,)
            case _:
                return secure_name, self._name


def add_token_exchange(
    app: FastAPI, workspace: Workspace, origins: Origins, cookie: TokenCookie
) -> None:
    """`POST /token` sets the cookie of a person who came in; the body is a one-time code.

    Only the chat's own page may ask. A browser with which somebody else came in meanwhile keeps
    their cookie (409).
    """

    async def exchange(request: Request) -> Response:
        if not origins.is_allowed(request.scope):
            return Response(status_code=403)
        code = bytearray()
        async for chunk in request.stream():
            code += chunk
            if len(code) > _MAX_CODE_BYTES:
                return Response(status_code=413)
        identity = workspace.identity
        old_token = cookie.read(request)
        token = identity.browser_tokens.finish_exchange(code.decode("latin-1"))
        if token is None:
            return Response(status_code=404)
        person, old_person = [await identity.person_for_token(each) for each in (token, old_token)]
        if person is None or old_person not in {None, person}:
            return Response(status_code=409)
        response = Response(status_code=204, headers={"cache-control": "no-store"})
        cookie.set(request, response, token)
        return response

    app.add_route("/token", exchange, methods=["POST"])
