"""The requests of a sign-in at the OpenID provider: there, back, and a name for a new person."""

from html import escape

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from chat.accounts.provider import ProviderIdentity
from chat.accounts.provider_accounts import suggested_name
from chat.errors import BadName, ChatError, NameTaken, ProviderRefused
from chat.languages import Language
from chat.model.people import Person
from chat.ui.client.name_refusal import NameRefused, name_refusal
from chat.ui.client.page_messages import MAX_NAME_LENGTH
from chat.web.accounts.frame import (
    ACCOUNT_PATH,
    Frame,
    button,
    link,
    name_buttons,
    refusal,
    text_field,
    weak,
)
from chat.web.accounts.pages import sentence_page
from chat.web.accounts.visits import HEADERS, Visit, Visits, old_page_sentence
from chat.web.guard.origins import Origins
from chat.web.http.sign_in import SignInFailed
from chat.workspace.workspace import Workspace

PROVIDER_PATH = f"{ACCOUNT_PATH}/provider"

# Characters of each parameter of the provider's answer.
_MAX_PARAMETER = 4096


class ProviderPages:
    """Serves the requests at `/account/provider`. `base` is the path prefix of the chat."""

    def __init__(
        self, workspace: Workspace, visits: Visits, origins: Origins, *, base: str
    ) -> None:
        self._workspace = workspace
        self._accounts = workspace.provider_accounts
        self._visits = visits
        self._origins = origins
        self._base = base

    async def begin(self, request: Request) -> Response:
        """Send a stranger on to the provider."""
        visit = await self._visits.begin(request)
        if visit.person is not None:
            return self._visits.send_on()
        try:
            address = await self._accounts.begin(visit.token, self._redirect_uri(request))
        except ChatError as error:
            return self._refused(visit, error)
        response = RedirectResponse(address, 303, HEADERS)
        if visit.is_new_token:
            self._visits.give_token(visit, response, visit.token)
        return response

    async def join(self, request: Request) -> Response:
        """Send a person on to the provider, whose account they join.

        By a page that goes on by itself: a form may not lead to another site (`form-action`).
        """
        visit = await self._visits.begin(request)
        if visit.person is None or await self._visits.read_form(visit) is None:
            return self._visits.send_on()
        try:
            redirect_uri = self._redirect_uri(request)
            address = await self._accounts.begin(visit.token, redirect_uri, visit.person)
        except ChatError as error:
            return self._refused(visit, error)
        frame, label = self._visits.frame(visit), visit.t("Go on to {host}", host=self._host)
        head = f'<meta http-equiv="refresh" content="0; url={escape(address)}">\n'
        page = frame.page(_heading(visit.t), link(address, label), head=head)
        return self._visits.show(visit, page)

    async def finish(self, request: Request) -> Response:
        """The browser comes back from the provider with its answer."""
        visit = await self._visits.begin(request)
        answer = {name: value[:_MAX_PARAMETER] for name, value in request.query_params.items()}
        try:
            identity, is_joining = await self._accounts.finish(visit.token, answer, visit.person)
            if visit.person is None:
                return await self._enter(visit, identity, suggested_name(identity))
            if is_joining:
                await self._accounts.join(visit.person, identity)
                await self._accounts.apply_groups(visit.person, identity)
                return self._visits.send_on(f"{ACCOUNT_PATH}?done=provider")
        except ChatError as error:
            return self._refused(visit, error)
        return self._visits.send_on()

    async def choose_name(self, request: Request) -> Response:
        """The name that a new person has chosen."""
        visit = await self._visits.begin(request)
        form = await self._visits.read_form(visit) or {}
        name = (form.get("suggestion") or form.get("username", ""))[:MAX_NAME_LENGTH]
        if visit.person is not None:
            return self._visits.send_on()
        try:
            identity = self._accounts.nameless(visit.token)
            if not form:
                return self._name_page(visit, name, NameRefused(old_page_sentence(visit.t)))
            return await self._enter(visit, identity, name)
        except ChatError as error:
            return self._refused(visit, error)

    async def remove(self, request: Request) -> Response:
        """Join the person to no account any more."""
        visit = await self._visits.begin(request)
        if visit.person is not None and await self._visits.read_form(visit) is not None:
            await self._accounts.remove(visit.person)
            return self._visits.send_on(f"{ACCOUNT_PATH}?done=provider-removed")
        return self._visits.send_on()

    @property
    def _host(self) -> str:
        return self._accounts.host

    async def _enter(self, visit: Visit, identity: ProviderIdentity, name: str) -> Response:
        """Sign in as the person of an account; a new one comes in with a name.

        Raises PersonBanned and TooManyArrivals.
        """
        try:
            async with self._accounts.place_of(identity) as person:
                token: str | None
                if person is None:
                    token, person = await self._add_person(visit, identity, name)
                else:
                    token = await self._visits.enter_as(visit, person)
                await self._accounts.apply_groups(person, identity)
                return self._visits.open_chat(visit, token)
        except SignInFailed:
            return self._visits.send_on()
        except (NameTaken, BadName) as error:
            self._accounts.keep_nameless(visit.token, identity)
            return self._name_page(visit, name, name_refusal(error, visit.t), error)

    async def _add_person(
        self, visit: Visit, identity: ProviderIdentity, name: str
    ) -> tuple[str, Person]:
        token = await self._visits.enter_with_name(visit, name)
        person = await self._workspace.identity.person_for_token(token)
        if token is None or person is None:
            raise SignInFailed(409)
        await self._accounts.join(person, identity)
        self._accounts.forget_nameless(visit.token)
        return token, person

    def _redirect_uri(self, request: Request) -> str:
        """Where the provider sends the browser. Raises ProviderRefused."""
        origin = self._origins.page_origin(request.scope)
        if origin is None:
            raise ProviderRefused(
                "The chat does not know the address of this page. Whoever runs it names it with "
                "--origin."
            )
        return f"{origin}{self._base}{PROVIDER_PATH}/callback"

    def _refused(self, visit: Visit, error: ChatError) -> Response:
        frame, t = self._visits.frame(visit), visit.t
        again = link(f"{self._base}{ACCOUNT_PATH}", t("Begin again"))
        page = sentence_page(frame, _heading(t), t.error(error), again)
        return self._visits.show(visit, page, error)

    def _name_page(
        self, visit: Visit, name: str, refused: NameRefused, error: ChatError | None = None
    ) -> Response:
        page = _choose_name_page(self._visits.frame(visit), name, refused, self._host)
        return self._visits.show(visit, page, error)


def _heading(t: Language) -> str:
    return t("Sign in")


def _choose_name_page(frame: Frame, name: str, refused: NameRefused, host: str) -> str:
    t = frame.t
    hint = t(
        "{host} has signed you in, and you are new here. If you are somebody here already, come in "
        "on a device where you are signed in, and join this account under Settings, Sign-in.",
        host=host,
    )
    return frame.page(
        t("Choose your name"),
        weak(hint),
        refusal(refused.sentence),
        frame.form(
            "/provider/name",
            text_field("username", t("Your name"), "nickname", name, is_focused=True),
            button(t("Join chat")),
            name_buttons(refused.suggestions),
        ),
    )


def add_provider_pages(app: FastAPI, pages: ProviderPages) -> None:
    """Add `/account/provider` and what is below it."""
    app.add_route(PROVIDER_PATH, pages.begin, methods=["GET"])
    app.add_route(f"{PROVIDER_PATH}/join", pages.join, methods=["POST"])
    app.add_route(f"{PROVIDER_PATH}/callback", pages.finish, methods=["GET"])
    app.add_route(f"{PROVIDER_PATH}/name", pages.choose_name, methods=["POST"])
    app.add_route(f"{PROVIDER_PATH}/remove", pages.remove, methods=["POST"])
