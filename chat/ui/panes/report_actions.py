"""Reports on the screen: a person reports a message, moderators act on what is reported."""

from functools import partial

from chat.errors import NoSuchRoom
from chat.model.addresses import room_path
from chat.model.messages import QUOTE_LENGTH, Message
from chat.model.reports import Report, ReportKind
from chat.model.rooms import RoomKind
from chat.rooms.room import Room
from chat.text.previews import preview_line
from chat.text.senders import full_sender_name
from chat.ui.context import SessionContext
from chat.ui.moderation.report_dialog import ReportDialog
from chat.ui.panes.room_pane import RoomPane
from chat.ui.panes.screen_events import OpenPath, Screen, ShowModeration
from chat.ui.row_parts import (
    REPORT_DELETE,
    REPORT_MODERATE,
    REPORT_SETTLE,
    REPORT_SHOW,
)
from chat.ui.theme.snackbars import offer_undo, show_snackbar


class ReportActions:
    """The actions of one session. Each may raise ChatError."""

    def __init__(self, context: SessionContext, room_pane: RoomPane, screen: Screen) -> None:
        self._context = context
        self._workspace, self._t = context.workspace, context.t
        self._room_pane = room_pane
        self._screen = screen

    def can_report(self, room: Room, message: Message) -> bool:
        """Whether the menu of a message offers to report it."""
        is_own = message.author.id == self._context.me.id
        return not is_own and not (room.parent or room).info.is_of_moderators

    async def ask(self, room: Room, message: Message) -> None:
        """Ask what is wrong with a message, then report it."""
        page, t, me = self._room_pane.page, self._t, self._context.me
        base_url = self._context.site.url.rstrip("/")
        url = f"{base_url}{room_path(room.info, message.number)}"

        async def report(kind: ReportKind, note: str) -> None:
            reports = self._workspace.reports
            await reports.report(me, room, message.number, kind, note, url=url)

        on_reported = partial(show_snackbar, page, t("The moderators were told."))

        name = full_sender_name(message, t)
        words = f"{name}: {preview_line(message, t)}"[:QUOTE_LENGTH]
        hint = self._hint(room, message)
        page.show_dialog(ReportDialog(words, hint, t, report=report, on_reported=on_reported))

    def _hint(self, room: Room, message: Message) -> str:
        """Who reads the report, and what of it."""
        t, name = self._t, message.author.name
        if self._workspace.reports.moderates(message.author.id):
            return t("{name} is one of those who read it.", name=name)
        if (room.parent or room).info.kind is RoomKind.PUBLIC:
            return t("Owner and moderators read it. {name} is not told.", name=name)
        return t(
            "Owner and moderators read these words, and nothing else from here. "
            "{name} is not told.",
            name=name,
        )

    async def on_part_click(self, part: int, message: Message) -> None:
        """A click on a button below a report."""
        report, reports = message.report, self._workspace.reports
        assert report is not None
        if part == REPORT_SHOW:
            await self._show(report)
        elif part == REPORT_MODERATE:
            await self._screen.perform(ShowModeration(report.person_id, report.person_name))
        elif part == REPORT_DELETE:
            await self._delete(message.number, report)
        elif part == REPORT_SETTLE:
            settled = not report.settled_by
            await reports.settle(self._context.me, message.number, settled=settled)

    async def _show(self, report: Report) -> None:
        try:
            room = await self._workspace.rooms.by_id(self._context.me, report.room_id)
        except NoSuchRoom:
            text = self._t("It was said where you are not. You see all that was reported.")
            show_snackbar(self._room_pane.page, text)
            return
        await self._screen.perform(OpenPath(room_path(room.info, report.number)))

    async def _delete(self, number: int, report: Report) -> None:
        me, t = self._context.me, self._t
        room = await self._workspace.reports.delete_message(me, number)
        undo = partial(room.restore, me, report.number)
        offer_undo(self._room_pane.page, t, t("The message is deleted."), undo)
