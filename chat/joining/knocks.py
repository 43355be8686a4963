"""Knocks: strangers who ask to come in, and the moderators who answer.

They are kept in memory. A stranger whose page is loaded anew is known by their browser's token;
after the chat was started again they ask once more.
"""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from chat.errors import KnockRefused, KnockWaiting, NoSuchKnock, TooManyKnocks
from chat.model.events import KnockAnswered, KnocksChanged, Publish, knock_topic, person_topic
from chat.model.joining import Knock, KnockId, KnockState, Visitor
from chat.model.moderation import AuditAct, NewAuditEntry
from chat.model.people import Person, PersonId
from chat.people.ownership import Ownership
from chat.rooms.services import RoomServices

log = structlog.get_logger(__name__)

# Knocks that are kept of one network, and of all. Those of this computer are of one network.
NETWORK_KNOCKS, ALL_KNOCKS = 5, 100

# Seconds after which a knock ends, whether it was answered or not.
KNOCK_SECONDS = 3600.0

# The moderators whose names a stranger is told.
_NAMED_MODERATORS = 3


class Knocks:
    """The knocks of one chat. Those who moderate the chat see and answer them."""

    def __init__(
        self,
        services: RoomServices,
        ownership: Ownership,
        *,
        publish: Publish,
        seconds: float = KNOCK_SECONDS,
    ) -> None:
        self._store = services.store
        self._roles = services.roles
        self._presence = services.presence
        self._ownership = ownership
        self._publish = publish
        self._seconds = seconds
        self._ids = itertools.count(1)
        # By the key of the visitor, in order of their times.
        self._knocks: dict[str, Knock] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def of(self, visitor: Visitor) -> Knock | None:
        """The knock of a visitor, answered or not."""
        return self._knocks.get(visitor.key) if visitor.key else None

    def ask(self, visitor: Visitor, name: str) -> Knock:
        """The knock of a visitor under this name, which moderators are told of once.

        Raises TooManyKnocks.
        """
        known = self.of(visitor)
        if known is None:
            self._require_place(visitor)
            known = Knock(next(self._ids), visitor, name, datetime.now(UTC))
            loop = asyncio.get_running_loop()
            self._timers[visitor.key] = loop.call_later(self._seconds, self.forget, visitor)
            self._knocks[visitor.key] = known
            self._tell_moderators(known)
            log.info("somebody knocks", knock=known.id)
        elif known.name != name and known.state is KnockState.WAITING:
            self._knocks[visitor.key] = known = replace(known, name=name)
            self._tell_moderators(None)
        return known

    def require_admitted(self, visitor: Visitor, name: str) -> None:
        """Let a visitor knock under a name. Raises KnockWaiting and KnockRefused until they are
        admitted, and TooManyKnocks."""
        self._require_answer(self.ask(visitor, name))

    def require_no_answer(self, visitor: Visitor) -> None:
        """Raises KnockWaiting and KnockRefused for a visitor who knocked and is not admitted."""
        if (knock := self.of(visitor)) is not None:
            self._require_answer(knock)

    def waiting(self, actor: Person) -> tuple[Knock, ...]:
        """The knocks that wait for an answer, the oldest first. Raises ChatModeratorRequired."""
        self._roles.require_moderator(actor)
        return self._waiting

    async def answer(self, actor: Person, knock_id: KnockId, *, admits: bool) -> Knock:
        """Let somebody in who has knocked, or not.

        Raises ChatModeratorRequired, and NoSuchKnock for one that was answered or has ended.
        """
        self._roles.require_moderator(actor)
        knock = next((each for each in self._waiting if each.id == knock_id), None)
        if knock is None:
            raise NoSuchKnock
        state = KnockState.ADMITTED if admits else KnockState.REFUSED
        self._knocks[knock.visitor.key] = answered = replace(knock, state=state)
        act = AuditAct.ADMITTED if admits else AuditAct.REFUSED
        try:
            await self._store.append_audit(NewAuditEntry(act, actor.id, detail=knock.name))
        except BaseException:
            self._knocks[knock.visitor.key] = knock
            raise
        log.info("answered a knock", knock=knock.id, person=actor.id, state=state.value)
        self._publish(knock_topic(knock.visitor.key), KnockAnswered(answered))
        self._tell_moderators(None)
        return answered

    def forget(self, visitor: Visitor) -> None:
        """The visitor has come in, or their knock has ended."""
        if (timer := self._timers.pop(visitor.key, None)) is not None:
            timer.cancel()
        knock = self._knocks.pop(visitor.key, None)
        if knock is not None and knock.state is KnockState.WAITING:
            self._publish(knock_topic(visitor.key), KnockAnswered(knock))
            self._tell_moderators(None)

    def close(self) -> None:
        """Forget all knocks."""
        for timer in self._timers.values():
            timer.cancel()

    @property
    def _waiting(self) -> tuple[Knock, ...]:
        return tuple(each for each in self._knocks.values() if each.state is KnockState.WAITING)

    def _require_place(self, visitor: Visitor) -> None:
        own = [each for each in self._knocks.values() if each.visitor.network == visitor.network]
        if len(own) >= NETWORK_KNOCKS or len(self._knocks) >= ALL_KNOCKS:
            raise TooManyKnocks

    def _require_answer(self, knock: Knock) -> None:
        if knock.state is KnockState.REFUSED:
            raise KnockRefused
        if knock.state is KnockState.WAITING:
            raise KnockWaiting(knock.name, self._asked_names())

    def _asked_names(self) -> list[str]:
        """The moderators who are here, and are asked."""
        ids = self._moderator_ids
        online = [each.name for each in self._presence.online.people if each.id in ids]
        return online[:_NAMED_MODERATORS]

    @property
    def _moderator_ids(self) -> frozenset[PersonId]:
        owner_id = self._ownership.owner_id
        return self._roles.moderators_of(None) | ({owner_id} if owner_id is not None else set())

    def _tell_moderators(self, new: Knock | None) -> None:
        event = KnocksChanged(len(self._waiting), new)
        for each in self._moderator_ids:
            self._publish(person_topic(each), event)
