"""Who may do what in a room."""

from collections.abc import Callable, Iterable

from chat.errors import ModeratorRequired, NoSuchRoom, RoomArchived, Translatable
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomInfo, RoomKind


class Access:
    """A room and those who are in it; `parent` is the room that a thread is in.

    Who may read and write there may in the thread.
    """

    def __init__(
        self,
        info: RoomInfo,
        members: Iterable[Person],
        parent: "Access | None",
        get_owner_id: Callable[[], PersonId | None],
    ) -> None:
        self.info = info
        self.members = {person.id: person for person in members}
        self.parent = parent
        self._get_owner_id = get_owner_id

    def can_read(self, person: Person) -> bool:
        """Whether this room is there at all for `person`."""
        if self.parent is not None:
            return self.parent.can_read(person)
        return self.info.kind is RoomKind.PUBLIC or person.id in self.members

    def can_moderate(self, person: Person) -> bool:
        """Whether `person` looks after this room: its maker, or the owner of the chat.

        Nobody does of a direct conversation: there each answers for their own words.
        """
        parent_or_self = self.parent or self
        if parent_or_self.info.kind is RoomKind.DIRECT:
            return False
        return parent_or_self.can_read(person) and person.id in {
            parent_or_self.info.created_by,
            self._get_owner_id(),
        }

    @property
    def mentionable_people(self) -> dict[PersonId, Person]:
        """Those who can be called here: in a thread, who is in the room that it is in."""
        return self.members if self.parent is None else self.parent.members

    def require_read(self, person: Person) -> None:
        """Raises NoSuchRoom unless `person` may read here."""
        if not self.can_read(person):
            raise NoSuchRoom

    def require_post(self, person: Person) -> None:
        """Raises NoSuchRoom, and RoomArchived, unless `person` may say something here."""
        self.require_read(person)
        parent_or_self = self.parent or self
        if person.id not in parent_or_self.members:
            raise NoSuchRoom
        if self.info.archived or parent_or_self.info.archived:
            raise RoomArchived

    def require_moderator(self, person: Person, action: Translatable) -> None:
        """Raises NoSuchRoom, and ModeratorRequired unless `person` looks after this room."""
        self.require_read(person)
        if not self.can_moderate(person):
            raise ModeratorRequired(action)
