"""Who may do what in a room."""

from collections.abc import Callable, Iterable

from chat.errors import NoSuchRoom, NotYours, Phrase, RoomArchived
from chat.model.people import Person, PersonId
from chat.model.rooms import Room, RoomKind


class Access:
    """A room and those who are in it; `parent` is the room that a thread is in.

    Who may read and write there may in the thread.
    """

    def __init__(
        self,
        room: Room,
        members: Iterable[Person],
        parent: "Access | None",
        owner: Callable[[], PersonId | None],
    ) -> None:
        self.room = room
        self.members = {person.id: person for person in members}
        self.parent = parent
        self._owner = owner

    def may_read(self, person: Person) -> bool:
        """Whether this room is there at all for `person`."""
        if self.parent is not None:
            return self.parent.may_read(person)
        return self.room.kind is RoomKind.PUBLIC or person.id in self.members

    def moderates(self, person: Person) -> bool:
        """Whether `person` looks after this room: its maker, or the owner of the chat.

        Nobody does of a direct conversation: there each answers for their own words.
        """
        base = self.parent or self
        if base.room.kind is RoomKind.DIRECT:
            return False
        return base.may_read(person) and person.id in {base.room.made_by, self._owner()}

    @property
    def people(self) -> dict[PersonId, Person]:
        """Those who can be called here: in a thread, who is in the room that it is in."""
        return self.members if self.parent is None else self.parent.members

    def check_reading(self, person: Person) -> None:
        """Raises NoSuchRoom unless `person` may read here."""
        if not self.may_read(person):
            raise NoSuchRoom

    def check_writing(self, person: Person) -> None:
        """Raises NoSuchRoom, and RoomArchived, unless `person` may say something here."""
        self.check_reading(person)
        base = self.parent or self
        if person.id not in base.members:
            raise NoSuchRoom
        if self.room.archived or base.room.archived:
            raise RoomArchived

    def check_care(self, person: Person, what: Phrase) -> None:
        """Raises NoSuchRoom, and NotYours unless `person` looks after this room."""
        self.check_reading(person)
        if not self.moderates(person):
            raise NotYours(what)
