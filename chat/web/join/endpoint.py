"""`GET /join/<code>`: an invitation is opened. Nobody has come in yet; a name is still asked for.

The answer is a redirect, so that the code stands neither in the address bar nor in `Referer`. A
program that looks at links before they are opened uses nothing up.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.errors import ChatError, TooManyCodes
from chat.languages import negotiate_language
from chat.model.joining import JoinPolicy
from chat.model.site import JOIN_PATH
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import client_network
from chat.web.http.index_page import logo
from chat.web.join.page import refusal_page
from chat.workspace.workspace import Workspace

_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

_PAGE_HEADERS = {
    **_HEADERS,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
}


class JoinEndpoint:
    """Opens invitations."""

    def __init__(
        self, workspace: Workspace, cookie: TokenCookie, *, title: str, base: str = ""
    ) -> None:
        self._workspace = workspace
        self._cookie = cookie
        self._title = title
        self._base = base
        self._logo = logo()

    async def __call__(self, request: Request) -> Response:
        """Keep the code of a valid invitation, and go to the chat (303).

        404 for an unknown one, 410 for one that has ended, 429 after many wrong ones, each with a
        page that says what to do. Who is in the chat is sent on.
        """
        code: str = request.path_params["code"]
        token = self._cookie.read(request)
        if await self._workspace.identity.person_for_token(token) is not None:
            return RedirectResponse("/chat", 303, _HEADERS)
        try:
            await self._workspace.invitations.find(code, client_network(request.scope))
        except ChatError as error:
            return self._refuse(request, error)
        response = RedirectResponse("/", 303, _HEADERS)
        self._cookie.invitation.set(request, response, code)
        return response

    def _refuse(self, request: Request, error: ChatError) -> Response:
        t = negotiate_language(request.headers.get("accept-language"))
        is_open = self._workspace.entrance.policy is not JoinPolicy.INVITE
        content = refusal_page(
            t,
            self._title,
            t.error(error),
            logo=self._logo,
            button=f"{self._base}/" if is_open else "",
        )
        headers, status = _PAGE_HEADERS, 410 if getattr(error, "state", None) else 404
        if isinstance(error, TooManyCodes):
            status, headers = 429, {**_PAGE_HEADERS, "retry-after": str(round(error.wait) + 1)}
        return HTMLResponse(content, status, headers)


def add_join(app: FastAPI, endpoint: JoinEndpoint) -> None:
    """Add the links of invitations."""

    async def respond(request: Request) -> Response:
        return await endpoint(request)

    app.add_route(f"{JOIN_PATH}/{{code}}", respond, methods=["GET"])
