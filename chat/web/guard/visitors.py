"""The visitor of a request: what the entrance is told of somebody who has no account yet."""

from starlette.requests import HTTPConnection

from chat.devices.labels import browser_label
from chat.languages import negotiate_language
from chat.model.joining import Visitor
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import client_network, is_from_this_computer


def visitor_of(
    connection: HTTPConnection, cookie: TokenCookie, owner_secret: str | None = None
) -> Visitor:
    """The visitor whose browser sent a request."""
    t = negotiate_language(connection.headers.get("accept-language"))
    return Visitor(
        cookie.read(connection) or "",
        is_from_this_computer(connection.scope),
        client_network(connection.scope),
        browser_label(connection.headers.get("user-agent"), t),
        cookie.invitation.read(connection),
        owner_secret or None,
    )
