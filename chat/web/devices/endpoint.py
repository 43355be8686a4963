"""Another device comes in: `GET /device/<secret>` asks, `POST /device` uses the link.

Whoever only looks at a link, as the preview of a messenger does, spends nothing.
"""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.devices.labels import browser_label
from chat.errors import ChatError, PairingRefused
from chat.languages import Language, negotiate_language
from chat.model.devices import PairingStep
from chat.model.people import Person
from chat.web.devices.pages import (
    DEVICE_PATH,
    WAITING_SCRIPT_HASHES,
    PageFrame,
    number_page,
    question_page,
    refusal_page,
)
from chat.web.guard.content_policy import content_policy
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.forms import form_key, has_form_key, read_form
from chat.web.guard.origins import Origins, client_network
from chat.workspace.workspace import Workspace

# Bytes of the form, which has two short fields.
MAX_FORM_BYTES = 2048

# The longest secret or key that is looked up, in characters.
_LOOKED_UP_LIMIT = 64

_HEADERS = {"cache-control": "no-store"}


class DevicePages:
    """The pages of a device that is about to come in.

    The page that shows the number has a key in its address, which belongs to the cookie that the
    browser had when it used the link: neither of the two is enough to get the token.
    """

    def __init__(
        self, workspace: Workspace, origins: Origins, cookie: TokenCookie, *, frame: PageFrame
    ) -> None:
        self._workspace = workspace
        self._origins = origins
        self._cookie = cookie
        self._frame = frame

    async def show_question(self, request: Request) -> Response:
        """`GET /device/<secret>`: whose link it is. Nothing is spent by that."""
        t, secret = _language(request), _path_part(request, "secret")
        try:
            person = self._workspace.pairing.person_of(secret, client_network(request.scope))
            if (known := await self._known_person(request)) is not None:
                return self._answer_known(t, known, person)
        except ChatError as error:
            return self._refuse(t, error)
        token = self._cookie.read(request)
        is_new = token is None or not self._is_stranger(token)
        if token is None or is_new:
            token = self._workspace.identity.browser_tokens.issue()
        page = question_page(t, self._frame, person.name, secret, form_key(token))
        response = HTMLResponse(page, headers=_HEADERS)
        if is_new:
            self._cookie.set(request, response, token)
        return response

    async def ask(self, request: Request) -> Response:
        """`POST /device`: use the link, and go on to the page with the number."""
        t, token = _language(request), self._cookie.read(request) or ""
        form = await read_form(request, MAX_FORM_BYTES)
        secret = form.get("secret", "")[:_LOOKED_UP_LIMIT]
        try:
            if not has_form_key(request, form, self._origins, token):
                raise PairingRefused("Allow cookies for this page, then open the link again.")
            if (known := await self._known_person(request)) is not None:
                person = self._workspace.pairing.person_of(secret, client_network(request.scope))
                return self._answer_known(t, known, person)
            if not self._is_stranger(token):
                raise PairingRefused("This page was out of date. Open the link again.")
            label = browser_label(request.headers.get("user-agent"), t)
            asking = self._workspace.pairing.ask(
                secret, token, label, client_network(request.scope)
            )
        except ChatError as error:
            return self._refuse(t, error)
        # The secret leaves the address bar.
        return RedirectResponse(f"{DEVICE_PATH}/number/{asking.key}", 303, _HEADERS)

    async def show_number(self, request: Request) -> Response:
        """`GET /device/number/<key>`: the number, and once it is confirmed, the token."""
        t, token, key = _language(request), self._cookie.read(request) or "", _key(request)
        pairing = self._workspace.pairing
        try:
            if await self._known_person(request) is not None:
                # The page was loaded again after the token was fetched.
                return RedirectResponse("/", 303, _HEADERS)
            person, asking, step = pairing.asking(key, token)
            if step is PairingStep.ASKED:
                page = number_page(t, self._frame, person.name, asking.number, key)
                policy = content_policy(request.scope, self._origins, WAITING_SCRIPT_HASHES)
                return HTMLResponse(page, headers={**_HEADERS, "content-security-policy": policy})
            if step is PairingStep.REFUSED:
                raise PairingRefused(
                    "Another number was typed on the other device, so this one was not let in. "
                    "Make a new link there and try again."
                )
            new_token = await pairing.enter(key, token)
        except ChatError as error:
            return self._refuse(t, error)
        # Other tabs of this browser belong to the person now.
        self._workspace.identity.browser_tokens.mark_exchanged(token)
        response = RedirectResponse("/", 303, _HEADERS)
        self._cookie.set(request, response, new_token)
        return response

    async def state(self, request: Request) -> Response:
        """`GET /device/state/<key>`: 204 while the first device has not answered, then 200."""
        try:
            _, _, step = self._workspace.pairing.asking(
                _key(request), self._cookie.read(request) or ""
            )
        except ChatError:
            return Response(status_code=200, headers=_HEADERS)
        return Response(status_code=204 if step is PairingStep.ASKED else 200, headers=_HEADERS)

    async def _known_person(self, request: Request) -> Person | None:
        return await self._workspace.identity.person_for_token(self._cookie.read(request))

    def _is_stranger(self, token: str) -> bool:
        """Whether the chat issued this token, and nobody has come in with it."""
        tokens = self._workspace.identity.browser_tokens
        return tokens.was_issued(token) and not tokens.is_exchanged(token)

    def _answer_known(self, t: Language, known: Person, person: Person) -> Response:
        """The answer to a browser that is somebody's already. Nothing is spent by that."""
        if known.id == person.id:
            return RedirectResponse("/", 303, _HEADERS)
        return self._refuse(
            t,
            PairingRefused(
                "In this browser you are here as {name}. Open the link in another browser or in a "
                "private window. Or leave the chat here first, in Settings.",
                name=known.name,
            ),
        )

    def _refuse(self, t: Language, error: ChatError) -> Response:
        return HTMLResponse(refusal_page(t, self._frame, t.error(error)), 422, _HEADERS)


def add_device_pages(
    app: FastAPI, workspace: Workspace, origins: Origins, cookie: TokenCookie, frame: PageFrame
) -> None:
    """Add `/device` and what is below it."""
    pages = DevicePages(workspace, origins, cookie, frame=frame)
    app.add_route(DEVICE_PATH, pages.ask, methods=["POST"])
    app.add_route(f"{DEVICE_PATH}/number/{{key}}", pages.show_number, methods=["GET"])
    app.add_route(f"{DEVICE_PATH}/state/{{key}}", pages.state, methods=["GET"])
    app.add_route(f"{DEVICE_PATH}/{{secret}}", pages.show_question, methods=["GET"])


def _language(request: Request) -> Language:
    return negotiate_language(request.headers.get("accept-language"))


def _key(request: Request) -> str:
    return _path_part(request, "key")


def _path_part(request: Request, name: str) -> str:
    return str(request.path_params[name])[:_LOOKED_UP_LIMIT]
