"""The rooms and the online people in the sidebar: which are listed, in which order.

A change draws only the lines that changed, and the bytes of a line are the same for all viewers of
the same state (`RowCache.packed_item`).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import nlargest
from itertools import islice

import flet as ft

from chat.model.events import OnlinePeople
from chat.model.people import Person, PersonId, Status
from chat.model.preferences import SidebarSection
from chat.model.rooms import Membership, NotificationLevel, RoomId, RoomKind
from chat.tasks import Tasks
from chat.text.fuzzy_match import match_rank, query_key
from chat.text.names import cached_name_key
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.packing.control_ids import (
    ROOM_LIST_ID,
    heading_part_of_id,
    item_of_id,
    pack_with_message_ids,
    person_item_id,
    room_item_id,
    section_heading_id,
)
from chat.ui.packing.patches import (
    ControlRef,
    change_controls,
    insertion,
    removal,
    replace_controls,
    replace_item,
    replacement,
    scroll_to,
    set_value,
)
from chat.ui.packing.row_cache import RowCache
from chat.ui.packing.shared_view import Handler
from chat.ui.room_titles import membership_title
from chat.ui.sidebar.list_items import (
    ADD_BUTTON,
    MAX_PEOPLE,
    HeadingState,
    ListItemState,
    PersonItem,
    RoomItem,
    SectionHeading,
    item_state,
    more_people,
    no_match,
)
from chat.ui.sidebar.room_order import (
    Insert,
    Line,
    ListChange,
    Place,
    Redraw,
    Remove,
    RoomOrder,
    shared_place,
)
from chat.ui.sidebar.sidebar_requests import (
    AddToSection,
    OpenRoom,
    PerformRequest,
    ShowPerson,
    ShowRoomMenu,
    StoreFolds,
)
from chat.ui.sidebar.unread_pills import (
    HEADING_HEIGHT,
    LINE_SPACING,
    ROOM_CONTENT_HEIGHT,
    UnreadBeyond,
    UnreadPills,
    UnreadRun,
    VisiblePart,
    unread_beyond,
)
from chat.ui.theme.popover import Point, tap_point
from chat.ui.viewer import ViewerContext

# The threads without unread messages that are listed, the newest first. The filter finds all.
MAX_THREADS = 8

# The longest text of the filter, in characters.
FILTER_LIMIT = 100

_SECTIONS = tuple(SidebarSection)

# About where the lines of rooms are on the screen, in pixels: the list, and the middle of a title.
_LIST_TOP, _MENU_X = 116.0, 120.0

# The events of a room's item that open its menu.
_MENU_EVENTS = {"secondary_tap_down", "long_press_start"}


class RoomList:
    """Fills a list. A click is a request to the screen (`sidebar_requests.py`)."""

    def __init__(
        self,
        me: Person,
        viewer: ViewerContext,
        row_cache: RowCache,
        *,
        folded: frozenset[SidebarSection] = frozenset(),
        get_status: Callable[[PersonId], Status],
        perform: PerformRequest,
    ) -> None:
        self._viewer = viewer
        self._t = viewer.t
        self._me = me
        self._row_cache = row_cache
        self._folded = folded
        self._get_status = get_status
        self.perform = perform
        self._connection: ClientConnection | None = None
        self._tasks = Tasks()
        self._memberships: dict[RoomId, Membership] = {}
        self._current_room_id: RoomId = 0
        # The room with the ring of the keyboard.
        self._chosen: RoomId | None = None
        # A room that was opened from the unread ones stays there until another one is opened.
        self._is_current_held = False
        # When something was last said in the oldest thread that is listed.
        self._oldest_activity = 0
        self._online = OnlinePeople(())
        self._filter_key = ""
        self._is_drawn = False
        # The headings and rooms in the list; the heading of the people and the people follow.
        self._order = RoomOrder()
        # A control, or the id of a packed one. The packed people have one id in all sessions.
        self._list: ControlRef = 0
        self._filter_field: ControlRef | None = None
        self._people_column: ft.Column | None = None
        self._pills: UnreadPills | None = None
        self._visible_part = VisiblePart()

    def apply_viewer(self, viewer: ViewerContext) -> None:
        """Use other metrics from the next `show` on."""
        self._viewer = viewer

    def attach(
        self,
        target: ControlRef,
        filter_field: ControlRef | None,
        connection: ClientConnection | None,
        *,
        pills: UnreadPills | None = None,
        height: float = 0.0,
    ) -> None:
        """Fill this list of a height from now on; it is empty until the next `show`, and so is the
        field."""
        self._connection, self._list = connection, target
        self._pills, self._visible_part = pills, VisiblePart(height=height)
        if isinstance(target, ft.ListView):
            target.on_scroll = self._on_scroll
        self._filter_field, self._filter_key = filter_field, ""
        self._is_drawn = False

    def show(
        self, memberships: Sequence[Membership], current_room_id: RoomId, online: OnlinePeople
    ) -> None:
        """Show these memberships and people; `current_room_id` is the room on the screen."""
        self._memberships = {membership.room.id: membership for membership in memberships}
        self._current_room_id, self._online = current_room_id, online
        self._redraw_all()

    @property
    def room_count(self) -> int:
        """The number of rooms, conversations and threads, also of those that are not listed."""
        return len(self._memberships)

    def update_membership(self, room_id: RoomId, membership: Membership | None) -> None:
        """A membership is new, has changed, or has ended."""
        previous = self._memberships.get(room_id)
        if membership is None:
            self._memberships.pop(room_id, None)
        else:
            self._memberships[room_id] = membership
        if self._changes_newest_threads(previous, membership):
            self._redraw_all()
        elif not self._update_place(room_id) and (
            previous is not None
            and membership is not None
            and self._item_state(previous) != self._item_state(membership)
        ):
            self._redraw_item(room_id)

    def _changes_newest_threads(
        self, previous: Membership | None, membership: Membership | None
    ) -> bool:
        """Whether another thread may be among the newest now."""
        changed = membership or previous
        if changed is None or changed.room.kind is not RoomKind.THREAD:
            return False
        if previous is None or membership is None:
            return True
        is_followed = membership.notification_level is not NotificationLevel.NOTHING
        is_newer = _activity(previous) < self._oldest_activity <= _activity(membership)
        return is_followed and is_newer

    def set_current_room(self, room_id: RoomId) -> None:
        """Another room is on the screen."""
        previous_id, self._current_room_id = self._current_room_id, room_id
        if previous_id != room_id:
            # The first room of a page was not chosen in the list.
            is_unread = self._order.section_of(room_id) is SidebarSection.UNREAD
            self._is_current_held = is_unread and previous_id != 0
        for each in dict.fromkeys((previous_id, room_id)):
            if not self._update_place(each):
                self._redraw_item(each)

    def set_folded(self, folded: frozenset[SidebarSection]) -> None:
        """Fold these sections, and unfold the others."""
        if folded != self._folded:
            self._folded = folded
            self._redraw_all()

    def filter(self, query: str) -> None:
        """List only what matches a query, also of folded sections; all if it is empty."""
        key = query_key(query[:FILTER_LIMIT])
        if key != self._filter_key:
            self._filter_key = key
            self._redraw_all()

    def filter_by_field(self) -> None:
        """Filter by the text of the field, where that is an ordinary control."""
        if isinstance(self._filter_field, ft.TextField):
            self.filter(self._filter_field.value or "")

    def clear_filter(self) -> bool:
        """List everything again; returns whether there was a filter."""
        field = self._filter_field
        if field is None or not self._filter_key:
            return False
        if self._connection is not None:
            set_value(self._connection, field, "")
        elif isinstance(field, ft.TextField):
            field.value = ""
            field.update()
        self.filter("")
        return True

    async def open_first_match(self) -> None:
        """Open what matches the filter best: the first room, else the first person."""
        if not self._filter_key:
            return
        room_id = next(iter(self._order.room_ids), None)
        person = next((each for each, _ in self._listed_people()), None)
        self.clear_filter()
        if room_id is not None:
            await self.perform(OpenRoom(room_id))
        elif person is not None:
            await self.perform(ShowPerson(person.id))

    @property
    def room_ids(self) -> Sequence[RoomId]:
        """The rooms that have a line, in order."""
        return self._order.room_ids

    @property
    def current_room_id(self) -> RoomId:
        """The room on the screen."""
        return self._current_room_id

    @property
    def chosen(self) -> RoomId | None:
        """The room that is chosen with the keyboard."""
        return self._chosen

    def set_chosen(self, room_id: RoomId | None) -> None:
        """Put a ring around the line of a room, and show it; None removes the ring."""
        previous, self._chosen = self._chosen, room_id
        for each in dict.fromkeys((previous, room_id)):
            if each is not None and each in self._memberships:
                self._redraw_item(each)
        if room_id is not None and (top := self._top_of(room_id)) is not None:
            visible, height = self._visible_part, self._room_height
            if not visible.offset <= top <= visible.offset + visible.height - height:
                self._scroll_to(max(0.0, top - visible.height / 2))

    def announce(self, room_id: RoomId) -> None:
        """Let a screen reader read the line of a room."""
        if self._connection is not None:
            state = self._item_state(self._memberships[room_id])
            count = state.notifying_count or state.unread_count
            unread = self._t.plural("{count} unread", "{count} unread", count) if count else ""
            parts = (state.title, unread, state.draft_label)
            self._connection.announce(", ".join(filter(None, parts)))

    def point_of(self, room_id: RoomId) -> Point:
        """A place on the line of a room."""
        top = self._top_of(room_id) or 0.0
        return Point(_MENU_X, _LIST_TOP + max(0.0, top - self._visible_part.offset))

    def _top_of(self, room_id: RoomId) -> float | None:
        """The upper edge of a room's line in the list, in pixels; None if it has no line."""
        section = self._order.section_of(room_id)
        if section is None or self._order.index(room_id) is None:
            return None
        step = self._room_height + LINE_SPACING
        top = self._order.top_of(section, HEADING_HEIGHT + LINE_SPACING, step)
        return top + step * self._order.section_rooms(section).index(room_id)

    def room_at_offset(self, step: int, *, unread: bool) -> RoomId | None:
        """The room `step` items away from the one on the screen; the list wraps around.

        With `unread`, only rooms with a badge count. None if there is no other room.
        """
        room_ids = list(self._order.room_ids)
        index = room_ids.index(self._current_room_id) if self._current_room_id in room_ids else 0
        others = room_ids[index + 1 :] + room_ids[:index]
        if unread:
            others = [each for each in others if self._memberships[each].badge_count]
        return others[step - 1 if step > 0 else step] if others else None

    def show_online(self, online: OnlinePeople) -> None:
        """Show who is online."""
        previous, self._online = self._online, online
        if not self._is_drawn:
            return
        if self._filter_key or SidebarSection.PEOPLE in self._folded:
            self._apply([Redraw(len(self._order), SidebarSection.PEOPLE)])
        self._draw_people()
        changed_ids = (previous.ids ^ online.ids) | (previous.away ^ online.away)
        if not changed_ids:
            return
        for room_id, membership in self._memberships.items():
            if len(membership.others) == 1 and membership.others[0].id in changed_ids:
                self._redraw_item(room_id)

    def show_status(self, person_id: PersonId) -> None:
        """A person has another status: draw the lines again that show it, and nothing else."""
        for room_id, membership in self._memberships.items():
            others = membership.others
            if len(others) == 1 and others[0].id == person_id:
                self._redraw_item(room_id)
        for index, (person, is_away) in enumerate(self._listed_people()):
            if person.id == person_id and self._is_drawn:
                self._redraw_person(index, person, is_away=is_away)

    def handler(self, control_id: int, event: str, data: object = None) -> Handler | None:
        """The handler of an event of an item, a heading, or the filter field."""
        if control_id == self._list:
            is_scroll = event == "scroll" and isinstance(data, dict)
            return partial(self._on_packed_scroll, data) if is_scroll else None  # type: ignore[arg-type]
        if control_id == self._filter_field:
            if event == "submit":
                return self.open_first_match
            return partial(self.filter, data) if isinstance(data, str) else None
        if (heading := heading_part_of_id(control_id)) is not None:
            index, part = heading
            if event != "click" or index >= len(_SECTIONS):
                return None
            section = _SECTIONS[index]
            if part == ADD_BUTTON:
                return partial(self.perform, AddToSection(section))
            return partial(self._toggle_fold, section)
        room_id, person_id = item_of_id(control_id)
        if room_id is not None and event in _MENU_EVENTS:
            point = tap_point(data)
            return None if point is None else partial(self.perform, ShowRoomMenu(room_id, point))
        if event != "click":
            return None
        if room_id is not None:
            return partial(self.perform, OpenRoom(room_id))
        return None if person_id is None else partial(self.perform, ShowPerson(person_id))

    def avatar_url(self, person: Person) -> str | None:
        """The address of a person's avatar, or None."""
        return self._viewer.avatar_url(person)

    async def show_unread(self, action: ButtonAction) -> None:
        """Scroll to the first unread room beyond the edge that a button is for."""
        self._scroll_to(self._unread_beyond().scroll_offset(action))

    def _scroll_to(self, offset: float) -> None:
        if self._connection is not None and isinstance(self._list, int):
            scroll_to(self._connection, self._list, offset)
        elif isinstance(self._list, ft.ListView):
            scrolling = self._list.scroll_to(offset=offset, duration=200)
            self._tasks.start(scrolling, "scroll the rooms")

    def _on_scroll(self, event: ft.OnScrollEvent) -> None:
        self._set_visible_part(event.pixels, event.viewport_dimension or 0.0)

    def _on_packed_scroll(self, data: Mapping[str, object]) -> None:
        try:
            offset, height = (float(data[each]) for each in ("pixels", "viewport_dimension"))  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError):
            return
        if math.isfinite(offset) and math.isfinite(height):
            self._set_visible_part(offset, height)

    def _set_visible_part(self, offset: float, height: float) -> None:
        self._visible_part = VisiblePart(offset, height)
        self._show_pills()

    def _show_pills(self) -> None:
        if self._pills is not None:
            self._pills.show(self._unread_beyond(), self._connection)

    def _unread_beyond(self) -> UnreadBeyond:
        if self._filter_key:
            return UnreadBeyond()
        return unread_beyond(self._unread_runs(), self._room_height, self._visible_part)

    @property
    def _room_height(self) -> float:
        padding = self._viewer.metrics.room_item_padding
        return ROOM_CONTENT_HEIGHT + (padding.top or 0) + (padding.bottom or 0)

    def _unread_runs(self) -> Iterator[UnreadRun]:
        """The unread rooms: those of their section, and unread favourites."""
        order, step = self._order, self._room_height + LINE_SPACING
        heading = HEADING_HEIGHT + LINE_SPACING
        top = order.top_of(SidebarSection.UNREAD, heading, step)
        count = order.visible_count(SidebarSection.UNREAD)
        # The room on the screen is read.
        held = count
        if count and order.section_of(self._current_room_id) is SidebarSection.UNREAD:
            index = order.index(self._current_room_id)
            held = count if index is None else index - 1
        yield UnreadRun(top, held)
        yield UnreadRun(top + (held + 1) * step, max(0, count - held - 1))
        top = order.top_of(SidebarSection.FAVOURITES, heading, step)
        for n, room_id in enumerate(order.section_rooms(SidebarSection.FAVOURITES)):
            if self._memberships[room_id].badge_count and room_id != self._current_room_id:
                yield UnreadRun(top + n * step, 1)

    async def _toggle_fold(self, section: SidebarSection) -> None:
        if section is SidebarSection.UNREAD:
            return
        self.set_folded(self._folded ^ {section})
        await self.perform(StoreFolds(self._folded))

    def _item_state(self, membership: Membership) -> ListItemState:
        return item_state(
            membership,
            self._viewer,
            self._online,
            is_current=membership.room.id == self._current_room_id,
            is_chosen=membership.room.id == self._chosen,
            get_status=self._get_status,
        )

    def _heading_state(self, section: SidebarSection) -> HeadingState:
        is_folded = section in self._folded and not self._filter_key
        if section is not SidebarSection.PEOPLE:
            hidden_count = self._order.hidden_count(section)
            return HeadingState(section, is_folded, hidden_count, self._t)
        hidden_count = len(self._online.people) if is_folded else 0
        is_empty = bool(self._filter_key) and not any(self._listed_people())
        return HeadingState(section, is_folded, hidden_count, self._t, is_empty)

    def _place(self, membership: Membership) -> Place | None:
        """Where a membership is listed; None if it is not."""
        room_id = membership.room.id
        is_current = room_id == self._current_room_id
        is_unread = membership.badge_count > 0 and not is_current
        title = membership_title(membership, self._t)
        if self._filter_key:
            rank = match_rank(self._filter_key, title)
            if rank is None:
                return None
            section = self._section(membership)
            return shared_place(section, rank.value, cached_name_key(title), room_id)
        if not (is_current or self._is_listed(membership)):
            return None
        section, rank_in_section = self._section(membership), int(room_id != 1)
        if section is not SidebarSection.FAVOURITES and (
            is_unread or (is_current and self._is_current_held)
        ):
            section, rank_in_section = SidebarSection.UNREAD, int(not membership.notifying_count)
        elif section is SidebarSection.THREADS:
            rank_in_section = -_activity(membership)
        is_hidden = section in self._folded and not (is_current or is_unread)
        key = cached_name_key(title)
        return shared_place(section, rank_in_section, key, room_id, is_hidden)

    def _is_listed(self, membership: Membership) -> bool:
        """Whether a membership is listed while its room is not on the screen."""
        if membership.room.kind is RoomKind.THREAD:
            return membership.badge_count > 0 or (
                membership.notification_level is not NotificationLevel.NOTHING
                and (_activity(membership) >= self._oldest_activity or membership.is_favourite)
            )
        return not (membership.room.archived or membership.is_closed)

    def _section(self, membership: Membership) -> SidebarSection:
        """The section of a membership without unread messages."""
        if membership.is_favourite:
            return SidebarSection.FAVOURITES
        return _SECTIONS_BY_KIND.get(membership.room.kind, SidebarSection.ROOMS)

    def _update_place(self, room_id: RoomId) -> bool:
        """Move a room to its place; returns whether the list has changed."""
        membership = self._memberships.get(room_id)
        place = None if membership is None else self._place(membership)
        changes = self._order.move(room_id, place)
        if changes and self._is_drawn:
            self._apply(changes)
        return bool(changes)

    def _apply(self, changes: Sequence[ListChange]) -> None:
        if self._connection is not None:
            change_controls(self._connection, self._list, [self._operation(x) for x in changes])
        elif isinstance(self._list, ft.ListView):
            for change in changes:
                if isinstance(change, Remove):
                    del self._list.controls[change.index]
                elif isinstance(change, Insert):
                    self._list.controls.insert(change.index, self._build_line(change.line))
                else:
                    self._list.controls[change.index] = self._build_line(change.line)
            self._list.update()
        self._show_pills()

    def _operation(self, change: ListChange) -> bytes:
        if isinstance(change, Remove):
            return removal(change.index)
        packed = self._packed_line(change.line)
        if isinstance(change, Insert):
            return insertion(change.index, packed)
        return replacement(change.index, packed)

    def _redraw_all(self) -> None:
        activities = (
            _activity(each)
            for each in self._memberships.values()
            if each.room.kind is RoomKind.THREAD
            and each.notification_level is not NotificationLevel.NOTHING
        )
        self._oldest_activity = min(nlargest(MAX_THREADS, activities), default=0)
        places = (self._place(each) for each in self._memberships.values())
        self._order.replace_all(
            (each for each in places if each is not None), has_all_headings=not self._filter_key
        )
        self._is_drawn = True
        lines = [*self._order, SidebarSection.PEOPLE]
        if isinstance(self._list, ft.ListView):
            self._people_column = _build_people_column()
            self._list.controls = [*map(self._build_line, lines), self._people_column]
            self._list.update()
        elif self._connection is not None:
            packed = [self._packed_line(each) for each in lines]
            packed.append(self._row_cache.packed_item(ROOM_LIST_ID, "people", _build_people_column))
            replace_controls(self._connection, self._list, packed)
        self._draw_people()
        self._show_pills()

    def _redraw_item(self, room_id: RoomId) -> None:
        index = self._order.index(room_id) if self._is_drawn else None
        if index is None:
            return
        if self._order.section_of(room_id) is SidebarSection.FAVOURITES:
            self._show_pills()
        if isinstance(self._list, ft.ListView):
            item = self._list.controls[index]
            assert isinstance(item, RoomItem)
            item.show(self._item_state(self._memberships[room_id]))
            item.update()
        elif self._connection is not None:
            replace_item(self._connection, self._list, index, self._packed_line(room_id))

    def _redraw_person(self, index: int, person: Person, *, is_away: bool) -> None:
        if self._connection is not None:
            packed = self._packed_person(person, is_away=is_away)
            replace_item(self._connection, ROOM_LIST_ID, index, packed)
        elif self._people_column is not None:
            self._people_column.controls[index] = self._person_item(person, is_away=is_away)
            self._people_column.update()

    def _build_line(self, line: Line) -> ft.Control:
        if isinstance(line, SidebarSection):
            return SectionHeading(
                self._heading_state(line),
                on_click=partial(self._toggle_fold, line),
                on_add=partial(self.perform, AddToSection(line)),
            )
        return RoomItem(
            self._item_state(self._memberships[line]),
            on_click=partial(self.perform, OpenRoom(line)),
            on_menu=partial(self._show_menu, line),
        )

    async def _show_menu(self, room_id: RoomId, event: ft.Event[ft.GestureDetector]) -> None:
        position = getattr(event, "global_position", None)
        if position is not None:
            await self.perform(ShowRoomMenu(room_id, Point(position.x, position.y)))

    def _packed_line(self, line: Line) -> bytes:
        if isinstance(line, SidebarSection):
            heading = self._heading_state(line)
            build_heading = partial(
                SectionHeading, heading, on_click=_ignore_click, on_add=_ignore_click
            )
            first_id = section_heading_id(_SECTIONS.index(line))
            return self._row_cache.packed_item(first_id, heading, build_heading)
        state = self._item_state(self._memberships[line])
        build_item = partial(RoomItem, state, on_click=_ignore_click, on_menu=_ignore_event)
        return self._row_cache.packed_item(room_item_id(line), state, build_item)

    def _draw_people(self) -> None:
        if self._connection is not None:
            replace_controls(self._connection, ROOM_LIST_ID, self._packed_people())
        elif self._people_column is not None:
            self._people_column.controls = self._people_items()
            self._people_column.update()

    def _packed_people(self) -> list[bytes]:
        items = [
            self._packed_person(person, is_away=is_away)
            for person, is_away in self._listed_people()
        ]
        more = self._more_people()
        return [*items, pack_with_message_ids(more, 0)] if more is not None else items

    def _people_items(self) -> list[ft.Control]:
        items: list[ft.Control] = [
            self._person_item(person, is_away=is_away) for person, is_away in self._listed_people()
        ]
        more = self._more_people()
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
            on_click=partial(self.perform, ShowPerson(person.id)),
        )

    def _more_people(self) -> ft.Container | None:
        if self._filter_key:
            is_empty = not self._order.room_ids and not any(self._listed_people())
            return no_match(self._t) if is_empty else None
        if SidebarSection.PEOPLE in self._folded:
            return None
        return more_people(self._online, self._t)

    def _listed_people(self) -> Iterable[tuple[Person, bool]]:
        people: Iterable[Person] = self._online.people
        if key := self._filter_key:
            people = (each for each in people if match_rank(key, each.name) is not None)
        elif SidebarSection.PEOPLE in self._folded:
            people = ()
        return ((each, each.id in self._online.away) for each in islice(people, MAX_PEOPLE))


_SECTIONS_BY_KIND: Mapping[RoomKind, SidebarSection] = {
    RoomKind.THREAD: SidebarSection.THREADS,
    RoomKind.DIRECT: SidebarSection.DIRECT,
}


def _activity(membership: Membership) -> int:
    """When the last message of a thread was sent, in microseconds; 0 if that is not known."""
    return 0 if membership.last_at is None else round(membership.last_at.timestamp() * 1_000_000)


def _build_people_column() -> ft.Column:
    return ft.Column(spacing=0, tight=True)


async def _ignore_click() -> None:
    """Placeholder that marks an item as clickable. The session gets the click by control id."""


async def _ignore_event(event: object) -> None:
    """As `_ignore_click`, for an event with data."""
