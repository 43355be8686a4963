"""The calendar that leads to the first message of a day."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time

import flet as ft

from chat.errors import ChatError, NoSuchMessage
from chat.rooms.room import Room
from chat.ui.context import SessionContext
from chat.ui.theme.snackbars import show_snackbar
from chat.ui.viewer import ViewerContext

# Shows the message with this number. May raise ChatError.
ShowMessage = Callable[[int], Awaitable[None]]


class Calendar(ft.DatePicker):
    """A calendar of the days from `first` to `last`; `choose(day)` gets what the person chooses."""

    def __init__(
        self,
        days: tuple[date, date],
        shown: date,
        viewer: ViewerContext,
        *,
        choose: Callable[[date], Awaitable[None]],
    ) -> None:
        t, (first, last) = viewer.t, days
        self._choose, self._viewer = choose, viewer
        super().__init__(
            value=_noon(min(max(shown, first), last), viewer),
            first_date=_noon(first, viewer),
            last_date=_noon(last, viewer),
            current_date=datetime.now(viewer.time_zone),
            help_text=t("Go to a day"),
            cancel_text=t("Cancel"),
            confirm_text=t("Go"),
            on_change=self._on_change,
        )

    async def _on_change(self) -> None:
        # The client reports the midnight at which the day begins in its time zone, in UTC.
        if isinstance(self.value, datetime):
            await self._choose(self._viewer.local_date(self.value))


async def show_calendar(
    page: ft.Page, room: Room, context: SessionContext, day: date | None, show: ShowMessage
) -> None:
    """Let the person choose a day of a room, `day` or the last one at first, and show its first
    message, or the first one after it. Raises NoSuchRoom."""
    me, viewer = context.me, context.viewer
    first = await room.after(me, 0, 1)
    last = await room.newest(me, 1)
    if not first.messages or not last.messages:
        return
    days = tuple(viewer.local_date(each.messages[0].sent_at) for each in (first, last))

    async def choose(chosen: date) -> None:
        try:
            await show(await _first_number(room, context, chosen))
        except ChatError as error:
            show_snackbar(page, viewer.t.error(error))

    page.show_dialog(Calendar((days[0], days[1]), day or days[1], viewer, choose=choose))


async def _first_number(room: Room, context: SessionContext, day: date) -> int:
    """The number of the first visible message of a day or of the next later one.

    Raises NoSuchMessage.
    """
    me, viewer = context.me, context.viewer
    midnight = datetime.combine(day, time(), viewer.time_zone).astimezone()
    number = await room.number_at(me, midnight)
    while number is not None:
        page = await room.after(me, number - 1)
        for each in page.messages:
            if not each.erased:
                return each.number
        number = page.messages[-1].number + 1 if page.has_newer else None
    raise NoSuchMessage


def _noon(day: date, viewer: ViewerContext) -> datetime:
    """A moment of this day in the browser's time zone."""
    return datetime.combine(day, time(12), viewer.time_zone)
