"""The actions on people: cards, members of the room, invitations."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

import flet as ft

from chat.errors import ChatError
from chat.loop_time import run_in_thread
from chat.model.people import Person, PersonId
from chat.model.rooms import RoomInfo, RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.text.names import cached_name_key
from chat.ui.context import SessionContext
from chat.ui.moderation.moderation_actions import ModerationActions
from chat.ui.panels.members import Members, MembersPanel
from chat.ui.people.block_actions import BlockActions
from chat.ui.people.invitation import InvitationDialog
from chat.ui.people.profile_card import (
    CARD_WIDTH,
    BlockPerson,
    ModeratePerson,
    Profile,
    ProfileCard,
    ProfileRequest,
    RemoveFromRoom,
)
from chat.ui.presence import PresenceState, presence_of
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.popover import Point, show_popover
from chat.ui.theme.snackbars import show_snackbar

# The members of a conversation of two.
_PAIR = 2


class PeopleHost(Protocol):
    """The screen, as the actions on people know it."""

    @property
    def shown_room(self) -> Room:
        """The room on the screen."""

    async def perform_for_person(self, person: Person, request: ProfileRequest) -> None:
        """Run a request of the card of a person."""


class PeopleActions:
    """The actions of one session on people. `owner` is a control on its page."""

    def __init__(self, context: SessionContext, owner: ft.Control, host: PeopleHost) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._owner = owner
        self._host = host
        self._moderation = ModerationActions(context, owner)
        self.blocks = BlockActions(context, owner)
        # The members on the screen with their room, and the people of it in order of name.
        self._panel: MembersPanel | None = None
        self._panel_room: Room | None = None
        self._panel_people: Sequence[Person] = ()

    async def show_card(self, person: Person, point: Point | None = None) -> None:
        """Show the card of a person, beside a click."""
        profile = await self._profile(person)
        card = ProfileCard(
            profile, self._context.viewer, perform=partial(self._perform, profile.person)
        )
        show_popover(self._page, card, (CARD_WIDTH, 0), point)

    async def show_moderation(self, person_id: PersonId, name: str) -> None:
        """Show the menu of moderators for a person, or their card if there is nothing in it."""
        bot = self._workspace.bots.find(person_id)
        people = await self._workspace.all_people()
        person = next((each for each in people if each.id == person_id), None)
        if bot is not None:
            person = bot.person
        if person is None:
            show_snackbar(self._page, self._t("{name} has left this chat.", name=name))
        elif self._moderation.can_moderate(person, self._shown_room):
            self._moderation.show_menu(person, self._shown_room)
        else:
            await self.show_card(person)

    async def show_online_person(self, person_id: int, point: Point | None) -> None:
        """Show the card of a person who is listed as online."""
        people = self._workspace.presence.online.people
        person = next((each for each in people if each.id == person_id), None)
        if person is not None:
            await self.show_card(person, point)

    async def show_partner(self, room: Room) -> bool:
        """Show the card of the other one in a conversation of two; false in any other room."""
        others = [each for each in room.members.values() if each.id != self._context.me.id]
        is_pair = room.info.kind is RoomKind.DIRECT and len(room.members) <= _PAIR
        if is_pair and others:
            await self.show_card(others[0])
        return is_pair and bool(others)

    async def create_members_panel(self, room: Room) -> MembersPanel:
        """The panel of the members of a room; it is kept up to date while it is open."""
        await self._load_members(room)
        invite = partial(self.show_invitation, room) if self._may_invite(room) else None
        self._panel_room = room
        self._panel = MembersPanel(
            self._members(room),
            self._context.viewer,
            show_person=self.show_card,
            invite=invite,
        )
        return self._panel

    def on_presence_changed(self) -> None:
        """People came, went, or have another status: show that in the members on the screen."""
        if (panel := self._open_panel) is not None and self._panel_room is not None:
            panel.show(self._members(self._panel_room))

    async def on_members_changed(self) -> None:
        """People joined or left the room on the screen."""
        room = self._panel_room
        if self._open_panel is not None and room is not None:
            await self._load_members(room)
            self.on_presence_changed()

    async def show_invitation(self, room: Room) -> None:
        """Let the person choose whom to invite to a room."""
        me, online = self._context.me, self._workspace.presence.online
        people = [
            each for each in await self._workspace.all_people() if each.id not in room.members
        ]

        async def invite(chosen: Sequence[Person]) -> None:
            await self._workspace.rooms.invite(me, room, *chosen)

        self._page.show_dialog(
            InvitationDialog(
                self._t("Invite to {title}", title=room.info.title),
                people,
                self._context.viewer,
                online_ids=frozenset(each.id for each in online.people),
                invite=invite,
            )
        )

    @property
    def moderation(self) -> ModerationActions:
        """The actions of moderators."""
        return self._moderation

    def show_removal(self, room: RoomInfo, moderator: Person) -> None:
        """Say that a moderator has removed the person from a room."""
        text = self._t("{name} removed you from {room}.", name=moderator.name, room=room.title)
        show_snackbar(self._page, text)

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._owner)

    @property
    def _shown_room(self) -> Room:
        """The room on the screen; for a thread the room that it belongs to."""
        room = self._host.shown_room
        return room.parent if isinstance(room.parent, Room) else room

    @property
    def _open_panel(self) -> MembersPanel | None:
        panel = self._panel
        return panel if panel is not None and panel.is_open else None

    async def _load_members(self, room: Room) -> None:
        members = list(room.members.values())
        self._panel_people = await run_in_thread(
            partial(sorted, members, key=lambda each: cached_name_key(each.name))
        )

    def _members(self, room: Room) -> Members:
        caretakers = frozenset(each.id for each in self._panel_people if room.can_moderate(each))
        return Members(
            self._panel_people,
            self._context.online,
            self._workspace.people_details.status,
            caretakers,
        )

    def _may_invite(self, room: Room) -> bool:
        is_group = room.info.kind in {RoomKind.PUBLIC, RoomKind.PRIVATE}
        is_open = not room.info.archived and not room.info.is_of_moderators
        return is_group and is_open and room.info.slug != LOBBY

    async def _profile(self, person: Person) -> Profile:
        workspace, me = self._workspace, self._context.me
        people = {each.id: each for each in await workspace.all_people()}
        bot = workspace.bots.find(person.id)
        current, is_own = people.get(person.id), person.id == me.id
        if bot is not None:
            current = bot.person
        if current is None:
            return Profile(person, workspace.people_details.get(person.id), PresenceState.LEFT)
        owner = None if bot is None else people.get(bot.owner_id)
        is_webhook = owner is not None and current.id in await workspace.hooks.bot_ids_of(owner)
        online = self._context.online
        online_ids = {each.id for each in online.people}
        rooms = () if is_own else await workspace.rooms.rooms_in_common(me, current)
        return Profile(
            current,
            workspace.people_details.get(current.id),
            presence_of(current, online_ids, online.away),
            rooms,
            is_own,
            not is_own and self._may_mention(current),
            self._removable_from(current),
            owner,
            is_webhook,
            current.id in people and not is_webhook,
            self._moderation.can_moderate(current, self._shown_room),
            current.id in self._context.blocked_ids,
        )

    def _may_mention(self, person: Person) -> bool:
        room = self._host.shown_room
        is_archived = (room.parent or room).info.archived
        return person.id in room.mentionable_people and not is_archived

    def _removable_from(self, person: Person) -> RoomInfo | None:
        """The room on the screen, if this person may remove the other from it."""
        room = self._shown_room
        may_remove = self._workspace.rooms.may_remove(self._context.me, room, person)
        return room.info if may_remove else None

    async def _perform(self, person: Person, request: ProfileRequest) -> None:
        try:
            if isinstance(request, RemoveFromRoom):
                await self._ask_to_remove(person, request.room)
            elif isinstance(request, ModeratePerson):
                self._moderation.show_menu(person, self._shown_room)
            elif isinstance(request, BlockPerson):
                await self.blocks.toggle(person)
            else:
                await self._host.perform_for_person(person, request)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))

    async def _ask_to_remove(self, person: Person, info: RoomInfo) -> None:
        t, me = self._t, self._context.me
        room = await self._workspace.rooms.by_id(me, info.id)
        if info.kind is RoomKind.PUBLIC:
            question = t("{name} may join again: this room is public.", name=person.name)
        else:
            question = t("{name} cannot come back unless somebody invites them.", name=person.name)
        self._page.show_dialog(
            ConfirmationDialog(
                t("Remove {name} from {room}?", name=person.name, room=info.title),
                question,
                t("Remove"),
                action=partial(self._workspace.rooms.remove, me, room, person),
                t=t,
            )
        )
