"""The requests of the pages of accounts: sign in with a password, set it, change it, remove it."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chat.errors import ChatError
from chat.model.people import Person
from chat.ui.client.page_messages import MAX_NAME_LENGTH
from chat.web.accounts.frame import ACCOUNT_PATH
from chat.web.accounts.pages import (
    SECRET_SCRIPT,
    Offer,
    reset_page,
    sentence_page,
    settings_page,
    sign_in_page,
)
from chat.web.accounts.passkey_parts import PASSKEY_SCRIPT_HASHES
from chat.web.accounts.relying_party import relying_party
from chat.web.accounts.visits import Visit, Visits, old_page_sentence
from chat.web.guard.content_policy import inline_script_hashes
from chat.web.guard.origins import Origins
from chat.web.http.sign_in import SignInFailed
from chat.workspace.workspace import Workspace

_SECRET_SCRIPT_HASHES = inline_script_hashes(SECRET_SCRIPT)

# Characters of the secret in a link.
_SECRET_LENGTH = 64


class AccountPages:
    """Serves the pages of accounts."""

    def __init__(self, workspace: Workspace, visits: Visits, origins: Origins) -> None:
        self._workspace = workspace
        self._visits = visits
        self._origins = origins

    async def show(self, request: Request) -> Response:
        """How the person of this browser signs in; a stranger may sign in."""
        visit = await self._visits.begin(request)
        query = request.query_params
        if visit.person is None:
            return self.sign_in_page(visit, query.get("name", "")[:MAX_NAME_LENGTH])
        return await self.settings_page(visit, visit.person, done=query.get("done", ""))

    async def sign_in(self, request: Request) -> Response:
        """Sign in with name and password. 422 if they do not fit, 429 after too many tries."""
        visit = await self._visits.begin(request)
        if visit.person is not None:
            return self._visits.send_on()
        form = await self._visits.read_form(visit)
        if form is None:
            return self.sign_in_page(visit, sentence=old_page_sentence(visit.t))
        name = form.get("username", "")[:MAX_NAME_LENGTH]
        try:
            person = await self._workspace.passwords.person_with(
                name, form.get("password", ""), visit.network
            )
            return self._visits.open_chat(visit, await self._visits.enter_as(visit, person))
        except SignInFailed:
            return self.sign_in_page(visit, name, old_page_sentence(visit.t))
        except ChatError as error:
            return self.sign_in_page(visit, name, error=error)

    async def set_password(self, request: Request) -> Response:
        """Set or change the password of the person of this browser."""
        return await self._change(request, "password")

    async def remove_password(self, request: Request) -> Response:
        """Remove the password of the person of this browser."""
        return await self._change(request, "password-removed")

    async def show_reset(self, request: Request) -> Response:
        """The form of a link for a new password. To open it changes nothing."""
        visit = await self._visits.begin(request)
        return await self._reset_page(visit, request.query_params.get("code", ""))

    async def reset(self, request: Request) -> Response:
        """Set the password of the person of a link, and sign the browser in as them."""
        visit = await self._visits.begin(request)
        form = await self._visits.read_form(visit) or {}
        secret = form.get("secret", "")[:_SECRET_LENGTH]
        if not form:
            return await self._reset_page(visit, secret, old_page_sentence(visit.t))
        try:
            passwords = self._workspace.passwords
            person = await passwords.set_with_link(secret, form.get("new", ""))
            if visit.person is not None:
                # Somebody is in the chat with this browser: they stay who they are.
                return self._visits.send_on(f"{ACCOUNT_PATH}?done=reset")
            return self._visits.open_chat(visit, await self._visits.enter_as(visit, person))
        except SignInFailed:
            return self._visits.send_on()
        except ChatError as error:
            return await self._reset_page(visit, secret, visit.t.error(error), error)

    def sign_in_page(
        self, visit: Visit, name: str = "", sentence: str = "", *, error: ChatError | None = None
    ) -> Response:
        """The page of a stranger, with a sentence or an error."""
        page = sign_in_page(
            self._visits.frame(visit),
            name,
            visit.t.error(error) if error is not None else sentence,
            self._offer(visit),
        )
        return self._visits.show(visit, page, error, script_hashes=PASSKEY_SCRIPT_HASHES)

    async def settings_page(
        self,
        visit: Visit,
        person: Person,
        *,
        sentence: str = "",
        done: str = "",
        error: ChatError | None = None,
    ) -> Response:
        """The page of a person, with a sentence or an error, or what was done before."""
        page = settings_page(
            self._visits.frame(visit),
            person,
            await self._workspace.sign_in_methods(person),
            self._offer(visit),
            sentence=visit.t.error(error) if error is not None else sentence,
            done=done,
        )
        return self._visits.show(visit, page, error, script_hashes=PASSKEY_SCRIPT_HASHES)

    def _offer(self, visit: Visit) -> Offer:
        """What can be used on the page of this request."""
        workspace, problem = self._workspace, ""
        try:
            workspace.passkeys.require()
            relying_party(self._origins, visit.request.scope, self._visits.title)
        except ChatError as error:
            problem = visit.t.error(error)
        has_passwords = workspace.passwords.is_available
        return Offer(has_passwords, problem, workspace.provider_accounts.host)

    async def _change(self, request: Request, done: str) -> Response:
        visit = await self._visits.begin(request)
        if visit.person is None:
            return self._visits.send_on()
        form = await self._visits.read_form(visit)
        if form is None:
            sentence = old_page_sentence(visit.t)
            return await self.settings_page(visit, visit.person, sentence=sentence)
        passwords, current = self._workspace.passwords, form.get("current", "")
        try:
            if done == "password":
                await passwords.set(visit.person, form.get("new", ""), current, visit.network)
            else:
                await passwords.remove(visit.person, current, visit.network)
        except ChatError as error:
            return await self.settings_page(visit, visit.person, error=error)
        return self._visits.send_on(f"{ACCOUNT_PATH}?done={done}")

    async def _reset_page(
        self, visit: Visit, secret: str, sentence: str = "", error: ChatError | None = None
    ) -> Response:
        frame, t = self._visits.frame(visit), visit.t
        try:
            person = await self._workspace.passwords.person_of_link(secret)
        except ChatError as spent:
            page = sentence_page(frame, t("New password"), t.error(spent))
            return self._visits.show(visit, page, spent)
        page = reset_page(frame, person, secret, sentence)
        return self._visits.show(visit, page, error, script_hashes=_SECRET_SCRIPT_HASHES)


def add_account_pages(app: FastAPI, pages: AccountPages) -> None:
    """Add `/account` and the requests of passwords below it."""
    app.add_route(ACCOUNT_PATH, pages.show, methods=["GET"])
    app.add_route(f"{ACCOUNT_PATH}/sign-in", pages.sign_in, methods=["POST"])
    app.add_route(f"{ACCOUNT_PATH}/password", pages.set_password, methods=["POST"])
    app.add_route(f"{ACCOUNT_PATH}/password/remove", pages.remove_password, methods=["POST"])
    app.add_route(f"{ACCOUNT_PATH}/reset", pages.show_reset, methods=["GET"])
    app.add_route(f"{ACCOUNT_PATH}/reset", pages.reset, methods=["POST"])
