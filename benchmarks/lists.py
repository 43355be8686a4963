"""The lists on the left of a benchmark's people, drawn as sessions draw them, onto nothing."""

from collections.abc import Sequence
from typing import cast

from chat.model.events import MembershipUpdated, OnlinePeople, person_topic
from chat.model.people import Person
from chat.ui.client.connection import Wire
from chat.ui.packing.row_cache import Press
from chat.ui.sidebar.room_list import Places
from chat.ui.viewer import Clock
from chat.workspace.workspace import Workspace


class _Nothing:
    """Takes frames, and counts their bytes."""

    def __init__(self) -> None:
        self.bytes = 0

    def send_frame(self, *parts: bytes) -> None:
        self.bytes += sum(map(len, parts))


class Lists:
    """One list for each of these people, who are connected."""

    def __init__(self, house: Workspace, people: Sequence[Person]) -> None:
        press, self._to = Press(), _Nothing()
        self._of = {}
        for person in people:
            places = Places(person, Clock(), press, _stay, _stay)
            places.stand_in_list(1, cast(Wire, self._to))
            places.show(house.memberships.for_person(person), 1, OnlinePeople(()))
            self._of[person_topic(person.id)] = places
        self._to.bytes = 0

    @property
    def bytes(self) -> int:
        """So much would have been sent."""
        return self._to.bytes

    def draw(self, topic: str, event: object) -> None:
        """What a session does with what it is told."""
        if isinstance(event, MembershipUpdated):
            self._of[topic].put(event.room_id, event.membership)


async def _stay(_: int) -> None:
    """Nobody touches a line here."""
