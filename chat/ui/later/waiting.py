"""The reminders and the texts of a person that wait for their time, as entries of lists."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import flet as ft

from chat.model.addresses import room_path
from chat.model.later import Reminder, ScheduledText
from chat.text.markup.reader import to_plain_text
from chat.text.previews import plain_preview
from chat.text.senders import full_sender_name
from chat.ui.context import SessionContext
from chat.ui.later.later_dialog import LaterAction, LaterEntry
from chat.ui.later.time_dialog import TimeDialog
from chat.ui.panels.message_list import location_label
from chat.ui.room_titles import title_for
from chat.ui.theme.snackbars import offer_undo, show_snackbar


class WaitingLists:
    """Loads both lists of one session, and changes their entries."""

    def __init__(self, context: SessionContext, page: ft.Page) -> None:
        self._context = context
        self._page = page

    async def reminders(self, skipped: int) -> Sequence[LaterEntry]:
        """All reminders, the next one first; nothing on a further page."""
        if skipped:
            return []
        found = await self._context.workspace.reminders.of_person(self._context.me)
        return [self._reminder_entry(each) for each in found]

    async def scheduled(self, skipped: int) -> Sequence[LaterEntry]:
        """All texts that are sent later, the next one first; nothing on a further page."""
        if skipped:
            return []
        found = await self._context.workspace.scheduled_texts.of_person(self._context.me)
        return [self._scheduled_entry(each) for each in found]

    def _reminder_entry(self, reminder: Reminder) -> LaterEntry:
        message, context, t = reminder.message, self._context, self._context.t
        reminders, me = context.workspace.reminders, context.me
        when = t("now") if reminder.is_due else context.viewer.format_date_time(reminder.due_at)
        return LaterEntry(
            full_sender_name(message, t),
            f"{location_label(reminder.room, t)}  ·  {when}",
            plain_preview(message, t),
            room_path(reminder.room, message.number),
            (
                self._move_action(partial(reminders.move, me, reminder.id)),
                LaterAction(
                    ft.Icons.CHECK_ROUNDED, t("Done"), partial(reminders.remove, me, reminder.id)
                ),
            ),
        )

    def _scheduled_entry(self, text: ScheduledText) -> LaterEntry:
        context, t = self._context, self._context.t
        texts, me = context.workspace.scheduled_texts, context.me
        membership = context.workspace.memberships.get(me, text.room.id)
        problem = t("Not sent: {reason}", reason=t(text.problem)) if text.problem else ""
        return LaterEntry(
            title_for(text.room, membership, t) or t("direct message"),
            f"·  {context.viewer.format_date_time(text.due_at)}",
            to_plain_text(text.text),
            room_path(text.room),
            (
                LaterAction(
                    ft.Icons.SEND_OUTLINED, t("Send now"), partial(texts.send_now, me, text)
                ),
                self._move_action(partial(texts.move, me, text.id)),
                LaterAction(
                    ft.Icons.DELETE_OUTLINE_ROUNDED, t("Cancel it"), partial(self._cancel, text)
                ),
            ),
            problem,
        )

    def _move_action(self, move: Callable[[datetime], Awaitable[None]]) -> LaterAction:
        async def ask() -> None:
            async def choose(moment: datetime) -> None:
                await move(moment)
                when = self._context.viewer.format_date_time(moment)
                show_snackbar(self._page, self._context.t("The new time: {when}.", when=when))

            title = self._context.t("Choose a time")
            self._page.show_dialog(TimeDialog(title, self._context.viewer, choose=choose))

        label = self._context.t("Choose another time")
        return LaterAction(ft.Icons.EDIT_CALENDAR_OUTLINED, label, ask, removes=False)

    async def _cancel(self, text: ScheduledText) -> None:
        """Do not send a text, and offer to undo that."""
        context, t = self._context, self._context.t
        texts, me = context.workspace.scheduled_texts, context.me
        await texts.cancel(me, text.id)

        async def undo() -> None:
            room = await context.workspace.rooms.by_id(me, text.room.id)
            client_id = secrets.token_hex(16)
            await texts.schedule(me, room, text.text, text.due_at, client_id, text.quoted_number)

        offer_undo(self._page, t, t("The message is not sent."), undo)
