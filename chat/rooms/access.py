"""The rights of people in a room."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from chat.errors import GuestRefused, ModeratorRequired, NoSuchRoom, RoomArchived, Translatable
from chat.model.moderation import Role
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo, RoomKind


class RoleSource(Protocol):
    """Knows the roles of people, without reading anything."""

    def of(self, person_id: PersonId) -> Role:
        """The role of a person in the whole chat."""

    def is_guest(self, person_id: PersonId) -> bool:
        """Whether a person is a guest of the chat."""

    def guest_since(self, person_id: PersonId) -> datetime | None:
        """Since when a guest is here, who sees nothing that was said before; None for others."""

    def moderates_room(self, person_id: PersonId, room_id: RoomId) -> bool:
        """Whether a person was made a moderator of this room."""


class SanctionSource(Protocol):
    """Knows who is muted or banned, without reading anything."""

    def silences(self, person_id: PersonId) -> bool:
        """Whether a person, or the owner of a bot, is muted or banned."""

    def require_may_write(self, person: Person) -> None:
        """Raises Muted and PersonBanned."""


class Access:
    """Decides what a person may do in a room, from its kind, its members, and their roles.

    `parent` is the room that a thread belongs to. The rights in a thread are those in its parent.
    """

    def __init__(
        self,
        info: RoomInfo,
        members: Iterable[Person],
        parent: "Access | None",
        *,
        roles: RoleSource,
        sanctions: SanctionSource,
    ) -> None:
        self.info = info
        self.members = {person.id: person for person in members}
        self.parent = parent
        self.roles = roles
        self.sanctions = sanctions

    def can_read(self, person: Person) -> bool:
        """Whether `person` may read here, and may know that the room exists."""
        if self.parent is not None:
            return self.parent.can_read(person)
        if self.info.is_of_moderators:
            # Its members follow the roles a moment later (`RoomDirectory.follow_roles`).
            return person.id in self.members and self.roles.of(person.id).moderates
        if person.id in self.members:
            return True
        return self.info.kind is RoomKind.PUBLIC and not self.roles.is_guest(person.id)

    def role(self, person: Person) -> Role:
        """The role of `person` in this room. Its creator is a moderator.

        A direct conversation has no moderators.
        """
        if self.parent is not None:
            return self.parent.role(person)
        role = self.roles.of(person.id)
        if role is Role.GUEST:
            return role
        if self.info.kind is RoomKind.DIRECT:
            return Role.MEMBER
        is_named = self.roles.moderates_room(person.id, self.info.id)
        if role is Role.MEMBER and (is_named or person.id == self.info.created_by):
            return Role.MODERATOR
        return role

    def can_moderate(self, person: Person) -> bool:
        """Whether `person` may read and moderate here: see `role`."""
        return self.can_read(person) and self.role(person).moderates

    def outranks(self, person: Person, other: Person) -> bool:
        """Whether `person` may act as a moderator on `other` here.

        The owner comes before the moderators of the chat, these before the creator of the room, and
        the creator before the moderators that were made in the room.
        """
        return self.can_moderate(person) and self._rank(person) > self._rank(other)

    def _rank(self, person: Person) -> int:
        role = self.roles.of(person.id)
        if role.moderates:
            return 4 if role is Role.OWNER else 3
        if self.role(person) is not Role.MODERATOR:
            return 0
        return 2 if person.id == (self.parent or self).info.created_by else 1

    @property
    def mentionable_people(self) -> dict[PersonId, Person]:
        """The people who can be mentioned here; for a thread, the members of its parent."""
        return self.members if self.parent is None else self.parent.members

    def require_read(self, person: Person) -> None:
        """Raises NoSuchRoom unless `person` may read here."""
        if not self.can_read(person):
            raise NoSuchRoom

    def require_post(self, person: Person) -> None:
        """Raises NoSuchRoom, RoomArchived, Muted and PersonBanned unless `person` may post here."""
        self.require_member(person)
        self.sanctions.require_may_write(person)

    def require_member(self, person: Person) -> None:
        """Raises NoSuchRoom, and RoomArchived, unless `person` is in this room."""
        self.require_read(person)
        parent_or_self = self.parent or self
        if person.id not in parent_or_self.members:
            raise NoSuchRoom
        if self.info.archived or parent_or_self.info.archived:
            raise RoomArchived

    def require_no_guest(self, person: Person) -> None:
        """Raises NoSuchRoom, and GuestRefused for a guest of the chat."""
        self.require_read(person)
        if self.roles.is_guest(person.id):
            raise GuestRefused

    def require_moderator(self, person: Person, action: Translatable) -> None:
        """Raises NoSuchRoom, and ModeratorRequired unless `person` is a moderator here."""
        self.require_read(person)
        if not self.can_moderate(person):
            raise ModeratorRequired(action)
