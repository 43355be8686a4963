"""The dialog that asks for a time: for a reminder, or for a text that is sent later."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import flet as ft

from chat.errors import BadTime
from chat.ui.theme.dialog import Dialog, ErrorText, stretched_column
from chat.ui.viewer import ViewerContext

# The time of the day at which a day begins, for a person at work.
MORNING = time(9)

_MONDAY = 7  # as `date.isoweekday` counts, one week after the last day of this one

_FIELDS_MARGIN = ft.Margin.only(top=12)
_ITEM_STYLE = ft.ButtonStyle(
    alignment=ft.Alignment.CENTER_LEFT,
    shape=ft.RoundedRectangleBorder(radius=8),
    padding=ft.Padding.symmetric(horizontal=12, vertical=14),
)


def offered_times(viewer: ViewerContext, now: datetime) -> Iterator[tuple[str, datetime]]:
    """The times that one click chooses, each with its words."""
    t, today = viewer.t, viewer.local_date(now)
    yield t("In 20 minutes"), now + timedelta(minutes=20)
    yield t("In one hour"), now + timedelta(hours=1)
    yield t("Tomorrow at 9:00"), local_time(viewer, today + timedelta(days=1), MORNING)
    monday = today + timedelta(days=_MONDAY - today.weekday())
    if monday != today + timedelta(days=1):
        yield t("Next Monday at 9:00"), local_time(viewer, monday, MORNING)


def local_time(viewer: ViewerContext, day: date, at: time) -> datetime:
    """A time of a day in the viewer's time zone, in UTC."""
    return datetime.combine(day, at, viewer.time_zone).astimezone(UTC)


class TimeDialog(Dialog):
    """Some times, and fields for any other. `choose(time)` may raise ChatError."""

    def __init__(
        self,
        title: str,
        viewer: ViewerContext,
        *,
        choose: Callable[[datetime], Awaitable[None]],
        on_dismiss: Callable[[], None] = lambda: None,
    ) -> None:
        self._viewer = viewer
        self._choose = choose
        self._is_choosing = False
        t, now = viewer.t, datetime.now(UTC)
        tomorrow = viewer.local_date(now) + timedelta(days=1)
        self._day_field = ft.TextField(
            tomorrow.isoformat(),
            label=t("Day"),
            max_length=20,
            counter="",
            dense=True,
            expand=3,
            on_submit=self._on_submit,
        )
        self._time_field = ft.TextField(
            f"{MORNING:%H:%M}",
            label=t("Time"),
            max_length=20,
            counter="",
            dense=True,
            expand=2,
            on_submit=self._on_submit,
        )
        self._error_text = ErrorText(t)
        buttons: list[ft.Control] = [
            ft.TextButton(
                content=label,
                icon=ft.Icons.SCHEDULE_ROUNDED,
                style=_ITEM_STYLE,
                autofocus=n == 0,
                on_click=partial(self._run, moment),
            )
            for n, (label, moment) in enumerate(offered_times(viewer, now))
        ]
        fields = ft.Row([self._day_field, self._time_field], spacing=8, margin=_FIELDS_MARGIN)
        super().__init__(
            title,
            stretched_column([*buttons, fields, self._error_text], 4),
            [
                ft.TextButton(t("Cancel"), on_click=self.close),
                ft.FilledButton(t("At this time"), on_click=self._on_submit),
            ],
            width=360,
            on_dismiss=on_dismiss,
        )

    async def _on_submit(self) -> None:
        try:
            day = date.fromisoformat(self._day_field.value.strip())
            at = time.fromisoformat(self._time_field.value.strip().zfill(5))
        except ValueError:
            self._error_text.show(BadTime("Write the day as 2026-11-30 and the time as 09:00."))
            return
        await self._run(local_time(self._viewer, day, at.replace(tzinfo=None)))

    async def _run(self, moment: datetime) -> None:
        if self._is_choosing:
            return
        self._is_choosing = True
        try:
            if await self._error_text.run(partial(self._choose, moment)):
                self.close()
        finally:
            self._is_choosing = False
