"""One connection of Socket.IO: its person, and the rooms whose messages it gets."""

from dataclasses import dataclass, field

from chat.errors import NoSuchRoom
from chat.languages import Language
from chat.model.people import Person
from chat.model.rooms import RoomId
from chat.rooms.room import Room


@dataclass(eq=False, slots=True)
class Connection:
    """A client that has said who it is.

    `client_id` is its id in Socket.IO, `engine_id` that of its transport. Who signed in without a
    token is signed out with the connection; `token_hash` is that of one who did not.
    """

    client_id: str
    engine_id: str
    person: Person
    t: Language
    keeps_account: bool
    token_hash: bytes | None = None
    # In order: what names no room is posted in the last one.
    rooms: dict[RoomId, Room] = field(default_factory=dict)

    @property
    def subscriber(self) -> str:
        """Its name in the PubSub hub."""
        return f"socketio {self.client_id}"

    def room(self, slug: str | None) -> Room:
        """The room with this address, or the last that was joined. Raises NoSuchRoom."""
        for each in reversed(self.rooms.values()):
            if slug is None or each.info.slug == slug:
                return each
        raise NoSuchRoom
