"""The actions on one message: reply, react, open its thread, edit, delete, pin, copy."""

import math
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.files.signed_urls import SHORT_LIFETIME
from chat.model.addresses import room_path
from chat.model.attachments import Attachment
from chat.model.messages import QUOTE_LENGTH, Message, MessageKind
from chat.rooms.room import Room
from chat.text.markup.nodes import CodeBlock, Link
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.text.previews import plain_preview, preview_line, text_or_file
from chat.text.senders import full_sender_name
from chat.ui.client.connection import connection_of
from chat.ui.client.list_keys import KeyArea
from chat.ui.client.page_messages import ResumeWriting
from chat.ui.context import SessionContext
from chat.ui.dialogs.gallery import Gallery, PictureSequence
from chat.ui.dialogs.link_warning import LinkWarningDialog
from chat.ui.dialogs.message_menu import (
    MENU_WIDTH,
    EarlierTexts,
    MenuItem,
    MessageMenu,
    ReactionActions,
)
from chat.ui.later.forward import ForwardDialog, ForwardTarget
from chat.ui.later.forward_targets import forward_targets
from chat.ui.later.time_dialog import TimeDialog
from chat.ui.markup.marks import mentioned_person
from chat.ui.panes.report_actions import ReportActions
from chat.ui.panes.room_pane import TIMELINE_TOP, RoomPane
from chat.ui.panes.screen_events import (
    MarkedUnread,
    OpenPath,
    Screen,
    ShowProfile,
    ToggleBlock,
)
from chat.ui.row_parts import (
    AUTHOR_NAME,
    AVATAR,
    DAY_LINE,
    FIRST_FILE,
    FIRST_MENTION,
    FIRST_OPTION,
    FIRST_REACTION,
    FIRST_TEXT_PART,
    MENU_BUTTON,
    QUOTE,
    ROW,
    SHOW_EVENTS,
    SHOW_HIDDEN,
    SHOW_MORE,
    THREAD_LINK,
    TOUCH_AREA,
    reaction_parts,
)
from chat.ui.rows.body import parse_visible
from chat.ui.rows.event_runs import is_foldable
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.rows.message import is_continuation
from chat.ui.rows.poll import VotersDialog
from chat.ui.theme import theme
from chat.ui.theme.density import estimated_width
from chat.ui.theme.popover import (
    Point,
    Side,
    control_corner,
    is_sheet,
    show_popover,
    tap_point,
)
from chat.ui.theme.snackbars import offer_undo, show_snackbar
from chat.ui.timeline.hover_toolbar import (
    QUICK_REACTIONS,
    HoveredRow,
    HoverToolbar,
    ToolbarActions,
)
from chat.workspace import recovery

# The events that open the menu of a message, by row part.
_MENU_EVENTS = {
    (ROW, "secondary_tap_down"),
    (TOUCH_AREA, "long_press_start"),
    (TOUCH_AREA, "click"),
    (MENU_BUTTON, "click"),
}

# The events that open the card of the author. (An ordinary control reports a click for each.)
_AUTHOR_EVENTS = {(AVATAR, "tap_up"), (AVATAR, "click"), (AUTHOR_NAME, "click")}

# The hover toolbar is right of the first line of a text, which has at most so many characters.
_FIRST_LINE = 200

MessageAction = Callable[[Room, Message], Awaitable[None]]


