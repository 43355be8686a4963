"""The entrance: every way of becoming a person of the chat goes through it."""

from datetime import UTC, datetime

import structlog

from chat.errors import (
    ApprovalRequired,
    ChatError,
    InvitationRefused,
    InvitationRequired,
    TooManyCodes,
)
from chat.joining.invitations import Invitations
from chat.joining.knocks import Knocks
from chat.model.joining import Invitation, JoinPolicy, KnockState, Visitor
from chat.model.moderation import Role
from chat.model.people import Person, PersonId
from chat.people.ownership import Ownership
from chat.rooms.directory import LOBBY, RoomDirectory
from chat.rooms.services import RoomServices

log = structlog.get_logger(__name__)


class Entrance:
    """Lets visitors in as the policy says.

    Whoever opens the one-time link for the owner comes in in any case, and so does the first person
    on the computer that runs the chat, who owns it.
    """

    def __init__(
        self,
        services: RoomServices,
        rooms: RoomDirectory,
        ownership: Ownership,
        *,
        invitations: Invitations,
        knocks: Knocks,
        policy: JoinPolicy,
    ) -> None:
        self.policy = policy
        self._identity = services.identity
        self._ownership = ownership
        self._rooms = rooms
        self._invitations = invitations
        self._knocks = knocks
        self._roles = services.roles
        # With what people came in who are not in their rooms yet.
        self._arriving: dict[PersonId, Invitation] = {}

    async def sign_in(self, name: str, token: str | None, visitor: Visitor) -> Person:
        """Create a person called `name`, identified by `token` from now on; `arrive` follows.

        Raises InvitationRequired, InvitationRefused and TooManyCodes; where moderators let people
        in, ApprovalRequired, KnockWaiting, KnockRefused and TooManyKnocks; and as
        `Identity.sign_in`.
        """
        invitation = await self._invitation(visitor)
        if invitation is None and not await self._is_free(visitor):
            self._require_key(visitor)
            known = self._knocks.of(visitor)
            if known is None or known.state is KnockState.WAITING:
                name = await self._identity.require_free_name(name)
            self._knocks.require_admitted(visitor, name)
        is_guest = invitation is not None and invitation.role is Role.GUEST
        person = await self._identity.sign_in(
            name,
            token,
            device=visitor.device,
            is_local=visitor.is_local,
            network=visitor.network,
            invitation_id=None if invitation is None else invitation.id,
            on_added=self._on_guest_added if is_guest else None,
        )
        self._knocks.forget(visitor)
        if invitation is not None:
            self._arriving[person.id] = invitation
        return person

    async def arrive(self, person: Person) -> None:
        """Add a new person to the lobby, and to the rooms of their invitation."""
        invitation = self._arriving.pop(person.id, None)
        if invitation is not None and invitation.role is Role.GUEST:
            room_ids = [each.id for each in invitation.rooms]
            await self._rooms.admit_guest(person, invitation.made_by, room_ids)
            await self._invitations.guests.check()
            return
        await self._rooms.enter(person, LOBBY)
        if invitation is None:
            return
        for info in invitation.rooms:
            try:
                room = await self._rooms.by_id(invitation.made_by, info.id)
                if person.id not in room.members:
                    await self._rooms.invite(invitation.made_by, room, person)
            except ChatError as error:
                # Its maker may not add anybody any more, or the room is archived.
                log.info("not added to a room", room=info.id, person=person.id, reason=str(error))

    async def admitted_name(self, visitor: Visitor) -> str | None:
        """The name under which a visitor was let in who has not come in yet; None if they cannot.

        Raises as `sign_in` if they cannot come in, whatever their name is.
        """
        if await self._invitation(visitor) is not None or await self._is_free(visitor):
            return None
        self._require_key(visitor)
        self._knocks.require_no_answer(visitor)
        knock = self._knocks.of(visitor)
        return None if knock is None else knock.name

    def _on_guest_added(self, person: Person) -> None:
        # Before they have a token: nobody sees anything as a member meanwhile.
        self._roles.came_as_guest(person, datetime.now(UTC))

    async def _invitation(self, visitor: Visitor) -> Invitation | None:
        """The invitation that a visitor brings.

        Raises InvitationRequired, InvitationRefused and TooManyCodes where they need one.
        """
        if visitor.invitation is None and self.policy is not JoinPolicy.INVITE:
            return None
        if await self._is_owner(visitor):
            return None
        if visitor.invitation is None:
            raise InvitationRequired
        try:
            return await self._invitations.find(visitor.invitation, visitor.network)
        except (InvitationRefused, TooManyCodes):
            # Whoever may come in without one does not need it.
            if self.policy is JoinPolicy.INVITE:
                raise
        return None

    async def _is_free(self, visitor: Visitor) -> bool:
        """Whether a visitor comes in without an invitation and without being let in."""
        return self.policy is not JoinPolicy.APPROVE or await self._is_owner(visitor)

    async def _is_owner(self, visitor: Visitor) -> bool:
        if visitor.is_local and self._ownership.owner_id is None:
            return True
        secret = visitor.owner_secret
        return secret is not None and await self._ownership.knows_link(secret)

    def _require_key(self, visitor: Visitor) -> None:
        if not visitor.key:
            raise ApprovalRequired
