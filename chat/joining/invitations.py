"""Invitations: links that end, with which people come in.

The code in a link is 128 random bits. The store has only its hash, so that nobody who reads the
data folder can come in with it.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from chat.action_limits import ActionLimit
from chat.errors import (
    BadInvitation,
    ChatModeratorRequired,
    GuestRefused,
    InvitationRefused,
    MadeTooManyInvitations,
    NoSuchInvitation,
    TooManyCodes,
)
from chat.joining.guests import Guests
from chat.model.joining import (
    Invitation,
    InvitationId,
    InvitationState,
    InvitationUse,
    JoinPolicy,
    NewInvitation,
)
from chat.model.moderation import AuditAct, NewAuditEntry, Role
from chat.model.people import Person
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.rooms.services import RoomServices

log = structlog.get_logger(__name__)

# The random bytes of a code.
CODE_BYTES = 16

# An invitation, unless its maker says otherwise: how long it works, and for how many people.
DEFAULT_LIFETIME, DEFAULT_USES = timedelta(days=7), 25

# The most of both, and the rooms of one invitation.
MAX_LIFETIME, MAX_USES, MAX_ROOMS = timedelta(days=366), 1000, 20

# Wrong codes within an hour, from one network and from all.
NETWORK_WRONG_CODES, ALL_WRONG_CODES = 10, 100

# Valid invitations of a person, and how many a person makes within an hour.
VALID_INVITATIONS, INVITATIONS_AN_HOUR = 50, 30

# Invitations of one page of the list, and the people who are listed of one invitation.
INVITATIONS_PAGE_SIZE, LISTED_USES = 20, 100

_HOUR = 3600.0
_ALL = "all networks"

# The longest code that is looked up, in characters.
_LOOKED_UP_LIMIT = 64


class Invitations:
    """The invitations of one chat.

    An address that has sent NETWORK_WRONG_CODES wrong codes within an hour gets no answer to any
    other. After ALL_WRONG_CODES of all addresses, each further wrong code is answered so, and right
    ones work: otherwise ten addresses would keep out everybody.
    """

    def __init__(
        self,
        services: RoomServices,
        rooms: RoomDirectory,
        *,
        guests: Guests,
        policy: JoinPolicy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = services.store
        self._roles = services.roles
        self._sanctions = services.sanctions
        self._rooms = rooms
        self.guests = guests
        self._policy = policy
        self._wrong_codes = ActionLimit(_HOUR, clock=clock)
        self._made = ActionLimit(_HOUR, clock=clock)

    def may_make(self, person: Person) -> bool:
        """Whether a person may make invitations: in an open chat everybody but guests and bots."""
        if person.is_bot or self._sanctions.silences(person.id):
            return False
        role = self._roles.of(person.id)
        return role.moderates or (self._policy is JoinPolicy.OPEN and role is not Role.GUEST)

    async def make(
        self,
        maker: Person,
        *,
        lifetime: timedelta = DEFAULT_LIFETIME,
        use_limit: int = DEFAULT_USES,
        role: Role = Role.MEMBER,
        rooms: Sequence[Room] = (),
    ) -> tuple[Invitation, str]:
        """Make an invitation; the code is in the answer, and nowhere else.

        Whoever comes in with it is added to the rooms by its maker, who has to be allowed to do so
        now and then. Raises ChatModeratorRequired, GuestRefused, Muted, BadInvitation,
        TooManyInvitations, and as `RoomDirectory.invite` for the rooms.
        """
        self._require_may_make(maker)
        if not timedelta(minutes=1) <= lifetime <= MAX_LIFETIME:
            raise BadInvitation(
                "An invitation works from a minute up to {days} days.", days=MAX_LIFETIME.days
            )
        if not 1 <= use_limit <= MAX_USES:
            raise BadInvitation("An invitation is for 1 to {limit} people.", limit=MAX_USES)
        if role.moderates:
            raise BadInvitation("Whoever comes in with an invitation is a member or a guest.")
        if role is Role.GUEST and not rooms:
            raise BadInvitation("A guest is in some rooms only. Choose one.")
        if len(rooms) > MAX_ROOMS:
            raise BadInvitation(
                "An invitation is for {limit} rooms at most. Choose fewer.", limit=MAX_ROOMS
            )
        for each in rooms:
            self._rooms.require_may_invite(maker, each)
        if wait := self._made.record(maker.id, INVITATIONS_AN_HOUR):
            raise MadeTooManyInvitations(wait)
        code = secrets.token_urlsafe(CODE_BYTES)
        new = NewInvitation(
            code_hash(code),
            maker.id,
            datetime.now(UTC) + lifetime,
            use_limit,
            role,
            tuple(dict.fromkeys(each.info.id for each in rooms)),
        )
        entry = NewAuditEntry(AuditAct.INVITATION_MADE, maker.id)
        invitation = await self._store.add_invitation(new, entry, VALID_INVITATIONS)
        log.info("made an invitation", invitation=invitation.id, person=maker.id)
        return invitation, code

    async def find(self, code: str, network: str | None) -> Invitation:
        """The invitation with a code, that somebody can come in with.

        Raises InvitationRefused, and TooManyCodes after many wrong ones.
        """
        if wait := self._wrong_codes.wait(network, NETWORK_WRONG_CODES):
            raise TooManyCodes(wait)
        found = None
        if len(code) <= _LOOKED_UP_LIMIT:
            found = await self._store.find_invitation(code_hash(code))
        if found is None:
            if wait := self._wrong_codes.record(_ALL, ALL_WRONG_CODES):
                raise TooManyCodes(wait)
            if wait := self._wrong_codes.record(network, NETWORK_WRONG_CODES):
                # Several of them were looked up at once.
                raise TooManyCodes(wait)
            raise InvitationRefused
        if (state := found.state(datetime.now(UTC))) is not InvitationState.VALID:
            raise InvitationRefused(state.value)
        return found

    async def page(
        self, reader: Person, before_id: InvitationId | None = None
    ) -> tuple[Invitation, ...]:
        """Invitations, the newest first: all for those who moderate, else the reader's own.

        `before_id` is the last id of the page before.
        """
        made_by = None if self._roles.of(reader.id).moderates else reader.id
        return await self._store.invitations(made_by, before_id, INVITATIONS_PAGE_SIZE)

    async def uses(self, reader: Person, invitation_id: InvitationId) -> tuple[InvitationUse, ...]:
        """The last people who came in with an invitation. Raises NoSuchInvitation."""
        await self._require_may_manage(reader, invitation_id)
        return await self._store.invitation_uses(invitation_id, LISTED_USES)

    async def revoke(self, actor: Person, invitation_id: InvitationId) -> None:
        """Let nobody else come in with an invitation; its guests leave. Raises NoSuchInvitation."""
        await self._require_may_manage(actor, invitation_id)
        entry = NewAuditEntry(AuditAct.INVITATION_REVOKED, actor.id, detail=str(invitation_id))
        if await self._store.revoke_invitation(invitation_id, entry):
            log.info("revoked an invitation", invitation=invitation_id, person=actor.id)
            await self.guests.check()

    def _require_may_make(self, maker: Person) -> None:
        self._sanctions.require_may_write(maker)
        if self._roles.is_guest(maker.id):
            raise GuestRefused
        if not self.may_make(maker):
            raise ChatModeratorRequired

    async def _require_may_manage(self, person: Person, invitation_id: InvitationId) -> None:
        found = await self._store.invitation(invitation_id)
        is_own = found is not None and found.made_by.id == person.id
        if found is None or not (is_own or self._roles.of(person.id).moderates):
            raise NoSuchInvitation


def code_hash(code: str) -> bytes:
    """The hash under which the store knows a code, 32 bytes.

    No dictionary covers 128 random bits: one round of SHA-256 is enough.
    """
    return hashlib.sha256(code.encode()).digest()
