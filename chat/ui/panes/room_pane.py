"""The room pane: the timeline and the composer of one room, and the events of that room."""

import asyncio
import random
from collections.abc import Sequence
from datetime import date
from functools import partial

import flet as ft
import structlog

from chat.model.events import (
    MembersChanged,
    MessageChanged,
    MessagesPosted,
    RoomUpdated,
    TypingUpdated,
)
from chat.model.messages import Message, MessageKind
from chat.model.people import PersonId
from chat.model.rooms import RoomId, RoomKind
from chat.rooms.room import Room
from chat.tasks import Latest
from chat.text.names import EVERYONE, HERE
from chat.ui.autocomplete.mentions import MentionCandidates, mention_completions
from chat.ui.autocomplete.shortcodes import shortcode_completions
from chat.ui.button_action import ButtonAction
from chat.ui.client.connection import ClientConnection
from chat.ui.client.file_transfer import FileTransfer
from chat.ui.client.subscriptions import TopicHandler
from chat.ui.composer.composer import Composer
from chat.ui.composer.submit import Submitter
from chat.ui.context import SessionContext
from chat.ui.days.calendar import show_calendar
from chat.ui.emoji.picker import EmojiPicker
from chat.ui.packing.control_ids import RowIds, part_id
from chat.ui.packing.patches import set_focus
from chat.ui.panes.announcer import Announcer
from chat.ui.panes.field_button import FieldButton
from chat.ui.panes.screen_events import (
    AtEndChanged,
    ClickPart,
    MembersShown,
    OpenPath,
    OwnMessagePosted,
    RoomShown,
    Screen,
    TargetFaded,
    WritingRequested,
)
from chat.ui.room_titles import field_hint
from chat.ui.sidebar.sidebar import SIDEBAR_WIDTH
from chat.ui.theme import theme, widgets
from chat.ui.theme.dialog import close_dialog, open_dialog
from chat.ui.timeline.history_loader import HistoryLoader
from chat.ui.timeline.hover_toolbar import HoverToolbar
from chat.ui.timeline.redraw_pace import (
    MESSAGE_INTERVAL,
    PERSON_INTERVAL,
    PERSON_SPREAD,
    RedrawPace,
)
from chat.ui.timeline.timeline_header import OPENING_ACTIONS, TimelineHeader
from chat.ui.timeline.typing_line import TypingLine
from chat.ui.views.written_field import WrittenField

log = structlog.get_logger(__name__)

# The number of last messages whose authors come first among the mention candidates.
_RECENT_MESSAGES = 100

# Seconds between two looks at the clock. A timer for midnight stands still while the computer
# sleeps.
CLOCK_INTERVAL = 60.0


# Pixels between the header of a pane and its timeline.
TIMELINE_MARGIN_TOP = 8

# Where the first row of a timeline begins, in pixels below the upper edge of the window.
TIMELINE_TOP = theme.HEADER_HEIGHT + TIMELINE_MARGIN_TOP + theme.BORDER_WIDTH


