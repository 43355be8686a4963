"""The cookies of a browser: the token of its person, and its time zone."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chat.web.guard.origins import Origins
from chat.workspace.workspace import Workspace

# The browser's time zone by its IANA name; the page script sets it before it connects.
ZONE_COOKIE = "flet_chat_zone"

_MAX_CODE_BYTES = 100

_YEAR = 365 * 24 * 3600


def token_cookie_name(workspace: Workspace) -> str:
    """The name of the cookie with the person's token, which no script can read.

    Cookies are not separated by port: two chats on one computer need different names.
    """
    return f"flet_chat_{workspace.id[:8]}"


async def set_token_cookie(
    request: Request, response: Response, workspace: Workspace, origins: Origins
) -> None:
    """Give the browser a token, unless it has one that the chat issued.

    A browser that somebody has just come in with fetches its new token, and keeps the old one until
    then.
    """
    token = request.cookies.get(token_cookie_name(workspace))
    identity = workspace.identity
    if token and (
        identity.browser_tokens.is_exchanged(token)
        or (await identity.is_known(token) and not await identity.is_revoked(token))
    ):
        return
    set_cookie(request, response, workspace, origins, identity.browser_tokens.issue())


def add_token_exchange(app: FastAPI, workspace: Workspace, origins: Origins) -> None:
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
        old_token = request.cookies.get(token_cookie_name(workspace))
        token = identity.browser_tokens.finish_exchange(code.decode("latin-1"))
        if token is None:
            return Response(status_code=404)
        person, old_person = [await identity.person_for_token(each) for each in (token, old_token)]
        if person is None or old_person not in {None, person}:
            return Response(status_code=409)
        response = Response(status_code=204, headers={"cache-control": "no-store"})
        set_cookie(request, response, workspace, origins, token)
        return response

    app.add_route("/token", exchange, methods=["POST"])


def set_cookie(
    request: Request, response: Response, workspace: Workspace, origins: Origins, token: str
) -> None:
    """Give the browser this token, in a cookie that no script can read."""
    response.set_cookie(
        token_cookie_name(workspace),
        token,
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=origins.is_https(request.scope),
    )
