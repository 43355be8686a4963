"""The people who are connected by Socket.IO: they sign in, post, and join and leave rooms."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from flet.pubsub import PubSubHub
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused
from starlette.types import Scope

from chat.activity.rate_limits import RateLimits
from chat.errors import (
    BadRoom,
    ChatError,
    NameTaken,
    NoSuchRoom,
    NotStored,
    RoomArchived,
    SlowDown,
)
from chat.languages import negotiate_language
from chat.model.devices import DevicesSignedOut
from chat.model.events import Sanctioned, SignedOut, person_topic
from chat.model.joining import Visitor
from chat.model.moderation import SanctionKind
from chat.model.people import Person
from chat.people.browser_tokens import new_token, token_hash
from chat.programs.rate_limits import BURST, REQUESTS_PER_SECOND
from chat.rooms.directory import LOBBY
from chat.tasks import Tasks
from chat.text.name_rules import validate_name
from chat.text.names import name_key
from chat.web.api.errors import bad_field, error_code
from chat.web.guard.origins import client_network
from chat.web.socketio.connection import Connection
from chat.web.socketio.room_listeners import RoomListeners
from chat.web.socketio.transport import SocketIOTransport, event_packet
from chat.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

# Rooms whose messages one connection gets.
ROOM_LIMIT = 20

# The longest token and address of a room that are looked up, in characters.
_LOOKED_UP_LIMIT = 200

# How a client is called in the list of a person's devices.
_DEVICE_LABEL = "Socket.IO"

# Who gives no name is a guest: “Guest”, “Guest 2” and so on.
_GUEST = "Guest"

# Names that others may take before a guest has one.
_GUEST_ATTEMPTS = 5

Action = Callable[[Connection, tuple[Any, ...]], Awaitable[dict[str, Any]]]


class SocketIOSessions:
    """Answers the events of all clients."""

    def __init__(self, workspace: Workspace, hub: PubSubHub, transport: SocketIOTransport) -> None:
        self._workspace = workspace
        self._hub = hub
        self._transport = transport
        self._listeners = RoomListeners(hub, transport)
        self._connections: dict[str, Connection] = {}
        self._limits = RateLimits(BURST, REQUESTS_PER_SECOND)
        # Those who are being signed out, by the key of their name.
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks()
        transport.on("connect", self._connect)
        transport.on("disconnect", self._disconnect)
        transport.on("message", self._on_message)
        transport.on("new_message", self._on_message)
        transport.on("join", self._on_join)
        transport.on("leave", self._on_leave)

    async def close(self) -> None:
        """Wait for those who are being signed out."""
        await self._tasks.finish()

    async def _connect(self, client_id: str, environ: Mapping[str, Any], auth: object) -> None:
        """Sign a person in, and let them enter their room. Raises ConnectionRefused."""
        t = negotiate_language(environ.get("HTTP_ACCEPT_LANGUAGE"))
        query = parse_qs(environ.get("QUERY_STRING", ""))
        slug = query.get("room", [LOBBY])[0][:_LOOKED_UP_LIMIT]
        keeps_account = isinstance(auth, dict) and "token" in auth
        token = auth.get("token") if isinstance(auth, dict) else None
        network = client_network(environ["asgi.scope"])
        try:
            person = await self._known_person(token)
            used, token = token, None
            if person is None:
                visitor = _visitor(environ["asgi.scope"], auth)
                await self._workspace.entrance.admitted_name(visitor)
                await self._require_public(slug)
                used = token = new_token() if keeps_account else None
                person = await self._sign_in(query.get("username", [""])[0], token, visitor)
        except ChatError as error:
            raise ConnectionRefused(t.error(error)) from None
        self._workspace.networks.saw(person.id, network)
        # From here on the person leaves again if anything fails.
        hashed = token_hash(used) if isinstance(used, str) else None
        connection = Connection(client_id, "", person, t, keeps_account, hashed)
        try:
            room = await self._workspace.rooms.enter(person, slug)
            page = await room.newest(person)
            engine_id = self._transport.engine_id(client_id)
            if engine_id is None:
                raise NotStored("The chat is about to stop. Connect again.")
        except ChatError as error:
            self._end_account(connection)
            raise ConnectionRefused(t.error(error)) from None
        connection.engine_id = engine_id
        self._connections[client_id] = connection
        self._workspace.presence.session_connected(person, client_id)
        if hashed is not None:
            self._workspace.devices.session_connected(hashed)
        self._hub.subscribe_topic(
            connection.subscriber, person_topic(person.id), self._on_person_event
        )
        if self._workspace.sanctions.get(person.id, SanctionKind.BAN) is not None:
            self._transport.drop(engine_id)
        welcome = {"username": person.name, "room": room.info.slug, "token": token}

        def begin() -> None:
            # The client knows by now that it is connected.
            if client_id in self._connections:
                self._transport.send(engine_id, event_packet("signed_in", welcome))
                self._listeners.add(connection, room, page)

        asyncio.get_running_loop().call_soon(begin)

    async def _disconnect(self, client_id: str, reason: str = "") -> None:
        """A client has left, or is gone."""
        connection = self._connections.pop(client_id, None)
        if connection is None:
            return
        self._hub.unsubscribe_all(connection.subscriber)
        for room_id in list(connection.rooms):
            self._listeners.remove(connection, room_id)
        self._workspace.presence.session_disconnected(connection.person, client_id)
        if connection.token_hash is not None:
            self._workspace.devices.session_disconnected(connection.token_hash)
        self._transport.forget(connection.engine_id)
        self._end_account(connection)

    async def _on_message(self, client_id: str, *data: Any) -> dict[str, Any] | None:
        return await self._answer(client_id, self._post, data)

    async def _on_join(self, client_id: str, *data: Any) -> dict[str, Any] | None:
        return await self._answer(client_id, self._join, data)

    async def _on_leave(self, client_id: str, *data: Any) -> dict[str, Any] | None:
        return await self._answer(client_id, self._leave, data)

    async def _answer(
        self, client_id: str, action: Action, data: tuple[Any, ...]
    ) -> dict[str, Any] | None:
        """Run an action. A refusal is the answer, and the event `refused`."""
        connection = self._connections.get(client_id)
        if connection is None:
            return None
        try:
            if wait := self._limits.take(client_id):
                raise SlowDown(wait)
            return {"ok": True, **await action(connection, data)}
        except ChatError as error:
            refusal = {
                "ok": False,
                "error": error_code(error).value,
                "message": connection.t.error(error),
            }
        except Exception:
            log.exception("an event of Socket.IO failed", person=connection.person.id)
            sentence = connection.t("Something went wrong here. Try again; the log has the reason.")
            refusal = {"ok": False, "error": "internal_error", "message": sentence}
        self._transport.send(connection.engine_id, event_packet("refused", refusal))
        return refusal

    async def _post(self, connection: Connection, data: tuple[Any, ...]) -> dict[str, Any]:
        """Post a text: `"text"`, or `{"text": …, "room": …}`."""
        first = data[0] if data else None
        text = first.get("text") if isinstance(first, dict) else first
        if not isinstance(text, str):
            raise bad_field("text", "it is no text")
        room = connection.room(first.get("room") if isinstance(first, dict) else None)
        if (room.parent or room).info.archived:
            # Who is not in it is told the same.
            raise RoomArchived
        message = await room.post(connection.person, text, secrets.token_hex(16))
        return {"room": room.info.slug, "number": message.number}

    async def _join(self, connection: Connection, data: tuple[Any, ...]) -> dict[str, Any]:
        slug = _slug_in(data)
        room = await self._workspace.rooms.enter(connection.person, slug)
        if len(connection.rooms.keys() - {room.info.id}) >= ROOM_LIMIT:
            raise BadRoom("You are in {limit} rooms. Leave one of them first.", limit=ROOM_LIMIT)
        page = await room.newest(connection.person)
        if connection.client_id in self._connections:
            self._listeners.add(connection, room, page)
        return {"room": room.info.slug}

    async def _leave(self, connection: Connection, data: tuple[Any, ...]) -> dict[str, Any]:
        """The connection gets nothing more of a room; the person stays its member."""
        room = connection.room(_slug_in(data))
        self._listeners.remove(connection, room.info.id)
        return {"room": room.info.slug}

    async def _known_person(self, token: object) -> Person | None:
        """The person of a token; None if there is none. Raises PersonBanned."""
        if not isinstance(token, str) or len(token) > _LOOKED_UP_LIMIT:
            return None
        await self._workspace.identity.require_not_banned(token)
        return await self._workspace.identity.person_for_token(token)

    async def _require_public(self, slug: str) -> None:
        """Raises NoSuchRoom for a room that a stranger may not read."""
        if not await self._workspace.rooms.is_public(slug):
            raise NoSuchRoom

    async def _sign_in(self, raw_name: str, token: str | None, visitor: Visitor) -> Person:
        """Sign in under the ordinary rules. Raises as `Entrance.sign_in`."""
        name = validate_name(raw_name) if raw_name.strip() else _GUEST
        if (leaving := self._leaving.get(name_key(name))) is not None:
            # A page that is loaded anew comes back while its old connection is being ended.
            await asyncio.wait({leaving})
        person = None
        for attempt in range(_GUEST_ATTEMPTS):
            try:
                person = await self._workspace.entrance.sign_in(name, token, visitor)
                break
            except NameTaken as error:
                if raw_name.strip() or attempt == _GUEST_ATTEMPTS - 1:
                    raise
                name = error.suggestion
        assert person is not None, "it was raised otherwise"
        await self._workspace.on_signed_in(person)
        return person

    def _end_account(self, connection: Connection) -> None:
        """Sign out whoever cannot come back."""
        if connection.keeps_account:
            return
        person = connection.person
        key = name_key(person.name)
        task = self._tasks.start(self._workspace.end_account(person), "sign a guest out")
        self._leaving[key] = task

        def forget(done: asyncio.Task[None]) -> None:
            if self._leaving.get(key) is done:
                del self._leaving[key]

        task.add_done_callback(forget)

    def _on_person_event(self, topic: str, event: object) -> None:
        is_over = isinstance(event, Sanctioned) and event.sanction.kind is SanctionKind.BAN
        is_over |= isinstance(event, SignedOut)
        signed_out = event.token_hashes if isinstance(event, DevicesSignedOut) else frozenset()
        if not is_over and not signed_out:
            return
        for each in list(self._connections.values()):
            is_own = topic == person_topic(each.person.id)
            if is_own and (is_over or each.token_hash in signed_out):
                self._transport.drop(each.engine_id)


def _visitor(scope: Scope, auth: object) -> Visitor:
    """Who connects. `auth` may have the code of an invitation: `{"invitation": code}`."""
    code = auth.get("invitation") if isinstance(auth, dict) else None
    invitation = code if isinstance(code, str) else None
    return Visitor(network=client_network(scope), device=_DEVICE_LABEL, invitation=invitation)


def _slug_in(data: tuple[Any, ...]) -> str:
    """The room that an event names: `"slug"`, or `{"room": "slug"}`. Raises RequestRefused."""
    first = data[0] if data else None
    slug = first.get("room") if isinstance(first, dict) else first
    if not isinstance(slug, str):
        raise bad_field("room", "it is no address of a room")
    return slug[:_LOOKED_UP_LIMIT]
