"""A visit of a browser to a page of accounts: whose browser it is, and the answer to it."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.errors import ChatError, SlowDown, TooManyTries
from chat.languages import Language, negotiate_language
from chat.model.people import Person
from chat.model.preferences import SYSTEM, Theme
from chat.web.accounts.frame import ACCOUNT_PATH, Frame
from chat.web.guard.content_policy import content_policy
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.forms import form_key, has_form_key, read_form
from chat.web.guard.origins import Origins, client_network
from chat.web.guard.visitors import visitor_of
from chat.web.http.index_page import logo
from chat.web.http.sign_in import BrowserSignIn
from chat.workspace.workspace import Workspace

# Errors that end after a time.
_TOO_MANY = (TooManyTries, SlowDown)

HEADERS = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: the browser's token and its person, if it has one.

    `network` is that which tries are counted by, "" on this computer. The browser gets the token
    with the answer if `is_new_token`.
    """

    request: Request
    token: str
    is_new_token: bool
    person: Person | None
    t: Language
    theme: Theme
    network: str


class Visits:
    """Reads requests for the pages of accounts, and answers them."""

    def __init__(
        self, workspace: Workspace, origins: Origins, cookie: TokenCookie, *, title: str, base: str
    ) -> None:
        self._workspace = workspace
        self._origins = origins
        self._cookie = cookie
        self.title = title
        self._base = base
        self._logo = logo()
        self._sign_in = BrowserSignIn(workspace)

    async def begin(self, request: Request) -> Visit:
        """Whose request this is. A browser without a token of the chat is about to get one."""
        identity = self._workspace.identity
        token = self._cookie.read(request) or ""
        person = await identity.person_for_token(token)
        is_known = bool(token) and (
            identity.browser_tokens.is_exchanged(token)
            or (await identity.is_known(token) and not await identity.is_revoked(token))
        )
        accepted, theme = request.headers.get("accept-language"), Theme.SYSTEM
        if person is not None:
            preferences = await identity.preferences(person)
            theme = preferences.theme
            accepted = accepted if preferences.language == SYSTEM else preferences.language
        return Visit(
            request,
            token if is_known else identity.browser_tokens.issue(),
            not is_known,
            person,
            negotiate_language(accepted),
            theme,
            client_network(request.scope) or "",
        )

    async def read_form(self, visit: Visit) -> dict[str, str] | None:
        """The fields of a form of this page; None for a form of another page, or an old one."""
        form = await read_form(visit.request)
        if visit.is_new_token or not has_form_key(visit.request, form, self._origins, visit.token):
            return None
        return form

    def may_be_asked(self, visit: Visit) -> bool:
        """Whether a script of the chat's own page asks."""
        return not visit.is_new_token and self._origins.is_allowed(visit.request.scope)

    def frame(self, visit: Visit) -> Frame:
        """The frame of the pages of this visit."""
        return Frame(
            visit.t,
            self.title,
            self._logo,
            self._base,
            form_key(visit.token),
            visit.theme,
            self._origins.is_in_the_clear(visit.request.scope),
        )

    def show(
        self,
        visit: Visit,
        page: str,
        error: ChatError | None = None,
        *,
        script_hashes: tuple[str, ...] = (),
    ) -> Response:
        """Answer with a page: 200, 422 if an `error` is on it, and 429 with the wait."""
        policy = content_policy(visit.request.scope, self._origins, script_hashes)
        headers = {**HEADERS, "content-security-policy": policy}
        if isinstance(error, _TOO_MANY):
            headers["retry-after"] = str(max(1, round(error.wait)))
        response = HTMLResponse(page, status_of(error), headers)
        if visit.is_new_token:
            self._cookie.set(visit.request, response, visit.token)
        return response

    def send_on(self, path: str = ACCOUNT_PATH) -> Response:
        """Send the browser on to another page."""
        return RedirectResponse(path, 303, HEADERS)

    async def enter_as(self, visit: Visit, person: Person) -> str | None:
        """Sign the browser in: its new token, or None if it has a person already.

        Raises PersonBanned, and SignInFailed for a browser without cookies.
        """
        return await self._sign_in.sign_in_as(visit.request, visit.token, person)

    async def enter_with_name(self, visit: Visit, name: str) -> str | None:
        """As `enter_as`, for a new person. Raises also as `Entrance.sign_in`."""
        return await self._sign_in.sign_in(
            replace(visitor_of(visit.request, self._cookie), key=visit.token), name
        )

    def open_chat(self, visit: Visit, token: str | None) -> Response:
        """Send the browser on to the chat, with the token of its person."""
        response = self.send_on("/")
        self.give_token(visit, response, token)
        return response

    def give_token(self, visit: Visit, response: Response, token: str | None) -> None:
        """Set the cookie of the person who has come in."""
        if token is not None:
            self._cookie.set(visit.request, response, token)


def status_of(error: ChatError | None) -> int:
    """The status of an answer with this error."""
    if error is None:
        return 200
    return 429 if isinstance(error, _TOO_MANY) else 422


def old_page_sentence(t: Language) -> str:
    """For a form that was open for too long, or in a browser without cookies."""
    return t("This page was out of date, or the browser keeps no cookies. Send it again.")
