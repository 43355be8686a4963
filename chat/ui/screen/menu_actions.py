"""The actions of sidebar and header: search, rooms, people, preferences, avatar, invitation."""

from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.model.addresses import PanelKind, room_path
from chat.model.joining import JoinPolicy
from chat.model.messages import MessageKind
from chat.model.notification_settings import NotificationSettings
from chat.model.people import Person
from chat.model.preferences import SidebarSection
from chat.model.rooms import NotificationLevel, RoomId, RoomInfo, RoomKind, RoomSummary
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.ui.accounts.sign_in_settings import open_sign_in_page, sign_in_summary
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import connection_of
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.notification_state import NotificationState
from chat.ui.context import SessionContext
from chat.ui.devices.device_actions import DeviceActions
from chat.ui.dialogs.help import ShortcutsDialog
from chat.ui.dialogs.preferences import PreferenceActions, PreferencesDialog, ProfileSummary
from chat.ui.dialogs.quick_switcher import QuickSwitcher
from chat.ui.dialogs.room_browser import (
    PREVIEW_COUNT,
    RoomBrowserDialog,
    RoomPreviewDialog,
)
from chat.ui.dialogs.room_details import (
    AddPerson,
    CloseConversation,
    Invite,
    Leave,
    Rename,
    RoomDetailsDialog,
    RoomPermissions,
    RoomRequest,
    SetNotificationLevel,
    SetSlowMode,
    SetTopic,
    ShowCalendar,
    ShowFiles,
    ShowMember,
    ShowMembers,
    ShowWebhooks,
    ToggleArchived,
)
from chat.ui.flet.early_drawing import draw_early
from chat.ui.joining.joining_actions import JoiningActions
from chat.ui.later.later_dialog import LaterDialog, LaterSection
from chat.ui.later.saved import saved_loader
from chat.ui.later.waiting import WaitingLists
from chat.ui.notifications.notifications import Notifications
from chat.ui.notifications.settings_dialog import (
    AddKeyword,
    NotificationRequest,
    NotificationSettingsDialog,
    PauseNotifications,
    RemoveKeyword,
    ResumeNotifications,
    SendTest,
    SetSound,
    ShowSettings,
    SwitchDevice,
    notification_summary,
)
from chat.ui.panes.screen_events import LaterShown, OpenPath, Screen, SignOut
from chat.ui.people.people_actions import PeopleActions
from chat.ui.profile.profile_actions import ProfileActions
from chat.ui.programs.program_actions import ProgramActions
from chat.ui.room_titles import membership_title, title_for
from chat.ui.screen.panel_actions import PanelActions
from chat.ui.sidebar.room_menu import room_menu_choices
from chat.ui.sidebar.sidebar_requests import (
    AddToSection,
    CloseDirect,
    LeaveRoom,
    MarkRead,
    SetFavourite,
    SetMuted,
    ShowRoomMenu,
    ShowRoomWebhooks,
    SidebarRequest,
    StoreFolds,
)
from chat.ui.theme import widgets
from chat.ui.theme.confirmation import ConfirmationDialog
from chat.ui.theme.dialog import show_large_dialog
from chat.ui.theme.popover import Point
from chat.ui.theme.popup_menu import show_menu
from chat.ui.theme.snackbars import offer_undo, show_snackbar

_HOME = "/room/lobby"

_GROUP_KINDS = {RoomKind.PUBLIC, RoomKind.PRIVATE}