class MessageActions:
    """The message actions of one session.

    Each gets the room of its message: while a dialog is open, another room may come on the screen.
    """

    def __init__(self, context: SessionContext, room_pane: RoomPane, screen: Screen) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._room_pane = room_pane
        self._screen = screen
        self._reports = ReportActions(context, room_pane, screen)
        t = context.t
        actions: ToolbarActions = {
            t("React"): (ft.Icons.ADD_REACTION_OUTLINED, partial(self.run, self.choose_reaction)),
            t("Reply"): (ft.Icons.REPLY_ROUNDED, partial(self.run, self.reply)),
            t("Reply in thread"): (
                ft.Icons.FORUM_OUTLINED,
                partial(self.run, self.open_thread),
            ),
            t("More"): (ft.Icons.MORE_HORIZ_ROUNDED, self._show_menu_below),
        }
        self.hover_toolbar = HoverToolbar(
            room_pane.timeline,
            actions,
            t,
            react=self._react_to,
            load_row=self._load_hovered_row,
        )
        # The row that the mouse has entered last, and its left upper corner.
        self._hovered_row: tuple[int, Point] | None = None

    async def on_row_event(self, number: int, part: int, event: str, data: object = None) -> None:
        """Handle an event of a part of a row."""
        if not self._room_pane.history.is_visible(number):
            return
        if (part, event) == (ROW, "enter"):
            self._show_hover_toolbar(number, data)
        elif (part, event) in _MENU_EVENTS:
            await self.run(partial(self._show_menu, self._place(number, data)), number)
        elif (part, event) == (SHOW_EVENTS, "click"):
            await self._toggle_events(number)
        elif (part, event) == (DAY_LINE, "click"):
            await self._show_calendar(number)
        elif (part, event) in _AUTHOR_EVENTS:
            await self.run(partial(self._show_author, self._place(number, data)), number)
        elif event == "click":
            await self.run(partial(self._on_part_click, part), number)

    async def _toggle_events(self, number: int) -> None:
        message = await self._room_pane.room.message(self._context.me, number)
        if is_foldable(message):
            self._room_pane.history.toggle_part(message, SHOW_EVENTS)

    async def _show_calendar(self, number: int) -> None:
        """Let the person choose a day, that of this message at first."""
        message = await self._room_pane.room.message(self._context.me, number)
        await self._room_pane.show_calendar(self._context.viewer.local_date(message.sent_at))

    async def edit_last(self) -> None:
        """Edit the person's last message in this room: ↑ in an empty field."""
        room = self._room_pane.room
        last = await room.last_own_message(self._context.me)
        if last is not None:
            await self.start_edit(room, last)

    async def resume_writing(self, event: ResumeWriting) -> None:
        """After a reload: go on with the reply or the edit that the field had before."""
        room, composer = self._room_pane.room, self._room_pane.composer
        number = event.edited_number or event.quoted_number
        if event.path != room_path(room.info):
            return
        try:
            message = await room.message(self._context.me, number)
            if event.edited_number and message.author.id == self._context.me.id:
                await self.start_edit(room, message)
            elif event.quoted_number:
                await self.reply(room, message)
        except ChatError as error:
            show_snackbar(self._room_pane.page, self._t.error(error))
        if event.edited_number:
            composer.put_text(event.text)

    async def _on_part_click(self, part: int, room: Room, message: Message) -> None:
        if part == THREAD_LINK:
            await self.open_thread(room, message)
        elif part == QUOTE and message.quote is not None:
            await self._open_path(room_path(room.info, message.quote.number))
        elif FIRST_FILE <= part < FIRST_FILE + len(message.files):
            await self.show_file(room, message, part - FIRST_FILE)
        elif FIRST_REACTION <= part < SHOW_MORE:
            for reaction, each in zip(
                message.reactions, reaction_parts(message.reactions), strict=True
            ):
                if each == part:
                    await self.toggle_reaction(room, message, reaction.emoji)
        elif part >= FIRST_MENTION:
            if (person := mentioned_person(message, part)) is not None:
                await self._screen.perform(ShowProfile(person, self._place(message.number)))
        elif part == SHOW_HIDDEN:
            self._room_pane.history.show_hidden(message.author.id)
        elif part == SHOW_MORE:
            self._room_pane.history.toggle_part(message, part)
        elif part >= FIRST_OPTION and message.report is not None:
            await self._reports.on_part_click(part, message)
        elif part >= FIRST_OPTION:
            await room.vote(self._context.me, message.number, part - FIRST_OPTION)
        elif part >= FIRST_TEXT_PART:
            await self._on_text_part_click(part, message)

    async def _on_text_part_click(self, part: int, message: Message) -> None:
        """A click on a part of the text. The part must exist in the text that is on the screen."""
        state = self._room_pane.history.row_state(message)
        parsed = parse_visible(message.text, state.opened_parts, state.line_width)
        if parsed is None or part - FIRST_TEXT_PART >= len(parsed.parts):
            return
        match parsed.parts[part - FIRST_TEXT_PART]:
            case CodeBlock(text):
                await self._copy(text)
                show_snackbar(self._room_pane.page, self._t("The code is copied."))
            case Link(url):
                page = self._room_pane.page
                page.show_dialog(LinkWarningDialog(url, self._t))
            case _:
                self._room_pane.history.toggle_part(message, part)

    @property
    def page(self) -> ft.Page | ft.BasePage:
        """The page of the room pane."""
        return self._room_pane.page

    async def show_file(self, room: Room, message: Message, file_index: int) -> None:
        """Open a picture; save any other file."""
        file, page = message.files[file_index], self._room_pane.page
        if not file.is_picture:
            await self._save(file)
            return
        pictures = PictureSequence(room, self._context.me, message, file_index=file_index)
        gallery = Gallery(pictures, self._context.viewer, save=self._save)
        page.show_dialog(gallery)
        await gallery.update_arrows()

    async def _save(self, file: Attachment) -> None:
        def window_url(url: str) -> str:
            signed_path = self._workspace.downloads.sign(self._context.me, url, SHORT_LIFETIME)
            return self._context.site.url.rstrip("/") + signed_path

        await self._room_pane.file_transfer.save(file.url, window_url)

    def _show_hover_toolbar(self, number: int, data: object) -> None:
        """Show the hover toolbar at a row."""
        if (corner := control_corner(data)) is not None:
            self._hovered_row = number, corner
            mouse_left = 0.0 if (mouse := tap_point(data)) is None else mouse.x - corner.x
            self.hover_toolbar.show_soon(number, corner.y - TIMELINE_TOP, mouse_left)

    def _place(self, number: int, data: object = None) -> Point | None:
        """Where a row was clicked: as the event says, else where the page was pressed.

        A click by key has no place: it is the author's name then, if the row is under the mouse.
        """
        connection = connection_of(self._room_pane.page)
        pressed = None if connection is None else connection.pressed_point
        return tap_point(data) or pressed or self._name_point(number)

    def _name_point(self, number: int) -> Point | None:
        if self._hovered_row is None or self._hovered_row[0] != number:
            return None
        metrics, corner = self._context.viewer.metrics, self._hovered_row[1]
        padding = metrics.group_start_padding
        left = (padding.left or 0) + metrics.avatar_size + theme.GAP
        return Point(corner.x + left, corner.y + (padding.top or 0))

    async def _show_author(self, point: Point | None, room: Room, message: Message) -> None:
        await self._screen.perform(ShowProfile(message.author, point))

    async def _load_hovered_row(self, number: int) -> HoveredRow | None:
        """When a message was sent. None if it is gone, or its room is not shown any more."""
        if not self._room_pane.is_open:
            return None
        room, me, viewer = self._room_pane.room, self._context.me, self._context.viewer
        try:
            previous, message = await room.message_with_previous(me, number)
        except ChatError:
            return None
        if not self._room_pane.is_open:
            return None
        starts_unread = self._room_pane.history.row_state(message).starts_unread
        is_short = is_continuation(message, previous, viewer) and not starts_unread
        metrics = viewer.metrics
        padding = metrics.continuation_padding if is_short else metrics.group_start_padding
        is_archived = (room.parent or room).info.archived
        preferences = self._room_pane.picker.preferences()
        emoji = () if is_archived else preferences.suggestions(QUICK_REACTIONS)
        mark = f"  {self._t('BOT')}  " if message.author.is_bot else ""
        first_line = (
            f"{full_sender_name(message, self._t)}{mark}  {viewer.format_time(message.sent_at)}"
        )
        if is_short:
            preview = text_or_file(message, self._t)
            first_line = to_plain_text(emote_text(message.author.name, preview[:_FIRST_LINE]))
            first_line = first_line.partition("\n")[0]
        return HoveredRow(
            message,
            viewer.format_full_time(message.sent_at) if self._room_pane.is_wide else "",
            viewer.format_time(message.sent_at) if is_short else "",
            float(padding.top or 0),
            metrics.avatar_size,
            min(estimated_width(first_line), metrics.text_width or math.inf),
            emoji if message.kind is MessageKind.TEXT and not message.deleted else (),
        )

    async def run(self, action: MessageAction, number: int) -> None:
        """Run an action on a message of the room on the screen; show an error if it is refused."""
        room = self._room_pane.room
        try:
            message = await room.message(self._context.me, number)
            if message.kind is MessageKind.TEXT and not message.deleted:
                await action(room, message)
        except ChatError as error:
            show_snackbar(self._room_pane.page, self._t.error(error))

    async def _show_menu_below(self, number: int) -> None:
        """Show the menu of a message below the button that was clicked."""
        place = self._place(number)
        await self.run(partial(self._show_menu, place, side=Side.BELOW), number)

    async def show_menu_of(self, number: int) -> None:
        """Show the menu of a message that was chosen with a key."""
        await self.run(partial(self._show_menu, None), number)
        if (connection := connection_of(self._room_pane.page)) is not None:
            connection.capture_list_keys(KeyArea.MENU)

    async def _show_menu(
        self, point: Point | None, room: Room, message: Message, *, side: Side = Side.BESIDE
    ) -> None:
        """Show the menu of a message at a point."""
        page = self._room_pane.page
        revisions = (
            await room.revisions(self._context.me, message.number) if message.edited_at else ()
        )
        is_saved = await self._workspace.saved_messages.is_saved(
            self._context.me, room, message.number
        )
        load_revisions = partial(room.revisions, self._context.me, message.number)
        is_archived = (room.parent or room).info.archived
        react = partial(self.toggle_reaction, room, message)
        show_picker = partial(self.choose_reaction, room, message)
        reaction_actions = (
            None
            if is_archived
            else ReactionActions(self._room_pane.picker.preferences(), react, show_picker)
        )
        timeline = self._room_pane.timeline
        dialog = MessageMenu(
            message,
            self._context.viewer,
            items=self._menu_items(room, message, point, is_saved=is_saved),
            reaction_actions=reaction_actions,
            earlier=EarlierTexts(revisions, load_revisions),
            is_sheet=is_sheet(page),
        )
        if point is None:
            dialog.focus_first_item()
        dialog.on_dismiss = partial(timeline.hold_tint, None)
        timeline.hold_tint(message)
        show_popover(page, dialog, (MENU_WIDTH, dialog.menu_height), point, side)

    def _menu_items(
        self, room: Room, message: Message, point: Point | None, *, is_saved: bool
    ) -> list[MenuItem]:
        is_own = message.author.id == self._context.me.id
        is_archived = (room.parent or room).info.archived
        items, t = list[MenuItem](), self._t

        def add(icon: ft.IconData, label: str, on_select: Callable[[], Awaitable[None]]) -> None:
            items.append(MenuItem(icon, label, on_select))

        if not is_archived:
            add(ft.Icons.REPLY_ROUNDED, t("Reply"), partial(self.reply, room, message))
        if room.parent is None:
            label = t("Reply in thread")
            add(ft.Icons.FORUM_OUTLINED, label, partial(self.open_thread, room, message))
        if not is_own and not is_archived:
            label = t("Mention {name}", name=message.author.name)
            add(
                ft.Icons.ALTERNATE_EMAIL_ROUNDED, label, partial(self.insert_mention, room, message)
            )
        show_author = partial(self._show_author, point, room, message)
        label = t("Profile of {name}", name=message.author.name)
        icon = ft.Icons.PERSON_OUTLINE_ROUNDED
        items.append(MenuItem(icon, label, show_author, opens_dialog=True))
        add(ft.Icons.COPY_ROUNDED, t("Copy text"), partial(self._copy, text_or_file(message, t)))
        copy_link = partial(self._copy, self._message_url(room, message))
        add(ft.Icons.LINK_ROUNDED, t("Copy link"), copy_link)
        forward = partial(self.forward, room, message)
        items.append(MenuItem(ft.Icons.SHORTCUT_ROUNDED, t("Forward"), forward, opens_dialog=True))
        label, icon = t("Save for later"), ft.Icons.BOOKMARK_ADD_OUTLINED
        if is_saved:
            label, icon = t("Remove from saved messages"), ft.Icons.BOOKMARK_REMOVE_OUTLINED
        add(icon, label, partial(self.toggle_saved, room, message, is_saved=is_saved))
        remind = partial(self.remind, room, message)
        icon = ft.Icons.NOTIFICATION_ADD_OUTLINED
        items.append(MenuItem(icon, t("Remind me"), remind, opens_dialog=True))
        mark_unread = partial(self.mark_unread, room, message)
        add(ft.Icons.MARK_CHAT_UNREAD_OUTLINED, t("Mark unread"), mark_unread)
        if message.poll is not None:
            icon, show_voters = ft.Icons.HOW_TO_VOTE_OUTLINED, partial(self._show_voters, message)
            items.append(MenuItem(icon, t("Who voted"), show_voters, opens_dialog=True))
        if not is_own:
            is_blocked = message.author.id in self._context.blocked_ids
            name = message.author.name
            label = t("Unblock {name}", name=name) if is_blocked else t("Block {name}", name=name)
            toggle = partial(self._screen.perform, ToggleBlock(message.author))
            items.append(MenuItem(ft.Icons.BLOCK_ROUNDED, label, toggle, opens_dialog=True))
        if self._reports.can_report(room, message):
            icon, report = ft.Icons.FLAG_OUTLINED, partial(self._reports.ask, room, message)
            items.append(MenuItem(icon, t("Report"), report, opens_dialog=True))
        if is_archived:
            return items
        label = t("Unpin" if message.pinned else "Pin to this room")
        add(ft.Icons.PUSH_PIN_OUTLINED, label, partial(self.toggle_pin, room, message))
        can_moderate = is_own or room.can_moderate(self._context.me)
        if message.report is not None:
            # Its buttons are below it, and nobody changes it.
            return items
        if can_moderate and message.poll is not None and not message.poll.closed:
            close = partial(room.close_poll, self._context.me, message.number)
            question = t("Nobody can vote any more, and it cannot be opened again.")
            icon, label = ft.Icons.LOCK_CLOCK_OUTLINED, t("Close the poll")
            items.append(MenuItem(icon, label, close, question))
        if is_own and message.poll is None:
            add(ft.Icons.EDIT_OUTLINED, t("Edit"), partial(self.start_edit, room, message))
        if can_moderate:
            delete = partial(self.delete, room, message)
            icon = ft.Icons.DELETE_OUTLINE_ROUNDED
            items.append(MenuItem(icon, t("Delete"), delete, is_destructive=True))
        return items

    async def delete(self, room: Room, message: Message) -> None:
        """Delete the message, and offer to undo that."""
        await room.delete(self._context.me, message.number)
        undo = partial(room.restore, self._context.me, message.number)
        offer_undo(self._room_pane.page, self._t, self._t("The message is deleted."), undo)

    async def _show_voters(self, message: Message) -> None:
        """Show the voters of each option."""
        page = self._room_pane.page
        page.show_dialog(VotersDialog(message, self._t))

    async def reply(self, room: Room, message: Message) -> None:
        """Quote the message in the next one."""
        if room is self._room_pane.room:
            name, thumbnail = full_sender_name(message, self._t), None
            if message.files and not message.text:
                thumbnail = file_thumbnail(
                    message.files[0], self._context.viewer.image_url, self._t, 24
                )
            preview = plain_preview(message)
            self._room_pane.composer.start_reply(message.number, name, preview, thumbnail)
            self._room_pane.focus_field()

    async def open_thread(self, room: Room, message: Message) -> None:
        """Open the thread of the message; it is created if there is none."""
        thread = await self._workspace.rooms.get_or_create_thread(
            self._context.me, room, message.number
        )
        await self._open_path(room_path(thread.info))

    async def insert_mention(self, room: Room, message: Message) -> None:
        """Insert the author's name into the field."""
        if room is self._room_pane.room:
            self._room_pane.composer.insert_mention(message.author.name)
            self._room_pane.focus_field()

    async def start_edit(self, room: Room, message: Message) -> None:
        """Put the message into the field for editing."""
        if room is self._room_pane.room:
            number, me = message.number, self._context.me

            async def save(text: str, client_id: str) -> None:
                await recovery.edit(self._workspace, me, room, number, text, client_id)

            self._room_pane.composer.start_edit(message.number, message.text, save)
            self._room_pane.focus_field()

    async def toggle_reaction(self, room: Room, message: Message, emoji: str) -> None:
        """Add or remove a reaction."""
        await room.react(self._context.me, message.number, emoji)
        if emoji not in message.reactions_of(self._context.me.id):
            self._room_pane.picker.record_use(emoji)

    async def _react_to(self, emoji: str, number: int) -> None:
        async def react(room: Room, message: Message) -> None:
            await self.toggle_reaction(room, message, emoji)

        await self.run(react, number)

    async def choose_reaction(self, room: Room, message: Message) -> None:
        """React with an emoji from the picker."""
        await self._room_pane.picker.open(partial(self.toggle_reaction, room, message))

    async def toggle_pin(self, room: Room, message: Message) -> None:
        """Pin or unpin the message."""
        await room.pin(self._context.me, message.number, pinned=not message.pinned)

    async def toggle_saved(self, room: Room, message: Message, *, is_saved: bool) -> None:
        """Keep the message for later, or do so no more."""
        saved_messages, me, t = self._workspace.saved_messages, self._context.me, self._t
        if is_saved:
            await saved_messages.forget(me, room, message.number)
            show_snackbar(self._room_pane.page, t("The message is not saved any more."))
        else:
            await saved_messages.save(me, room, message.number)
            show_snackbar(
                self._room_pane.page, t("The message is saved. The bookmark at the left lists it.")
            )

    async def remind(self, room: Room, message: Message) -> None:
        """Ask when to remind the person of the message."""
        page, t, viewer = self._room_pane.page, self._t, self._context.viewer

        async def choose(moment: datetime) -> None:
            reminders, me = self._workspace.reminders, self._context.me
            await reminders.add(me, room, message.number, moment)
            when = viewer.format_date_time(moment)
            show_snackbar(page, t("You will be reminded: {when}.", when=when))

        page.show_dialog(TimeDialog(t("Remind me"), viewer, choose=choose))

    async def forward(self, room: Room, message: Message) -> None:
        """Ask where to forward the message to."""
        page, t = self._room_pane.page, self._t
        url, client_id = self._message_url(room, message), secrets.token_hex(16)

        async def forward(target: ForwardTarget, comment: str) -> None:
            target_room, me = await target.open(), self._context.me
            forwarded = await room.forward(me, message.number, target_room, url, comment, client_id)

            undo = partial(target_room.delete, me, forwarded.number)
            offer_undo(page, t, t("Forwarded to {name}.", name=target.title), undo)

        preview = preview_line(message, t)
        targets = await forward_targets(self._context)
        page.show_dialog(
            ForwardDialog(
                (full_sender_name(message, t), preview[:QUOTE_LENGTH]), targets, t, forward=forward
            )
        )

    async def mark_unread(self, room: Room, message: Message) -> None:
        """Mark this message and those after it as unread."""
        if room is self._room_pane.room:
            self._screen.handle(MarkedUnread())
            self._room_pane.history.set_first_unread(message.number)
        await self._workspace.memberships.mark_unread(
            self._context.me, room.info.id, message.number
        )

    async def _open_path(self, path: str) -> None:
        await self._screen.perform(OpenPath(path))

    async def _copy(self, text: str) -> None:
        await ft.Clipboard().set(text)

    def _message_url(self, room: Room, message: Message) -> str:
        base_url = self._context.site.url.rstrip("/")
        return f"{base_url}{room_path(room.info, message.number)}"
