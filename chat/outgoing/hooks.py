"""Outgoing webhooks: those who may post in a room make them, change them and see their requests."""

from collections.abc import Iterable

import structlog

from chat.activity.rate_limits import RateLimits
from chat.errors import BadProgram, ChatError, NoSuchProgram, SlowDown
from chat.model.outgoing import (
    Attempt,
    NewOutgoingHook,
    OutgoingHook,
    OutgoingHookId,
    PauseReason,
    Trigger,
)
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomKind
from chat.outgoing.deliveries import Deliveries
from chat.outgoing.signature import new_secret
from chat.outgoing.triggers import validated_trigger
from chat.programs.bots import Bots
from chat.rooms.directory import RoomDirectory
from chat.rooms.room import Room
from chat.store.contract import Store

log = structlog.get_logger(__name__)

# The most outgoing webhooks of a room.
OUTGOING_LIMIT = 10

# Addresses that a person has checked, and requests that they send by a button: so many at once, and
# so many a second for long.
CHECK_BURST, CHECKS_PER_SECOND = 10, 0.2


class OutgoingHooks:
    """Makes and changes the outgoing webhooks of rooms.

    Every method raises NoSuchRoom and RoomArchived for a person who may not post in the room, and
    NoSuchProgram for a webhook that is not there.
    """

    def __init__(
        self, store: Store, rooms: RoomDirectory, bots: Bots, *, deliveries: Deliveries
    ) -> None:
        self._store = store
        self._rooms = rooms
        self._bots = bots
        self._deliveries = deliveries
        self._checks = RateLimits(CHECK_BURST, CHECKS_PER_SECOND)

    async def create(
        self,
        person: Person,
        room: Room,
        name: str,
        url: str,
        trigger: Trigger,
        words: Iterable[str] = (),
    ) -> OutgoingHook:
        """Make an outgoing webhook, whose bot has this name.

        Raises BadName, NameTaken, BadHookAddress, BadProgram, BadKeyword, TooManyPrograms and
        SlowDown.
        """
        room.require_post(person)
        if room.info.kind not in (RoomKind.PUBLIC, RoomKind.PRIVATE):
            raise BadProgram("Only a room has webhooks. Make a private room for this one.")
        trigger = validated_trigger(trigger, words)
        url = await self._checked_url(person, url)
        bot = await self._bots.create(person, name)
        await self._rooms.invite(person, room, bot)
        new = NewOutgoingHook(room.info.id, bot.id, person.id, url, new_secret(), trigger)
        try:
            hook = await self._store.add_outgoing_hook(new, OUTGOING_LIMIT)
        except ChatError:
            await self._bots.delete(bot)
            raise
        self._deliveries.add(hook)
        log.info("made an outgoing webhook", hook=hook.id, room=room.info.id, person=person.id)
        return hook

    async def of_room(self, person: Person, room: Room) -> tuple[OutgoingHook, ...]:
        """The outgoing webhooks of a room, in order of their creation."""
        room.require_post(person)
        return await self._store.outgoing_hooks(room.info.id)

    async def attempts(
        self, person: Person, room: Room, hook_id: OutgoingHookId
    ) -> tuple[Attempt, ...]:
        """The last ten requests of a webhook, the newest first."""
        await self._require(person, room, hook_id)
        return await self._store.attempts(hook_id)

    async def change(
        self,
        person: Person,
        room: Room,
        hook_id: OutgoingHookId,
        url: str,
        trigger: Trigger,
        words: Iterable[str] = (),
    ) -> None:
        """Give a webhook another address or trigger. Raises as `create`."""
        hook = await self._require(person, room, hook_id)
        trigger = validated_trigger(trigger, words)
        is_other_url = url.strip() != hook.url
        if is_other_url:
            url = await self._checked_url(person, url)
            await self._store.update_outgoing_hook(hook_id, url=url, trigger=trigger)
        else:
            await self._store.update_outgoing_hook(hook_id, trigger=trigger)
        await self._apply_change(hook_id)
        if is_other_url:
            await self._deliveries.retry_now(hook_id)

    async def renew_secret(
        self, person: Person, room: Room, hook_id: OutgoingHookId
    ) -> OutgoingHook:
        """Sign the requests of a webhook with another secret from now on."""
        await self._require(person, room, hook_id)
        await self._store.update_outgoing_hook(hook_id, secret=new_secret())
        return await self._apply_change(hook_id)

    async def pause(self, person: Person, room: Room, hook_id: OutgoingHookId) -> None:
        """Send nothing more until somebody resumes the webhook."""
        await self._require(person, room, hook_id)
        await self._store.pause_outgoing_hook(hook_id, PauseReason.PERSON)
        await self._apply_change(hook_id)

    async def resume(
        self, person: Person, room: Room, hook_id: OutgoingHookId, *, skip: bool = False
    ) -> None:
        """Send again, first what was missed; with `skip`, only what comes from now on.

        The person is responsible for the webhook from now on.
        """
        hook = await self._require(person, room, hook_id)
        if hook.bot.id not in room.members:
            await self._rooms.invite(person, room, hook.bot)
        await self._store.resume_outgoing_hook(hook_id, person.id, skip=skip)
        if (resumed := await self._store.outgoing_hook(hook_id)) is not None:
            self._deliveries.add(resumed)

    async def test(self, person: Person, room: Room, hook_id: OutgoingHookId) -> Attempt:
        """Send a test, also to a paused webhook. Raises SlowDown."""
        hook = await self._require(person, room, hook_id)
        self._require_pace(person.id)
        return await self._deliveries.test(hook)

    async def send_again(
        self, person: Person, room: Room, hook_id: OutgoingHookId, attempt: Attempt
    ) -> Attempt:
        """Send what a request has sent once more. Raises BadProgram and SlowDown."""
        hook = await self._require(person, room, hook_id)
        self._require_pace(person.id)
        return await self._deliveries.send_again(hook, attempt)

    async def delete(self, person: Person, room: Room, hook_id: OutgoingHookId) -> None:
        """Delete a webhook. What it has posted stays."""
        hook = await self._require(person, room, hook_id)
        self._deliveries.remove(hook_id)
        await self._bots.delete(hook.bot)
        log.info("deleted an outgoing webhook", hook=hook_id, person=person.id)

    async def _apply_change(self, hook_id: OutgoingHookId) -> OutgoingHook:
        hook = await self._store.outgoing_hook(hook_id)
        if hook is None:
            raise NoSuchProgram
        self._deliveries.change(hook)
        return hook

    async def _checked_url(self, person: Person, url: str) -> str:
        self._require_pace(person.id)
        return await self._deliveries.sending.requester.rules.check(url)

    def _require_pace(self, person_id: PersonId) -> None:
        if wait := self._checks.take(person_id):
            raise SlowDown(wait)

    async def _require(self, person: Person, room: Room, hook_id: OutgoingHookId) -> OutgoingHook:
        for each in await self.of_room(person, room):
            if each.id == hook_id:
                return each
        raise NoSuchProgram
