"""`POST /sign-in`: a stranger enters a name in the page's form, while Flutter is still loading.

Once the page has a socket, the name goes there instead (`NameEntered`).
"""

from dataclasses import asdict
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from chat.devices.labels import browser_label
from chat.errors import ChatError
from chat.languages import negotiate_language
from chat.model.joining import Visitor
from chat.model.people import Person
from chat.people.browser_tokens import new_token
from chat.tasks import OnePlaceEach
from chat.ui.client.name_refusal import name_refusal
from chat.ui.client.page_messages import MAX_NAME_LENGTH
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.origins import Origins
from chat.web.guard.visitors import visitor_of
from chat.workspace.workspace import Workspace

# JSON writes some characters in twelve bytes.
MAX_SIGN_IN_BYTES = 2048


class SignInBody(BaseModel):
    """The body of a request."""

    name: Annotated[str, Field(max_length=MAX_NAME_LENGTH)]
    # The secret of `/chat?owner=<secret>`, if the page was opened there.
    owner: Annotated[str, Field(max_length=100)] = ""


class SignInFailed(Exception):
    """Another tab of the browser is signing in (409), or it has no token of the chat (401)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BrowserSignIn:
    """Signs a browser in that has a token of the chat and no person.

    It gets a new token: somebody else may know the one of before. A second click, or a second tab,
    comes after the first one.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._places = OnePlaceEach()

    async def sign_in(self, visitor: Visitor, name: str) -> str | None:
        """The new token of the browser, or None if the browser has a person already.

        The key of the visitor is the old one. Raises SignInFailed, PersonBanned, and as
        `Entrance.sign_in`.
        """
        old_token = visitor.key
        async with self._places.of(old_token):
            if await self._has_person(old_token):
                return None
            identity = self._workspace.identity
            token = new_token()
            person = await self._workspace.entrance.sign_in(name, token, visitor)
            identity.browser_tokens.mark_exchanged(old_token)
            await self._workspace.on_signed_in(person)
            return token

    async def sign_in_as(self, request: Request, old_token: str, person: Person) -> str | None:
        """As `sign_in`, for a person who is here already; the caller has checked who asks.

        Raises SignInFailed, PersonBanned and TooManyDevices.
        """
        async with self._places.of(old_token):
            if await self._has_person(old_token):
                return None
            identity = self._workspace.identity
            t = negotiate_language(request.headers.get("accept-language"))
            label = browser_label(request.headers.get("user-agent"), t)
            self._workspace.sanctions.require_not_banned(person.id)
            token = new_token()
            await identity.sign_in_as(person, token, device=label)
            identity.browser_tokens.mark_exchanged(old_token)
            return token

    async def _has_person(self, old_token: str) -> bool:
        """Whether the browser has a person already. Raises SignInFailed and PersonBanned."""
        identity = self._workspace.identity
        if await identity.person_for_token(old_token) is not None:
            return True
        await identity.require_not_banned(old_token)
        if identity.browser_tokens.is_exchanged(old_token):
            raise SignInFailed(409)
        if not identity.browser_tokens.was_issued(old_token):
            raise SignInFailed(401)
        return False


class SignInEndpoint:
    """Answers the page's form; see `__call__`."""

    def __init__(self, workspace: Workspace, origins: Origins, cookie: TokenCookie) -> None:
        self._workspace = workspace
        self._origins = origins
        self._cookie = cookie
        self._browser_sign_in = BrowserSignIn(workspace)

    async def __call__(self, request: Request) -> Response:
        """Sign in, and set the cookie (204).

        200 with the name of the person, if the browser has one. 409 if another tab of the browser
        is signing in. 422 with the fields of `NameRefused`. 401 for a browser
        without cookies, 403 for a foreign page, 413 and 400 for other bodies.
        """
        if not self._origins.is_allowed(request.scope):
            return Response(status_code=403)
        try:
            body = SignInBody.model_validate_json(await _read_body(request))
        except ClientDisconnect:
            return Response(status_code=400)
        except OverflowError:
            return Response(status_code=413)
        except ValidationError:
            return Response(status_code=400)
        token = self._cookie.read(request)
        if token is None:
            return Response(status_code=401)
        try:
            visitor = visitor_of(request, self._cookie, body.owner)
            new = await self._browser_sign_in.sign_in(visitor, body.name)
        except SignInFailed as failure:
            return Response(status_code=failure.status)
        except ChatError as error:
            t = negotiate_language(request.headers.get("accept-language"))
            refusal = asdict(name_refusal(error, t))
            return JSONResponse(refusal, 422, {"cache-control": "no-store"})
        if new is None:
            person = await self._workspace.identity.person_for_token(token)
            return JSONResponse({"name": person.name if person else ""})
        response = Response(status_code=204, headers={"cache-control": "no-store"})
        self._cookie.set(request, response, new)
        self._cookie.invitation.forget(response)
        return response


def add_sign_in(app: FastAPI, workspace: Workspace, origins: Origins, cookie: TokenCookie) -> None:
    """Add `POST /sign-in`."""
    endpoint = SignInEndpoint(workspace, origins, cookie)

    async def respond(request: Request) -> Response:
        return await endpoint(request)

    app.add_route("/sign-in", respond, methods=["POST"])


async def _read_body(request: Request) -> bytes:
    """The body of a request. Raises OverflowError if it is too large, and ClientDisconnect."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_SIGN_IN_BYTES:
            raise OverflowError
    return bytes(content)
