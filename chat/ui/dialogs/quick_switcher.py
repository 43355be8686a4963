"""The quick switcher (Ctrl+K): to a room or a person by a part of the name."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from typing import Any

import flet as ft

from chat.languages import Language
from chat.model.addresses import room_path
from chat.model.people import Person
from chat.model.rooms import Membership, RoomId, RoomInfo, RoomKind
from chat.text.fuzzy_match import match_rank, query_key
from chat.text.names import cached_name_key
from chat.ui.client.connection import Navigate
from chat.ui.client.list_arrows import ListArrows
from chat.ui.context import SessionContext
from chat.ui.room_titles import membership_title
from chat.ui.theme import widgets
from chat.ui.theme.dialog import Dialog, stretched_column
from chat.ui.theme.widgets import ROOM_ICONS, UnreadBadge

_MAX_RESULTS = 8

# The width of the control before a title, in pixels.
LEADING_WIDTH = 24

_ITEM_PADDING = ft.Padding.symmetric(horizontal=10, vertical=8)


@dataclass(frozen=True, slots=True)
class Target:
    """A room or a person to go to. `unread_count` messages are unread there.

    `notifies` is whether one of them notifies the person. `build_leading` builds the control before
    the title.
    """

    title: str
    hint: str
    build_leading: Callable[[], ft.Control]
    navigate: Callable[[], Awaitable[None]]
    unread_count: int = 0
    notifies: bool = False


def rank_targets(targets: Sequence[Target], query: str) -> list[Target]:
    """The targets whose name matches `query`: the best matches first, of these the unread ones."""
    key = query_key(query)
    ranks = ((target, match_rank(key, target.title)) for target in targets)
    best = nsmallest(
        _MAX_RESULTS,
        ((target, rank) for target, rank in ranks if rank is not None),
        key=lambda each: (each[1], not each[0].unread_count, cached_name_key(each[0].title)),
    )
    return [target for target, _ in best]


class QuickSwitcherDialog(Dialog):
    """A field and the matching targets. Enter opens the selected one, at first the topmost.

    `targets` are those that are known at once. `add_targets` adds the others; Enter waits for them.
    With `search_messages(text)`, the last choice is to search the messages for what was typed.
    """

    def __init__(
        self,
        title: str,
        targets: Sequence[Target],
        t: Language,
        *,
        on_dismiss: Callable[[], object],
        search_messages: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._t = t
        self._targets = targets
        self._search_messages = search_messages
        self._search_target: Target | None = None
        self._selected = 0
        self._is_complete = asyncio.Event()
        self._filter_field = ft.TextField(
            hint_text=title,
            autofocus=True,
            max_length=200,
            counter="",
            on_change=self._on_change,
            on_submit=self._on_submit,
        )
        self._items = ft.Column(spacing=2, tight=True)
        self._update_items()
        super().__init__(
            title,
            stretched_column([self._filter_field, self._items], 8),
            [],
            width=420,
            title_size=None,
            alignment=ft.Alignment(0, -0.5),
            actions_padding=0,
            on_dismiss=on_dismiss,
        )

    def add_targets(self, targets: Sequence[Target]) -> None:
        """Add the targets that had to be loaded. A selected target stays selected."""
        selected = self._matches[self._selected] if self._selected else None
        self._targets = [*self._targets, *targets]
        matches = self._matches
        self._selected = matches.index(selected) if selected in matches else 0
        self._is_complete.set()
        self._update_items()
        if self.open:
            self._items.update()

    @property
    def captures_arrows(self) -> bool:
        """Whether the dialog is open."""
        return self.open

    is_chosen_from = captures_arrows

    @property
    def _matches(self) -> list[Target]:
        matches = rank_targets(self._targets, self._filter_field.value)
        if (search_target := self._find_search_target()) is not None:
            matches.append(search_target)
        return matches

    def _find_search_target(self) -> Target | None:
        """The choice to search the messages for what was typed; None before anything was."""
        text = self._filter_field.value.strip()
        if not text or self._search_messages is None:
            return None
        title = self._t("Search messages for “{text}”", text=text)
        if self._search_target is None or self._search_target.title != title:
            icon = _leading_icon(ft.Icons.SEARCH_ROUNDED)
            self._search_target = Target(title, "", icon, partial(self._search_messages, text))
        return self._search_target

    def move_selection(self, step: int) -> None:
        """Select another target, `step` lines down; the list wraps around."""
        if matches := self._matches:
            self._selected = (self._selected + step) % len(matches)
            self._update_items()
            self._items.update()

    def _update_items(self) -> None:
        matches = self._matches
        self._items.controls = [
            self._item(target, is_selected=n == self._selected) for n, target in enumerate(matches)
        ]
        if matches in ([], [self._search_target]) and self._is_complete.is_set():
            empty_text = widgets.secondary_text(self._t("No room and nobody is called so."), 14)
            self._items.controls.insert(0, ft.Container(empty_text, padding=_ITEM_PADDING))

    def _on_change(self) -> None:
        self._selected = 0
        self._update_items()
        self._items.update()

    async def _on_submit(self) -> None:
        await self._is_complete.wait()
        if self.open and (matches := self._matches):
            await self._select(matches[self._selected])

    async def _select(self, target: Target) -> None:
        self.close()
        await target.navigate()

    def _item(self, target: Target, *, is_selected: bool) -> ft.Control:
        unread = (
            [UnreadBadge(target.unread_count, notifies=target.notifies)]
            if target.unread_count
            else []
        )
        return ft.Container(
            ft.Row(
                [
                    target.build_leading(),
                    widgets.one_line_text(target.title, 14, expand=True),
                    *unread,
                    widgets.secondary_text(target.hint),
                ],
                spacing=10,
            ),
            padding=_ITEM_PADDING,
            border_radius=10,
            bgcolor=ft.Colors.SECONDARY_CONTAINER if is_selected else None,
            ink=True,
            on_click=partial(self._select, target),
        )


class QuickSwitcher:
    """The quick switcher of one session. `owner` is a control on its page."""

    def __init__(
        self,
        context: SessionContext,
        owner: ft.Control,
        *,
        navigate: Navigate,
        search_messages: Callable[[str], Awaitable[None]],
        list_arrows: ListArrows,
    ) -> None:
        self._context = context
        self._owner = owner
        self._navigate = navigate
        self._search_messages = search_messages
        self._list_arrows = list_arrows

    async def show(self) -> None:
        """Open the dialog, in place of any that is open.

        It appears at once, with the person's own rooms: keys that are pressed next are for it.
        """
        t = self._context.t
        memberships = self._context.workspace.memberships.for_person(self._context.me)
        joined_targets = [
            self._joined_target(each)
            for each in memberships
            if each.room.kind is not RoomKind.DIRECT
        ]
        dialog = QuickSwitcherDialog(
            t("Go to a room or a person"),
            joined_targets,
            t,
            on_dismiss=self._list_arrows.update,
            search_messages=self._search_messages,
        )
        joined_ids = {each.room.id for each in memberships}
        await self._show(dialog, self._load_targets(joined_ids))

    async def show_people(self) -> None:
        """Open the dialog with people only, for a direct conversation."""
        t = self._context.t
        dialog = QuickSwitcherDialog(
            t("Talk with somebody, by name"), [], t, on_dismiss=self._list_arrows.update
        )
        await self._show(dialog, self._load_people())

    async def _show(
        self, dialog: QuickSwitcherDialog, loading: Coroutine[Any, Any, list[Target]]
    ) -> None:
        widgets.page_of(self._owner).show_dialog(dialog)
        self._list_arrows.add(dialog)
        targets: list[Target] = []
        try:
            targets = await loading
        finally:
            dialog.add_targets(targets)

    async def _load_targets(self, joined_ids: Collection[RoomId]) -> list[Target]:
        """The public rooms that the person has not joined, and all other people."""
        rooms = await self._context.workspace.rooms.public_rooms(self._context.me)
        public_targets = [
            self._public_target(each)
            for each in rooms
            if each.id not in joined_ids and not each.archived
        ]
        return [*public_targets, *await self._load_people()]

    async def _load_people(self) -> list[Target]:
        people = await self._context.workspace.all_people()
        return [self._person_target(each) for each in people if each.id != self._context.me.id]

    def _joined_target(self, membership: Membership) -> Target:
        room, t = membership.room, self._context.t
        return Target(
            membership_title(membership, t),
            t("thread") if room.kind is RoomKind.THREAD else t("room"),
            _leading_icon(ROOM_ICONS[room.kind]),
            partial(self._navigate, room_path(room)),
            membership.notifying_count or membership.badge_count,
            membership.notifying_count > 0,
        )

    def _public_target(self, room: RoomInfo) -> Target:
        navigate = partial(self._navigate, room_path(room))
        return Target(room.title, self._context.t("join"), _leading_icon(ft.Icons.TAG), navigate)

    def _person_target(self, person: Person) -> Target:
        def build_avatar() -> ft.Control:
            avatar_url = self._context.viewer.avatar_url(person)
            return widgets.avatar(person.name, LEADING_WIDTH, avatar_url)

        navigate = partial(self._open_direct, person)
        hint = self._context.t("bot" if person.is_bot else "person")
        return Target(person.name, hint, build_avatar, navigate)

    async def _open_direct(self, person: Person) -> None:
        rooms = self._context.workspace.rooms
        room = await rooms.get_or_create_direct(self._context.me, [person])
        await self._navigate(room_path(room.info))


def _leading_icon(icon: ft.IconData) -> Callable[[], ft.Control]:
    build_icon = partial(ft.Icon, icon, size=18, color=ft.Colors.ON_SURFACE_VARIANT)
    return lambda: ft.Container(build_icon(), width=LEADING_WIDTH, alignment=ft.Alignment.CENTER)
