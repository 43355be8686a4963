"""Moderation of people in the whole chat: mutes and bans."""

from datetime import UTC, datetime, timedelta

from chat.errors import BadSanction
from chat.model.events import Publish, Sanctioned, person_topic
from chat.model.moderation import AuditAct, NewAuditEntry, Role, Sanction, SanctionKind
from chat.model.people import Person
from chat.people.presence import Presence
from chat.people.roles import Roles
from chat.people.sanctions import Sanctions
from chat.programs.api_tokens import ApiTokens
from chat.programs.bots import Bots

# Characters of the reason of a mute or a ban.
REASON_LIMIT = 200

# The longest mute or ban that has an end.
MAX_SANCTION = timedelta(days=3650)

_ACTS = {SanctionKind.MUTE: AuditAct.MUTED, SanctionKind.BAN: AuditAct.BANNED}
_LIFTED = {SanctionKind.MUTE: AuditAct.UNMUTED, SanctionKind.BAN: AuditAct.UNBANNED}


class Moderation:
    """What owner and moderators of the chat do to people. Each act is a row of the audit log.

    The owner acts on everybody, a moderator on everybody but the owner and other moderators.
    """

    def __init__(
        self,
        sanctions: Sanctions,
        roles: Roles,
        *,
        bots: Bots,
        api_tokens: ApiTokens,
        presence: Presence,
        publish: Publish,
    ) -> None:
        self._sanctions = sanctions
        self._roles = roles
        self._bots = bots
        self._api_tokens = api_tokens
        self._presence = presence
        self._publish = publish

    def may_act_on(self, actor: Person, person: Person) -> bool:
        """Whether `actor` may mute or ban `person`."""
        role, other = self._roles.of(actor.id), self._roles.of(person.id)
        outranks = other is not Role.OWNER if role is Role.OWNER else not other.moderates
        return role.moderates and outranks and actor.id != person.id

    async def mute(
        self, actor: Person, person: Person, duration: timedelta | None, reason: str = ""
    ) -> None:
        """Let a person, or a bot, write nothing for a time; None is until it is lifted.

        Raises ChatModeratorRequired and BadSanction.
        """
        await self._set(actor, person, SanctionKind.MUTE, duration, reason)

    async def ban(
        self, actor: Person, person: Person, duration: timedelta | None, reason: str
    ) -> None:
        """End all sessions of a person, and let them come back after a time, or never (None).

        The tokens of their browsers and of their bots are not valid meanwhile. Raises
        ChatModeratorRequired, and BadSanction, also for a bot and without a reason.
        """
        if person.is_bot:
            raise BadSanction("A bot cannot be banned. Mute it, or ban the person it belongs to.")
        if not reason.strip():
            raise BadSanction("Write the reason. The person reads it when they come back.")
        await self._set(actor, person, SanctionKind.BAN, duration, reason)
        for bot in self._bots.of_person(person):
            self._api_tokens.owner_banned(bot)
        self._presence.remove(person)

    async def lift(self, actor: Person, person: Person, kind: SanctionKind) -> None:
        """End a mute or a ban. Raises ChatModeratorRequired and BadSanction."""
        self._require(actor, person)
        if self._sanctions.get(person.id, kind) is not None:
            entry = NewAuditEntry(_LIFTED[kind], actor.id, person.id)
            await self._sanctions.lift(person, kind, entry)

    async def _set(
        self,
        actor: Person,
        person: Person,
        kind: SanctionKind,
        duration: timedelta | None,
        reason: str,
    ) -> None:
        self._require(actor, person)
        reason = " ".join(reason.split())
        if len(reason) > REASON_LIMIT:
            raise BadSanction("{limit} characters fit. Shorten the reason.", limit=REASON_LIMIT)
        if duration is not None and not timedelta() < duration <= MAX_SANCTION:
            raise BadSanction("Choose a time that ends, or none.")
        until = None if duration is None else datetime.now(UTC) + duration
        sanction = Sanction(person.id, kind, until, reason)
        end = "" if until is None else until.isoformat(timespec="seconds")
        entry = NewAuditEntry(_ACTS[kind], actor.id, person.id, reason=reason, detail=end)
        await self._sanctions.store(sanction, entry)
        self._publish(person_topic(person.id), Sanctioned(person, sanction))

    def _require(self, actor: Person, person: Person) -> None:
        self._roles.require_moderator(actor)
        if not self.may_act_on(actor, person):
            raise BadSanction("{name} moderates this chat, too.", name=person.name)
