"""Roles of people, and the acts of moderators as rows of the audit log: frozen values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chat.model.people import Person, PersonId
from chat.model.rooms import RoomId, RoomInfo


class Role(StrEnum):
    """What a person may do, in the whole chat or in one room."""

    OWNER = "owner"
    """Moderates, names the moderators, and hands the chat over. One person."""
    MODERATOR = "moderator"
    """Moderates every room that they may read, except direct conversations; or one room."""
    MEMBER = "member"
    GUEST = "guest"
    """Reads and writes in the rooms that somebody has added them to, and makes none."""

    @property
    def moderates(self) -> bool:
        """Whether people of this role moderate."""
        return self in {Role.OWNER, Role.MODERATOR}


class SanctionKind(StrEnum):
    """What a sanction keeps a person from."""

    MUTE = "mute"
    """They read, and write nothing."""
    BAN = "ban"
    """They are not in the chat at all."""


@dataclass(frozen=True, slots=True)
class Sanction:
    """A person is muted or banned, until a time in UTC; None is until somebody lifts it."""

    person_id: PersonId
    kind: SanctionKind
    until: datetime | None
    reason: str = ""

    def is_active(self, now: datetime) -> bool:
        """Whether it is not over."""
        return self.until is None or now < self.until

    def seconds_left(self, now: datetime) -> float | None:
        """How long it lasts from now on; None is until somebody lifts it."""
        return None if self.until is None else max(0.0, (self.until - now).total_seconds())


class AuditAct(StrEnum):
    """What a row of the audit log is about. The values are part of the export: none is renamed."""

    ROLE_CHANGED = "role_changed"
    """`detail` is the new role; with a room, it is the role there."""
    HANDED_OVER = "handed_over"
    CLAIMED = "claimed"
    """Somebody opened a link that gives the chat to its owner."""
    OWNER_RESET = "owner_reset"
    """`flet-chat reset-owner` made such a link. No person did it."""
    REMOVED = "removed"
    MESSAGE_DELETED = "message_deleted"
    MESSAGES_DELETED = "messages_deleted"
    """What a person wrote in the last hour. `detail` is the number of messages."""
    ARCHIVED = "archived"
    REOPENED = "reopened"
    SLOW_MODE = "slow_mode"
    """`detail` is the seconds between two messages of a person, 0 for none."""
    MUTED = "muted"
    """`detail` is the end in UTC, empty without one. As of BANNED."""
    UNMUTED = "unmuted"
    BANNED = "banned"
    UNBANNED = "unbanned"
    NAME_CLAIMED = "name_claimed"
    """A person can sign in on another device for the first time: their name stays theirs."""
    PASSWORD_LINK = "password_link"
    """The owner made a link with which a person sets a new password."""
    PASSWORD_RESET = "password_reset"
    """A person set a new password with such a link."""
    REPORTED = "reported"
    """A person reported a message. `detail` is the kind (`ReportKind`)."""
    REPORT_SETTLED = "report_settled"
    REPORT_REOPENED = "report_reopened"
    INVITATION_MADE = "invitation_made"
    """`detail` is the number of the invitation, of this one and the next two."""
    INVITATION_USED = "invitation_used"
    """The person came in with it."""
    INVITATION_REVOKED = "invitation_revoked"
    ADMITTED = "admitted"
    """Somebody who knocked was let in. `detail` is the name that they gave."""
    REFUSED = "refused"
    """Somebody who knocked was not let in. `detail` as of ADMITTED."""


@dataclass(frozen=True, slots=True)
class NewAuditEntry:
    """One act of a moderator, to store: who, what, whom, and where.

    `number` is that of a message of the room.
    """

    act: AuditAct
    actor_id: PersonId | None
    person_id: PersonId | None = None
    room_id: RoomId | None = None
    number: int | None = None
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the audit log.

    `room` is None also for a room that the reader may not read; `is_in_room` tells these apart.
    """

    id: int
    at: datetime
    act: AuditAct
    actor: Person | None
    person: Person | None = None
    room: RoomInfo | None = None
    number: int | None = None
    reason: str = ""
    detail: str = ""
    is_in_room: bool = False
