"""The rooms and the online people in the sidebar: which are listed, in which order.

A change draws only the item that changed, and the bytes of an item are the same for all viewers of
the same state (`RowCache.packed_item`).
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

import flet as ft

from chat.model.events import OnlinePeople
from chat.model.people import Person, PersonId, Status
from chat.model.rooms import Membership, RoomId
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import (
    ROOM_LIST_ID,
    item_of_id,
    pack_with_message_ids,
    person_item_id,
    room_item_id,
)
from chat.ui.packing.patches import ControlRef, replace_controls, replace_item
from chat.ui.packing.row_cache import RowCache
from chat.ui.sidebar.list_items import (
    MAX_PEOPLE,
    PEOPLE,
    SECTIONS,
    ListItemState,
    PersonItem,
    RoomItem,
    item_state,
    more_people,
    section,
    section_heading,
)
from chat.ui.viewer import ViewerContext

OpenRoomById = Callable[[RoomId], Awaitable[None]]
ShowPerson = Callable[[PersonId], Awaitable[None]]
GetStatus = Callable[[PersonId], Status]


class RoomList:
    """Fills a list. A click calls `open_room(room_id)` or `show_person(person_id)`."""

    def __init__(
        self,
        me: Person,
        viewer: ViewerContext,
        row_cache: RowCache,
        *,
        open_room: OpenRoomById,
        show_person: ShowPerson,
        get_status: GetStatus,
    ) -> None:
        self._viewer = viewer
        self._t = viewer.t
        self._me = me
        self._row_cache = row_cache
        self._open_room = open_room
        self._show_person = show_person
        self._get_status = get_status
        self._connection: ClientConnection | None = None
        self._memberships: dict[RoomId, Membership] = {}
        self._current_room_id: RoomId = 0
        self._online = OnlinePeople(())
        # The section headings and rooms in the list; the people follow.
        self._items: list[str | RoomId] = []
        self._index_by_room: dict[RoomId, int] = {}
        # A control, or the id of a packed one. The packed people have one id in all sessions.
        self._list: ControlRef = 0
        self._people_column: ft.Column | None = None

    def apply_viewer(self, viewer: ViewerContext) -> None:
        """Use other metrics from the next `show` on."""
        self._viewer = viewer

    def attach(self, target: ControlRef, connection: ClientConnection | None) -> None:
        """Fill this list from now on; it is empty until the next `show`."""
        self._connection, self._list = connection, target
        self._items = []

    def show(
        self, memberships: Sequence[Membership], current_room_id: RoomId, online: OnlinePeople
    ) -> None:
        """Show these memberships and people; `current_room_id` is the room on the screen."""
        self._memberships = {membership.room.id: membership for membership in memberships}
        self._current_room_id, self._online = current_room_id, online
        self._redraw_all()

    def update_membership(self, room_id: RoomId, membership: Membership | None) -> None:
        """A membership is new, has changed, or has ended."""
        previous = self._memberships.get(room_id)
        if membership is None:
            self._memberships.pop(room_id, None)
        else:
            self._memberships[room_id] = membership
        if (
            previous is None
            or membership is None
            or self._placement(previous) != self._placement(membership)
        ):
            self._redraw_all()
        elif self._item_state(previous) != self._item_state(membership):
            self._redraw_item(room_id)

    def set_current_room(self, room_id: RoomId) -> None:
        """Another room is on the screen."""
        previous_id, self._current_room_id = self._current_room_id, room_id
        listed = (
            {room_id: section(self._memberships[room_id], is_current=True)}
            if room_id in self._memberships
            else {}
        )
        if (
            room_id not in self._index_by_room
            or (
                previous_id in self._memberships
                and section(self._memberships[previous_id], is_current=False) is None
            )
            or not listed
        ):
            self._redraw_all()
            return
        for each in (previous_id, room_id):
            if each in self._index_by_room:
                self._redraw_item(each)

    def room_at_offset(self, step: int, *, unread: bool) -> RoomId | None:
        """The room `step` items away from the one on the screen; the list wraps around.

        With `unread`, only rooms with a badge count. None if there is no other room.
        """
        room_ids = [each for each in self._items if isinstance(each, int)]
        index = room_ids.index(self._current_room_id) if self._current_room_id in room_ids else 0
        others = room_ids[index + 1 :] + room_ids[:index]
        if unread:
            others = [each for each in others if self._memberships[each].badge_count]
        return others[step - 1 if step > 0 else step] if others else None

    def show_online(self, online: OnlinePeople) -> None:
        """Show who is online."""
        self._online = online
        if not self._items:
            return
        if self._connection is not None:
            replace_controls(self._connection, ROOM_LIST_ID, self._packed_people())
        elif self._people_column is not None:
            self._people_column.controls = self._people_items()
            self._people_column.update()

    def show_status(self, person_id: PersonId) -> None:
        """A person has another status: draw the lines again that show it, and nothing else."""
        for room_id in self._index_by_room:
            others = self._memberships[room_id].others
            if len(others) == 1 and others[0].id == person_id:
                self._redraw_item(room_id)
        for index, (person, is_away) in enumerate(self._listed_people()):
            if person.id == person_id and self._items:
                self._redraw_person(index, person, is_away=is_away)

    def handler(self, control_id: int, event: str) -> Callable[[], Awaitable[None]] | None:
        """The handler of a click on an item."""
        room_id, person_id = item_of_id(control_id) if event == "click" else (None, None)
        if room_id is not None:
            return partial(self._open_room, room_id)
        return None if person_id is None else partial(self._show_person, person_id)

    def avatar_url(self, person: Person) -> str | None:
        """The address of a person's avatar, or None."""
        return self._viewer.avatar_url(person)

    def _item_state(self, membership: Membership) -> ListItemState:
        return item_state(
            membership,
            self._viewer,
            is_current=membership.room.id == self._current_room_id,
            get_status=self._get_status,
        )

    def _placement(self, membership: Membership) -> tuple[str | None, str]:
        return section(
            membership, is_current=membership.room.id == self._current_room_id
        ), membership.title

    def _arrange(self) -> Iterable[str | RoomId]:
        by_section: dict[str, list[Membership]] = {name: [] for name in SECTIONS}
        for membership in self._memberships.values():
            name = section(membership, is_current=membership.room.id == self._current_room_id)
            if name is not None:
                by_section[name].append(membership)
        for name, memberships in by_section.items():
            if memberships:
                yield name
                memberships.sort(key=lambda s: (s.room.id != 1, s.title.casefold(), s.room.id))
                yield from (each.room.id for each in memberships)

    def _redraw_all(self) -> None:
        self._items = list(self._arrange())
        self._index_by_room = {
            each: n for n, each in enumerate(self._items) if isinstance(each, int)
        }
        if isinstance(self._list, ft.ListView):
            controls = [self._build_item(each) for each in (*self._items, PEOPLE)]
            self._people_column = people = _build_people_column()
            people.controls = self._people_items()
            self._list.controls = [*controls, people]
            self._list.update()
        if self._connection is None:
            return
        packed = [self._packed_item(each) for each in (*self._items, PEOPLE)]
        packed.append(self._row_cache.packed_item(ROOM_LIST_ID, "people", _build_people_column))
        replace_controls(self._connection, self._list, packed)
        self.show_online(self._online)

    def _redraw_item(self, room_id: RoomId) -> None:
        index = self._index_by_room[room_id]
        if isinstance(self._list, ft.ListView):
            item = self._list.controls[index]
            assert isinstance(item, RoomItem)
            item.show(self._item_state(self._memberships[room_id]))
            item.update()
        elif self._connection is not None:
            replace_item(self._connection, self._list, index, self._packed_item(room_id))

    def _redraw_person(self, index: int, person: Person, *, is_away: bool) -> None:
        if self._connection is not None:
            packed = self._packed_person(person, is_away=is_away)
            replace_item(self._connection, ROOM_LIST_ID, index, packed)
        elif self._people_column is not None:
            self._people_column.controls[index] = self._person_item(person, is_away=is_away)
            self._people_column.update()

    def _build_item(self, item: str | RoomId) -> ft.Control:
        if isinstance(item, str):
            return section_heading(self._t(item))
        return RoomItem(
            self._item_state(self._memberships[item]), on_click=partial(self._open_room, item)
        )

    def _packed_item(self, item: str | RoomId) -> bytes:
        if isinstance(item, str):
            first_id = ROOM_LIST_ID + 16 * (1 + (*SECTIONS, PEOPLE).index(item))
            title = self._t(item)
            return self._row_cache.packed_item(first_id, title, partial(section_heading, title))
        state = self._item_state(self._memberships[item])
        return self._row_cache.packed_item(
            room_item_id(item), state, partial(RoomItem, state, on_click=_ignore_click)
        )

    def _packed_people(self) -> list[bytes]:
        items = [
            self._packed_person(person, is_away=is_away)
            for person, is_away in self._listed_people()
        ]
        more = more_people(self._online, self._t)
        return [*items, pack_with_message_ids(more, 0)] if more is not None else items

    def _people_items(self) -> list[ft.Control]:
        items: list[ft.Control] = [
            self._person_item(person, is_away=is_away) for person, is_away in self._listed_people()
        ]
        more = more_people(self._online, self._t)
        return [*items, more] if more is not None else items

    def _packed_person(self, person: Person, *, is_away: bool) -> bytes:
        viewer, status = self._viewer, self._get_status(person.id)
        return self._row_cache.packed_item(
            person_item_id(person.id),
            (person, is_away, status, viewer.t, viewer.metrics, viewer.sign_url),
            partial(PersonItem, person, is_away, viewer, status=status, on_click=_ignore_click),
        )

    def _person_item(self, person: Person, *, is_away: bool) -> PersonItem:
        return PersonItem(
            person,
            is_away,
            self._viewer,
            status=self._get_status(person.id),
            on_click=partial(self._show_person, person.id),
        )

    def _listed_people(self) -> Iterable[tuple[Person, bool]]:
        return ((each, each.id in self._online.away) for each in self._online.people[:MAX_PEOPLE])


def _build_people_column() -> ft.Column:
    return ft.Column(spacing=0, tight=True)


async def _ignore_click() -> None:
    """Placeholder that marks an item as clickable. The session gets the click by control id."""
