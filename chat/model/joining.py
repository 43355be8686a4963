"""How people come in: the door of the chat, its invitations, and who asks. Frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chat.model.moderation import Role
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo

InvitationId = int
KnockId = int


class JoinPolicy(StrEnum):
    """The door: whom the chat lets in."""

    OPEN = "open"
    """Whoever reaches the chat."""
    INVITE = "invite"
    """Whoever has an invitation."""
    APPROVE = "approve"
    """Whoever has an invitation, or is let in by a moderator."""


class InvitationState(StrEnum):
    """Whether somebody can come in with an invitation, or why not."""

    VALID = "valid"
    USED_UP = "used up"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation to store. `code_hash` is the hash of the code in its link, 32 bytes.

    `use_limit` people come in with it, as `role`, and are added to the rooms.
    """

    code_hash: bytes
    made_by: PersonId
    expires_at: datetime
    use_limit: int
    role: Role = Role.MEMBER
    room_ids: tuple[RoomId, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation. Nobody can learn its code any more."""

    id: InvitationId
    made_by: Person
    made_at: datetime
    expires_at: datetime
    use_limit: int
    used: int = 0
    role: Role = Role.MEMBER
    rooms: tuple[RoomInfo, ...] = ()
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> InvitationState:
        """Whether somebody can come in with it."""
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.expires_at <= now:
            return InvitationState.EXPIRED
        if self.used >= self.use_limit:
            return InvitationState.USED_UP
        return InvitationState.VALID


@dataclass(frozen=True, slots=True)
class InvitationUse:
    """A person who came in with an invitation, and when."""

    person: Person
    at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has no account yet, and what is known of them.

    `key` tells one browser from another, "" for a client that cannot wait for an answer. `network`
    is that of `ClientInfo`, `device` a few words about the browser. `invitation` is the code that
    they bring, `owner_secret` that of the link for the owner.
    """

    key: str = ""
    is_local: bool = False
    network: str | None = None
    device: str = ""
    invitation: str | None = None
    owner_secret: str | None = None


class KnockState(StrEnum):
    """What has become of a knock."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Knock:
    """A visitor who asked to come in under a name."""

    id: KnockId
    visitor: Visitor
    name: str
    at: datetime
    state: KnockState = KnockState.WAITING
