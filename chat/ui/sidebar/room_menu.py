"""The menu of a room in the sidebar: mark as read, favourite, mute, webhooks, leave or close."""

from functools import partial

import flet as ft

from chat.languages import Language
from chat.model.rooms import Membership, NotificationLevel, RoomKind
from chat.rooms.directory import LOBBY
from chat.ui.sidebar.sidebar_requests import (
    CloseDirect,
    LeaveRoom,
    MarkRead,
    PerformRequest,
    SetFavourite,
    SetMuted,
    ShowRoomWebhooks,
    SidebarRequest,
)
from chat.ui.theme.popup_menu import MenuChoice


def room_menu_choices(
    membership: Membership, t: Language, perform: PerformRequest
) -> list[MenuChoice]:
    """What a member may do with a room from outside of it."""
    room, room_id = membership.room, membership.room.id
    choices: list[MenuChoice] = []

    def add(
        icon: ft.IconData, label: str, request: SidebarRequest, *, is_destructive: bool = False
    ) -> None:
        choices.append(MenuChoice(icon, label, partial(perform, request), is_destructive))

    if membership.unread or membership.unread_mentions:
        add(ft.Icons.DONE_ALL_ROUNDED, t("Mark as read"), MarkRead(room_id))
    if membership.is_favourite:
        add(ft.Icons.STAR_ROUNDED, t("Remove from favourites"), SetFavourite(room_id, False))
    else:
        add(ft.Icons.STAR_BORDER_ROUNDED, t("Add to favourites"), SetFavourite(room_id, True))
    if membership.notification_level is NotificationLevel.NOTHING:
        add(ft.Icons.NOTIFICATIONS_OUTLINED, t("Unmute"), SetMuted(room_id, False))
    else:
        add(ft.Icons.NOTIFICATIONS_OFF_OUTLINED, t("Mute"), SetMuted(room_id, True))
    if room.kind in {RoomKind.PUBLIC, RoomKind.PRIVATE} and not room.archived:
        add(ft.Icons.WEBHOOK_ROUNDED, t("Webhooks"), ShowRoomWebhooks(room_id))
    if room.kind is RoomKind.DIRECT:
        add(ft.Icons.CLOSE_ROUNDED, t("Close this conversation"), CloseDirect(room_id))
    elif room.kind is RoomKind.THREAD:
        add(ft.Icons.LOGOUT_ROUNDED, t("Stop following this thread"), LeaveRoom(room_id))
    elif room.slug != LOBBY:
        label, icon = t("Leave this room"), ft.Icons.LOGOUT_ROUNDED
        add(icon, label, LeaveRoom(room_id), is_destructive=True)
    return choices
