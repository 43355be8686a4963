"""The connections that get the messages of each room, and what they get."""

import asyncio
from collections import OrderedDict

import structlog
from flet.pubsub import PubSubHub

from chat.errors import NoSuchRoom
from chat.model.events import MessageChanged, MessagesPosted
from chat.model.messages import Message, MessageKind, MessagePage
from chat.model.rooms import RoomId
from chat.rooms.history import PAGE_SIZE
from chat.rooms.room import Room
from chat.web.api.errors import error_code
from chat.web.socketio.connection import Connection
from chat.web.socketio.message_events import (
    changed_data,
    deleted_data,
    is_shown,
    line_of,
    posted_data,
)
from chat.web.socketio.transport import Packet, SocketIOTransport, event_packet

log = structlog.get_logger(__name__)

# Messages that are kept encoded, for those who connect and get the last ones.
ENCODED_LIMIT = 500

# Texts that are remembered, so that a reaction is not taken for a change of the text.
TEXT_LIMIT = 1000

_SUBSCRIBER = "socketio"


class RoomListeners:
    """Passes on what is posted, changed and deleted, to those who may read it at that moment."""

    def __init__(self, hub: PubSubHub, transport: SocketIOTransport) -> None:
        self._hub = hub
        self._transport = transport
        self._rooms: dict[RoomId, Room] = {}
        self._listeners: dict[RoomId, dict[Connection, None]] = {}
        self._encoded = OrderedDict[tuple[RoomId, int, int, str], tuple[Packet, ...]]()
        # None is the text of a deleted message.
        self._texts = OrderedDict[tuple[RoomId, int], str | None]()

    def add(self, connection: Connection, room: Room, page: MessagePage) -> None:
        """Send the last messages of a room, and from now on what is said there.

        `page` is its newest page. Nothing is missed or sent twice: this does not wait.
        """
        room_id = room.info.id
        last_number = page.messages[-1].number if page.messages else 0
        newer = room.recent(last_number) or ()
        newer = tuple(each for each in newer if room.is_visible(connection.person, each))
        messages = (*page.messages, *newer)
        connection.rooms.pop(room_id, None)
        connection.rooms[room_id] = room
        if room_id not in self._listeners:
            self._rooms[room_id], self._listeners[room_id] = room, {}
            self._hub.subscribe_topic(_SUBSCRIBER, room.pubsub_topic, self._on_event)
        if connection in self._listeners[room_id]:
            return
        self._listeners[room_id][connection] = None
        for each in [each for each in messages if is_shown(each)][-PAGE_SIZE:]:
            self._transport.send(connection.engine_id, *self._posted_packets(each, room))

    def remove(self, connection: Connection, room_id: RoomId) -> None:
        """A connection gets nothing more of a room."""
        connection.rooms.pop(room_id, None)
        listeners = self._listeners.get(room_id, {})
        listeners.pop(connection, None)
        if room_id in self._listeners and not listeners:
            del self._listeners[room_id]
            room = self._rooms.pop(room_id)
            self._hub.unsubscribe_topic(_SUBSCRIBER, room.pubsub_topic)

    def _on_event(self, topic: str, event: object) -> None:
        try:
            if isinstance(event, MessagesPosted):
                for message in event.messages:
                    if is_shown(message):
                        room = self._rooms[message.room_id]
                        self._send(room, message, *self._posted_packets(message, room))
            elif isinstance(event, MessageChanged) and event.message.kind is MessageKind.TEXT:
                self._on_change(event)
        except Exception:
            log.exception("could not handle an event", topic=topic)

    def _on_change(self, change: MessageChanged) -> None:
        message, room = change.message, self._rooms[change.message.room_id]
        if change.completes_stream and is_shown(message):
            self._send(room, message, *self._posted_packets(message, room))
        elif message.deleted and self._remember(message):
            self._send(
                room,
                message,
                event_packet("message_deleted", deleted_data(message, room.info.slug)),
            )
        elif is_shown(message) and self._remember(message):
            self._send(
                room,
                message,
                event_packet("message_changed", changed_data(message, room.info.slug)),
            )

    def _send(self, room: Room, message: Message, *packets: Packet) -> None:
        for each in list(self._listeners[room.info.id]):
            if room.can_read(each.person):
                if not room.is_visible(each.person, message):
                    continue
                self._transport.send(each.engine_id, *packets)
            else:
                # PubSub holds its lock during this call: unsubscribe in the next turn of the loop.
                asyncio.get_running_loop().call_soon(self._on_removed, each, room)

    def _on_removed(self, connection: Connection, room: Room) -> None:
        """A person may not read a room any more."""
        self.remove(connection, room.info.id)
        error = NoSuchRoom()
        data = {
            "ok": False,
            "error": error_code(error).value,
            "message": connection.t.error(error),
            "room": room.info.slug,
        }
        self._transport.send(connection.engine_id, event_packet("refused", data))

    def _posted_packets(self, message: Message, room: Room) -> tuple[Packet, ...]:
        key = (message.room_id, message.number, message.change_number, message.author.name)
        if (found := self._encoded.get(key)) is None:
            found = (
                event_packet("message", line_of(message)),
                event_packet("new_message", posted_data(message, room.info.slug)),
            )
            self._encoded[key] = found
            if len(self._encoded) > ENCODED_LIMIT:
                self._encoded.popitem(last=False)
        self._remember(message)
        return found

    def _remember(self, message: Message) -> bool:
        """Whether the text is another one than before, as far as it is remembered."""
        key, text = (message.room_id, message.number), None if message.deleted else message.text
        is_new = key not in self._texts or self._texts[key] != text
        self._texts[key] = text
        self._texts.move_to_end(key)
        if len(self._texts) > TEXT_LIMIT:
            self._texts.popitem(last=False)
        return is_new
