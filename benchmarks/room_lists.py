"""Room lists of many people, drawn as sessions draw them; the frames are only counted."""

from collections.abc import Sequence
from typing import cast

from chat.model.events import MembershipUpdated, OnlinePeople, person_topic
from chat.model.people import NO_STATUS, Person
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.row_cache import RowCache
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar_requests import SidebarRequest
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace


class _ByteCounter:
    """A connection that counts the bytes of its frames and sends nothing."""

    def __init__(self) -> None:
        self.bytes = 0

    def send_frame(self, *parts: bytes) -> None:
        self.bytes += sum(map(len, parts))


class RoomLists:
    """One room list for each of these people, who have a session."""

    def __init__(self, workspace: Workspace, people: Sequence[Person]) -> None:
        row_cache, self._byte_counter = RowCache(), _ByteCounter()
        self._by_topic = {}
        for person in people:
            room_list = RoomList(
                person, ViewerContext(), row_cache, get_status=lambda _: NO_STATUS, perform=_ignore
            )
            room_list.attach(1, None, cast(ClientConnection, self._byte_counter))
            room_list.show(workspace.memberships.for_person(person), 1, OnlinePeople(()))
            self._by_topic[person_topic(person.id)] = room_list
        self._byte_counter.bytes = 0

    @property
    def bytes(self) -> int:
        """The bytes of all frames since the lists were shown."""
        return self._byte_counter.bytes

    def draw(self, topic: str, event: object) -> None:
        """Draw an event of a person's topic, as a session does."""
        if isinstance(event, MembershipUpdated):
            self._by_topic[topic].update_membership(event.room_id, event.membership)


async def _ignore(request: SidebarRequest) -> None:
    """The request of a click, which never happens."""