class RoomPane(ft.Column):
    """A pane of the screen; `room` is the room that it shows.

    A pane `beside` another one has its picker and its file transfer, and begins without a field:
    only the active pane has one.
    """

    def __init__(
        self,
        context: SessionContext,
        screen: Screen,
        *,
        row_ids: RowIds,
        beside: "RoomPane | None" = None,
    ) -> None:
        self._context = context
        self._workspace = context.workspace
        self._screen = screen
        self._topics: list[tuple[str, TopicHandler]] = []
        self._connection: ClientConnection | None = None
        # The room that was shown last, also while the client is away.
        self._last_room: Room | None = None
        # The room in which the person has posted while none was shown, or 0.
        self._posted_room_id: RoomId = 0
        # Whether the field of this connection has its text and the focus.
        self.field_ready: asyncio.Event = asyncio.Event() if beside is None else beside.field_ready
        self._is_active = beside is None
        self._is_beside = beside is not None
        self._field_button: FieldButton | None = None
        self._loads = Latest()
        self._redraws = RedrawPace()
        self.written_field = WrittenField(on_drawn=self.focus_part)
        self._focus_count = 0
        self._midnight_timer: asyncio.TimerHandle | None = None
        self._hover_toolbar: HoverToolbar | None = None
        self.history = HistoryLoader(context, self, row_ids=row_ids)
        self.timeline = self.history.timeline
        self._announcer = Announcer(context)
        self._timeline_header = TimelineHeader(
            context, on_part_click=self._on_part_click, on_changed=self._redraw_header
        )
        self.picker: EmojiPicker = EmojiPicker(context, self) if beside is None else beside.picker
        self._submitter = Submitter(
            context,
            self,
            on_posted=self._on_posted,
            navigate=self._open_path,
            on_candidates_changed=self._refresh_completions,
        )
        providers = [
            self._submitter.completions,
            mention_completions(self._mention_candidates, context.viewer),
            shortcode_completions(self.picker.preferences),
        ]
        self.file_transfer: FileTransfer = (
            FileTransfer(self, image_url=context.viewer.image_url)
            if beside is None
            else beside.file_transfer
        )
        self.composer = Composer(
            self, self.file_transfer, providers=providers, picker=self.picker, t=context.t
        )
        self._typing_line = TypingLine()
        self.timeline_box = ft.Container(
            self.timeline,
            expand=True,
            border=theme.OUTLINE,
            border_radius=16,
            bgcolor=ft.Colors.SURFACE_CONTAINER_LOWEST,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        )
        self.footer = ft.Column([self._typing_line, self.composer], spacing=2, tight=True)
        super().__init__(controls=[self.timeline_box, self.footer], spacing=0, expand=True)
        if not self._is_active:
            self._show_field_button()

    @property
    def is_wide(self) -> bool:
        """Whether a date fits beside the buttons of a row without covering its text."""
        return not self._is_beside and (self.page.width or 0) >= theme.PHONE_BREAKPOINT

    @property
    def is_open(self) -> bool:
        """Whether a room is shown."""
        return self.history.is_open

    @property
    def room(self) -> Room:
        """The room on the screen."""
        return self.history.room

    def shows_room_or_thread_of(self, room_id: RoomId) -> bool:
        """Whether the room on the screen is this one, or a thread in it."""
        return self.is_open and room_id in {self.room.info.id, self.room.info.parent_id}

    def hide_if_unreadable(self) -> None:
        """Remove all rows at once if the person may not read the room on the screen any more.

        The subscription lasts until another room is shown; nothing is drawn from it.
        """
        if not self.room.can_read(self._context.me):
            self.timeline.clear()

    def set_hover_toolbar(self, toolbar: HoverToolbar) -> None:
        """Use this hover toolbar; it is hidden when the mouse leaves the rows."""
        self._hover_toolbar = toolbar
        self.timeline_box.on_hover = toolbar.on_hover

    def attach(self, connection: ClientConnection | None) -> None:
        """Draw on this connection, from the next `show_room` on."""
        self._connection = connection
        self._announcer.attach(connection)
        self.composer.forget_reported_context()
        if self._is_active:
            self.field_ready.clear()

    def activate(self) -> None:
        """Show the message field, and give it the focus."""
        self._is_active = True
        self.composer.visible = True
        if self._field_button is not None:
            self._field_button.visible = False
        self.footer.update()
        if self.is_open:
            self.composer.set_read_only(self._read_only_reason())
            self.composer.forget_reported_context()
            self.composer.report_context()
            self.field_ready.set()
            self.focus_field(allow_virtual_keyboard=False)

    def deactivate(self) -> None:
        """Show a button in place of the message field: another pane has the field now."""
        self.composer.completion_popup.close()
        self.composer.save_draft_now()
        self._is_active = False
        self._show_field_button()
        self.footer.update()

    def _show_field_button(self) -> None:
        if self._field_button is None:
            self._field_button = FieldButton(
                on_click=partial(self._screen.handle, WritingRequested())
            )
            self.footer.controls.append(self._field_button)
        self._field_button.show(self.composer.draft, self._field_hint() if self.is_open else "")
        self._field_button.visible, self.composer.visible = True, False

    async def wait_for_drafts(self) -> None:
        """Wait, after `suspend`, until the draft is stored."""
        await self._submitter.wait_for_drafts()

    async def show_room(
        self,
        room: Room,
        message_number: int | None = None,
        marked_words: tuple[str, ...] = (),
        *,
        takes_focus: bool = True,
    ) -> None:
        """Show the end of a room, or the message `message_number` in the middle.

        There `marked_words` are marked, which a search found. Without `takes_focus` the focus stays
        where it is.

        Raises NoSuchRoom, and NoSuchMessage if there is no such message; the previous room stays on
        the screen then.
        """
        load = self._loads.start()
        room.require_read(self._context.me)
        field_draft, stored_draft = self.composer.draft, await room.draft(self._context.me)
        root = await self._timeline_header.load_root(room)
        position = self.history.position_in(room, message_number)
        page = await self.history.load_page(room, message_number, position)
        if self._loads.has_overtaken(load):
            return
        # No `await` from here to the first draw: every event is in `page` already, or will reach
        # our subscription.
        is_new_room = not self.is_open or self.room is not room
        self._timeline_header.set_room(room, root)
        if is_new_room:
            self._redraws.clear()
            self.written_field.clear()
            self._subscribe(room)
        self.history.set_room(
            room,
            message_number,
            self._workspace.memberships.open_room(self._context.me, room.info.id),
        )
        self.history.mark_words(marked_words)
        self.timeline.attach(self._connection, self._on_part_click)
        self.timeline.set_header(self._timeline_header.draw)
        self._screen.handle(RoomShown())
        if self._last_room not in (None, room):
            self._close_dialogs()
        self._last_room = room
        if is_new_room:
            self._typing_line.show(TypingUpdated(()), (), self._context.t)
            self.composer.set_destination(
                self._submitter.destination(room), stored_draft, field_draft
            )
            self.composer.set_read_only(self._read_only_reason())
            if self._field_button is not None and not self._is_active:
                self._show_field_button()
                self.footer.update()
        self.composer.report_context()
        if self._is_active and (is_new_room or not self.field_ready.is_set()):
            self.field_ready.set()
            if takes_focus:
                self.focus_field(allow_virtual_keyboard=False)
        if is_new_room and message_number is not None:
            # The off-screen list takes a while. Until then the rows of the previous room must not
            # be visible.
            self.timeline.clear()
        if root is not None:
            self._context.tasks.start(
                self._timeline_header.reload(), "read again what a thread is about"
            )
        if room.info.id == self._posted_room_id:
            self._context.tasks.start(self.timeline.jump_to_newest(), "jump to the newest")
        self._posted_room_id = 0
        await self.history.show(page, position)
        if not self._loads.has_overtaken(load):
            self._schedule_midnight()

    def _close_dialogs(self) -> None:
        """Close the dialogs over the room that was shown before: they are about it."""
        while (dialog := open_dialog(self.page)) is not None:
            close_dialog(dialog)

    def focus_field(self, *, allow_virtual_keyboard: bool = True) -> None:
        """Let the person go on writing: give the focus to the message field.

        Without `allow_virtual_keyboard`, only where this opens no on-screen keyboard: only the page
        script knows that, and asks for the focus then.
        """
        if not self._is_active:
            self._screen.handle(WritingRequested())
            return
        if self._connection is None:
            return
        has_script = self._connection.focus_field(allow_virtual_keyboard=allow_virtual_keyboard)
        if not has_script or allow_virtual_keyboard:
            self.composer.take_focus(self._connection)

    def focus_part(self, number: int, part: int) -> None:
        """Give the focus to a field in the view of a message."""
        if self._connection is not None:
            self._focus_count += 1
            control_id = part_id(number, part, self.history.row_ids)
            set_focus(self._connection, control_id, str(self._focus_count))

    def on_focus_requested(self) -> None:
        """The person types, and no field has the focus. A dialog keeps it."""
        if self._connection is not None:
            has_dialog = open_dialog(self.page) is not None
            if has_dialog or not self.composer.take_focus(self._connection):
                self._connection.forget_keys()

    def _subscribe(self, room: Room) -> None:
        """Subscribe to this room only; for a thread to its parent too, which has the root
        message."""
        self._unsubscribe()
        self._topics = [(room.pubsub_topic, self.timeline.live_tail.on_event)]
        if (parent_topic := self._timeline_header.parent_topic) is not None:
            self._topics.append((parent_topic, self._timeline_header.on_event))
        self._announcer.clear()
        if self._connection is not None and self._connection.has_semantics:
            self._topics.append((room.pubsub_topic, self._announcer.on_event))
        for topic, handler in self._topics:
            self._context.subscriptions.add(self.page, topic, handler)

    def announce_messages(self) -> None:
        """The page has the semantics tree from now on: read new messages to the person."""
        follower = (self.room.pubsub_topic, self._announcer.on_event) if self.is_open else None
        if follower is not None and self._topics and follower not in self._topics:
            self._topics.append(follower)
            self._context.subscriptions.add(self.page, *follower)

    def _unsubscribe(self) -> None:
        for topic, handler in self._topics:
            self._context.subscriptions.remove(self.page, topic, handler)
        self._topics = []

    def suspend(self) -> None:
        """The client disconnected: unsubscribe, keep the draft and the scroll position."""
        self.composer.on_client_gone()
        self.composer.files.client_reloaded()
        self.picker.close()
        self._unsubscribe()
        self._announcer.clear()
        self._redraws.clear()
        self.written_field.clear()
        self._loads.start()
        self.history.suspend()
        if self._midnight_timer is not None:
            self._midnight_timer.cancel()

    def load_formula_fonts(self) -> None:
        """Load the fonts of formulas: a row has one."""
        if isinstance(self.page, ft.Page):
            theme.load_formula_fonts(self.page, self._context.site.static_url)

    def capture_completion_keys(self, enabled: bool) -> None:
        """Tell the client; see `ClientField`."""
        if not self._is_active:
            return
        if self._connection is not None:
            self._connection.capture_completion_keys(enabled)
        if not getattr(self.page, "web", True):
            self.composer.ignore_arrows(enabled)

    def replace_text(self, index: int, old: str, new: str) -> bool:
        """Tell the client; see `ClientField`."""
        connection = self._field_connection
        return connection is not None and connection.replace_text(index, old, new)

    async def remove_prefix(self, client_id: str, text: str) -> bool:
        """Tell the client; see `ClientField`."""
        connection = self._field_connection
        if connection is None:
            self.settle_send(client_id)
            return False
        return await connection.remove_prefix(client_id, text)

    def settle_send(self, client_id: str) -> None:
        """Tell the client; see `ClientField`."""
        if self._connection is not None and client_id:
            self._connection.settle_send(client_id)

    def press_send(self, text: str) -> bool:
        """Tell the client; see `ClientField`."""
        connection = self._field_connection
        return connection is not None and connection.press_send(text)

    def report_context(
        self,
        path: str,
        edited_number: int,
        quoted_number: int,
        upload_ids: Sequence[str] | None,
    ) -> None:
        """Tell the client; see `ClientField`. The row of the edited message is marked."""
        if self.is_open:
            self.history.set_edited(edited_number or None)
        connection = self._field_connection
        if connection is not None:
            connection.report_context(path, edited_number, quoted_number, upload_ids)

    @property
    def _field_connection(self) -> ClientConnection | None:
        """The connection, if its page has the field of this pane."""
        return self._connection if self._is_active else None

    def on_room_event(self, topic: str, event: object) -> None:
        """Handle an event of the room. A PubSub handler must not block or raise."""
        try:
            if not self.room.can_read(self._context.me):
                return
            if isinstance(event, RoomUpdated):
                self._screen.handle(RoomShown())
            elif isinstance(event, MembersChanged):
                self._screen.handle(MembersShown())
            elif isinstance(event, TypingUpdated):
                hidden_ids = {self._context.me.id, *self._context.blocked_ids}
                self._typing_line.show(event, hidden_ids, self._context.t)
            elif isinstance(event, MessagesPosted):
                self.timeline.on_new_messages(event.messages)
            elif isinstance(event, MessageChanged):
                self._redraw(event)
        except Exception:
            log.exception("could not draw", topic=topic, person=self._context.me.id)

    def _redraw(self, change: MessageChanged) -> None:
        """Draw a changed message again, at its pace, and not while the person writes in its view.

        A deleted one disappears at once.
        """
        message, redraw = change.message, partial(self.timeline.redraw, change)
        is_gone = message.deleted or message.erased
        if is_gone:
            self.written_field.forget(message.number)
        elif message.view is not None:
            redraw = partial(self.written_field.draw, message.number, redraw)
        self._redraws.draw(message.number, redraw, MESSAGE_INTERVAL, at_once=is_gone)

    def _redraw_header(self) -> None:
        self._redraws.draw("header", self.timeline.redraw_header, MESSAGE_INTERVAL)

    @property
    def page_size(self) -> int:
        """The number of messages in a page: the first page must be higher than the screen."""
        return max(50, int((self.page.height or 0) / 20))

    @property
    def timeline_width(self) -> float:
        """About the width of the timeline, in pixels."""
        page_width = float(self.page.width or 0)
        if self._is_beside:
            return theme.SIDE_PANE_WIDTH
        return page_width if page_width < theme.PHONE_BREAKPOINT else page_width - SIDEBAR_WIDTH

    async def show_calendar(self, day: date | None = None) -> None:
        """Let the person choose a day of the room, `day` or the last one at first, and show its
        first message."""
        page = widgets.page_of(self)
        await show_calendar(page, self.room, self._context, day, self.history.show_message)

    def on_target_faded(self) -> None:
        """The mark of the message that the address named has gone."""
        self._screen.handle(TargetFaded())

    def on_scrolled(self) -> None:
        """The person has scrolled: the hover toolbar is hidden."""
        if self._hover_toolbar is not None:
            self._hover_toolbar.hide()
        self.history.on_scrolled()
        self._screen.handle(AtEndChanged())

    async def _on_part_click(self, number: int, part: int) -> None:
        """A click on a row part, where rows are ordinary controls."""
        await self._screen.perform(ClickPart(number, part))

    async def _open_path(self, path: str) -> None:
        await self._screen.perform(OpenPath(path))

    def _refresh_completions(self) -> None:
        self.composer.refresh_completions()

    def opening_action(self, part: int) -> ButtonAction | None:
        """The action of a button in the opening of the room; None where it is no such button."""
        if self.room.info.kind is RoomKind.THREAD:
            return None
        return next((act for each, act in OPENING_ACTIONS.items() if each == part), None)

    def _on_posted(self, message: Message) -> None:
        # The author's own message always scrolls to the end. The event may be here before it, or
        # later.
        if not self.is_open:
            # The client is back, and its room is still being loaded.
            self._posted_room_id = message.room_id
        elif message.room_id == self.room.info.id:
            self.timeline.on_new_messages((message,))
            self._context.tasks.start(self.timeline.jump_to_newest(), "jump to the newest")
            self._screen.handle(OwnMessagePosted())

    def _read_only_reason(self) -> str:
        parent_or_room = self.room.parent or self.room
        if parent_or_room.info.archived:
            return self._context.t(
                "This room is archived: it can be read, and nothing new is said here."
            )
        if (partner := self.room.blocked_partner(self._context.me)) is not None:
            return self._context.t(
                "You blocked {name}. Unblock them to write here.", name=partner.name
            )
        return ""

    def on_room_changed(self) -> None:
        """The room has another title, or was archived or reopened."""
        self.composer.set_hint(self._field_hint())
        self.composer.set_read_only(self._read_only_reason())
        self._timeline_header.on_room_changed()

    def _field_hint(self) -> str:
        membership = self._workspace.memberships.get(self._context.me, self.room.info.id)
        return field_hint(self.room.info, membership, self._context.t)

    def _mention_candidates(self) -> MentionCandidates:
        if not self.is_open:
            return MentionCandidates(())
        recent_messages = (
            self.room.recent(max(0, self.timeline.window.last_number - _RECENT_MESSAGES)) or ()
        )
        recent_author_ids = dict.fromkeys(
            each.author.id for each in reversed(recent_messages) if each.kind is MessageKind.TEXT
        )
        people = [
            each for each in self.room.mentionable_people.values() if each.id != self._context.me.id
        ]
        online_ids = frozenset(each.id for each in self._workspace.presence.online.people)
        group_sizes = {
            HERE: len(self.room.called_by_here(self._context.me)),
            EVERYONE: len(self.room.called_by_everyone(self._context.me)),
        }
        return MentionCandidates(people, tuple(recent_author_ids), online_ids, group_sizes)

    def _schedule_midnight(self) -> None:
        if self._midnight_timer is not None:
            self._midnight_timer.cancel()
        # A second late rather than early: timers may fire a little before their time.
        delay = min(CLOCK_INTERVAL, self._context.viewer.seconds_until_midnight() + 1)
        self._midnight_timer = asyncio.get_running_loop().call_later(delay, self._check_day)

    def on_blocks_changed(self, person_id: PersonId) -> None:
        """The person has blocked somebody, or unblocked them."""
        if self.is_open:
            self.history.on_blocks_changed(person_id)
            self.composer.set_read_only(self._read_only_reason())

    def redraw_person(self, person_id: PersonId) -> None:
        """A person has another name or avatar: draw the rows that have it again."""
        if self.is_open:
            self._redraws.draw(
                ("person", person_id),
                partial(self._redraw_rows_of, person_id),
                PERSON_INTERVAL,
                delay=random.uniform(0, PERSON_SPREAD),
            )

    def _redraw_rows_of(self, person_id: PersonId) -> None:
        self.timeline.redraw_person(person_id)
        if self.room.info.thread_root is not None:
            self._context.tasks.start(
                self._timeline_header.reload(), "read again who has begun a thread"
            )

    def _check_day(self) -> None:
        self.timeline.check_day()
        self._schedule_midnight()
