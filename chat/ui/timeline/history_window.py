"""The window of a timeline: which messages are on the screen, and what each event does to that.

A pure reducer. `reduce(window, event)` returns the next window, and the effects that the timeline
carries out in their order. Nothing here draws, loads or waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

# The largest number of rows, and how many more may come before the oldest are removed.
MAX_ROWS = 200
TRIM_SLACK = 100

# In pixels: this near to the bottom counts as the bottom; this near to an end loads another page.
BOTTOM_TOLERANCE = 40
LOAD_DISTANCE = 800

# More than a screen above the bottom, in pixels: from there on a button leads down.
_JUMP_DISTANCE = 800


@dataclass(frozen=True, slots=True)
class HistoryWindow:
    """The rows from `first_number` to `last_number`, both 0 if there are none.

    `newest_number` is the newest message that is known of. `offset` is the distance of the scroll
    position from the bottom, in pixels. A window is stale if its rows have to be drawn again.
    """

    first_number: int = 0
    last_number: int = 0
    newest_number: int = 0
    has_older: bool = False
    has_newer: bool = False
    # False while the first page is being loaded: messages that arrive then are not drawn yet.
    is_shown: bool = False
    is_at_bottom: bool = True
    is_stale: bool = False
    is_loading: bool = False
    offset: float = 0.0

    @property
    def row_count(self) -> int:
        """The number of messages on the screen."""
        return self.last_number - self.first_number + 1 if self.first_number else 0

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is on the screen."""
        return self.is_at_bottom and self.is_shown and not self.has_newer

    @property
    def new_count(self) -> int:
        """The number of new messages that wait below."""
        return 0 if self.is_at_end else max(0, self.newest_number - self.last_number)

    @property
    def is_far_from_end(self) -> bool:
        """Whether a button leads to the end, though nothing is new there."""
        return self.has_newer or (not self.new_count and self.offset > _JUMP_DISTANCE)

    def contains(self, number: int) -> bool:
        """Whether the message with this number is on the screen."""
        return self.first_number <= number <= self.last_number

    def index(self, number: int) -> int:
        """The index of a message's row: 0 is the newest."""
        return self.last_number - number


# Events.


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Another room is shown from the next page on."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """Nothing is drawn until the next page. `cleared` is whether the rows are removed."""

    cleared: bool = False


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page has replaced the rows, and is scrolled to `offset`.

    `last_in_room` is the newest message of the room. `is_fresh` is whether no row is stale.
    """

    first_number: int
    last_number: int
    has_older: bool
    has_newer: bool
    last_in_room: int
    offset: float
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class OlderLoaded:
    """A page from `first_number` to `last_number` was loaded, to go above the rows."""

    first_number: int
    last_number: int
    has_older: bool


@dataclass(frozen=True, slots=True)
class Appended:
    """Rows from `first_number` to `last_number` were added below."""

    first_number: int
    last_number: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """Messages from `first_number` to `last_number` were posted."""

    first_number: int
    last_number: int


@dataclass(frozen=True, slots=True)
class Scrolled:
    """The person scrolled to `offset`. `max_offset` is the offset of the upper end."""

    offset: float
    max_offset: float


@dataclass(frozen=True, slots=True)
class LoadEnded:
    """`LoadOlder` or `LoadNewer` has ended."""


@dataclass(frozen=True, slots=True)
class JumpedToEnd:
    """The person wants to see the end."""


@dataclass(frozen=True, slots=True)
class Invalidated:
    """All rows have changed."""


WindowEvent: TypeAlias = (
    RoomChanged
    | Suspended
    | PageShown
    | OlderLoaded
    | Appended
    | Arrived
    | Scrolled
    | LoadEnded
    | JumpedToEnd
    | Invalidated
)


# Effects.


@dataclass(frozen=True, slots=True)
class DrawArrived:
    """Draw the messages that have just arrived, or as `DrawPending` if the client is busy."""


@dataclass(frozen=True, slots=True)
class DrawPending:
    """Draw all messages after the window: at once, or when the client is idle."""


@dataclass(frozen=True, slots=True)
class InsertAbove:
    """Insert the loaded page from this index on."""

    index: int


@dataclass(frozen=True, slots=True)
class Trim:
    """Remove the rows from index `kept` on, of `row_count` with the header."""

    kept: int
    row_count: int


@dataclass(frozen=True, slots=True)
class LoadOlder:
    """Load a page above."""


@dataclass(frozen=True, slots=True)
class LoadNewer:
    """Load a page below."""


