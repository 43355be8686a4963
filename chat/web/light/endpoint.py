"""The requests of the light pages: sign in, read, post and leave, with forms and one cookie."""

import asyncio
import secrets
from urllib.parse import quote

from fastapi import FastAPI
from flet.pubsub import PubSubHub
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chat.errors import ChatError, RoomArchived
from chat.languages import Language, negotiate_language
from chat.model.devices import DevicesSignedOut
from chat.model.events import Sanctioned, SignedOut, person_topic
from chat.model.people import Person
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.ui.client.name_refusal import NOT_REFUSED, NameRefused, name_refusal
from chat.ui.room_titles import membership_title, room_title
from chat.web.guard.content_policy import content_policy
from chat.web.guard.cookies import TokenCookie
from chat.web.guard.forms import form_key, has_form_key, read_form
from chat.web.guard.origins import Origins, client_network
from chat.web.guard.visitors import visitor_of
from chat.web.http.first_view import viewer_of
from chat.web.http.plain_rows import PLAIN_ROWS, plain_rows
from chat.web.http.sign_in import BrowserSignIn, SignInFailed
from chat.web.light.pages import (
    FORM_SCRIPT_HASHES,
    LIGHT_PATH,
    ROWS_SCRIPT_HASHES,
    ChatPage,
    RoomLink,
    chat_page,
    index_page,
    rows_page,
)
from chat.workspace.workspace import Workspace

# Seconds that a page waits for the next message; proxies end a request after 60.
WAIT_SECONDS = 25.0

# Pages of all people, and of one person, that wait at the same time.
WAITING_LIMIT = 500
WAITING_PER_PERSON = 5

# The longest id of a message, and address of a room, that is looked up.
_LOOKED_UP_LIMIT = 64

_HEADERS = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}

# The messages are in a frame of the page.
_ROWS_HEADERS = {
    **_HEADERS,
    "content-security-policy": f"default-src 'self'; script-src {' '.join(ROWS_SCRIPT_HASHES)};"
    " style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'",
}


