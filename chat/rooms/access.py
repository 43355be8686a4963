"""The rights of people in a room."""

from collections.abc import Iterable
from typing import Protocol

from chat.errors import ModeratorRequired, NoSuchRoom, RoomArchived, Translatable
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomInfo, RoomKind


class OwnerSource(Protocol):
    """Knows the owner of the chat."""

    @property
    def owner_id(self) -> PersonId | None:
        """The id of the owner; None while nobody owns the chat."""


class Access:
    """Decides what a person may do in a room, from its kind and its members.

    `parent` is the room that a thread belongs to. The rights in a thread are those in its parent.
    """

    def __init__(
        self,
        info: RoomInfo,
        members: Iterable[Person],
        parent: "Access | None",
        *,
        owner_source: OwnerSource,
    ) -> None:
        self.info = info
        self.members = {person.id: person for person in members}
        self.parent = parent
        self._owner_source = owner_source

    def can_read(self, person: Person) -> bool:
        """Whether `person` may read here, and may know that the room exists."""
        if self.parent is not None:
            return self.parent.can_read(person)
        return self.info.kind is RoomKind.PUBLIC or person.id in self.members

    def can_moderate(self, person: Person) -> bool:
        """Whether `person` is a moderator of this room: its creator, or the owner of the chat.

        A direct conversation has no moderator.
        """
        parent_or_self = self.parent or self
        if parent_or_self.info.kind is RoomKind.DIRECT:
            return False
        return parent_or_self.can_read(person) and person.id in {
            parent_or_self.info.created_by,
            self._owner_source.owner_id,
        }

    @property
    def mentionable_people(self) -> dict[PersonId, Person]:
        """The people who can be mentioned here; for a thread, the members of its parent."""
        return self.members if self.parent is None else self.parent.members

    def require_read(self, person: Person) -> None:
        """Raises NoSuchRoom unless `person` may read here."""
        if not self.can_read(person):
            raise NoSuchRoom

    def require_post(self, person: Person) -> None:
        """Raises NoSuchRoom, and RoomArchived, unless `person` may post here."""
        self.require_read(person)
        parent_or_self = self.parent or self
        if person.id not in parent_or_self.members:
            raise NoSuchRoom
        if self.info.archived or parent_or_self.info.archived:
            raise RoomArchived

    def require_moderator(self, person: Person, action: Translatable) -> None:
        """Raises NoSuchRoom, and ModeratorRequired unless `person` is a moderator here."""
        self.require_read(person)
        if not self.can_moderate(person):
            raise ModeratorRequired(action)
