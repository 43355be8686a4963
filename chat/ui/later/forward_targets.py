"""The rooms and people that a person can forward a message to."""

from functools import partial

import flet as ft

from chat.model.people import Person
from chat.model.rooms import Membership, RoomKind
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.dialogs.quick_switcher import LEADING_WIDTH
from chat.ui.later.forward import ForwardTarget
from chat.ui.room_titles import membership_title
from chat.ui.theme import widgets
from chat.ui.theme.widgets import ROOM_ICONS


async def forward_targets(context: SessionContext) -> list[ForwardTarget]:
    """The person's rooms and conversations, then all other people."""
    memberships = context.workspace.memberships.for_person(context.me)
    rooms = [
        _room_target(context, each)
        for each in memberships
        if each.room.kind is not RoomKind.THREAD and not each.room.archived
    ]
    addressed = {each.others[0].id for each in memberships if len(each.others) == 1}
    people = [
        _person_target(context, each)
        for each in await context.workspace.all_people()
        if each.id != context.me.id and each.id not in addressed
    ]
    return rooms + people


def _room_target(context: SessionContext, membership: Membership) -> ForwardTarget:
    room, t = membership.room, context.t

    def build_leading() -> ft.Control:
        icon = ft.Icon(ROOM_ICONS[room.kind], size=18, color=ft.Colors.ON_SURFACE_VARIANT)
        return ft.Container(icon, width=LEADING_WIDTH, alignment=ft.Alignment.CENTER)

    hint = t("direct message") if room.kind is RoomKind.DIRECT else t("room")
    open_room = partial(context.workspace.rooms.by_id, context.me, room.id)
    return ForwardTarget(membership_title(membership, t), hint, build_leading, open_room)


def _person_target(context: SessionContext, person: Person) -> ForwardTarget:
    def build_leading() -> ft.Control:
        return widgets.avatar(person.name, LEADING_WIDTH, context.viewer.avatar_url(person))

    async def open_room() -> Room:
        return await context.workspace.rooms.get_or_create_direct(context.me, [person])

    return ForwardTarget(person.name, context.t("person"), build_leading, open_room)
