"""The requests of passkeys: add one, remove one, and sign in."""

import json

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.accounts.passkeys import LABEL_LIMIT
from chat.errors import ChatError, PasskeyRefused
from chat.model.people import Person
from chat.web.accounts.endpoint import AccountPages
from chat.web.accounts.frame import ACCOUNT_PATH
from chat.web.accounts.relying_party import relying_party
from chat.web.accounts.visits import HEADERS, Visits, old_page_sentence
from chat.web.guard.origins import Origins
from chat.web.http.sign_in import SignInFailed
from chat.workspace.workspace import Workspace

PASSKEYS_PATH, SIGN_IN_PATH = f"{ACCOUNT_PATH}/passkeys", f"{ACCOUNT_PATH}/passkey-sign-in"


class PasskeyPages:
    """Serves the requests of passkeys. `pages` shows what comes of them."""

    def __init__(
        self, workspace: Workspace, visits: Visits, pages: AccountPages, *, origins: Origins
    ) -> None:
        self._passkeys = workspace.passkeys
        self._visits = visits
        self._pages = pages
        self._origins = origins

    async def begin_adding(self, request: Request) -> Response:
        """The options of a new passkey, as JSON."""
        visit = await self._visits.begin(request)
        if visit.person is None or await self._visits.read_form(visit) is None:
            return _problem(old_page_sentence(visit.t))
        try:
            party = relying_party(self._origins, request.scope, self._visits.title)
            options = await self._passkeys.begin_adding(visit.person, visit.token, party)
        except ChatError as error:
            return _problem(visit.t.error(error))
        return JSONResponse(options, 200, HEADERS)

    async def add(self, request: Request) -> Response:
        """Store the passkey that the browser has made."""
        visit = await self._visits.begin(request)
        if visit.person is None:
            return self._visits.send_on()
        form = await self._visits.read_form(visit) or {}
        try:
            party = relying_party(self._origins, request.scope, self._visits.title)
            await self._passkeys.add(
                visit.person,
                visit.token,
                party,
                _parse(form.get("credential", "")),
                form.get("label", "")[:LABEL_LIMIT],
            )
        except ChatError as error:
            return await self._pages.settings_page(visit, visit.person, error=error)
        return self._visits.send_on(f"{ACCOUNT_PATH}?done=passkey")

    async def remove(self, request: Request) -> Response:
        """Remove a passkey of the person of this browser."""
        visit = await self._visits.begin(request)
        form = await self._visits.read_form(visit) or {}
        if visit.person is None or not form.get("passkey", "").isdecimal():
            return self._visits.send_on()
        await self._passkeys.remove(visit.person, int(form["passkey"][:18]))
        return self._visits.send_on(f"{ACCOUNT_PATH}?done=passkey-removed")

    async def begin_sign_in(self, request: Request) -> Response:
        """The options of a sign-in, as JSON."""
        visit = await self._visits.begin(request)
        if visit.person is not None or await self._visits.read_form(visit) is None:
            return _problem(old_page_sentence(visit.t))
        try:
            party = relying_party(self._origins, request.scope, self._visits.title)
            options = self._passkeys.begin_sign_in(visit.token, party)
        except ChatError as error:
            return _problem(visit.t.error(error))
        return JSONResponse(options, 200, HEADERS)

    async def sign_in(self, request: Request) -> Response:
        """Sign the browser in as the person of the passkey."""
        visit = await self._visits.begin(request)
        if visit.person is not None:
            return self._visits.send_on()
        form = await self._visits.read_form(visit) or {}
        try:
            party = relying_party(self._origins, request.scope, self._visits.title)
            answer = _parse(form.get("credential", ""))
            person: Person = await self._passkeys.person_of(visit.token, party, answer)
            return self._visits.open_chat(visit, await self._visits.enter_as(visit, person))
        except SignInFailed:
            return self._pages.sign_in_page(visit, sentence=old_page_sentence(visit.t))
        except ChatError as error:
            return self._pages.sign_in_page(visit, error=error)


def _parse(raw: str) -> object:
    """The answer of the device, which the domain checks. Raises PasskeyRefused."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise PasskeyRefused("The device has sent no answer. Try it again.") from None


def _problem(sentence: str) -> Response:
    return JSONResponse({"error": sentence}, 422, HEADERS)


def add_passkey_pages(app: FastAPI, pages: PasskeyPages) -> None:
    """Add the requests of passkeys below `/account`."""
    app.add_route(f"{PASSKEYS_PATH}/begin", pages.begin_adding, methods=["POST"])
    app.add_route(PASSKEYS_PATH, pages.add, methods=["POST"])
    app.add_route(f"{PASSKEYS_PATH}/remove", pages.remove, methods=["POST"])
    app.add_route(f"{SIGN_IN_PATH}/begin", pages.begin_sign_in, methods=["POST"])
    app.add_route(SIGN_IN_PATH, pages.sign_in, methods=["POST"])