class MenuActions:
    """The menu actions of one session."""

    def __init__(
        self,
        context: SessionContext,
        panel_actions: PanelActions,
        screen: Screen,
        *,
        notifications: Notifications,
        people_actions: PeopleActions,
        profile_actions: ProfileActions,
    ) -> None:
        self._context = context
        self._notifications = notifications
        self._people_actions = people_actions
        self._profile_actions = profile_actions
        self._workspace, self._t = context.workspace, context.t
        self._panel_actions = panel_actions
        self._room_pane = room_pane = panel_actions.room_pane
        self._screen = screen
        self._program_actions = ProgramActions(
            context,
            room_pane,
            open_path=self._open_path,
            show_settings=self.show_preferences,
        )
        self.device_actions = DeviceActions(context, room_pane, show_settings=self.show_preferences)
        self.joining = JoiningActions(context, room_pane)
        self._preferences_dialog: PreferencesDialog | None = None
        self._notification_dialog: NotificationSettingsDialog | None = None
        self._shortcuts_dialog: ShortcutsDialog | None = None
        self.quick_switcher = QuickSwitcher(
            context,
            room_pane,
            navigate=self._open_path,
            search_messages=partial(panel_actions.open, PanelKind.SEARCH),
            list_arrows=panel_actions.list_arrows,
        )

    def on_preferences_changed(self) -> None:
        """Show changed preferences in the open dialog, also those set on another device."""
        if self._preferences_dialog is not None and self._preferences_dialog.open:
            self._preferences_dialog.show(self._context.preferences)

    def on_notification_settings_changed(self, settings: NotificationSettings) -> None:
        """Show changed notification settings in the open dialog."""
        if self._notification_dialog is not None and self._notification_dialog.open:
            self._notification_dialog.show_settings(settings)

    def on_notification_state_changed(self) -> None:
        """The browser allows notifications or forbids them: show that in the open dialog."""
        if self._notification_dialog is not None and self._notification_dialog.open:
            self._notification_dialog.show_state(self._notification_state)

    async def perform(self, action: ButtonAction) -> None:
        """Do what a button stands for. It may raise ChatError."""
        match action:
            case ButtonAction.INVITE:
                await self.joining.show_invite()
            case ButtonAction.ADD_PEOPLE:
                await self._people_actions.show_invitation(self._room_pane.room)
            case ButtonAction.PROFILE:
                await self._profile_actions.show_editor()
            case ButtonAction.MEMBERS:
                await self._panel_actions.open(PanelKind.MEMBERS)
            case ButtonAction.QUICK_SWITCHER:
                await self.quick_switcher.show()
            case ButtonAction.SEARCH:
                await self._panel_actions.open(PanelKind.SEARCH)
            case ButtonAction.MENTIONS:
                await self._panel_actions.open(PanelKind.MENTIONS)
            case ButtonAction.SAVED:
                await self.show_saved()
            case ButtonAction.ROOMS:
                await self.show_rooms()
            case ButtonAction.PREFERENCES:
                await self.show_preferences()
            case ButtonAction.FILES:
                await self._panel_actions.open(PanelKind.FILES)
            case ButtonAction.PINS:
                await self._panel_actions.open(PanelKind.PINS)
            case ButtonAction.ROOM_DETAILS | ButtonAction.SET_TOPIC:
                await self.show_room_details(edits_topic=action is ButtonAction.SET_TOPIC)

    async def perform_sidebar_request(self, request: SidebarRequest) -> None:
        """Run a request of the sidebar; show the error if it is refused."""
        try:
            await self._perform_sidebar_request(request)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))

    async def _perform_sidebar_request(self, request: SidebarRequest) -> None:
        me, rooms = self._context.me, self._workspace.rooms
        match request:
            case ShowRoomMenu(room_id, point, by_key):
                self._show_room_menu(room_id, point, by_key=by_key)
            case StoreFolds(sections):
                value = "".join(sorted(sections))
                await self._workspace.identity.set_preference(me, "folded_sections", value)
            case AddToSection(SidebarSection.DIRECT):
                await self.quick_switcher.show_people()
            case AddToSection():
                await self.show_rooms()
            case MarkRead(room_id):
                self._workspace.memberships.mark_read(me, room_id)
            case SetFavourite(room_id, favourite):
                room = await rooms.by_id(me, room_id)
                await rooms.set_favourite(me, room, favourite=favourite)
            case SetMuted(room_id, muted):
                level = NotificationLevel.NOTHING if muted else NotificationLevel.ALL
                await rooms.set_notification_level(me, await rooms.by_id(me, room_id), level)
            case LeaveRoom(room_id):
                await self._leave(await rooms.by_id(me, room_id))
            case CloseDirect(room_id):
                await self._close_direct(await rooms.by_id(me, room_id))
            case ShowRoomWebhooks(room_id):
                await self._program_actions.show_hooks(await rooms.by_id(me, room_id))

    def _show_room_menu(self, room_id: RoomId, point: Point, *, by_key: bool) -> None:
        t, membership = self._t, self._workspace.memberships.get(self._context.me, room_id)
        if membership is not None:
            title = membership_title(membership, t)
            choices = room_menu_choices(membership, t, self.perform_sidebar_request)
            show_menu(self._page, title, choices, point, takes_focus=by_key)
            if by_key and (connection := connection_of(self._page)) is not None:
                connection.capture_list_keys(KeyArea.MENU)

    async def show_saved(self) -> None:
        """Show the messages that the person has saved."""
        await self.show_later(0)

    async def show_reminders(self) -> None:
        """Show the reminders of the person."""
        await self.show_later(1)

    async def show_later(self, index: int) -> None:
        """Show what the person keeps for later: the list with this index."""
        t, waiting = self._t, WaitingLists(self._context, self._page)
        sections = [
            LaterSection(
                t("Saved"),
                t("Nothing is saved yet. “Save for later” is in the menu of each message."),
                saved_loader(self._context),
            ),
            LaterSection(
                t("Reminders"),
                t("No reminder is set. “Remind me” is in the menu of each message."),
                waiting.reminders,
            ),
            LaterSection(
                t("Sent later"),
                t("Nothing waits to be sent. Hold the send button to choose a time."),
                waiting.scheduled,
            ),
        ]
        dialog = LaterDialog(t("Saved and later"), sections, t, navigate=self._open_path)
        await dialog.show(index)
        self._page.show_dialog(dialog)
        self._screen.handle(LaterShown())

    async def show_rooms(self) -> None:
        """Show all public rooms, and a form for a new one."""

        me, memberships = self._context.me, self._workspace.memberships
        joined_ids = {each.room.id for each in memberships.for_person(me)}

        async def open_room(summary: RoomSummary) -> None:
            if summary.room.id in joined_ids or summary.room.archived:
                await self._open_path(room_path(summary.room))
            else:
                await self._show_preview(summary)

        async def create_room(title: str, topic: str, is_private: bool) -> None:
            kind = RoomKind.PRIVATE if is_private else RoomKind.PUBLIC
            room = await self._workspace.rooms.create(self._context.me, title, kind, topic)
            await self._open_path(room_path(room.info))
            await self._people_actions.show_invitation(room)

        dialog = RoomBrowserDialog(
            await self._workspace.rooms.public_room_summaries(me),
            joined_ids,
            self._context.viewer,
            open_room=open_room,
            create=create_room,
        )
        self._page.show_dialog(dialog)

    async def _show_preview(self, summary: RoomSummary) -> None:
        """Show the last messages of a room that the person has not joined."""
        room = await self._workspace.rooms.by_id(self._context.me, summary.room.id)
        # Joins and the like are left out.
        page = await room.newest(self._context.me, 3 * PREVIEW_COUNT)

        async def join(info: RoomInfo) -> None:
            await self._open_path(room_path(info))

        messages = [
            each for each in page.messages if each.kind is MessageKind.TEXT and not each.deleted
        ]
        dialog = RoomPreviewDialog(
            summary,
            messages[-PREVIEW_COUNT:],
            self._context.viewer,
            join=join,
            go_back=self.show_rooms,
        )
        self._page.show_dialog(dialog)

    async def show_room_details(self, *, edits_topic: bool = False) -> None:
        """Show the details of the room on the screen, or the field of its topic among them."""
        room = self._room_pane.room
        parent_or_room = room.parent or room
        membership = self._workspace.memberships.get(self._context.me, room.info.id)
        dialog = RoomDetailsDialog(
            room.info,
            membership,
            members=sorted(
                parent_or_room.members.values(),
                key=lambda each: (each.is_bot, each.name.casefold()),
            ),
            permissions=_permissions(room, self._context.me),
            perform=partial(self._perform_room_request, room),
            viewer=self._context.viewer,
        )
        if edits_topic:
            dialog.show_topic_field()
        await draw_early(dialog)
        # Another room may have come on the screen meanwhile, which closes the dialogs of this one.
        if self._room_pane.is_open and self._room_pane.room is room:
            self._page.show_dialog(dialog)

    async def show_notification_settings(self) -> None:
        """Show the settings of the notifications."""
        self._notification_dialog = NotificationSettingsDialog(
            self._notification_settings,
            self._notification_state,
            self._context.viewer,
            perform=self._perform_notification_request,
        )
        await show_large_dialog(self._page, self._notification_dialog)

    @property
    def _notification_settings(self) -> NotificationSettings:
        return self._workspace.notification_settings.get(self._context.me.id)

    @property
    def _notification_state(self) -> NotificationState | None:
        connection = connection_of(self._page)
        is_browser = connection is not None and self._page.web
        return connection.notification_state if connection is not None and is_browser else None

    async def _perform_notification_request(self, request: NotificationRequest) -> None:
        settings, me = self._workspace.notification_settings, self._context.me
        match request:
            case SwitchDevice(enabled):
                if (connection := connection_of(self._page)) is not None:
                    connection.switch_notifications(enabled)
            case SetSound(enabled):
                await settings.set_sound(me, enabled=enabled)
            case PauseNotifications(pause):
                await settings.pause(me, pause, self._context.viewer.time_zone)
            case ResumeNotifications():
                await settings.resume(me)
            case AddKeyword(keyword):
                await settings.add_keyword(me, keyword)
            case RemoveKeyword(keyword):
                await settings.remove_keyword(me, keyword)
            case SendTest():
                self._notifications.send_test(self._path)
            case ShowSettings():
                await self.show_preferences()

    async def show_preferences(self) -> None:
        """Show the preferences."""
        set_preference = partial(self._workspace.set_preference, self._context.me)
        actions = PreferenceActions(
            set_preference=set_preference,
            show_notification_settings=self.show_notification_settings,
            show_devices=self.device_actions.show,
            show_programs=self._program_actions.show_bots,
            show_audit_log=self._show_audit_log if self._may_read_audit_log else None,
            show_knocks=self.joining.show_knocks if self._answers_knocks else None,
            show_shortcuts=self.show_shortcuts,
            show_blocked_people=self._people_actions.blocks.show_list,
            edit_profile=self._profile_actions.show_editor,
            open_sign_in=partial(open_sign_in_page, self._context, self._page),
            leave_chat=self.ask_to_leave_chat,
        )
        summary = notification_summary(
            self._notification_state, self._notification_settings, self._context.viewer
        )
        self._preferences_dialog = PreferencesDialog(
            self._context.preferences,
            actions,
            self._t,
            notification_summary=summary,
            me=await self._me_as_seen(),
        )
        await show_large_dialog(self._page, self._preferences_dialog)

    @property
    def _may_read_audit_log(self) -> bool:
        return self._workspace.roles.of(self._context.me.id).moderates

    @property
    def _answers_knocks(self) -> bool:
        return self._workspace.entrance.policy is JoinPolicy.APPROVE and self._may_read_audit_log

    async def _show_audit_log(self) -> None:
        try:
            file_transfer = self._room_pane.file_transfer
            await self._people_actions.moderation.show_audit_log(file_transfer)
        except ChatError as error:
            show_snackbar(self._page, self._t.error(error))

    async def _me_as_seen(self) -> ProfileSummary:
        me = self._context.me
        status = self._workspace.people_details.status(me.id)
        sign_in = sign_in_summary(await self._workspace.sign_in_methods(me), self._t)
        return ProfileSummary(me.name, status.label, self._context.viewer.avatar_url(me), sign_in)

    async def ask_to_leave_chat(self) -> None:
        """Ask whether the person wants to leave the chat; nobody can come back as them."""
        t, me = self._t, self._context.me
        try:
            await self._workspace.require_may_leave(me)
        except ChatError as error:
            if self._preferences_dialog is not None:
                self._preferences_dialog.close()
            show_snackbar(self._page, t.error(error))
            return
        question = t(
            "You leave all rooms and conversations, and nobody can come back as {name}, not even "
            "you. Your messages stay. To change only your name, write /nick.",
            name=me.name,
        )

        async def sign_out() -> None:
            await self._screen.perform(SignOut())

        if self._preferences_dialog is not None:
            self._preferences_dialog.close()
        self._page.show_dialog(
            ConfirmationDialog(
                t("Leave this chat?"), question, t("Leave for good"), action=sign_out, t=t
            )
        )

    async def show_shortcuts(self) -> None:
        """Show the keyboard shortcuts."""
        if self._shortcuts_dialog is None or not self._shortcuts_dialog.open:
            self._shortcuts_dialog = ShortcutsDialog(self._context.preferences.send_key, self._t)
            await show_large_dialog(self._page, self._shortcuts_dialog)

    @property
    def _path(self) -> str:
        return room_path(self._room_pane.room.info) if self._room_pane.is_open else _HOME

    @property
    def _page(self) -> ft.Page:
        return widgets.page_of(self._room_pane)

    async def _perform_room_request(self, room: Room, request: RoomRequest) -> None:
        rooms, me = self._workspace.rooms, self._context.me
        match request:
            case SetTopic(topic):
                await rooms.set_topic(me, room, topic)
            case Rename(title):
                await rooms.rename(me, room, title)
            case Invite():
                await self._people_actions.show_invitation(room)
            case ShowFiles():
                await self._panel_actions.open(PanelKind.FILES)
            case ShowMembers():
                await self._panel_actions.open(PanelKind.MEMBERS)
            case ShowWebhooks():
                await self._program_actions.show_hooks(room)
            case ShowMember(person):
                await self._people_actions.show_card(person)
            case AddPerson(name):
                people = [*room.members.values(), await self._workspace.find_person(name)]
                new_room = await rooms.get_or_create_direct(me, people)
                await self._open_path(room_path(new_room.info))
            case SetNotificationLevel(level):
                await rooms.set_notification_level(me, room, level)
            case SetSlowMode(seconds):
                await rooms.set_slow_mode(me, room, seconds)
            case ToggleArchived():
                await self._toggle_archived(room)
            case Leave():
                await self._leave(room)
            case CloseConversation():
                await self._close_direct(room)
            case ShowCalendar():
                await self._room_pane.show_calendar()

    async def _toggle_archived(self, room: Room) -> None:
        rooms, me, t = self._workspace.rooms, self._context.me, self._t
        archived = not room.info.archived
        await rooms.set_archived(me, room, archived=archived)
        if archived:
            self._offer_undo(
                t("{room} is archived.", room=room.info.title),
                partial(rooms.set_archived, me, room, archived=False),
            )

    async def _close_direct(self, room: Room) -> None:
        await self._workspace.rooms.close_direct(self._context.me, room)
        if self._room_pane.is_open and self._room_pane.room.info.id == room.info.id:
            await self._open_path(_HOME)

    async def _leave(self, room: Room) -> None:
        rooms, me, t = self._workspace.rooms, self._context.me, self._t
        left_room = (room.parent or room).info
        title = title_for(left_room, self._workspace.memberships.get(me, left_room.id), t)
        if room.parent is None and room.info.kind is RoomKind.PRIVATE:
            self._page.show_dialog(
                ConfirmationDialog(
                    t("Leave {room}?", room=title),
                    t("You cannot come back unless somebody invites you."),
                    t("Leave this room"),
                    action=partial(rooms.leave, me, room),
                    t=t,
                )
            )
            return
        level = NotificationLevel.ALL
        if (membership := self._workspace.memberships.get(me, room.info.id)) is not None:
            level = membership.notification_level
        await rooms.leave(me, room)

        async def undo() -> None:
            await rooms.join(me, room)
            await rooms.set_notification_level(me, room, level)
            await self._open_path(room_path(room.info))

        self._offer_undo(t("You left {room}.", room=title), undo)

    def _offer_undo(self, text: str, action: Callable[[], Awaitable[None]]) -> None:
        offer_undo(self._page, self._t, text, action)

    async def _open_path(self, path: str, marked_words: tuple[str, ...] = ()) -> None:
        await self._screen.perform(OpenPath(path, marked_words))


def _permissions(room: Room, me: Person) -> RoomPermissions:
    is_group = room.info.kind in _GROUP_KINDS
    can_moderate = is_group and room.can_moderate(me)
    is_lobby = room.info.slug == LOBBY
    return RoomPermissions(
        set_notification_level=me.id in room.members,
        set_topic=is_group,
        rename=can_moderate,
        invite=is_group,
        add_person=room.info.kind is RoomKind.DIRECT,
        toggle_archived=can_moderate and not is_lobby,
        leave=not is_lobby and room.info.kind is not RoomKind.DIRECT,
        close=room.info.kind is RoomKind.DIRECT,
        see_webhooks=is_group and not room.info.archived,
        set_slow_mode=can_moderate,
    )
