"""The chat screen of one session: sidebar, header, and the room pane."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import flet as ft
import structlog

from chat.model.addresses import room_path
from chat.model.devices import DevicesChanged, PairingChanged
from chat.model.events import (
    PRESENCE_TOPIC,
    BlocksChanged,
    KnocksChanged,
    MembershipUpdated,
    MessageNotification,
    OnlinePeople,
    PersonUpdated,
    ReminderDue,
    RemovedFromRoom,
    Sanctioned,
    StatusUpdated,
)
from chat.model.later import Reminder
from chat.model.messages import QUOTE_LENGTH
from chat.model.notification_settings import NotificationSettings
from chat.model.people import Person, PersonId
from chat.model.preferences import Preferences
from chat.model.rooms import RoomId, RoomInfo, RoomKind
from chat.rooms.directory import LOBBY
from chat.rooms.room import Room
from chat.text.markup.reader import to_plain_text
from chat.text.previews import message_preview
from chat.text.senders import full_sender_name
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import PAGE_ID, PackedEdit, connection_of
from chat.ui.client.page_messages import BackPressed, PageEvent
from chat.ui.context import SessionContext
from chat.ui.notifications.notifications import Notifications
from chat.ui.packing.control_ids import FIRST_ROW_ID, ROOM_ROWS, RowIds, message_part_of_id
from chat.ui.panes.panes import Panes
from chat.ui.panes.screen_events import (
    ClickPart,
    CloseDrawer,
    ClosePanel,
    LaterShown,
    MembersShown,
    OpenPath,
    OwnMessagePosted,
    PanelAddressChanged,
    PathShown,
    RoomShown,
    ScreenEvent,
    ScreenRequest,
    ShowModeration,
    ShowProfile,
    SidePaneChanged,
    SignOut,
    TargetFaded,
    ToggleBlock,
)
from chat.ui.people.people_actions import PeopleActions
from chat.ui.people.profile_card import (
    EditOwnProfile,
    MentionPerson,
    OpenConversation,
    OpenRoom,
    ProfileRequest,
)
from chat.ui.profile.profile_actions import ProfileActions
from chat.ui.room_titles import title_for
from chat.ui.row_parts import CHOSEN, view_control_of_part
from chat.ui.screen.header import Header, HeaderContent, online_text
from chat.ui.screen.layout import Layout
from chat.ui.screen.menu_actions import MenuActions
from chat.ui.screen.page_events import PageEvents
from chat.ui.screen.panel_actions import PanelActions
from chat.ui.screen.router import Router
from chat.ui.sidebar import sidebar_requests
from chat.ui.sidebar.room_list import RoomList
from chat.ui.sidebar.sidebar import SIDEBAR_WIDTH
from chat.ui.sidebar.sidebar_requests import SidebarRequest
from chat.ui.theme import theme
from chat.ui.theme.dialog import open_dialog
from chat.ui.theme.popover import Point, Popover, tap_point
from chat.ui.theme.snackbars import show_undo_snackbar
from chat.ui.timeline.timeline_header import NO_MESSAGE
from chat.ui.viewer import ViewerContext

log = structlog.get_logger(__name__)


class ChatScreen(Layout):
    """The screen of a person who is signed in."""

    def __init__(self, context: SessionContext, *, sign_out: Callable[[], Awaitable[None]]) -> None:
        self._context = context
        self._workspace = context.workspace
        self._sign_out = sign_out
        # The due reminders whose list was not opened since.
        self._due_reminders = 0
        # Whether the header welcomes the person.
        self._welcomes = False
        self._panes = panes = Panes(context, self)
        self._room_pane = room_pane = panes.main.room_pane
        self._notifications = Notifications(context)
        self._people_actions = people_actions = PeopleActions(context, room_pane, self)
        self._panel_actions = panel_actions = PanelActions(
            context, panes, self, people_actions=people_actions
        )
        self._router = router = Router(context, panes, self, panel_actions=panel_actions)
        self._profile_actions = ProfileActions(
            context,
            room_pane,
            room_pane.picker,
            files=room_pane.composer.files,
            file_transfer=room_pane.file_transfer,
        )
        self._menu_actions = menu_actions = MenuActions(
            context,
            panel_actions,
            self,
            notifications=self._notifications,
            people_actions=people_actions,
            profile_actions=self._profile_actions,
        )
        # Where a person in the sidebar was tapped last.
        self._tap_point: Point | None = None
        room_list = RoomList(
            context.me,
            context.viewer,
            context.row_cache,
            get_status=context.workspace.people_details.status,
            folded=context.preferences.folded_sections,
            perform=self._perform_sidebar_request,
        )
        self._page_events = PageEvents(
            panes,
            room_list=room_list,
            router=router,
            menu_actions=menu_actions,
            panel_actions=panel_actions,
        )
        super().__init__(
            context,
            Header(context.t, perform=self._perform_menu_action),
            room_pane,
            room_list=room_list,
            perform=self._perform_menu_action,
        )

    def handle(self, event: ScreenEvent) -> None:
        """Handle an event of a part of the screen."""
        match event:
            case RoomShown():
                self._update_header()
            case MembersShown():
                self._show_online()
                updating = self._people_actions.on_members_changed()
                self._context.tasks.start(updating, "show other members")
                self._room_pane.on_room_changed()
            case OwnMessagePosted():
                if self._welcomes:
                    self._update_header()
            case PathShown():
                self._page_events.list_keys.leave()
                self._panes.on_shown()
                self._show_unread_elsewhere()
            case SidePaneChanged(pane):
                self.show_side_pane(pane)
            case PanelAddressChanged():
                self._router.on_panel_address_changed()
            case TargetFaded():
                self._router.leave_message()
            case LaterShown():
                self._show_due_reminders(0)

    async def perform(self, request: ScreenRequest) -> None:
        """Run a request of a part of the screen."""
        match request:
            case OpenPath(path, marked_words, is_step):
                await self._router.navigate(path, marked_words, is_step=is_step)
            case ClosePanel():
                await self._router.close_panel()
            case CloseDrawer():
                await self.close_drawer()
            case SignOut():
                await self._sign_out()
            case ClickPart(number, part):
                await self._on_row_event(ROOM_ROWS, number, part, "click")
            case ShowProfile(person, point):
                await self._people_actions.show_card(person, point)
            case ShowModeration(person_id, name):
                await self._people_actions.show_moderation(person_id, name)
            case ToggleBlock(person):
                await self._people_actions.blocks.toggle(person)

    @property
    def shown_room(self) -> Room:
        """The room on the screen."""
        return self._room_pane.room

    async def perform_for_person(self, person: Person, request: ProfileRequest) -> None:
        """Run a request of the card of a person."""
        match request:
            case OpenConversation():
                await self._router.navigate_to_direct(person.id)
            case OpenRoom(path):
                await self._router.navigate(path)
            case MentionPerson():
                # The card of a person in the drawer of a phone covers the field.
                await self.close_drawer()
                room_pane = self._panes.active.room_pane
                room_pane.composer.insert_mention(person.name)
                room_pane.focus_field()
            case EditOwnProfile():
                await self._profile_actions.show_editor()

    async def _perform_menu_action(self, action: ButtonAction) -> None:
        match action:
            case ButtonAction.OPEN_SIDEBAR:
                await self.open_drawer()
            case ButtonAction.OPEN_PARENT:
                await self._router.navigate_to_parent()
            case ButtonAction.SAVED if self._due_reminders:
                await self._menu_actions.show_reminders()
            case _:
                await self._menu_actions.perform(action)

    async def _perform_sidebar_request(self, request: SidebarRequest) -> None:
        match request:
            case sidebar_requests.OpenRoom(room_id):
                await self._router.navigate_to_room(room_id)
            case sidebar_requests.ShowPerson(person_id):
                await self._show_online_person(person_id)
            case _:
                await self._menu_actions.perform_sidebar_request(request)

    def set_folded_sections(self, preferences: Preferences) -> None:
        """Fold sections of the sidebar; nothing else of the preferences has changed."""
        self._context.preferences = preferences
        self._room_list.set_folded(preferences.folded_sections)

    async def apply_preferences(self, viewer: ViewerContext, preferences: Preferences) -> None:
        """Draw everything again with changed preferences."""
        self._context.viewer, self._context.preferences = viewer, preferences
        self._room_list.apply_viewer(viewer)
        self._room_list.set_folded(preferences.folded_sections)
        self._menu_actions.on_preferences_changed()
        self._report_time_zone()
        self._listen_to_window_keys()
        if not self._router.is_disconnected and self._room_pane.is_open:
            self.draw_sidebar_and_header()
            is_at_end = self._panes.shown[-1].room_pane.timeline.is_at_end
            path = self._router.shown_path if is_at_end else self._router.path
            self._panes.suspend()
            await self._router.show(path)
            await self._panel_actions.redraw()

    def fit(self, width: float, height: float) -> None:
        """Arrange for the page's size in logical pixels; the caller updates."""
        super().fit(width, height)
        for each in self._panes.shown:
            each.room_pane.history.fit()
        fits_side_pane = width >= theme.SIDE_PANE_BREAKPOINT
        if fits_side_pane is not self._panes.fits_side_pane:
            self._panes.fits_side_pane = fits_side_pane
            if self._panel_actions.is_beside:
                self._panel_actions.on_fit_changed()
            elif self._room_pane.is_open and self._panes.room.parent is not None:
                # The thread goes beside its room, or takes its place.
                self._context.tasks.start(self._router.show(self._router.path), "move a thread")

    async def open(self, path: str) -> None:
        """Subscribe, and show the room of an address, or the lobby if there is no such room."""
        connection = connection_of(self.page)
        session_id = self.page.session.id
        self._router.is_disconnected = False
        self._panes.attach(connection)
        if connection is not None:
            connection.set_listener(self._on_event)
        self._listen_to_window_keys()
        self.page.pubsub.subscribe_topic(PRESENCE_TOPIC, self._on_presence_event)
        self._workspace.presence.session_connected(self._context.me, session_id)
        await self._workspace.memberships.session_connected(self._context.me, session_id)
        await self._workspace.emoji_preferences.load(self._context.me)
        self._report_time_zone()
        if self.is_disconnected:
            return
        self._notifications.on_connected(connection)
        self._menu_actions.device_actions.on_connected()
        self.draw_sidebar_and_header()
        await self._router.start(path)
        self._context.tasks.start(self._offer_due_reminders(), "look for due reminders")
        self._menu_actions.joining.offer_knocks()
        self._context.tasks.start(self._profile_actions.offer_name(), "offer a name")

    def _report_time_zone(self) -> None:
        """Tell the workspace the time zone of this device, which others see by default."""
        zone = self._context.viewer.time_zone
        if isinstance(zone, ZoneInfo):
            me, preferences = self._context.me, self._context.preferences
            details = self._workspace.people_details
            reporting = details.report_device_zone(me, preferences, zone.key)
            self._context.tasks.start(reporting, "report a time zone")

    @property
    def is_disconnected(self) -> bool:
        """Whether the client is disconnected."""
        return self._router.is_disconnected

    def suspend(self) -> None:
        """The client disconnected: unsubscribe, and keep the draft.

        What a person has begun in a dialog stays, also in a page that is loaded again. A menu is
        over: nobody knows any more what it was for.
        """
        dialog = open_dialog(self.page)
        if isinstance(dialog, Popover):
            dialog.close()
        self._page_events.list_keys.suspend()
        self._panes.suspend()
        self.page.pubsub.unsubscribe_topic(PRESENCE_TOPIC)
        self._workspace.presence.session_disconnected(self._context.me, self.page.session.id)
        self._workspace.memberships.session_disconnected(self._context.me, self.page.session.id)
        self._router.suspend()

    async def wait_for_drafts(self) -> None:
        """Wait, after `suspend`, until the draft is stored: the next screen loads it."""
        await self._panes.wait_for_drafts()

    async def on_route_change(self, path: str) -> None:
        """The page's address changed: by the browser's buttons, or because it was pushed."""
        await self._router.on_route_change(path)

    async def drop_query(self) -> None:
        """Remove a name from the page's address."""
        await self._router.drop_query()

    def on_person_event(self, event: object) -> None:
        """Handle an event that all sessions of this person get."""
        if isinstance(event, MembershipUpdated):
            self._room_list.update_membership(event.room_id, event.membership)
            if self._sidebar.needs_redraw(self._room_list.room_count):
                self.draw_sidebar_and_header()
            self._notifications.membership_changed(event.room_id, event.membership)
            self._show_unread_elsewhere()
            if event.membership is None and self._room_pane.shows_room_or_thread_of(event.room_id):
                for each in self._panes.shown:
                    each.room_pane.hide_if_unreadable()
                self._context.tasks.start(self._router.navigate("/room/lobby"), "go to the lobby")
            elif event.membership is not None and event.room_id == self._room_id:
                self._update_header()
        elif isinstance(event, MessageNotification):
            self._notifications.notify(event, self._panes.room_ids)
        elif isinstance(event, PairingChanged | DevicesChanged):
            self._menu_actions.device_actions.on_event(event)
        elif isinstance(event, NotificationSettings):
            self._menu_actions.on_notification_settings_changed(event)
        elif isinstance(event, ReminderDue):
            self._remind(event.reminder)
        elif isinstance(event, Sanctioned):
            self._people_actions.moderation.show_mute(event.sanction)
        elif isinstance(event, KnocksChanged):
            if not self.is_disconnected:
                self._notifications.knock(event)
                self._menu_actions.joining.on_knocks_changed(event)
        elif isinstance(event, BlocksChanged):
            self._on_blocks_changed(event.person_id)
        elif isinstance(event, RemovedFromRoom):
            self._people_actions.show_removal(event.room, event.moderator)

    def _on_blocks_changed(self, person_id: PersonId) -> None:
        """The person has blocked somebody, or unblocked them, perhaps in another session."""
        if self.is_disconnected:
            return
        for each in self._panes.shown:
            each.room_pane.on_blocks_changed(person_id)
        self._on_online_changed()

    def _on_online_changed(self) -> None:
        self._room_list.show_online(self._context.online)
        self._show_online()
        self._people_actions.on_presence_changed()

    def _remind(self, reminder: Reminder) -> None:
        """Show a reminder whose time has come."""
        if self.is_disconnected:
            return
        self._notifications.remind(reminder)
        self._show_due_reminders(self._due_reminders + 1)
        t, message = self._context.t, reminder.message
        text = to_plain_text(message_preview(message, t))[:QUOTE_LENGTH]
        show_undo_snackbar(
            self.page,
            t("Reminder: {text}", text=f"{full_sender_name(message, t)}: {text}"),
            t("Show"),
            undo=partial(self._router.navigate, room_path(reminder.room, message.number)),
        )

    async def _offer_due_reminders(self) -> None:
        """Show that reminders became due while the person was away."""
        count = await self._workspace.reminders.due_count(self._context.me)
        if count and not self.is_disconnected:
            self._show_due_reminders(count)
            text = self._context.t.plural(
                "One reminder is due.", "{count} reminders are due.", count
            )
            show_undo_snackbar(
                self.page, text, self._context.t("Show"), undo=self._menu_actions.show_reminders
            )

    def _show_due_reminders(self, count: int) -> None:
        """Show in the sidebar how many reminders are due, until their list is opened."""
        self._due_reminders = count
        self._sidebar.show_due_reminders(count, connection_of(self.page))

    def draw_sidebar_and_header(self) -> None:
        """Draw the sidebar and the header, after `fit` and the page's update."""
        connection = connection_of(self.page)
        memberships = self._workspace.memberships.for_person(self._context.me)
        self._sidebar.draw(connection, len(memberships))
        self._sidebar.show_due_reminders(self._due_reminders, connection)
        self._header.draw(connection)
        self._room_list.show(memberships, self._room_id, self._context.online)
        self._show_online()
        self._show_unread_elsewhere()

    @property
    def _room_id(self) -> RoomId:
        return self._room_pane.room.info.id if self._room_pane.is_open else 0

    def _show_unread_elsewhere(self) -> None:
        count = self._notifications.badge_count_outside(self._panes.room_ids)
        self._header.show_unread_elsewhere(count, connection_of(self.page))

    def _on_presence_event(self, topic: str, event: object) -> None:
        try:
            if isinstance(event, OnlinePeople):
                self._on_online_changed()
            elif isinstance(event, StatusUpdated):
                self._room_list.show_status(event.person_id)
                self._people_actions.on_presence_changed()
            elif isinstance(event, PersonUpdated):
                for each in self._panes.shown:
                    each.room_pane.redraw_person(event.person.id)
                if event.person.id == self._context.me.id:
                    self._on_own_profile_changed(event.person)
        except Exception:
            log.exception("could not draw", topic=topic, person=self._context.me.id)

    async def _show_online_person(self, person_id: PersonId) -> None:
        """Show the card of a person who was clicked in the sidebar."""
        point = self._tap_point
        if point is not None:
            # Beside the list, which stays visible.
            point = Point(max(point.x, SIDEBAR_WIDTH), point.y)
        await self._people_actions.show_online_person(person_id, point)

    def _on_own_profile_changed(self, me: Person) -> None:
        """The person's name or avatar changed."""
        if me.name != self._context.me.name:
            self._context.tasks.start(self._router.drop_query(), "leave the address with a name")
        self._context.me = self._sidebar.me = me
        self.draw_sidebar_and_header()
        self._update_header()

    def _show_online(self) -> None:
        """Show in the header who of the room is online."""
        if self._room_pane.is_open:
            room, me = self._room_pane.room, self._context.me
            text = online_text(room, me, self._context.online, self._context.t)
            self._header.show_online(text, connection_of(self.page))

    def _update_header(self) -> None:
        """Show title and topic of the room in the header."""
        room = self._room_pane.room.info
        self._room_list.set_current_room(room.id)
        t, parent = self._context.t, self._room_pane.room.parent
        title, subtitle = self._title_of(room), room.topic
        me = self._context.me
        self._welcomes = room.slug == LOBBY and self._workspace.identity.is_newcomer(me)
        if room.kind is RoomKind.THREAD:
            title = t("Thread")
            subtitle = "" if parent is None else t("in {room}", room=self._title_of(parent.info))
        elif self._welcomes:
            subtitle = t("Welcome, {name}!", name=me.name)
        if room.archived:
            subtitle = t("Archived. {about}", about=subtitle)
        self._show_unread_elsewhere()
        self._header.show(HeaderContent(title, room.kind, subtitle), connection_of(self.page))
        self._show_online()
        self._room_pane.on_room_changed()

    def _title_of(self, room: RoomInfo) -> str:
        membership = self._workspace.memberships.get(self._context.me, room.id)
        return title_for(room, membership, self._context.t)

    def _on_event(self, control_id: int, event: str, data: object) -> Callable[[], Any] | None:
        """The handler of an event of a control, or of the page."""
        if isinstance(data, BackPressed) and control_id == PAGE_ID:
            return self._on_back
        if control_id == PAGE_ID:
            return self._page_events.handler(data) if isinstance(data, PageEvent) else None
        if control_id < FIRST_ROW_ID:
            handlers = (
                each.room_pane.composer.handler(control_id, event) for each in self._panes.shown
            )
            return next((each for each in handlers if each), None)
        if event == "tap_down":
            self._tap_point = tap_point(data)
            return None
        if (message_part := message_part_of_id(control_id)) is None:
            if (handler := self._sidebar.handler(control_id, event, data)) is not None:
                return handler
            panels = (self._header, self._room_pane.picker)
            return next(
                (each for part in panels if (each := part.handler(control_id, event))), None
            )
        if isinstance(data, PackedEdit):
            row_ids, number, part = message_part
            self._panes.by_row_ids(row_ids).live_views.on_edit(number, part, data.values)
            return None
        return partial(self._on_row_event, *message_part, event, data)

    async def _on_row_event(
        self, row_ids: RowIds, number: int, part: int, event: str, data: object = None
    ) -> None:
        """Handle an event of a message, or a click in the opening of the room."""
        if number != NO_MESSAGE:
            pane = self._panes.by_row_ids(row_ids)
            if part == CHOSEN:
                pane.chosen_message.on_drawn(number)
            elif view_control_of_part(part) is not None:
                pane.live_views.on_event(number, part, event, data)
            else:
                await pane.message_actions.on_row_event(number, part, event, data)
        elif event == "click" and (action := self._room_pane.opening_action(part)) is not None:
            await self._menu_actions.perform(action)

    async def _on_back(self) -> None:
        """Back closes the topmost thing. If nothing is open, the browser goes back."""
        has_closed_dialog = self._page_events.close_dialog()
        has_closed = has_closed_dialog or self.is_drawer_open
        connection = connection_of(self.page)
        if connection is not None:
            connection.answer_back(has_closed=has_closed)
        if has_closed and not has_closed_dialog:
            await self.close_drawer()

    def _listen_to_window_keys(self) -> None:
        """The desktop window has no page script, so Flet reports its keys."""
        page = self.page
        if isinstance(page, ft.Page) and not page.web:
            for each in self._panes.shown:
                each.room_pane.composer.set_send_key(self._context.preferences.send_key)
            self._page_events.listen_to_window(page, self._context.tasks)
