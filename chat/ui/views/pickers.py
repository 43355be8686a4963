"""The calendar and the clock in which a person chooses the value of a field."""

from collections.abc import Callable
from datetime import date, datetime, time

import flet as ft

from chat.drawings.drawing import Node
from chat.ui.viewer import ViewerContext

# The days that can be chosen, as far as the field does not say others.
_FIRST_DAY, _LAST_DAY = "1900-01-01", "2199-12-31"

Choose = Callable[[str], None]


class FieldCalendar(ft.DatePicker):
    """The calendar of a field with days; `choose` gets the day as `2026-11-30`."""

    def __init__(
        self, node: Node, shown: str | None, viewer: ViewerContext, *, choose: Choose
    ) -> None:
        self._choose, self._viewer = choose, viewer
        first = node.values.get("first_date", _FIRST_DAY)
        last = node.values.get("last_date", _LAST_DAY)
        today = viewer.local_date(datetime.now(viewer.time_zone)).isoformat()
        super().__init__(
            value=self._noon(min(max(shown or today, first), last)),
            first_date=self._noon(first),
            last_date=self._noon(last),
            help_text=node.values.get("label") or viewer.t("Choose a day"),
            cancel_text=viewer.t("Cancel"),
            confirm_text=viewer.t("OK"),
            on_change=self._on_change,
        )

    def _noon(self, day: str) -> datetime:
        """The middle of a day: in no time zone of the client it is another day."""
        return datetime.combine(date.fromisoformat(day), time(12), self._viewer.time_zone)

    def _on_change(self) -> None:
        # The client reports the midnight at which the day begins in its time zone, in UTC.
        if isinstance(self.value, datetime):
            self._choose(self._viewer.local_date(self.value).isoformat())


class FieldClock(ft.TimePicker):
    """The clock of a field with times; `choose` gets the time as `09:41`."""

    def __init__(
        self, node: Node, shown: str | None, viewer: ViewerContext, *, choose: Choose
    ) -> None:
        self._choose = choose
        super().__init__(
            value=time.fromisoformat(shown) if shown else time(9),
            help_text=node.values.get("label") or viewer.t("Choose a time"),
            cancel_text=viewer.t("Cancel"),
            confirm_text=viewer.t("OK"),
            on_change=self._on_change,
        )

    def _on_change(self) -> None:
        if isinstance(self.value, time):
            self._choose(f"{self.value:%H:%M}")
