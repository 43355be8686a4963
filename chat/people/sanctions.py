"""Who is muted or banned, and until when."""

from datetime import UTC, datetime

import structlog

from chat.errors import Muted, PersonBanned
from chat.model.moderation import NewAuditEntry, Sanction, SanctionKind
from chat.model.people import Person, PersonId
from chat.store.contract import Store

log = structlog.get_logger(__name__)


class Sanctions:
    """The sanctions of one chat, all of them in memory.

    While there are none, to ask costs nothing. A bot has those of the person it belongs to, too.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sanctions: dict[tuple[PersonId, SanctionKind], Sanction] = {}
        self._owners: dict[PersonId, PersonId] = {}

    async def open(self) -> None:
        """Read the sanctions."""
        self._sanctions = {
            (each.person_id, each.kind): each for each in await self._store.sanctions()
        }

    def own_bot(self, bot_id: PersonId, owner_id: PersonId | None) -> None:
        """A bot belongs to a person from now on, or to nobody."""
        if owner_id is None:
            self._owners.pop(bot_id, None)
        else:
            self._owners[bot_id] = owner_id

    def owner_of(self, bot_id: PersonId) -> PersonId | None:
        """Whose bot this is; None for a person."""
        return self._owners.get(bot_id)

    def get(self, person_id: PersonId, kind: SanctionKind) -> Sanction | None:
        """The sanction of a person, unless it is over."""
        found = self._sanctions.get((person_id, kind))
        return found if found is not None and found.is_active(datetime.now(UTC)) else None

    def silences(self, person_id: PersonId) -> bool:
        """Whether a person, or the owner of a bot, is muted or banned."""
        return bool(self._sanctions) and self._applying(person_id) is not None

    def require_may_write(self, person: Person) -> None:
        """Raises Muted, and PersonBanned, also for the bot of such a person."""
        if not self._sanctions or (found := self._applying(person.id)) is None:
            return
        if found.kind is SanctionKind.BAN:
            raise PersonBanned(found.seconds_left(datetime.now(UTC)), found.reason)
        raise Muted(found.seconds_left(datetime.now(UTC)))

    def require_not_banned(self, person_id: PersonId) -> None:
        """Raises PersonBanned: such a person signs in by no way."""
        if (found := self.get(person_id, SanctionKind.BAN)) is not None:
            raise PersonBanned(found.seconds_left(datetime.now(UTC)), found.reason)

    async def store(self, sanction: Sanction, entry: NewAuditEntry) -> None:
        """Mute or ban a person; the caller has checked the rights of the actor.

        From the end of the transaction on, the tokens of a banned person are not valid.
        """
        await self._store.set_sanction(sanction, entry)
        self._sanctions[sanction.person_id, sanction.kind] = sanction
        log.info("a sanction", person=sanction.person_id, kind=sanction.kind.value)

    async def lift(self, person: Person, kind: SanctionKind, entry: NewAuditEntry) -> None:
        """End a sanction before its time."""
        await self._store.lift_sanction(person.id, kind, entry)
        self._sanctions.pop((person.id, kind), None)
        log.info("lifted a sanction", person=person.id, kind=kind.value)

    def _applying(self, person_id: PersonId) -> Sanction | None:
        owner_id = self._owners.get(person_id, person_id)
        for kind in (SanctionKind.BAN, SanctionKind.MUTE):
            for each in (person_id, owner_id):
                if (found := self.get(each, kind)) is not None:
                    return found
        return None
