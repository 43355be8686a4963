"""Who may read the metrics: a program on this computer, or one with the token."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Scope

from chat.web.guard.origins import is_from_this_computer

_SCHEME = "bearer "

_HEADERS = {"cache-control": "no-store"}

_NO_TOKEN = (
    "Metrics are read on the computer of the chat, or with a token: start the chat with "
    "--metrics-token-file, and send what is in the file as Authorization: Bearer."
)
_BEHIND_PROXY = (
    "This chat is behind a proxy, so that anybody may come from its own computer. Start it with "
    "--metrics-token-file, and send what is in the file as Authorization: Bearer."
)
_WRONG_TOKEN = "Send the token of --metrics-token-file as Authorization: Bearer."


class MetricsAccess:
    """Refuses whoever may not read the metrics.

    A request through a proxy may come from this computer, and not every proxy says so in a header.
    So a chat that may be behind one needs the `token`, which is "" if there is none.
    """

    def __init__(self, token: str, *, may_be_proxied: bool) -> None:
        self._token = token.encode()
        self._may_be_proxied = may_be_proxied

    def refusal(self, scope: Scope) -> PlainTextResponse | None:
        """The answer to a request that is refused: 401 with a token, 403 without; else None."""
        if is_from_this_computer(scope) and not self._may_be_proxied:
            return None
        if not self._token:
            sentence = _BEHIND_PROXY if is_from_this_computer(scope) else _NO_TOKEN
            return PlainTextResponse(f"{sentence}\n", 403, _HEADERS)
        given = Headers(scope=scope).get("authorization", "")
        is_bearer = given[: len(_SCHEME)].lower() == _SCHEME
        if is_bearer and hmac.compare_digest(given[len(_SCHEME) :].strip().encode(), self._token):
            return None
        headers = {**_HEADERS, "www-authenticate": 'Bearer realm="metrics"'}
        return PlainTextResponse(f"{_WRONG_TOKEN}\n", 401, headers)
