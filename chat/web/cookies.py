"""The cookies by which a browser is known."""

from starlette.requests import Request
from starlette.responses import Response

from chat.people import People, new_token

# The person's token; no script can read it.
TOKEN = "flet_chat"

# The browser's time zone by its IANA name; the page's own script sets it before it connects.
ZONE = "flet_chat_zone"

_YEAR = 365 * 24 * 3600


async def give_token(request: Request, response: Response, people: People) -> None:
    """Give the browser a token, unless it has one.

    A token that is not known yet is left alone: another tab may be about to come in with it.
    """
    token = request.cookies.get(TOKEN)
    if token and not await people.is_spent(token):
        return
    response.set_cookie(
        TOKEN,
        new_token(),
        max_age=_YEAR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