class LightPages:
    """Serves the light pages, to the same people, with the same cookie, as the whole chat.

    A form has a key that only the chat's own page knows: old browsers do not name the page that a
    form comes from. A server that stops calls `end` before it waits for its requests.
    """

    def __init__(
        self, workspace: Workspace, hub: PubSubHub, origins: Origins, *, title: str, base: str = ""
    ) -> None:
        self._workspace = workspace
        self._hub = hub
        self._title = title
        self._base = base
        self._origins = origins
        self._cookie = TokenCookie(workspace, origins)
        self._sign_in = BrowserSignIn(workspace)
        # The requests that wait, and whose they are.
        self._waiting: dict[asyncio.Future[None], Person] = {}
        self._is_ended = False

    @property
    def waiting_count(self) -> int:
        """The number of requests that wait for a message."""
        return len(self._waiting)

    def end(self) -> None:
        """Answer all requests that wait, as the chat is about to stop."""
        self._is_ended = True
        for each in self._waiting:
            _resolve(each)

    async def show_index(self, request: Request) -> Response:
        """The form for a stranger. Who is known is sent on to the chat."""
        if await self._person(request) is not None:
            return _redirect("/chat")
        name = request.query_params.get("username", "")
        if not self._token(request):
            return await self._index(request, name)
        try:
            # The page of somebody who waits to be let in loads itself anew.
            visitor = visitor_of(request, self._cookie)
            admitted_name = await self._workspace.entrance.admitted_name(visitor)
        except ChatError as error:
            t = negotiate_language(request.headers.get("accept-language"))
            return await self._index(request, name, name_refusal(error, t))
        if admitted_name is not None:
            return await self._enter(request, admitted_name)
        return await self._index(request, name)

    async def sign_in(self, request: Request) -> Response:
        """Sign in with the name of the form."""
        form = await read_form(request)
        if await self._person(request) is not None:
            return _redirect("/chat")
        t = negotiate_language(request.headers.get("accept-language"))
        # The button of a free name counts more than the field.
        name = form.get("suggestion") or form.get("username", "")
        if not has_form_key(request, form, self._origins, self._token(request)):
            sentence = t("Allow cookies for this page, then enter your name again.")
            return await self._index(request, name, NameRefused(sentence))
        return await self._enter(request, name)

    async def _enter(self, request: Request, name: str) -> Response:
        """Sign in, and show the chat."""
        t = negotiate_language(request.headers.get("accept-language"))
        try:
            token = await self._sign_in.sign_in(visitor_of(request, self._cookie), name)
        except SignInFailed:
            sentence = t("This page was out of date. Send it again.")
            return await self._index(request, name, NameRefused(sentence))
        except ChatError as error:
            return await self._index(request, name, name_refusal(error, t))
        response = _redirect("/chat")
        if token is not None:
            self._cookie.set(request, response, token)
        return response

    async def show_chat(self, request: Request) -> Response:
        """The page of a room; a stranger gets the form."""
        person = await self._person(request)
        if person is None:
            return await self._index(request, request.query_params.get("username", ""))
        response = await self._chat(request, person, request.query_params.get("room", LOBBY))
        await self._cookie.give(request, response)
        return response

    async def post(self, request: Request) -> Response:
        """Post the text of the form, and show the room again. A repeated form posts nothing."""
        person = await self._person(request)
        if person is None:
            return _redirect("")
        form = await read_form(request)
        slug, text = form.get("room", LOBBY)[:_LOOKED_UP_LIMIT], form.get("text", "")
        t = (await viewer_of(self._workspace, request, person)).t
        if not has_form_key(request, form, self._origins, self._token(request)):
            sentence = t("This page was out of date. Send it again.")
            return await self._chat(request, person, slug, text, sentence)
        client_id = form.get("client_id", "")[:_LOOKED_UP_LIMIT] or secrets.token_hex(16)
        try:
            room = await self._workspace.rooms.enter(person, slug)
            if (room.parent or room).info.archived:
                raise RoomArchived
            await room.post(person, text, client_id)
        except ChatError as error:
            return await self._chat(request, person, slug, text, t.error(error))
        return _redirect(f"/chat?room={quote(slug)}")

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        person, form = await self._person(request), await read_form(request)
        if person is not None and has_form_key(request, form, self._origins, self._token(request)):
            try:
                await self._workspace.sign_out(person)
            except ChatError as error:
                t = (await viewer_of(self._workspace, request, person)).t
                return await self._chat(request, person, LOBBY, "", t.error(error))
        return _redirect("")

    async def show_rows(self, request: Request) -> Response:
        """The last messages of a room, as the frame of its page."""
        found = await self._room(request)
        if isinstance(found, Response):
            return found
        person, room = found
        viewer = await viewer_of(self._workspace, request, person)
        page = await room.newest(person, PLAIN_ROWS)
        rows = plain_rows(page, viewer, self._workspace.blocks.of(person.id))
        content = rows_page(viewer.t, rows, room.info.slug, page.change_number, base=self._base)
        return HTMLResponse(content, headers=_ROWS_HEADERS)

    async def wait(self, request: Request) -> Response:
        """200 as soon as the room has changed since `after`, 204 if it has not for a while.

        The person is online meanwhile. 503 if too many wait.
        """
        found = await self._room(request)
        if isinstance(found, Response):
            return found
        person, room = found
        own_count = sum(each.id == person.id for each in self._waiting.values())
        if self._is_ended or len(self._waiting) >= WAITING_LIMIT or own_count >= WAITING_PER_PERSON:
            return Response(status_code=503, headers=_HEADERS)
        after = request.query_params.get("after", "")
        changed = asyncio.get_running_loop().create_future()
        session = f"light {secrets.token_hex(8)}"
        self._waiting[changed] = person

        def on_event(topic: str, event: object) -> None:
            _resolve(changed)

        def on_person_event(topic: str, event: object) -> None:
            if isinstance(event, SignedOut | Sanctioned | DevicesSignedOut):
                _resolve(changed)

        self._hub.subscribe_topic(session, room.pubsub_topic, on_event)
        self._hub.subscribe_topic(session, person_topic(person.id), on_person_event)
        self._workspace.presence.session_connected(person, session)
        try:
            # It may have changed since the page was loaded.
            page = await room.newest(person, PLAIN_ROWS)
            if str(page.change_number) == after:
                await asyncio.wait({changed}, timeout=WAIT_SECONDS)
                if await self._person(request) is None:
                    return Response(status_code=401, headers=_HEADERS)
                page = await room.newest(person, PLAIN_ROWS)
        except ChatError:
            return Response(status_code=401, headers=_HEADERS)
        finally:
            del self._waiting[changed]
            self._hub.unsubscribe_all(session)
            self._workspace.presence.session_disconnected(person, session)
        is_changed = str(page.change_number) != after
        return Response(status_code=200 if is_changed else 204, headers=_HEADERS)

    async def _room(self, request: Request) -> tuple[Person, Room] | Response:
        """The person and the room of a request, or the answer to one without them."""
        person = await self._person(request)
        if person is None:
            return Response(status_code=401, headers=_ROWS_HEADERS)
        slug = request.query_params.get("room", LOBBY)[:_LOOKED_UP_LIMIT]
        try:
            return person, await self._workspace.rooms.by_slug(person, slug)
        except ChatError:
            return Response(status_code=404, headers=_ROWS_HEADERS)

    async def _chat(
        self, request: Request, person: Person, slug: str, typed: str = "", refusal: str = ""
    ) -> Response:
        t = (await viewer_of(self._workspace, request, person)).t
        links = await self._links(person, t)
        titles = {each.slug: each.title for each in links}
        try:
            room = await self._workspace.rooms.by_slug(person, slug[:_LOOKED_UP_LIMIT])
        except ChatError as error:
            room = await self._workspace.rooms.by_slug(person, LOBBY)
            refusal = t.error(error)
        page = ChatPage(
            title=titles.get(room.info.slug, room_title(room.info, t)),
            slug=room.info.slug,
            rooms=links,
            key=form_key(self._token(request)),
            client_id=secrets.token_hex(16),
            is_archived=(room.parent or room).info.archived,
            typed=typed,
            refusal=refusal,
            base=self._base,
        )
        policy = content_policy(request.scope, self._origins, FORM_SCRIPT_HASHES)
        headers = {**_HEADERS, "content-security-policy": policy}
        return HTMLResponse(chat_page(t, page), 422 if refusal else 200, headers)

    async def _links(self, person: Person, t: Language) -> tuple[RoomLink, ...]:
        """The rooms that a person is in, then the public ones."""
        own = [
            RoomLink(each.room.slug, membership_title(each, t))
            for each in await self._workspace.rooms.memberships_of(person)
            if each.room.kind is not RoomKind.THREAD and not each.room.archived
        ]
        slugs = {each.slug for each in own}
        others = [
            RoomLink(each.slug, room_title(each, t))
            for each in await self._workspace.rooms.public_rooms(person)
            if each.slug not in slugs and not each.archived
        ]
        return (*own, *others)

    async def _index(
        self, request: Request, name: str, refusal: NameRefused = NOT_REFUSED
    ) -> Response:
        """The form, with a token for a browser that has none."""
        t = negotiate_language(request.headers.get("accept-language"))
        tokens, token = self._workspace.identity.browser_tokens, self._token(request)
        is_new = not await self._workspace.identity.is_known(token)
        if is_new:
            token = tokens.issue()
        name = name[:_LOOKED_UP_LIMIT]
        content = index_page(
            t,
            self._title,
            form_key(token),
            name,
            refusal,
            base=self._base,
            offers_sign_in=await self._workspace.offers_sign_in(),
        )
        response = HTMLResponse(content, 422 if refusal.sentence else 200, _HEADERS)
        if is_new:
            self._cookie.set(request, response, token)
        return response

    def _token(self, request: Request) -> str:
        return self._cookie.read(request) or ""

    async def _person(self, request: Request) -> Person | None:
        person = await self._workspace.identity.person_for_token(self._token(request))
        if person is not None:
            self._workspace.networks.saw(person.id, client_network(request.scope))
        return person


def add_light_pages(app: FastAPI, light: LightPages) -> None:
    """Add `/light` and what is below it."""
    app.add_route(LIGHT_PATH, light.show_index, methods=["GET"])
    app.add_route(LIGHT_PATH, light.sign_in, methods=["POST"])
    app.add_route(f"{LIGHT_PATH}/chat", light.show_chat, methods=["GET"])
    app.add_route(f"{LIGHT_PATH}/chat", light.post, methods=["POST"])
    app.add_route(f"{LIGHT_PATH}/rows", light.show_rows, methods=["GET"])
    app.add_route(f"{LIGHT_PATH}/wait", light.wait, methods=["GET"])
    app.add_route(f"{LIGHT_PATH}/leave", light.leave, methods=["POST"])


def _redirect(path: str) -> Response:
    return RedirectResponse(f"{LIGHT_PATH}{path}", 303, _HEADERS)


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