@dataclass(frozen=True, slots=True)
class LoadNewest:
    """Replace the rows by the newest page: there are messages between, or no rows yet."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """Load the newest page again, unless that is being done: the rows are stale."""


Effect: TypeAlias = (
    DrawArrived | DrawPending | InsertAbove | Trim | LoadOlder | LoadNewer | LoadNewest | Refresh
)

_Result: TypeAlias = tuple[HistoryWindow, Sequence[Effect]]


def reduce(window: HistoryWindow, event: WindowEvent) -> _Result:
    """The window after an event, and the effects."""
    match event:
        case RoomChanged():
            return replace(window, newest_number=0), ()
        case Suspended(cleared):
            window = replace(window, is_shown=False)
            return (replace(window, first_number=0, last_number=0) if cleared else window), ()
        case PageShown():
            return _show_page(window, event)
        case OlderLoaded(first_number, last_number, has_older):
            if not window.first_number or last_number != window.first_number - 1:
                return window, ()
            rows_above = InsertAbove(window.row_count)
            return replace(window, first_number=first_number, has_older=has_older), (rows_above,)
        case Appended():
            return _append(window, event)
        case Arrived():
            return _arrive(window, event)
        case Scrolled():
            return _scroll(window, event)
        case LoadEnded():
            return replace(window, is_loading=False), ()
        case JumpedToEnd():
            # Rows that are still being prepared may be others than the newest.
            is_elsewhere = window.has_newer or not window.is_shown
            return (window, (LoadNewest(),)) if is_elsewhere else _reach_bottom(window)
        case Invalidated():
            stale = replace(window, is_stale=True)
            return _reach_bottom(stale) if stale.is_at_end else (stale, ())
        case _:
            assert_never(event)


def _show_page(window: HistoryWindow, page: PageShown) -> _Result:
    newest_number = window.newest_number
    if not page.has_newer:
        # A message that was posted while the page was loading may have reached no subscriber here.
        newest_number = max(newest_number, page.last_in_room)
    shown = HistoryWindow(
        page.first_number,
        page.last_number,
        newest_number,
        page.has_older,
        page.has_newer,
        is_shown=True,
        is_at_bottom=page.offset < BOTTOM_TOLERANCE,
        is_stale=window.is_stale and not page.is_fresh,
        is_loading=window.is_loading,
        offset=page.offset,
    )
    return shown, _pending(shown)


def _append(window: HistoryWindow, rows: Appended) -> _Result:
    window = replace(
        window,
        first_number=window.first_number or rows.first_number,
        last_number=rows.last_number,
    )
    row_count = window.row_count
    if not window.is_at_bottom or row_count <= MAX_ROWS + TRIM_SLACK:
        return window, ()
    trim = Trim(MAX_ROWS, row_count if window.has_older else row_count + 1)
    first_number = window.last_number - MAX_ROWS + 1
    return replace(window, first_number=first_number, has_older=True), (trim,)


def _arrive(window: HistoryWindow, messages: Arrived) -> _Result:
    if messages.last_number <= max(window.newest_number, window.last_number):
        return window, ()  # a duplicate
    window = replace(window, newest_number=messages.last_number)
    if window.is_at_end and messages.first_number == window.last_number + 1:
        return window, (DrawArrived(),)
    return window, _pending(window)


def _scroll(window: HistoryWindow, scrolled: Scrolled) -> _Result:
    if not window.is_shown:
        return window, ()
    offset = scrolled.offset
    window = replace(window, offset=offset, is_at_bottom=offset < BOTTOM_TOLERANCE)
    effects = _reach_bottom(window)[1] if window.is_at_end else ()
    if window.is_loading:
        return window, effects
    if offset > scrolled.max_offset - LOAD_DISTANCE and window.has_older:
        return replace(window, is_loading=True), (*effects, LoadOlder())
    if offset < LOAD_DISTANCE and window.has_newer:
        return replace(window, is_loading=True), (*effects, LoadNewer())
    return window, effects


def _reach_bottom(window: HistoryWindow) -> _Result:
    window = replace(window, is_at_bottom=True)
    refresh: Sequence[Effect] = (Refresh(),) if window.is_stale else ()
    return window, (*refresh, *_pending(window))


def _pending(window: HistoryWindow) -> Sequence[Effect]:
    """Draw the messages that have arrived and are not on the screen, unless they have to wait."""
    has_pending = window.newest_number > window.last_number
    return (DrawPending(),) if has_pending and window.is_at_end else ()
