"""The roles of people: in the whole chat, and in single rooms."""

from collections.abc import Callable
from datetime import datetime

import structlog

from chat.errors import BadRole, ChatModeratorRequired, OwnerRequired, gettext_noop
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId
from chat.people.ownership import Ownership
from chat.store.contract import Store

log = structlog.get_logger(__name__)


class Roles:
    """The roles of one chat, all of them in memory: to ask for one reads nothing.

    Only roles that are not that of a member are kept.
    """

    def __init__(self, store: Store, ownership: Ownership) -> None:
        self._store = store
        self._ownership = ownership
        self._roles: dict[tuple[PersonId, RoomId | None], Role] = {}
        # Called after somebody has another role in the whole chat.
        self.on_changed: Callable[[], None] = _ignore
        # Since when guests are here who came in with an invitation.
        self._guests_since: dict[PersonId, datetime] = {}

    async def open(self) -> None:
        """Read the roles."""
        self._roles = dict(await self._store.roles())
        self._guests_since = dict(await self._store.guests_since())

    def of(self, person_id: PersonId) -> Role:
        """The role of a person in the whole chat."""
        if person_id == self._ownership.owner_id:
            return Role.OWNER
        return self._roles.get((person_id, None), Role.MEMBER)

    def is_guest(self, person_id: PersonId) -> bool:
        """Whether a person is a guest of the chat."""
        return self.of(person_id) is Role.GUEST

    def guest_since(self, person_id: PersonId) -> datetime | None:
        """Since when a guest is here, who sees nothing that was said before; None for others.

        A guest who was a member before has seen it.
        """
        since = self._guests_since.get(person_id) if self._guests_since else None
        return since if since is not None and self.is_guest(person_id) else None

    def came_as_guest(self, person: Person, since: datetime) -> None:
        """A person has come in with the invitation of a guest; the store has their role."""
        self._roles[person.id, None] = Role.GUEST
        self._guests_since[person.id] = since

    def moderates_room(self, person_id: PersonId, room_id: RoomId) -> bool:
        """Whether a person was made a moderator of this room."""
        return self._roles.get((person_id, room_id)) is Role.MODERATOR

    def moderators_of(self, room_id: RoomId | None) -> frozenset[PersonId]:
        """Those who were made moderators of a room, or of the whole chat (None)."""
        return frozenset(
            person_id
            for (person_id, each), role in self._roles.items()
            if each == room_id and role is Role.MODERATOR
        )

    def require_moderator(self, person: Person) -> None:
        """Raises ChatModeratorRequired unless a person moderates the whole chat."""
        if not self.of(person.id).moderates:
            raise ChatModeratorRequired

    async def set_chat_role(self, actor: Person, person: Person, role: Role) -> None:
        """Give a person a role in the whole chat. Raises OwnerRequired, and BadRole for an owner:
        the chat is handed over instead (`Ownership.hand_over`)."""
        if self.of(actor.id) is not Role.OWNER:
            raise OwnerRequired(gettext_noop("give somebody a role in the whole chat"))
        if Role.OWNER in {role, self.of(person.id)}:
            raise BadRole("The chat has one owner. Hand it over instead.")
        await self.store_role(actor, person, role)

    async def store_role(
        self, actor: Person | None, person: Person, role: Role, room_id: RoomId | None = None
    ) -> None:
        """Store a role; the caller has checked the rights of `actor`, None for no person."""
        key = (person.id, room_id)
        if self._roles.get(key, Role.MEMBER) is role:
            return
        actor_id = None if actor is None else actor.id
        entry = NewAuditEntry(
            AuditAct.ROLE_CHANGED, actor_id, person.id, room_id, detail=role.value
        )
        await self._store.set_role(person.id, room_id, role, entry)
        if role is Role.MEMBER:
            self._roles.pop(key, None)
        else:
            self._roles[key] = role
        log.info("another role", person=person.id, room=room_id, role=role.value)
        if room_id is None:
            self.on_changed()

    def left_room(self, person_id: PersonId, room_id: RoomId) -> None:
        """A person left a room; the store has deleted their role there."""
        self._roles.pop((person_id, room_id), None)

    def left_chat(self, person_id: PersonId) -> None:
        """A person left the chat; the store has deleted their roles."""
        self._roles = {key: role for key, role in self._roles.items() if key[0] != person_id}
        self._guests_since.pop(person_id, None)


def _ignore() -> None:
    """Nobody wants to know."""
