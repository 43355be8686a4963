"""The message of a pane that is chosen with the keyboard, and the keys that act on it."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace

import flet as ft

from chat.errors import ChatError
from chat.model.messages import Message, MessageKind
from chat.rooms.room import Room
from chat.text.previews import plain_preview
from chat.text.senders import spoken_sender
from chat.ui.chosen_row import RowPart, row_parts
from chat.ui.client.connection import connection_of
from chat.ui.client.list_keys import ListKey, steps
from chat.ui.context import SessionContext
from chat.ui.moderated_rows.hidden import hidden_text
from chat.ui.moderated_rows.report import report_text
from chat.ui.panes.live_views import LiveViews
from chat.ui.panes.message_actions import MessageActions
from chat.ui.panes.room_pane import RoomPane
from chat.ui.row_parts import SHOW_EVENTS, SHOW_HIDDEN, view_control_of_part
from chat.ui.rows.event_runs import RowContent
from chat.ui.rows.event_texts import event_text, summary_text
from chat.ui.rows.message import message_row
from chat.ui.theme.snackbars import show_snackbar

# The messages that PageUp and PageDown pass over.
_PAGE_STEP = 8

# The longest text of a message that is read to the person, in characters.
READ_LENGTH = 500

# Seconds after which a row is not near the screen: the client draws no others.
DRAW_TIMEOUT = 0.5

# Seconds for which a page that is loaded around the row is waited for.
LATE_DRAW_TIMEOUT = 5.0

_STEPS = steps(_PAGE_STEP)
_PART_STEPS = {ListKey.LEFT: -1, ListKey.RIGHT: 1}


class ChosenMessage:
    """Moves the ring among the messages of a pane, and the parts of a message."""

    def __init__(
        self,
        context: SessionContext,
        room_pane: RoomPane,
        *,
        actions: MessageActions,
        live_views: LiveViews,
    ) -> None:
        self._context = context
        self._t = context.t
        self._room_pane = room_pane
        self._history = room_pane.history
        self._actions = actions
        self._live_views = live_views
        # The chosen part of its row; None for the whole row.
        self._part: RowPart | None = None
        self._drawn: asyncio.Event | None = None

    async def enter(self) -> None:
        """Choose the message that was chosen last, or one in the middle of the screen."""
        if not self._room_pane.is_open:
            return
        number = self._history.chosen or self._room_pane.timeline.middle_number()
        row = await self._history.row_near(number, 0) or await self._history.row_near(number, -1)
        await self._choose(row or await self._history.row_near(number, 1))

    def leave(self) -> None:
        """Choose nothing."""
        self._history.set_chosen(None)

    def on_drawn(self, number: int) -> None:
        """The client has drawn a row as the chosen one. (Another may be chosen by now.)"""
        if self._drawn is not None and number == self._history.chosen:
            self._drawn.set()

    async def press(self, key: ListKey) -> bool:
        """Act on a key; returns whether the next keys are for this list, too."""
        number = self._history.chosen
        if number is None:
            await self.enter()
            return True
        if key in _STEPS:
            await self._move(number, _STEPS[key])
        elif key in _PART_STEPS:
            await self._move_part(number, _PART_STEPS[key])
        elif key is ListKey.HOME:
            first = self._room_pane.timeline.window.first_number
            await self._choose(await self._history.row_near(first - 1, 1))
        elif key is ListKey.END:
            await self._room_pane.timeline.jump_to_newest()
            last = self._room_pane.timeline.window.last_number
            await self._choose(await self._history.row_near(last + 1, -1))
        elif key is ListKey.ENTER:
            await self._activate(number)
        elif key is ListKey.MENU:
            await self._actions.show_menu_of(number)
        else:
            return await self._act(key, number)
        return True

    async def _act(self, key: ListKey, number: int) -> bool:
        """Run the action of a letter; returns whether the person goes on in the list."""
        is_writing = False

        async def run(act: Callable[[Room, Message], Awaitable[None]], key: ListKey) -> None:
            nonlocal is_writing

            async def act_on(room: Room, message: Message) -> None:
                nonlocal is_writing
                if (reason := self._refusal(key, room, message)) is not None:
                    show_snackbar(self._room_pane.page, reason)
                    return
                is_writing = key in {ListKey.REPLY, ListKey.EDIT}
                await act(room, message)

            await self._actions.run(act_on, number)

        match key:
            case ListKey.REPLY:
                await run(self._actions.reply, key)
            case ListKey.EDIT:
                await run(self._actions.start_edit, key)
            case ListKey.THREAD:
                await run(self._actions.open_thread, key)
            case ListKey.REACT:
                await run(self._actions.choose_reaction, key)
            case ListKey.DELETE:
                await run(self._actions.delete, key)
                if await self._history.row_near(number, 0) is None:
                    below = await self._history.row_near(number, 1)
                    await self._choose(below or await self._history.row_near(number, -1))
        return not is_writing

    def _refusal(self, key: ListKey, room: Room, message: Message) -> str | None:
        """Why the key does nothing with a message; None if it does."""
        t = self._t
        if key is ListKey.THREAD:
            return t("You are in a thread already.") if room.parent is not None else None
        if (room.parent or room).info.archived:
            return t("This room is archived.")
        if key is ListKey.EDIT:
            if message.author.id != self._context.me.id:
                return t("You can edit only your own messages.")
            if message.poll is not None:
                return t("A poll cannot be edited.")
        return None

    async def _move(self, number: int, step: int) -> None:
        direction = 1 if step > 0 else -1
        timeline, found = self._room_pane.timeline, None
        for _ in range(abs(step)):
            row = await self._history.row_near(number, direction)
            if row is None:
                window = timeline.window
                if direction < 0 and window.has_older:
                    await self._history.load_older()
                elif direction > 0 and not window.is_at_end:
                    await self._history.load_newer()
                row = await self._history.row_near(number, direction)
            if row is None:
                break
            found, number = row, row.message.number
        await self._choose(found)

    async def _choose(self, row: RowContent | None) -> None:
        """Choose a row, and show it."""
        if row is None:
            return
        number = row.message.number
        self._part = None
        self._drawn = drawn = asyncio.Event()
        self._history.set_chosen(number)
        self._read(self._text_of(row))
        self._context.tasks.start(self._show(number, drawn), "show the chosen message")

    async def _show(self, number: int, drawn: asyncio.Event) -> None:
        """Scroll to the chosen row as soon as it is drawn. One that is far away is not, or one in a
        busy client: a page around it is loaded then."""
        for seconds in (DRAW_TIMEOUT, LATE_DRAW_TIMEOUT):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await drawn.wait()
            if self._drawn is not drawn or self._history.chosen != number:
                return
            if drawn.is_set():
                await self._room_pane.timeline.scroll_to_chosen(number)
                return
            await self._history.reveal(number)

    async def _move_part(self, number: int, step: int) -> None:
        row = await self._history.row_near(number, 0)
        if row is None:
            return
        parts = [None, *self._parts_of(row)]
        numbers = [None if each is None else each.number for each in parts]
        # The part may have gone meanwhile, or have another name.
        chosen = None if self._part is None else self._part.number
        index = numbers.index(chosen) if chosen in numbers else 0
        self._part = part = parts[(index + step) % len(parts)]
        self._history.set_chosen(number, 0 if part is None else part.number)
        self._read(self._text_of(row) if part is None else part.label)

    async def _activate(self, number: int) -> None:
        """Click the chosen part, or open the menu of the message."""
        part = self._part
        row = await self._history.row_near(number, 0)
        if row is not None and row.run.events and part is None:
            await self._actions.on_row_event(number, SHOW_EVENTS, "click")
        elif row is not None and part is None and self._history.row_state(row.message).is_hidden:
            await self._actions.on_row_event(number, SHOW_HIDDEN, "click")
        elif part is None:
            await self._actions.show_menu_of(number)
        elif part.url:
            await ft.UrlLauncher().launch_url(ft.Url(part.url, ft.UrlTarget.BLANK))
        elif view_control_of_part(part.number) is not None:
            self._live_views.activate(number, part.number)
        else:
            await self._actions.on_row_event(number, part.number, "click")
            await self._read_again(row, part)

    async def _read_again(self, row: RowContent | None, part: RowPart) -> None:
        """Read what a click has made of a part: an option with its votes, a reaction."""
        if row is None or not self._room_pane.is_open:
            return
        room, number = self._room_pane.room, row.message.number
        with contextlib.suppress(ChatError):
            changed = replace(row, message=await room.message(self._context.me, number))
            labels = [each.label for each in self._parts_of(changed) if each.number == part.number]
            if labels and labels[0] != part.label:
                self._part = replace(part, label=labels[0])
                self._read(labels[0])

    def _parts_of(self, row: RowContent) -> list[RowPart]:
        state = self._history.row_state(row.message)
        viewer = self._context.viewer
        message, has_live_view = row.message, connection_of(self._room_pane.page) is not None
        return row_parts(
            message_row(
                message,
                row.previous,
                viewer,
                _ignore_click,
                state,
                row.run,
                has_live_view=has_live_view,
            )
        )

    def _text_of(self, row: RowContent) -> str:
        """A row as it is read to the person: author, time, text, and what it has below."""
        message, t, viewer = row.message, self._t, self._context.viewer
        if row.run.events:
            return summary_text(row.run.events, t)
        if self._history.row_state(message).is_hidden:
            return hidden_text(t)
        if message.kind is not MessageKind.TEXT:
            return event_text(message, t)
        name, time = spoken_sender(message, t), viewer.format_time(message.sent_at)
        text = t("Message deleted")
        if not message.deleted:
            text = plain_preview(message, t)
        parts = [t("{name}, {when}", name=name, when=time), text[:READ_LENGTH]]
        if message.report is not None:
            parts.append(report_text(message.report, t))
        parts += [each.label for each in self._parts_of(row)]
        return ". ".join(filter(None, parts))

    def _read(self, text: str) -> None:
        connection = connection_of(self._room_pane.page)
        if connection is not None:
            connection.announce(text[: 2 * READ_LENGTH])


async def _ignore_click(number: int, part: int) -> None:
    """Placeholder that marks a part as clickable."""
