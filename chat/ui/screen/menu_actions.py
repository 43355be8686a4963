"""What a person does besides talking: finds rooms, people and messages, and looks after rooms."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from functools import partial

import flet as ft

from chat.errors import ChatError, gettext_noop
from chat.model.addresses import room_path
from chat.model.messages import Message, SearchHit
from chat.model.people import Person
from chat.model.preferences import Preferences
from chat.model.rooms import NotificationLevel, RoomInfo, RoomKind
from chat.model.site import SiteInfo
from chat.rooms.directory import LOBBY
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.search_query import Query
from chat.ui.client.connection import Navigate, wire_of
from chat.ui.dialogs.avatar import AvatarDialog
from chat.ui.dialogs.help import ShortcutsDialog
from chat.ui.dialogs.invite import InviteDialog
from chat.ui.dialogs.message_list import MessageEntry, MessageListDialog, location_label
from chat.ui.dialogs.preferences import PreferenceActions, PreferencesDialog
from chat.ui.dialogs.quick_switcher import QuickSwitcher
from chat.ui.dialogs.room_browser import RoomBrowserDialog
from chat.ui.dialogs.room_details import RoomActions, RoomDetailsDialog
from chat.ui.dialogs.search import SearchDialog
from chat.ui.screen.room_pane import Talk
from chat.ui.sidebar.sidebar import SidebarActions
from chat.ui.theme import widgets
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

_MANY = {RoomKind.PUBLIC, RoomKind.PRIVATE}


class Errands:
    """The errands of one session."""

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        chosen: Preferences,
        invitation: SiteInfo,
        talk: Talk,
        go: Navigate,
    ) -> None:
        self._house = house
        self._me = me
        self._viewer, self._t = viewer, viewer.t
        self._chosen = chosen
        self._invitation = invitation
        self._talk = talk
        self._go = go
        self._preferences: PreferencesDialog | None = None
        self._shortcuts: ShortcutsDialog | None = None
        self.jumping = QuickSwitcher(house, me, lambda: self._viewer, talk, go)

    def wear(self, viewer: ViewerContext, chosen: Preferences) -> None:
        """Something was chosen in the settings, here or on another device."""
        self._viewer, self._chosen = viewer, chosen
        if self._preferences is not None and self._preferences.open:
            self._preferences.show(chosen)

    def buttons(self, leave: Callable[[], Awaitable[None]]) -> SidebarActions:
        """What the buttons on the left do."""
        return SidebarActions(
            self.invite,
            leave,
            self.portrait,
            self.jumping.show,
            self.search,
            self.mentions,
            self.rooms,
            self.preferences,
        )

    def invite(self) -> None:
        """How others come in."""
        self._page.show_dialog(InviteDialog(self._invitation, self._t, self._page.pop_dialog))

    async def search(self) -> None:
        """Find what was said."""

        def entry(found: SearchHit, text: str, marks: tuple[tuple[int, int], ...]) -> MessageEntry:
            path = room_path(found.room, found.message.number)
            return MessageEntry(
                found.message, location_label(found.room, self._t), path, text, marks
            )

        async def search(text: str, before: int | None) -> tuple[Query, tuple[SearchHit, ...]]:
            return await self._house.search(self._me, text, self._viewer.time_zone, before)

        close = self._page.pop_dialog
        self._page.show_dialog(SearchDialog(search, entry, self._viewer, self._go, close))

    async def mentions(self) -> None:
        """What calls the person."""
        entries, t = list[MessageEntry](), self._t
        for _, message in await self._house.mentions(self._me):
            room = (await self._house.rooms.by_id(self._me, message.room_id)).info
            path = room_path(room, message.number)
            entries.append(
                MessageEntry(message, location_label(room, self._t), path, _told(message))
            )
        self._show(t("Mentions"), entries, t("Nobody has mentioned you yet."))

    async def pins(self) -> None:
        """What is pinned to this room."""
        room, t = self._talk.room, self._t
        entries = [
            MessageEntry(each, t("pinned"), room_path(room.info, each.number), _told(each))
            for each in await room.pinned(self._me)
        ]
        otherwise = t("Nothing is pinned here. Hold a message, or click left of it, to pin it.")
        self._show(t("Pinned messages"), entries, otherwise)

    async def rooms(self) -> None:
        """All public rooms, and a new one."""

        async def take(room: RoomInfo) -> None:
            await self._go(room_path(room))

        async def make(title: str, topic: str, private: bool) -> None:
            kind = RoomKind.PRIVATE if private else RoomKind.PUBLIC
            room = await self._house.rooms.create(self._me, title, kind, topic)
            await self._go(room_path(room.info))

        listed = await self._house.rooms.public_rooms()
        dialog = RoomBrowserDialog(listed, self._t, take, make, self._page.pop_dialog)
        self._page.show_dialog(dialog)

    async def about(self) -> None:
        """The room on the screen, and what can be done with it."""
        room = self._talk.room
        base = room.parent or room
        seat = self._house.memberships.get(self._me, room.info.id)
        dialog = RoomDetailsDialog(
            room.info.title if seat is None else seat.title,
            room.info,
            NotificationLevel.ALL if seat is None else seat.notification_level,
            sorted(base.members.values(), key=lambda each: each.name.casefold()),
            self._acts(),
            self._viewer,
            self._page.pop_dialog,
        )
        self._page.show_dialog(dialog)

    def notices(self) -> None:
        """Ask the browser whether it may show notifications."""
        wire = wire_of(self._page)
        words = gettext_noop(
            "Notifications are on: you are called when somebody mentions you or writes to you."
        )
        if wire is None or not self._page.web:
            words = gettext_noop(
                "The window shows no notifications yet. A browser does, and the installed app."
            )
        elif not wire.may_notify:
            words = gettext_noop(
                "Allow notifications where your browser asks, or beside the page's address."
            )
            wire.ask_to_notify()
        widgets.show_snackbar(self._page, self._t(words))

    def preferences(self) -> None:
        """What a person chooses for themselves."""
        prefer = partial(self._house.people.set_preference, self._me)
        acts = PreferenceActions(prefer, self.notices, self.shortcuts, self._page.pop_dialog)
        self._preferences = PreferencesDialog(self._chosen, acts, self._t)
        self._page.show_dialog(self._preferences)

    def shortcuts(self) -> None:
        """What keys do."""
        if self._shortcuts is None or not self._shortcuts.open:
            close = self._page.pop_dialog
            self._shortcuts = ShortcutsDialog(self._chosen.send_key, close, self._t)
            self._page.show_dialog(self._shortcuts)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._talk)

    def _acts(self) -> RoomActions:
        room, rooms, me = self._talk.room, self._house.rooms, self._me
        many = room.info.kind in _MANY
        cares = many and room.can_moderate(me)
        open_to_all = room.info.slug == LOBBY

        async def invite(name: str) -> None:
            await rooms.invite(me, room, await self._house.find_person(name))

        async def add(name: str) -> None:
            people = [*room.members.values(), await self._house.find_person(name)]
            wider = await rooms.get_or_create_direct(me, people)
            await self._go(room_path(wider.info))

        async def archive() -> None:
            await rooms.set_archived(me, room, archived=not room.info.archived)

        async def leave() -> None:
            await rooms.leave(me, room)

        return RoomActions(
            set_notification_level=partial(rooms.set_notification_level, me, room)
            if me.id in room.members
            else None,
            set_topic=partial(rooms.set_topic, me, room) if many else None,
            rename=partial(rooms.rename, me, room) if cares else None,
            invite=invite if many else None,
            add_person=add if room.info.kind is RoomKind.DIRECT else None,
            toggle_archived=archive if cares and not open_to_all else None,
            leave=None if open_to_all else leave,
            jump_to_day=self._jump_to_day,
        )

    async def _jump_to_day(self, words: str) -> None:
        try:
            day = date.fromisoformat(words.strip())
        except ValueError:
            raise ChatError("Write the day as year, month and day: 2026-11-30.") from None
        midnight = datetime.combine(day, time(), self._viewer.time_zone).astimezone()
        number = await self._talk.room.number_at(self._me, midnight)
        if number is None:
            raise ChatError("Nothing was said on that day or later. Choose an earlier one.")
        await self._talk.stretch.go_to(number)

    async def portrait(self) -> None:
        """Set one's own picture."""
        known = {each.id: each for each in await self._house.all_people()}
        me = known.get(self._me.id, self._me)
        talk, files = self._talk, self._talk.composer.files
        dialog = AvatarDialog(self._house, me, self._viewer, talk.carrying, self._page.pop_dialog)
        files.lend(dialog.on_files_chosen, lambda: dialog.open)
        self._page.show_dialog(dialog)

    def _show(self, title: str, entries: list[MessageEntry], otherwise: str) -> None:
        close = self._page.pop_dialog
        self._page.show_dialog(
            MessageListDialog(title, entries, otherwise, self._viewer, self._go, close)
        )


def _told(message: Message) -> str:
    return to_plain_text(emote_text(message.author.name, message.preview))
