"""The days of the rows above the end of a room, and about where each of them begins."""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from chat.ui.days.row_heights import row_height
from chat.ui.rows.event_runs import RowContent
from chat.ui.viewer import ViewerContext


class RowDays:
    """The heights and the days of consecutive rows, from the newest one, `last_number`, upward."""

    __slots__ = ("_days", "_tops", "last_number")

    def __init__(self, last_number: int) -> None:
        self.last_number = last_number
        # The distance of the upper edge of each row from the lower edge of the newest, in pixels.
        self._tops = array("f")
        # The days, the newest first, each with the index of its last row.
        self._days = list[tuple[int, date]]()

    @property
    def first_number(self) -> int:
        """The number of the oldest of these rows; one more than the newest if there is none."""
        return self.last_number - len(self._tops) + 1

    def add_older(
        self, contents: Sequence[RowContent], viewer: ViewerContext, width: float
    ) -> None:
        """Add the rows above these, oldest first, in a timeline of this width."""
        top = self._tops[-1] if self._tops else 0.0
        for content in reversed(contents):
            day = viewer.local_date(content.message.sent_at)
            if not self._days or self._days[-1][1] != day:
                self._days.append((len(self._tops), day))
            top += row_height(content, viewer, width)
            self._tops.append(top)

    def day_at(self, distance: float) -> date | None:
        """The day of the row so many pixels above the lower edge; None above all rows."""
        index = bisect_right(self._tops, distance)
        if index == len(self._tops):
            return None
        return self._days[bisect_right(self._days, index, key=lambda each: each[0]) - 1][1]
