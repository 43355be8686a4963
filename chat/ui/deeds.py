"""What a person does with one message: answer it, put an emoji below it, edit, pin, copy it."""

import math
from collections.abc import Awaitable, Callable
from functools import partial

import flet as ft

from chat.errors import ChatError
from chat.house import House, path_of
from chat.messages import Kind, Message, Person
from chat.ui.actions import Action, MessageDialog
from chat.ui.clock import Clock
from chat.ui.hover import Acts, Hover
from chat.ui.invite import Invitation
from chat.ui.talk import Talk
from chat.ui.view import ACTIONS, CHIP, HOLD, QUOTE, ROW, THREAD

# What the parts of a row hear of, besides clicks.
_ASKS = {(ROW, "secondary_tap_down"), (HOLD, "long_press"), (HOLD, "click"), (ACTIONS, "click")}

# In pixels, on a wide screen: the header, and the margin and border of the frame.
_TIMELINE_TOP = 66

Go = Callable[[str], Awaitable[None]]


class Deeds:
    """The deeds of one session; `hold` keeps what was marked unread from being read at once."""

    def __init__(
        self,
        house: House,
        me: Person,
        clock: Clock,
        invitation: Invitation,
        talk: Talk,
        go: Go,
        hold: Callable[[], None],
    ) -> None:
        self._house = house
        self._me = me
        self._clock = clock
        self._invitation = invitation
        self._talk = talk
        self._go = go
        self._hold = hold
        acts: Acts = {
            "React": (ft.Icons.ADD_REACTION_OUTLINED, self._ask),
            "Reply": (ft.Icons.REPLY_ROUNDED, partial(self._with, self.answer)),
            "Reply in thread": (ft.Icons.FORUM_OUTLINED, partial(self._with, self.thread)),
            "More": (ft.Icons.MORE_HORIZ_ROUNDED, self._ask),
        }
        self.bar = Hover(talk.timeline, acts)

    async def touched(self, number: int, part: int, event: str, data: object = None) -> None:
        """A part of a row was touched, hovered over or held."""
        if not self._talk.shows(number):
            return
        if (part, event) == (ROW, "enter"):
            self._hover(number, data)
        elif (part, event) in _ASKS:
            await self._ask(number)
        elif event == "click":
            await self._clicked(number, part)

    async def edit_last(self) -> None:
        """↑ in an empty field."""
        last = await self._talk.room.last_own(self._me)
        if last is not None:
            await self.edit(last)

    async def _clicked(self, number: int, part: int) -> None:
        try:
            message = await self._talk.room.message(self._me, number)
            if part == THREAD:
                await self.thread(message)
            elif part == QUOTE and message.quote is not None:
                await self._go(path_of(self._talk.room.room, message.quote.number))
            elif CHIP <= part < CHIP + len(message.reactions):
                await self.react(message, message.reactions[part - CHIP].emoji)
        except ChatError as refusal:
            self._talk.page.show_dialog(ft.SnackBar(ft.Text(str(refusal))))

    def _hover(self, number: int, data: object) -> None:
        """Bring the bar to the row that the mouse is on: its edge follows from the two places of
        the mouse that the client tells, in the window and in the row."""
        try:
            edge = float(data["g"]["y"]) - float(data["l"]["y"])  # type: ignore[index]
        except (KeyError, TypeError, ValueError):
            return
        if math.isfinite(edge):
            self.bar.come_to(number, edge - _TIMELINE_TOP)

    async def _with(self, deed: Callable[[Message], Awaitable[None]], number: int) -> None:
        try:
            message = await self._talk.room.message(self._me, number)
            if message.kind is Kind.TEXT and not message.deleted:
                await deed(message)
        except ChatError as refusal:
            self._talk.page.show_dialog(ft.SnackBar(ft.Text(str(refusal))))

    async def _ask(self, number: int) -> None:
        """Show what can be done."""
        room, page = self._talk.room, self._talk.page
        message = await room.message(self._me, number)
        if message.deleted or message.kind is not Kind.TEXT:
            return
        earlier = await room.earlier(self._me, number) if message.edited_at else ()
        react = None if room.room.archived else partial(self.react, message)
        dialog = MessageDialog(
            message, earlier, self._clock, self._actions(message), react, page.pop_dialog
        )
        page.show_dialog(dialog)

    def _actions(self, message: Message) -> list[Action]:
        room = self._talk.room
        mine = message.author.id == self._me.id
        closed = (room.parent or room).room.archived
        found = list[Action]()

        def can(icon: ft.IconData, words: str, act: Callable[[], Awaitable[None]]) -> None:
            found.append(Action(icon, words, act))

        if not closed:
            can(ft.Icons.REPLY_ROUNDED, "Reply", partial(self.answer, message))
        if room.parent is None:
            can(ft.Icons.FORUM_OUTLINED, "Reply in thread", partial(self.thread, message))
        if not mine and not closed:
            words = f"Mention {message.author.name}"
            can(ft.Icons.ALTERNATE_EMAIL_ROUNDED, words, partial(self.mention, message))
        can(ft.Icons.COPY_ROUNDED, "Copy text", partial(self._copy, message.text))
        can(ft.Icons.LINK_ROUNDED, "Copy link", partial(self._copy, self._link(message)))
        can(ft.Icons.MARK_CHAT_UNREAD_OUTLINED, "Mark unread", partial(self.unread, message))
        if closed:
            return found
        words = "Unpin" if message.pinned else "Pin to this room"
        can(ft.Icons.PUSH_PIN_OUTLINED, words, partial(self.pin, message))
        if mine:
            can(ft.Icons.EDIT_OUTLINED, "Edit", partial(self.edit, message))
        if mine or room.moderates(self._me):
            delete = partial(room.delete, self._me, message.number)
            found.append(Action(ft.Icons.DELETE_OUTLINE_ROUNDED, "Delete", delete, sure=True))
        return found

    async def answer(self, message: Message) -> None:
        """Quote it in what is sent next."""
        self._talk.composer.answer(message.number, message.author.name, message.text)

    async def thread(self, message: Message) -> None:
        """Go to its thread, which is made if there is none."""
        thread = await self._house.rooms.thread(self._me, self._talk.room, message.number)
        await self._go(path_of(thread.room))

    async def mention(self, message: Message) -> None:
        """Write its author's name into the field."""
        self._talk.composer.mention(message.author.name)

    async def edit(self, message: Message) -> None:
        """Bring it back into the field."""
        room = self._talk.room
        save = partial(room.edit, self._me, message.number)
        self._talk.composer.edit(message.text, save)

    async def react(self, message: Message, emoji: str) -> None:
        """Put an emoji below it, or take it away."""
        await self._talk.room.react(self._me, message.number, emoji)

    async def pin(self, message: Message) -> None:
        """Pin it to the room, or take it down."""
        await self._talk.room.pin(self._me, message.number, pinned=not message.pinned)

    async def unread(self, message: Message) -> None:
        """Begin there when the person comes back to this room."""
        self._hold()
        room = self._talk.room.room.id
        await self._house.seats.mark_unread(self._me, room, message.number)
        self._talk.show_new_from(message.number)

    async def _copy(self, text: str) -> None:
        await ft.Clipboard().set(text)

    def _link(self, message: Message) -> str:
        address = self._invitation.address.rstrip("/")
        return f"{address}{path_of(self._talk.room.room, message.number)}"
