"""What a person does with one message: answer it, put an emoji below it, edit, pin, copy it."""

import math
from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.files.signed_urls import SHORT_LIFETIME
from chat.model.addresses import room_path
from chat.model.attachments import Attachment
from chat.model.messages import Message, MessageKind
from chat.model.people import Person
from chat.model.site import SiteInfo
from chat.rooms.room import Room
from chat.text.markup.nodes import CodeBlock, Link
from chat.text.markup.reader import to_plain_text
from chat.text.message_text import emote_text
from chat.ui.client.connection import Navigate
from chat.ui.dialogs.gallery import Gallery, PictureSequence
from chat.ui.dialogs.link_warning import LinkWarningDialog
from chat.ui.dialogs.message_menu import MenuItem, MessageMenu, ReactionActions
from chat.ui.row_parts import (
    FIRST_FILE,
    FIRST_OPTION,
    FIRST_REACTION,
    FIRST_TEXT_PART,
    MENU_BUTTON,
    QUOTE,
    ROW,
    SHOW_MORE,
    THREAD_LINK,
    TOUCH_AREA,
)
from chat.ui.rows.body import parse_folded
from chat.ui.rows.file_preview import file_thumbnail
from chat.ui.rows.poll import VotersDialog
from chat.ui.rows.preview import message_preview
from chat.ui.screen.room_pane import Talk
from chat.ui.theme import widgets
from chat.ui.timeline.hover_toolbar import Acts, Hover
from chat.ui.viewer import ViewerContext
from chat.workspace.workspace import Workspace

# What the parts of a row hear of, besides clicks.
_ASKS = {
    (ROW, "secondary_tap_down"),
    (TOUCH_AREA, "long_press"),
    (TOUCH_AREA, "click"),
    (MENU_BUTTON, "click"),
}

# In pixels, on a wide screen: the header, and the margin and border of the frame.
_TIMELINE_TOP = 66

Deed = Callable[[Room, Message], Awaitable[None]]


