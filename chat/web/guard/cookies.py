"""The cookies of a browser: the token of its person, and its time zone."""

from starlette.requests import Request
from starlette.responses import Response

from chat.people.identity import new_token
from chat.web.guard.origins import Origins
from chat.workspace.workspace import Workspace

# The browser's time zone by its IANA name; the page script sets it before it connects.
ZONE_COOKIE = "flet_chat_zone"

_YEAR = 365 * 24 * 3600


def token_cookie_name(workspace: Workspace) -> str:
    """The name of the cookie with the person's token, which no script can read.

    Cookies are not separated by port: two chats on one computer need different names.
    """
    return f"flet_chat_{workspace.id[:8]}"


async def set_token_cookie(
    request: Request, response: Response, workspace: Workspace, origins: Origins
) -> None:
    """Give the browser a token, unless it has one.

    A token that is not known yet is kept: another tab may be about to sign in with it.
    """
    token = request.cookies.get(token_cookie_name(workspace))
    if token and not await workspace.identity.is_revoked(token):
        return
    response.set_cookie(
        token_cookie_name(workspace),
        new_token(),
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=origins.is_https(request.scope),
    )
