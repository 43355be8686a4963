"""The members of a room: a filter, and sections for those here, away and not here, and for bots."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from chat.errors import gettext_noop
from chat.model.events import OnlinePeople
from chat.model.people import Person, PersonId, Status
from chat.rooms.history import PAGE_SIZE
from chat.text.names import cached_name_key, name_key
from chat.ui.panels.panel import Panel
from chat.ui.presence import PresenceState, presence_of
from chat.ui.theme import widgets
from chat.ui.theme.pages import Pages
from chat.ui.theme.popover import Point
from chat.ui.viewer import ViewerContext

# From this number of members on, the panel has a filter.
FILTER_FROM = 15

_FILTER_LENGTH = 64
_AVATAR_SIZE = 32
_ITEM_PADDING = ft.Padding.symmetric(horizontal=8, vertical=6)

# In pixels: the width of the dialog, its height for each member, and at most.
_WIDTH, _MEMBER_HEIGHT, _MAX_HEIGHT = 400, 52, 520

_HEADING_PADDING = ft.Padding.only(left=8, top=10, bottom=2)

_SECTIONS = {
    PresenceState.HERE: gettext_noop("Here: {count}"),
    PresenceState.AWAY: gettext_noop("Away: {count}"),
    PresenceState.OFFLINE: gettext_noop("Not here: {count}"),
    PresenceState.BOT: gettext_noop("Bots: {count}"),
}


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a room, in order of their names, with what the panel shows of them.

    `get_status(id)` is the status of a person. `caretaker_ids` are the people who may moderate the
    room.
    """

    people: Sequence[Person]
    online: OnlinePeople
    get_status: Callable[[PersonId], Status]
    caretaker_ids: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True)
class _Member:
    """One line of the panel."""

    person: Person
    presence: PresenceState
    status: Status
    is_caretaker: bool


ShowPerson = Callable[[Person, Point | None], Awaitable[None]]


class MembersPanel(Panel):
    """The members of one room. A click calls `show_person(person, point)`.

    If the person may invite others, a button calls `invite()`.
    """

    def __init__(
        self,
        members: Members,
        viewer: ViewerContext,
        *,
        show_person: ShowPerson,
        invite: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._viewer = viewer
        self._t = t = viewer.t
        self._show_person = show_person
        self._point: Point | None = None
        self._lines: list[_Member | str] = []
        self._members = members
        self._list = ft.ListView(spacing=0, expand=True)
        self._filter = ft.TextField(
            hint_text=t("Find somebody in this room"),
            prefix_icon=ft.Icons.SEARCH_ROUNDED,
            dense=True,
            border=ft.OutlineInputBorder(border_radius=12),
            max_length=_FILTER_LENGTH,
            counter="",
            visible=len(members.people) >= FILTER_FROM,
            on_change=self._draw,
        )
        self._pages = Pages[_Member | str](
            self._list, t("Show more"), build=self._line, load=self._load
        )
        actions: list[ft.Control] = []
        if invite is not None:
            icon = ft.Icons.PERSON_ADD_ALT_ROUNDED
            actions.append(widgets.icon_button(icon, t("Invite people"), on_click=invite))
        super().__init__(
            t("People in this room"),
            [self._filter, self._list],
            dialog_size=(
                _WIDTH,
                min(_MAX_HEIGHT, _MEMBER_HEIGHT * (len(members.people) + 2)),
            ),
            actions=actions,
        )
        self._draw()

    def show(self, members: Members) -> None:
        """Show other members, or others of them online. Nothing is drawn if they look the same."""
        self._members = members
        is_filtered = len(members.people) >= FILTER_FROM
        if is_filtered != self._filter.visible:
            self._filter.visible = is_filtered
            self._filter.update()
        self._draw()

    def _draw(self) -> None:
        lines = list(self._find_lines())
        if lines != self._lines or not lines:
            self._lines = lines
            if lines:
                self._pages.show(lines[:PAGE_SIZE])
            else:
                text = self._t("Nobody in this room is called that.")
                self._pages.show_text(widgets.secondary_text(text, 14))
            if self._list.parent is not None:
                self._list.update()

    def _find_lines(self) -> Sequence[_Member | str]:
        """The headings and the members of each section."""
        members, key = self._members, name_key(self._filter.value or "")
        online_ids = frozenset(each.id for each in members.online.people)
        by_state: dict[PresenceState, list[_Member | str]] = {each: [] for each in _SECTIONS}
        for person in members.people:
            if key in cached_name_key(person.name):
                state = presence_of(person, online_ids, members.online.away)
                by_state[state].append(
                    _Member(
                        person,
                        state,
                        members.get_status(person.id),
                        person.id in members.caretaker_ids,
                    )
                )
        lines = list[_Member | str]()
        for state, found in by_state.items():
            if found:
                lines += [self._t(_SECTIONS[state], count=len(found)), *found]
        return lines

    async def _load(self, skipped: int) -> Sequence[_Member | str]:
        return self._lines[skipped : skipped + PAGE_SIZE]

    def _line(self, line: _Member | str) -> ft.Control:
        if isinstance(line, str):
            heading = widgets.secondary_text(line, weight=ft.FontWeight.W_600)
            return ft.Container(heading, padding=_HEADING_PADDING)
        person, avatar_url = line.person, self._viewer.avatar_url(line.person)
        face: ft.Control = widgets.avatar(person.name, _AVATAR_SIZE, avatar_url)
        if line.presence in {PresenceState.HERE, PresenceState.AWAY}:
            is_away = line.presence is PresenceState.AWAY
            face = widgets.presence_avatar(person.name, _AVATAR_SIZE, avatar_url, is_away=is_away)
        name = widgets.one_line_text(person.name, 14, weight=ft.FontWeight.W_500)
        texts: list[ft.Control] = [widgets.with_bot_mark(name, self._t) if person.is_bot else name]
        if label := line.status.label:
            texts.append(widgets.one_line_text(label, 12, color=ft.Colors.ON_SURFACE_VARIANT))
        controls: list[ft.Control] = [
            face,
            ft.Column(texts, spacing=0, tight=True, expand=True),
        ]
        if line.is_caretaker:
            controls.append(widgets.secondary_text(self._t("looks after it")))
        return ft.Container(
            ft.Row(controls, spacing=12),
            padding=_ITEM_PADDING,
            border_radius=10,
            ink=True,
            on_tap_down=self._on_tap_down,
            on_click=partial(self._on_click, person),
        )

    def _on_tap_down(self, event: ft.TapEvent[ft.Container]) -> None:
        place = event.global_position
        self._point = None if place is None else Point(place.x, place.y)

    # Flet passes its event to every handler that has a parameter left, even one with a default.
    async def _on_click(self, person: Person) -> None:
        await self._show_person(person, self._point)
