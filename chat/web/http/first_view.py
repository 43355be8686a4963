"""`GET /first-view`: the room of an address as plain text, which the page shows while it loads."""

from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chat.errors import ChatError
from chat.languages import Language, negotiate_language
from chat.model.addresses import Address
from chat.model.messages import MessagePage
from chat.model.people import Person
from chat.model.preferences import SYSTEM
from chat.model.rooms import RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.tasks import OnePlaceEach
from chat.ui.client.page_messages import MAX_PATH_LENGTH
from chat.ui.room_titles import field_hint, room_title
from chat.ui.viewer import ViewerContext, viewer_for
from chat.web.guard.cookies import ZONE_COOKIE, TokenCookie
from chat.web.http.plain_rows import PLAIN_ROWS, plain_rows
from chat.workspace.workspace import Workspace

# It is a person's own: no cache keeps it, and no other origin reads it.
_HEADERS = {"cache-control": "no-store", "cross-origin-resource-policy": "same-origin"}


class FirstView:
    """Answers with title, topic, draft and last messages of a room. Nothing is changed by that.

    The rights are those of the room: whoever may not read it gets the 404 of a room that does not
    exist. Of one person, one request is answered at a time.
    """

    def __init__(self, workspace: Workspace, cookie: TokenCookie) -> None:
        self._workspace = workspace
        self._cookie = cookie
        self._places = OnePlaceEach()

    async def __call__(self, request: Request) -> Response:
        """The room of the parameter `path`; 401 for a stranger."""
        token = self._cookie.read(request)
        person = await self._workspace.identity.person_for_token(token)
        if person is None:
            return Response(status_code=401, headers=_HEADERS)
        path = request.query_params.get("path", "/")
        address = Address.parse(path[:MAX_PATH_LENGTH])
        if len(path) > MAX_PATH_LENGTH or address.person_name is not None:
            # Where a conversation is named by a person, opening it may create it.
            return Response(status_code=404, headers=_HEADERS)
        async with self._places.of(person.id):
            try:
                room = await self._workspace.resolve(person, path)
                viewer = await viewer_of(self._workspace, request, person)
                view = await self._view(room, person, viewer, with_rows=address.number is None)
            except ChatError:
                return Response(status_code=404, headers=_HEADERS)
        return JSONResponse(view, headers=_HEADERS)

    async def _view(
        self, room: Room, person: Person, viewer: ViewerContext, *, with_rows: bool
    ) -> dict[str, Any]:
        # An address of a message shows what is around it, which may be far above.
        page = await room.newest(person, PLAIN_ROWS) if with_rows else MessagePage()
        rows = plain_rows(page, viewer, self._workspace.blocks.of(person.id))
        is_archived = (room.parent or room).info.archived
        membership = self._workspace.memberships.get(person, room.info.id)
        return {
            "language": viewer.t.tag,
            "title": _title(room, person, viewer.t),
            "topic": self._topic(room, person, viewer.t),
            "is_public": room.info.kind is RoomKind.PUBLIC,
            "hint": field_hint(room.info, membership, viewer.t),
            "draft": "" if is_archived else await room.draft(person),
            "writable": not is_archived,
            "rows": [asdict(each) for each in rows],
        }

    def _topic(self, room: Room, person: Person, t: Language) -> str:
        """The second line of the header, as Flutter draws it."""
        if room.parent is not None:
            return t("in {room}", room=room_title(room.parent.info, t))
        if room.info.slug == LOBBY and self._workspace.identity.is_newcomer(person):
            return t("Welcome, {name}!", name=person.name)
        return room.info.topic


async def viewer_of(workspace: Workspace, request: Request, person: Person) -> ViewerContext:
    """The viewer context of a request: the person's language, and the browser's time zone."""
    preferences = await workspace.identity.preferences(person)
    accepted = request.headers.get("accept-language")
    languages = accepted if preferences.language == SYSTEM else preferences.language
    zone = request.cookies.get(ZONE_COOKIE)
    return viewer_for(unquote(zone) if zone else None, negotiate_language(languages))


def _title(room: Room, person: Person, t: Language) -> str:
    match room.info.kind:
        case RoomKind.THREAD:
            return t("Thread")
        case RoomKind.DIRECT:
            others = [each.name for each in room.members.values() if each.id != person.id]
            return t.join(others) if others else t("Notes to myself")
    return room_title(room.info, t)


def add_first_view(app: FastAPI, workspace: Workspace, cookie: TokenCookie) -> None:
    """Add `GET /first-view`."""
    endpoint = FirstView(workspace, cookie)

    async def respond(request: Request) -> Response:
        return await endpoint(request)

    app.add_route("/first-view", respond, methods=["GET"])