class Deeds:
    """The deeds of one session; `hold` keeps what was marked unread from being read at once.

    The room of each is given to it: until a dialog is answered, another may be on the screen.
    """

    def __init__(
        self,
        house: Workspace,
        me: Person,
        viewer: ViewerContext,
        invitation: SiteInfo,
        talk: Talk,
        go: Navigate,
        hold: Callable[[], None],
    ) -> None:
        self._house = house
        self._me = me
        self._viewer, self._t = viewer, viewer.t
        self._invitation = invitation
        self._talk = talk
        self._go = go
        self._hold = hold
        t = viewer.t
        acts: Acts = {
            t("React"): (ft.Icons.ADD_REACTION_OUTLINED, partial(self._with, self.choose)),
            t("Reply"): (ft.Icons.REPLY_ROUNDED, partial(self._with, self.answer)),
            t("Reply in thread"): (
                ft.Icons.FORUM_OUTLINED,
                partial(self._with, self.thread),
            ),
            t("More"): (ft.Icons.MORE_HORIZ_ROUNDED, self._ask),
        }
        self.bar = Hover(talk.timeline, acts)

    def wear(self, viewer: ViewerContext) -> None:
        """Times are told by another clock from now on."""
        self._viewer = viewer

    async def touched(self, number: int, part: int, event: str, data: object = None) -> None:
        """A part of a row was touched, hovered over or held."""
        if not self._talk.stretch.shows(number):
            return
        if (part, event) == (ROW, "enter"):
            self._hover(number, data)
        elif (part, event) in _ASKS:
            await self._ask(number)
        elif event == "click":
            await self._with(partial(self._clicked, part), number)

    async def edit_last(self) -> None:
        """↑ in an empty field."""
        room = self._talk.room
        last = await room.last_own_message(self._me)
        if last is not None:
            await self.edit(room, last)

    async def _clicked(self, part: int, room: Room, message: Message) -> None:
        if part == THREAD_LINK:
            await self.thread(room, message)
        elif part == QUOTE and message.quote is not None:
            await self._go(room_path(room.info, message.quote.number))
        elif FIRST_FILE <= part < FIRST_FILE + len(message.files):
            await self.show_file(room, message, part - FIRST_FILE)
        elif FIRST_REACTION <= part < FIRST_REACTION + len(message.reactions):
            await self.react(room, message, message.reactions[part - FIRST_REACTION].emoji)
        elif part == SHOW_MORE:
            self._talk.stretch.open(message, part)
        elif part >= FIRST_OPTION:
            await room.vote(self._me, message.number, part - FIRST_OPTION)
        elif part >= FIRST_TEXT_PART:
            await self._in_text(part, message)

    async def _in_text(self, part: int, message: Message) -> None:
        """A part of what was said: only what really stands there answers."""
        found = parse_folded(message.text, self._talk.stretch.view(message).opened_parts)
        if found is None or part - FIRST_TEXT_PART >= len(found.parts):
            return
        match found.parts[part - FIRST_TEXT_PART]:
            case CodeBlock(text):
                await self._copy(text)
                self._talk.page.show_dialog(ft.SnackBar(ft.Text(self._t("The code is copied."))))
            case Link(address):
                page = self._talk.page
                page.show_dialog(LinkWarningDialog(address, self._t, page.pop_dialog))
            case _:
                self._talk.stretch.open(message, part)

    async def show_file(self, room: Room, message: Message, number: int) -> None:
        """Open a picture, save any other file."""
        file, page = message.files[number], self._talk.page
        if not file.is_picture:
            await self._save(file)
            return
        roll = PictureSequence(room, self._me, message, number)
        gallery = Gallery(roll, self._viewer, self._save, page.pop_dialog)
        page.show_dialog(gallery)
        await gallery.update_arrows()

    async def _save(self, file: Attachment) -> None:
        def for_window(address: str) -> str:
            given = self._house.downloads.sign(self._me, address, SHORT_LIFETIME)
            return self._invitation.url.rstrip("/") + given

        await self._talk.carrying.save(file.url, for_window)

    def _hover(self, number: int, data: object) -> None:
        """Bring the bar to the row that the mouse is on: its edge follows from the two places of
        the mouse that the client tells, in the window and in the row."""
        try:
            edge = float(data["g"]["y"]) - float(data["l"]["y"])  # type: ignore[index]
        except (KeyError, TypeError, ValueError):
            return
        if math.isfinite(edge):
            self.bar.come_to(number, edge - _TIMELINE_TOP)

    async def _with(self, deed: Deed, number: int) -> None:
        """Do something with a message of the room on the screen; if it is refused, say why."""
        room = self._talk.room
        try:
            message = await room.message(self._me, number)
            if message.kind is MessageKind.TEXT and not message.deleted:
                await deed(room, message)
        except ChatError as refusal:
            widgets.show_snackbar(self._talk.page, self._t.error(refusal))

    async def _ask(self, number: int) -> None:
        await self._with(self._show_actions, number)

    async def _show_actions(self, room: Room, message: Message) -> None:
        """Show what can be done."""
        page = self._talk.page
        earlier = await room.revisions(self._me, message.number) if message.edited_at else ()
        closed = (room.parent or room).info.archived
        put = partial(self.react, room, message)
        more = partial(self.choose, room, message)
        react = None if closed else ReactionActions(self._talk.picker.preferences(), put, more)
        dialog = MessageMenu(
            message, earlier, self._viewer, self._actions(room, message), react, page.pop_dialog
        )
        page.show_dialog(dialog)

    def _actions(self, room: Room, message: Message) -> list[MenuItem]:
        mine = message.author.id == self._me.id
        closed = (room.parent or room).info.archived
        found, t = list[MenuItem](), self._t

        def can(icon: ft.IconData, words: str, act: Callable[[], Awaitable[None]]) -> None:
            found.append(MenuItem(icon, words, act))

        if not closed:
            can(ft.Icons.REPLY_ROUNDED, t("Reply"), partial(self.answer, room, message))
        if room.parent is None:
            words = t("Reply in thread")
            can(ft.Icons.FORUM_OUTLINED, words, partial(self.thread, room, message))
        if not mine and not closed:
            words = t("Mention {name}", name=message.author.name)
            can(ft.Icons.ALTERNATE_EMAIL_ROUNDED, words, partial(self.mention, room, message))
        can(ft.Icons.COPY_ROUNDED, t("Copy text"), partial(self._copy, message_preview(message, t)))
        link = partial(self._copy, self._link(room, message))
        can(ft.Icons.LINK_ROUNDED, t("Copy link"), link)
        unread = partial(self.unread, room, message)
        can(ft.Icons.MARK_CHAT_UNREAD_OUTLINED, t("Mark unread"), unread)
        if message.poll is not None:
            who, act = ft.Icons.HOW_TO_VOTE_OUTLINED, partial(self._who_voted, message)
            found.append(MenuItem(who, t("Who voted"), act, opens_dialog=True))
        if closed:
            return found
        words = t("Unpin" if message.pinned else "Pin to this room")
        can(ft.Icons.PUSH_PIN_OUTLINED, words, partial(self.pin, room, message))
        minds = mine or room.can_moderate(self._me)
        if minds and message.poll is not None and not message.poll.closed:
            close = partial(room.close_poll, self._me, message.number)
            can(ft.Icons.LOCK_CLOCK_OUTLINED, t("Close the poll"), close)
        if mine and message.poll is None:
            can(ft.Icons.EDIT_OUTLINED, t("Edit"), partial(self.edit, room, message))
        if minds:
            delete = partial(room.delete, self._me, message.number)
            found.append(
                MenuItem(
                    ft.Icons.DELETE_OUTLINE_ROUNDED, t("Delete"), delete, needs_confirmation=True
                )
            )
        return found

    async def _who_voted(self, message: Message) -> None:
        """Show who voted for what."""
        page = self._talk.page
        page.show_dialog(VotersDialog(message, self._t, page.pop_dialog))

    async def answer(self, room: Room, message: Message) -> None:
        """Quote it in what is sent next."""
        if room is self._talk.room:
            name, file = message.author.name, None
            if message.files and not message.text:
                file = file_thumbnail(message.files[0], self._viewer.image_url, self._t, 24)
            words = to_plain_text(emote_text(name, message.preview))
            self._talk.composer.answer(message.number, name, words, file)

    async def thread(self, room: Room, message: Message) -> None:
        """Go to its thread, which is made if there is none."""
        thread = await self._house.rooms.get_or_create_thread(self._me, room, message.number)
        await self._go(room_path(thread.info))

    async def mention(self, room: Room, message: Message) -> None:
        """Write its author's name into the field."""
        if room is self._talk.room:
            self._talk.composer.mention(message.author.name)

    async def edit(self, room: Room, message: Message) -> None:
        """Bring it back into the field."""
        if room is self._talk.room:
            save = partial(room.edit, self._me, message.number)
            self._talk.composer.edit(message.text, save)

    async def react(self, room: Room, message: Message, emoji: str) -> None:
        """Put an emoji below it, or take it away."""
        await room.react(self._me, message.number, emoji)
        if emoji not in message.reactions_of(self._me.id):
            self._talk.picker.record_use(emoji)

    async def choose(self, room: Room, message: Message) -> None:
        """Choose an emoji from all, and put it below it."""
        await self._talk.picker.open(partial(self.react, room, message))

    async def pin(self, room: Room, message: Message) -> None:
        """Pin it to the room, or take it down."""
        await room.pin(self._me, message.number, pinned=not message.pinned)

    async def unread(self, room: Room, message: Message) -> None:
        """Begin there when the person comes back to this room."""
        if room is self._talk.room:
            self._hold()
            self._talk.stretch.show_new_from(message.number)
        await self._house.memberships.mark_unread(self._me, room.info.id, message.number)

    async def _copy(self, text: str) -> None:
        await ft.Clipboard().set(text)

    def _link(self, room: Room, message: Message) -> str:
        address = self._invitation.url.rstrip("/")
        return f"{address}{room_path(room.info, message.number)}"
