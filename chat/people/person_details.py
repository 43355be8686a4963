"""What others see of people besides name and picture: status, time zone, last-seen time."""

import asyncio
import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from chat.action_limits import ActionLimit
from chat.errors import BadStatus
from chat.model.events import PRESENCE_TOPIC, OnlinePeople, Publish, StatusUpdated
from chat.model.people import NO_STATUS, Person, PersonDetails, PersonId, Status
from chat.model.preferences import HIDDEN, SYSTEM, LastSeen, Preferences
from chat.store.contract import Store
from chat.tasks import Tasks
from chat.text.statuses import validate_status

log = structlog.get_logger(__name__)

# A person may change their status so many times within so many seconds: every screen receives each
# change.
MAX_STATUS_CHANGES, STATUS_SECONDS = 10, 60.0

# Last-seen times are rounded down to these: they tell nothing exact, and a person who comes and
# goes within one of them is stored once.
LAST_SEEN_STEP = timedelta(minutes=10)

# Seconds between two looks at the clock while a status is to end. A timer stands still while the
# computer sleeps.
CLOCK_INTERVAL = 60.0

_NO_DETAILS = PersonDetails()


class PeopleDetails:
    """The details of all people, in memory: most have none, and those of all others are small."""

    def __init__(self, store: Store, *, publish: Publish) -> None:
        self._store = store
        self._publish = publish
        self._details: dict[PersonId, PersonDetails] = {}
        # The people who let others see when they were here last, and those who are here now.
        self._last_seen_shown: set[PersonId] = set()
        self._online_ids: frozenset[PersonId] = frozenset()
        self._status_limit = ActionLimit(STATUS_SECONDS)
        self._end_timer: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()
        self._tasks = Tasks()

    async def open(self) -> None:
        """Read the details of all people."""
        self._details = dict(await self._store.all_details())
        self._last_seen_shown = set(
            await self._store.people_with_preference("last_seen", LastSeen.SHOWN.value)
        )
        self._schedule_end()

    def get(self, person_id: PersonId) -> PersonDetails:
        """The details of a person, without a status that has ended."""
        details = self._details.get(person_id, _NO_DETAILS)
        return replace(details, status=NO_STATUS) if _has_ended(details.status) else details

    def status(self, person_id: PersonId) -> Status:
        """The status of a person, `NO_STATUS` if there is none."""
        return self.get(person_id).status

    async def set_status(
        self, person: Person, emoji: str, text: str, ends_at: datetime | None = None
    ) -> Status:
        """Replace the status of a person; without emoji and words it is removed.

        Raises BadStatus and NotStored.
        """
        emoji, text = validate_status(emoji, text)
        if ends_at is not None and ends_at <= datetime.now(UTC):
            raise BadStatus("This status would be over already. Choose a later end.")
        status = Status(emoji, text, ends_at) if emoji or text else NO_STATUS
        if status == self.status(person.id):
            return status
        if wait := self._status_limit.record(person.id, MAX_STATUS_CHANGES):
            raise BadStatus(
                "You have changed your status {limit} times within a minute. Wait {seconds} "
                "seconds, then change it again.",
                limit=MAX_STATUS_CHANGES,
                seconds=math.ceil(wait),
            )
        async with self._lock:
            await self._store.set_status(person.id, status)
            self._change_status(person.id, status)
        return status

    async def apply_preferences(self, person: Person, preferences: Preferences) -> None:
        """Follow what a person chose to let others see. Raises NotStored."""
        if preferences.time_zone != SYSTEM:
            zone = "" if preferences.time_zone == HIDDEN else preferences.time_zone
            await self._set_time_zone(person.id, zone)
        if preferences.last_seen is LastSeen.SHOWN:
            self._last_seen_shown.add(person.id)
            return
        self._last_seen_shown.discard(person.id)
        if self.get(person.id).last_seen_at is not None:
            await self._store.set_last_seen({person.id: None})
            self._change(person.id, last_seen_at=None)

    async def report_device_zone(
        self, person: Person, preferences: Preferences, time_zone: str
    ) -> None:
        """The time zone of a device of a person, unless they chose another. Raises NotStored."""
        if preferences.time_zone == SYSTEM and time_zone:
            await self._set_time_zone(person.id, time_zone)

    def on_online_changed(self, online: OnlinePeople) -> None:
        """Other people are online: remember when the others were."""
        online_ids = frozenset(each.id for each in online.people)
        gone, self._online_ids = self._online_ids - online_ids, online_ids
        if times := self._record_last_seen(gone):
            self._tasks.start(self._store.set_last_seen(times), "store last-seen times")

    async def remove(self, person: Person) -> None:
        """Forget a person who signs out."""
        self._last_seen_shown.discard(person.id)
        if self._details.pop(person.id, None) is not None:
            await self._store.delete_details(person.id)

    async def close(self) -> None:
        """Store the last-seen times of all who are online."""
        if self._end_timer is not None:
            self._end_timer.cancel()
        await self._tasks.finish()
        if times := self._record_last_seen(self._online_ids):
            await self._store.set_last_seen(times)

    def _record_last_seen(self, person_ids: Iterable[PersonId]) -> dict[PersonId, datetime | None]:
        """Set the last-seen time of those who allow it; returns the times that are new."""
        now = datetime.now(UTC)
        moment = now - (now - datetime.min.replace(tzinfo=UTC)) % LAST_SEEN_STEP
        changed = [
            each
            for each in person_ids
            if each in self._last_seen_shown and self.get(each).last_seen_at != moment
        ]
        for each in changed:
            self._change(each, last_seen_at=moment)
        return dict.fromkeys(changed, moment)

    async def _set_time_zone(self, person_id: PersonId, time_zone: str) -> None:
        if time_zone != self.get(person_id).time_zone:
            await self._store.set_time_zone(person_id, time_zone)
            self._change(person_id, time_zone=time_zone)

    def _change_status(self, person_id: PersonId, status: Status) -> None:
        self._change(person_id, status=status)
        self._publish(PRESENCE_TOPIC, StatusUpdated(person_id, status))
        self._schedule_end()

    def _change(self, person_id: PersonId, **values: object) -> None:
        details = self._details.get(person_id, _NO_DETAILS)
        self._details[person_id] = replace(details, **values)  # type: ignore[arg-type]

    def _schedule_end(self) -> None:
        if self._end_timer is not None:
            self._end_timer.cancel()
        ends = (each.status.ends_at for each in self._details.values())
        next_end = min((each for each in ends if each is not None), default=None)
        self._end_timer = None
        if next_end is not None:
            delay = max(0.0, (next_end - datetime.now(UTC)).total_seconds())
            loop = asyncio.get_running_loop()
            # A moment late rather than early: timers may fire a little before their time.
            delay = min(delay + 0.01, CLOCK_INTERVAL)
            self._end_timer = loop.call_later(delay, self._end_statuses)

    def _end_statuses(self) -> None:
        ended = [each for each, it in self._details.items() if _has_ended(it.status)]
        for each in ended:
            self._change_status(each, NO_STATUS)
            self._tasks.start(self._store.set_status(each, NO_STATUS), "store the end of a status")
        self._schedule_end()


def _has_ended(status: Status) -> bool:
    return status.ends_at is not None and status.ends_at <= datetime.now(UTC)
