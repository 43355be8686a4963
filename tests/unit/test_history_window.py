"""The window of a timeline: what scrolling, loading and new messages do to it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.ui.timeline.history_window import (
    BOTTOM_TOLERANCE,
    LOAD_DISTANCE,
    MAX_ROWS,
    TRIM_SLACK,
    Appended,
    Arrived,
    DrawArrived,
    DrawPending,
    Effect,
    HistoryWindow,
    InsertAbove,
    Invalidated,
    JumpedToEnd,
    LoadEnded,
    LoadNewer,
    LoadNewest,
    LoadOlder,
    OlderLoaded,
    PageShown,
    Refresh,
    RoomChanged,
    Scrolled,
    Suspended,
    Trim,
    WindowEvent,
    reduce,
)

# The newest page of a room with 100 messages: 51 to 100, scrolled to the bottom.
NEWEST_PAGE = PageShown(51, 100, True, False, 100, 0.0, is_fresh=True)
# A page in the middle of that room.
MIDDLE_PAGE = PageShown(31, 60, True, True, 100, 2000.0, is_fresh=False)


def after(*events: WindowEvent, start: HistoryWindow | None = None) -> HistoryWindow:
    """The window after some events."""
    window = start or HistoryWindow()
    for event in events:
        window, _ = reduce(window, event)
    return window


def effects_of(window: HistoryWindow, event: WindowEvent) -> list[Effect]:
    """The effects of an event."""
    return list(reduce(window, event)[1])


AT_END = after(NEWEST_PAGE)
IN_THE_MIDDLE = after(MIDDLE_PAGE)
SCROLLED_UP = after(NEWEST_PAGE, Scrolled(3000.0, 9000.0))


def test_newest_page_is_at_the_end_and_an_older_one_is_not() -> None:
    assert AT_END.is_at_end
    assert not IN_THE_MIDDLE.is_at_end
    assert IN_THE_MIDDLE.is_far_from_end


def test_message_number_gives_the_row_index_from_the_bottom() -> None:
    assert (AT_END.index(100), AT_END.index(51), AT_END.row_count) == (0, 49, 50)
    assert (AT_END.contains(51), AT_END.contains(50)) == (True, False)


def test_message_that_follows_is_drawn_at_the_end_and_waits_elsewhere() -> None:
    assert effects_of(AT_END, Arrived(101, 101)) == [DrawArrived()]
    assert effects_of(SCROLLED_UP, Arrived(101, 101)) == []
    assert after(Arrived(101, 103), start=SCROLLED_UP).new_count == 3


def test_message_behind_a_gap_is_drawn_with_those_in_the_gap() -> None:
    assert effects_of(AT_END, Arrived(103, 104)) == [DrawPending()]


def test_message_that_arrives_twice_is_ignored() -> None:
    window = after(Arrived(101, 101), Appended(101, 101), start=AT_END)
    assert reduce(window, Arrived(101, 101)) == (window, ())


def test_message_posted_during_the_load_of_a_page_is_drawn_after_it() -> None:
    page_with_newer = replace(NEWEST_PAGE, last_in_room=102)
    assert effects_of(HistoryWindow(), page_with_newer) == [DrawPending()]
    arrived_before = after(Arrived(101, 102))
    assert effects_of(arrived_before, NEWEST_PAGE) == [DrawPending()]


def test_return_to_the_bottom_draws_the_waiting_messages() -> None:
    waiting = after(Arrived(101, 102), start=SCROLLED_UP)
    window, effects = reduce(waiting, Scrolled(BOTTOM_TOLERANCE - 1.0, 9000.0))
    assert (window.is_at_end, window.new_count, list(effects)) == (True, 0, [DrawPending()])


def test_scrolling_near_an_end_loads_one_page_at_a_time() -> None:
    near_top = Scrolled(9000.0 - LOAD_DISTANCE + 1, 9000.0)
    window, effects = reduce(AT_END, near_top)
    assert list(effects) == [LoadOlder()]
    assert effects_of(window, near_top) == []
    assert effects_of(after(LoadEnded(), start=window), near_top) == [LoadOlder()]
    near_bottom = Scrolled(LOAD_DISTANCE - 1.0, 9000.0)
    assert effects_of(IN_THE_MIDDLE, near_bottom) == [LoadNewer()]
    assert effects_of(AT_END, near_bottom) == []


def test_older_page_must_join_the_rows() -> None:
    window, effects = reduce(AT_END, OlderLoaded(11, 50, True))
    assert (window.first_number, list(effects)) == (11, [InsertAbove(50)])
    assert reduce(AT_END, OlderLoaded(11, 40, True)) == (AT_END, ())
    assert reduce(HistoryWindow(), OlderLoaded(11, 40, True)) == (HistoryWindow(), ())


@pytest.mark.parametrize(("has_older", "header_count"), [(True, 0), (False, 1)])
def test_oldest_rows_are_removed_at_the_bottom_only(has_older: bool, header_count: int) -> None:
    most = MAX_ROWS + TRIM_SLACK
    full = after(PageShown(1, most, has_older, False, 0, 0.0, is_fresh=True))
    added = Appended(most + 1, most + 1)
    window, effects = reduce(full, added)
    assert list(effects) == [Trim(MAX_ROWS, most + 1 + header_count)]
    assert (window.row_count, window.has_older) == (MAX_ROWS, True)
    reading_above = replace(full, is_at_bottom=False)
    assert effects_of(reading_above, added) == []


def test_jump_to_the_end_loads_the_newest_page_if_messages_are_between() -> None:
    assert effects_of(IN_THE_MIDDLE, JumpedToEnd()) == [LoadNewest()]
    window, effects = reduce(after(Arrived(101, 101), start=SCROLLED_UP), JumpedToEnd())
    assert (window.is_at_end, list(effects)) == (True, [DrawPending()])


def test_jump_to_the_end_replaces_rows_that_are_being_prepared() -> None:
    being_prepared = after(Suspended(), start=SCROLLED_UP)
    assert effects_of(being_prepared, JumpedToEnd()) == [LoadNewest()]


def test_stale_rows_are_loaded_again_at_the_next_return_to_the_end() -> None:
    assert effects_of(AT_END, Invalidated()) == [Refresh()]
    window, effects = reduce(SCROLLED_UP, Invalidated())
    assert list(effects) == []
    assert effects_of(window, Scrolled(0.0, 9000.0)) == [Refresh()]
    assert not after(NEWEST_PAGE, start=window).is_stale
    assert after(MIDDLE_PAGE, start=window).is_stale


def test_suspended_window_reacts_to_no_scrolling_and_draws_nothing() -> None:
    window = after(Suspended(), start=AT_END)
    assert reduce(window, Scrolled(0.0, 0.0)) == (window, ())
    assert effects_of(window, Arrived(101, 101)) == []
    assert after(Suspended(cleared=True), start=AT_END).row_count == 0


def test_room_change_forgets_the_messages_of_the_room_before() -> None:
    window = after(Arrived(500, 500), RoomChanged(), NEWEST_PAGE, start=SCROLLED_UP)
    assert (window.newest_number, window.new_count) == (100, 0)


NUMBERS = st.integers(1, 400)
OFFSETS = st.floats(0, 9000)


def pages(first: int, length: int, newer_count: int, offset: float, is_fresh: bool) -> PageShown:
    """A page of `length` messages of a room that has `newer_count` messages behind them."""
    last = first + length - 1
    return PageShown(first, last, first > 1, newer_count > 0, last + newer_count, offset, is_fresh)


EVENTS: st.SearchStrategy[WindowEvent] = st.one_of(
    st.builds(pages, NUMBERS, st.integers(1, 90), st.integers(0, 2), OFFSETS, st.booleans()),
    st.builds(lambda first, n: Arrived(first, first + n), NUMBERS, st.integers(0, 3)),
    st.builds(Scrolled, OFFSETS, st.just(9000.0)),
    st.builds(
        lambda first, n, has_older: OlderLoaded(first, first + n, has_older),
        NUMBERS,
        st.integers(0, 90),
        st.booleans(),
    ),
    *map(st.just, (RoomChanged(), Suspended(), LoadEnded(), JumpedToEnd(), Invalidated())),
)


@given(st.lists(EVENTS, max_size=40))
def test_no_message_waits_at_the_end_whatever_happens(
    events: list[WindowEvent],
) -> None:
    window = HistoryWindow()
    for event in events:
        window, effects = reduce(window, event)
        for effect in effects:
            if isinstance(effect, DrawArrived | DrawPending):
                assert window.is_at_end
                assert window.newest_number > window.last_number
                rows = Appended(window.last_number + 1, window.newest_number)
                window, _ = reduce(window, rows)
            elif isinstance(effect, LoadOlder | LoadNewer):
                assert window.is_loading
        assert window.row_count >= 0
        if window.is_at_end:
            assert window.newest_number <= window.last_number, "a message waits at the end"
